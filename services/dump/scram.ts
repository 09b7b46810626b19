/** Passwords of logins that are made for a while, as the server keeps them: in clear they would stand in its log. */
import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';

const rounds = 4096;

/** 256 bits, in letters that need no quoting anywhere. */
export const newPassword = (): string => randomBytes(32).toString('base64url');

/** `SCRAM-SHA-256$4096:<salt>$<stored key>:<server key>`; PostgreSQL takes it in the place of a password. */
export function scramVerifier(password: string, salt: Buffer = randomBytes(16)): string {
  const salted = pbkdf2Sync(password, salt, rounds, 32, 'sha256');
  const keyOf = (name: string): Buffer => createHmac('sha256', salted).update(name).digest();
  const storedKey = createHash('sha256').update(keyOf('Client Key')).digest('base64');
  const serverKey = keyOf('Server Key').toString('base64');
  return `SCRAM-SHA-256$${rounds}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}

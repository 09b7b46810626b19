import { createHash, createHmac } from 'node:crypto';
import { newPassword, scramVerifier } from '../../../services/dump/scram';

const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** The exchange of RFC 7677: what the client sent there has to be accepted by who holds only the verifier. */
test('a verifier accepts the proof that the standard has for its password, and answers as the standard does', () => {
  const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64');
  const verifier = scramVerifier('pencil', salt);
  const [, rounds, saltText, stored = '', server = ''] =
    /^SCRAM-SHA-256\$(\d+):([^$]+)\$([^:]+):(.+)$/.exec(verifier) ?? [];
  expect([rounds, saltText]).toEqual(['4096', 'W22ZaJ0SNY7soEsUEjb6gQ==']);
  const message =
    'n=user,r=rOprNGfwEbeRWgbNEkqO,' +
    'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,' +
    'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0';
  const signature = hmac(Buffer.from(stored, 'base64'), message);
  const proof = Buffer.from('dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=', 'base64');
  const clientKey = Buffer.from(proof.map((byte, at) => byte ^ (signature[at] ?? 0)));
  expect(createHash('sha256').update(clientKey).digest('base64')).toBe(stored);
  expect(hmac(Buffer.from(server, 'base64'), message).toString('base64')).toBe(
    '6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
  );
});

test('passwords are long, never the same, and not in their verifiers', () => {
  const [one, other] = [newPassword(), newPassword()];
  expect(one).not.toBe(other);
  expect(one).toMatch(/^[\w-]{43}$/);
  expect(scramVerifier(one)).not.toContain(one);
  expect(scramVerifier(one)).not.toBe(scramVerifier(one));
});

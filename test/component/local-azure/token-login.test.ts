import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDirectory, type Directory } from '../../../infra/local/azure/ldap-listener';
import { databaseAudience, tokenLogin } from '../../../infra/local/azure/token-login';
import { openTokenIssuer, type TokenIssuer } from '../../../infra/local/azure/tokens';

const folder = mkdtempSync(join(tmpdir(), 'token-login-'));
let tokens: TokenIssuer;
let directory: Directory;

beforeAll(async () => {
  tokens = await openTokenIssuer(join(folder, 'key.json'));
  directory = await startDirectory(tokenLogin(tokens));
});
afterAll(async () => {
  await directory.close();
  rmSync(folder, { recursive: true, force: true });
});

function element(tag: number, content: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(content.length);
  return Buffer.concat([Buffer.from([tag, 0x82]), length, content]);
}

/** A simple bind in the long form of lengths, as the token's size asks for; answers the result code. */
function bind(name: string, password: string, pieces = 1): Promise<number> {
  const version = Buffer.from([2, 1, 3]);
  const request = element(
    0x60,
    Buffer.concat([version, element(0x04, Buffer.from(name)), element(0x80, Buffer.from(password))]),
  );
  const message = element(0x30, Buffer.concat([Buffer.from([2, 1, 1]), request]));
  return new Promise((resolve, reject) => {
    const socket = connect(directory.port, '127.0.0.1', () => {
      const size = Math.ceil(message.length / pieces);
      for (let start = 0; start < message.length; start += size)
        socket.write(message.subarray(start, start + size));
    });
    socket.once('error', reject);
    socket.once('data', (reply: Buffer) => {
      socket.end();
      resolve(reply[reply.indexOf(0x0a) + 2] ?? -1);
    });
  });
}

const role = 'cn=restore-desk,ou=entra';
const [success, invalidCredentials] = [0, 49];

test('a living token for the database service opens the door, also when it arrives in pieces', async () => {
  const { token } = await tokens.mint(databaseAudience);
  expect(await bind(role, token)).toBe(success);
  expect(await bind(role, token, 7)).toBe(success);
});

test('a token for another audience, an expired or changed one, or none at all does not', async () => {
  const forArm = await tokens.mint('https://management.azure.com');
  const expired = await tokens.mint(databaseAudience, -10);
  const { token } = await tokens.mint(databaseAudience);
  for (const password of [forArm.token, expired.token, `${token.slice(0, -8)}AAAAAAAA`, '', 'secret'])
    expect(await bind(role, password)).toBe(invalidCredentials);
});

test('the token of the product opens no other role', async () => {
  const { token } = await tokens.mint(databaseAudience);
  expect(await bind('cn=pgadmin,ou=entra', token)).toBe(invalidCredentials);
});

test('a token signed with another key is worth nothing', async () => {
  const stranger = await openTokenIssuer(join(folder, 'other-key.json'));
  const { token } = await stranger.mint(databaseAudience);
  expect(await bind(role, token)).toBe(invalidCredentials);
});

test('an issuer that is opened again accepts the tokens it gave before', async () => {
  const { token } = await tokens.mint(databaseAudience);
  const again = await openTokenIssuer(join(folder, 'key.json'));
  expect((await again.verify(token, [databaseAudience])).kind).toBe('good');
});

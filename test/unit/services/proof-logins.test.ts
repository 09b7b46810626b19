/** As whom servers are opened for a proof: the product's identity, unless the owner named a login. */
import { createProofLogins } from '../../../services/proof-logins';
import { policyOf, ruleDocument } from '../../fakes/facts';

const proofLogins = [{ server: 'orders-pg*', user: 'proof_reader', secret: 'kv-shop/proof-reader' }];
const policy = policyOf([ruleDocument()], { proofLogins });

function logins(secret: (url: string) => Promise<string>) {
  const asked: string[] = [];
  const clock = { at: '2026-11-19T13:00:00.000Z' };
  const login = createProofLogins({
    policy,
    own: async () => ({ user: 'restore-desk', password: 'token' }),
    secret: (url) => {
      asked.push(url);
      return secret(url);
    },
    clock: { now: () => clock.at },
  });
  return { login, asked, clock };
}

test('a server that the owner named is opened by that login, source and copies alike; others as ourselves', async () => {
  const { login, asked } = logins(async () => 'word');
  for (const name of ['orders-pg', 'orders-pg-r1'])
    expect(await login({ name })).toEqual({ user: 'proof_reader', password: 'word' });
  expect(await login({ name: 'billing-pg' })).toEqual({ user: 'restore-desk', password: 'token' });
  expect(asked).toEqual(['https://kv-shop.vault.azure.net/secrets/proof-reader']);
});

test('a password that was changed is read within a minute', async () => {
  let word = 'old';
  const { login, clock } = logins(async () => word);
  await login({ name: 'orders-pg' });
  word = 'new';
  clock.at = '2026-11-19T13:00:59.000Z';
  expect((await login({ name: 'orders-pg' })).password).toBe('old');
  clock.at = '2026-11-19T13:01:00.000Z';
  expect((await login({ name: 'orders-pg' })).password).toBe('new');
});

test('a secret that cannot be read opens nothing as ourselves, and is asked for again', async () => {
  let isAway = true;
  const { login } = logins(async () => {
    if (isAway) throw new Error('away');
    return 'word';
  });
  await expect(login({ name: 'orders-pg' })).rejects.toThrow('away');
  isAway = false;
  expect((await login({ name: 'orders-pg' })).password).toBe('word');
});

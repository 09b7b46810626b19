/** Words and requests of restores from vaults at their edges, without a store. */
import { carryInputs } from '../../../services/restore/complete-inputs';
import { choosePoint } from '../../../services/restore/choose-point';
import { createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline';
import { deliveryCard } from '../../../cards/delivery';
import { aVault, anAccount, somePoints } from '../../fakes/fake-vaults';
import { backupProblem } from '../../../services/azure/vault-problems';
import { exactRequest } from '../../../services/restore/exact-request';
import { ines, shopPolicy } from '../../fakes/facts';
import { makeVaultPlan } from '../../../services/restore/make-vault-plan';
import { parseRestore } from '../../../services/restore/parse-request';
import { aVaultFacts, vaultInputs } from '../../fakes/vault-facts';
import { vaultRoles } from '../../../services/restore/vaults';
import { vaultOperation } from '../../../services/azure/vault-operation';
import type { DeliveryMessage } from '../../../services/restore/messages';

const by = { now: '2026-11-21T05:00:00.000Z', zone: 'UTC' };
const names = { servers: [], deleted: [], protectedTitles: ['orders-pg'] };

test('an operation that Azure refuses to tell of does not count as running', () => {
  const answer = vaultOperation({
    request: createPipelineRequest({ url: 'https://azure/operations/7' }),
    status: 403,
    headers: createHttpHeaders(),
    bodyAsText: '{"error":{"code":"AuthorizationFailed","message":"no"}}',
  });
  expect(answer.kind).not.toBe('running');
});

test('a server whose name begins as a vault word does is no vault', () => {
  expect(parseRestore('a copy from archive-pg to 10 minutes ago', names, by).inputs.mode).toBe(
    'point-in-time',
  );
});

test('the last Friday is not the newest recovery point', () => {
  expect(parseRestore('orders-pg from vault last Friday as files', names, by).inputs.backup).toBe('');
});

test('where only the archive is empty it is not said that there is no point at all', () => {
  const points = somePoints.filter(({ store }) => store === 'vault');
  const wish = { backup: '', moment: '', zone: 'UTC', rehydration: 'Standard' };
  const chosen = choosePoint('orders-pg', points, wish);
  expect(chosen.kind === 'none' ? chosen.because.hint : '').not.toContain('none at all');
});

test('a login of the old source does not stay when the source changes', () => {
  const before = vaultInputs({ mode: 'vault-database', source: 'a/x', target: 'a', secret: 'kv-a/login' });
  expect(carryInputs(before, { ...before, source: 'b/y' }).secret).toBe('');
});

test('what nobody could look at is not said to hold the data', () => {
  const message: DeliveryMessage = {
    ...{ kind: 'delivery', version: 1, requestId: 'R-1', status: 'completed with warnings' },
    ...{ requester: ines, source: 'orders-pg', target: 'a/b/c', vault: 'v', mode: 'vault-files' },
    ...{ pointTime: by.now, tookMillis: 1, endedAt: by.now, zone: 'UTC' },
    ...{ finding: 'nobody could look at it', verdict: 'unproven' },
    got: { kind: 'files', jobId: 'j', warnings: [], files: [] },
  };
  expect(JSON.stringify(deliveryCard(message))).not.toContain('holds the files of');
});

test('the address of a secret and a login do not reach a card through a sentence of Azure', () => {
  const told = backupProblem({
    code: 'UserErrorSomethingNew',
    message: "User 'backup_admin' of https://kv-shop.vault.azure.net/secrets/pgconn may not connect",
    actions: [],
  });
  expect(told.sentence).not.toMatch(/backup_admin|vault\.azure\.net/);
});

test('the exact request on the card of a restore in the other region is the one that is sent', () => {
  const inputs = vaultInputs({ region: 'canadaeast' });
  const made = makeVaultPlan(
    { inputs, requester: ines },
    aVaultFacts(inputs, {
      ...{ secondary: 'canadaeast', vault: aVault('vault-shop', { isGuarded: true }) },
      ...{ guardRequests: ['/subscriptions/x/guard'] },
      files: {
        account: anAccount('shoprestores', { location: 'canadaeast' }),
        isPrefixUsed: false,
        roles: Object.values(vaultRoles).map(({ id }) => id),
      },
    }),
    shopPolicy,
  );
  if (made.kind !== 'plan') throw new Error(JSON.stringify(made));
  // What the adapter sends there has no requests of a guard.
  expect(exactRequest(made.plan, 'R-1', 'owner')).not.toContain('resourceGuardOperationRequests');
});

/**
 * Restores from Backup vaults, from a sentence to data that is there: files that stock tools load, and a database that
 * holds the rows; with the request that Azure got beside what its reference documents.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonicalJson } from '../../../services/restore/canonical-json';
import { cardText } from '../../fixtures/local-teams-client';
import { mainGroup } from '../../fixtures/azure-caller';
import { agreed, brokenInvariants } from '../../fixtures/invariants';
import { startLocalEnvironment, type LocalEnvironment } from '../../fixtures/local-environment';
import { valueIn } from '../../fixtures/restored-data';
import { vaultIdentities } from '../../../infra/local/identities';
import { vaultPath, type VaultPath } from '../../fixtures/vault-path';

jest.setTimeout(240_000);
let environment: LocalEnvironment;
let path: VaultPath;
const work = mkdtempSync(join(tmpdir(), 'from-vault-'));
beforeAll(async () => {
  environment = await startLocalEnvironment({ name: 'vault', env: { LOCAL_TIME_SCALE: '240' } });
  path = vaultPath(environment);
});
afterAll(async () => {
  rmSync(work, { recursive: true, force: true });
  await environment?.stop();
});

const account = (name: string): string => `${mainGroup}/providers/Microsoft.Storage/storageAccounts/${name}`;

/** When the point that a card speaks of was taken. */
const pointOn = (text: string): Date => {
  const [, at = ''] = /recovery point (?:of )?\**(\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}) UTC/.exec(text) ?? [];
  return new Date(`${at.replace(' ', 'T')}Z`);
};

async function ended(mark: string, seconds = 90): Promise<string> {
  return cardText((await path.ending(mark, seconds)).card);
}

/** Loads an archive with stock pg_restore into a new database of a local server; answers the name of the database. */
async function loaded(accountName: string, blob: string, database: string): Promise<string> {
  const file = join(work, `${database}.dump`);
  writeFileSync(file, await path.blob(accountName, blob));
  const { host, port, user, password } = (await environment.azure.endpoints())['orders-pg'] ?? fail();
  const where = ['-h', host, '-p', String(port), '-U', user];
  const env = { ...process.env, PGPASSWORD: password, PGSSLMODE: 'require' };
  execFileSync('createdb', [...where, database], { env });
  execFileSync('pg_restore', [...where, '-d', database, '--no-owner', '--no-acl', file], { env });
  return database;
}

function fail(): never {
  throw new Error('there is no such server');
}

test('files of a flexible server: what was asked, what Azure got, and what stock tools make of it', async () => {
  const mark = 'files-one';
  const sentence = `orders-pg from vault yesterday as files to shoprestores/restores/${mark} because INC-4711`;
  const form = await path.form({ sentence, mark });
  expect(cardText(form.card)).toMatch(/newest recovery point of|has no recovery point/);
  await path.submit(form);
  const approval = await path.approvalCard(mark);
  expect(cardText(approval.card)).toMatch(/nobody can cancel it/);
  await path.approve(approval);
  const outcome = await ended(mark);
  expect(outcome).toContain('PROVEN');
  const at = pointOn(outcome);
  const blobs = await path.blobs('shoprestores', mark);
  expect(blobs.map(({ name }) => name.replace(/^.*_\d+_/, '')).sort()).toEqual([
    ...[
      'database_ledger.sql',
      'database_shop.sql',
      'roles.sql',
      'schemas.sql',
      'tablespaces.sql',
      'timestamp.txt',
    ],
  ]);
  const shop = blobs.find(({ name }) => name.endsWith('database_shop.sql'));
  const database = await loaded('shoprestores', shop?.name ?? '', 'from_vault_one');
  const newest = await valueIn(environment, 'orders-pg', database, 'select max(at) from heartbeat');
  expect(Date.parse(newest)).toBeLessThanOrEqual(at.getTime() + 1_000);
  expect(Date.parse(newest)).toBeGreaterThan(at.getTime() - 60_000);
  const roles = blobs.find(({ name }) => name.endsWith('roles.sql'));
  expect((await path.blob('shoprestores', roles?.name ?? '')).toString()).toMatch(/CREATE ROLE .?shop_app/);
  const [start] = await path.starts(mark);
  const body = start?.body as { recoveryPointId: string };
  expect(start?.path).toMatch(/\/backupInstances\/orders-pg-orders-pg-[^/]+\/restore$/);
  expect(canonicalJson(body)).toBe(
    canonicalJson({
      objectType: 'AzureBackupRecoveryPointBasedRestoreRequest',
      recoveryPointId: body.recoveryPointId,
      sourceDataStoreType: 'VaultStore',
      restoreTargetInfo: {
        objectType: 'RestoreFilesTargetInfo',
        recoveryOption: 'FailIfExists',
        restoreLocation: 'canadacentral',
        targetDetails: {
          filePrefix: mark,
          restoreTargetLocationType: 'AzureBlobs',
          url: 'https://shoprestores.blob.core.windows.net/restores',
          targetResourceArmId: `${account('shoprestores')}/blobServices/default/containers/restores`,
        },
      },
    }),
  );
});

test('a database of a single server comes back from the archive, beside the old one', async () => {
  const mark = 'orders-r1';
  const sentence = `legacy-srv/orders from archive with high priority as database ${mark} on legacy-srv because INC-4712`;
  const form = await path.form({ sentence, mark });
  expect(cardText(form.card)).toMatch(/fetched back first/);
  await path.submit(form);
  const approval = await path.approvalCard(mark);
  const asked = cardText(approval.card);
  expect(asked).toMatch(/Grants and owners are not in the copy[\s\S]*loaded into a flexible server instead/);
  expect(asked).not.toMatch(/vault\.azure\.net/);
  await path.approve(approval);
  await environment.teams.sees('oncall', 'db-oncall', 'that the point is being fetched', ({ card }) => {
    const text = cardText(card);
    return text.includes(mark) && /fetched back from the archive[\s\S]*running/.test(text);
  });
  const outcome = await ended(mark, 120);
  expect(outcome).toMatch(/COMPLETED WITH WARNINGS[\s\S]*does not open databases of single servers/);
  expect(outcome).toMatch(/Fetched back until/);
  const rows = await valueIn(environment, 'legacy-srv', mark, 'select count(*) from orders');
  expect(Number(rows)).toBeGreaterThan(0);
  const starts = await path.starts(mark);
  expect(starts.map(({ body }) => body)).toMatchObject([
    {
      objectType: 'AzureBackupRestoreWithRehydrationRequest',
      sourceDataStoreType: 'ArchiveStore',
      rehydrationPriority: 'High',
      rehydrationRetentionDuration: 'P15D',
      restoreTargetInfo: { objectType: 'RestoreTargetInfo', datasourceInfo: { resourceName: mark } },
    },
  ]);
});

test('in the other region its copies are restored there, and that nobody can cancel it is said first', async () => {
  const mark = 'files-east';
  const sentence = `orders-pg in canadaeast from vault as files to shoprestoreseast/restores/${mark} because INC-4713`;
  const form = await path.form({ sentence, mark });
  await path.submit(form);
  const approval = await path.approvalCard(mark);
  expect(cardText(approval.card)).toMatch(/copies in canadaeast, which Azure charges for/);
  await path.approve(approval);
  expect(await ended(mark)).toContain('PROVEN');
  expect(await path.blobs('shoprestoreseast', mark)).toHaveLength(6);
  const [start] = await path.starts(mark);
  expect(start?.path).toMatch(/\/locations\/canadaeast\/crossRegionRestore$/i);
  expect(start?.body).toMatchObject({
    restoreRequestObject: { restoreTargetInfo: { restoreLocation: 'canadaeast' } },
    crossRegionRestoreDetails: { sourceRegion: 'canadacentral' },
  });
  expect(await path.answer('jobs', /restore jobs in the last/)).toMatch(/in its secondary region/);
});

test('files of a single-server database go into another subscription', async () => {
  const mark = 'files-legacy';
  const sentence = `legacy-srv/orders from vault as files to drrestores/restores/${mark} because INC-4714`;
  await environment.azure.grant(
    vaultIdentities['vault-shop'],
    'Storage Blob Data Contributor',
    '/subscriptions/33333333-3333-4333-8333-333333333333/resourceGroups/rg-dr/providers/Microsoft.Storage/storageAccounts/drrestores',
    true,
  );
  await path.fromSentence({ sentence, mark });
  expect(await ended(mark)).toContain('COMPLETED WITH WARNINGS');
  const blobs = await path.blobs('drrestores', mark);
  const dump = blobs.find(({ name }) => name.includes('_database_'));
  const database = await loaded('drrestores', dump?.name ?? '', 'from_legacy');
  expect(
    Number(await valueIn(environment, 'orders-pg', database, 'select count(*) from orders')),
  ).toBeGreaterThan(0);
});

test('a guarded vault that guards restores refuses, and the refusal says who can do what', async () => {
  const guard = (guardsRestore: boolean) =>
    fetch(`${environment.azure.origin}/local/guard`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ vault: 'vault-locked', guardsRestore }),
    });
  const open = 'guard-open';
  const ask = (mark: string) =>
    `billing-pg from vault as files to shoprestores/restores/${mark} because INC-4715`;
  const bothApprove = async (mark: string): Promise<void> => {
    await path.submit(await path.form({ sentence: ask(mark), mark }));
    for (const as of ['manager', 'dba']) await path.approve(await path.approvalCard(mark, as), as);
  };
  await bothApprove(open);
  expect(await ended(open)).toContain('PROVEN');
  expect((await guard(true)).status).toBeLessThan(300);
  const closed = 'guard-closed';
  await bothApprove(closed);
  expect(await ended(closed)).toMatch(/FAILED[\s\S]*resource guard/);
  expect(await path.blobs('shoprestores', closed)).toEqual([]);
  await guard(false);
});

describe('what can be asked without asking for a restore', () => {
  test('what is protected, here and in the other region, and the commands that protect it better', async () => {
    const text = await path.answer('instances', /protected by vaults/);
    expect(text).toMatch(/orders-pg in vault-shop[\s\S]*in canadaeast newest/);
    expect(text).toMatch(/az dataprotection backup-vault update .*--immutability-state Unlocked/);
    expect(text).not.toMatch(/search-pg/);
  });

  test('whether it could be restored: every finding with who can fix it and the command', async () => {
    const principal = vaultIdentities['vault-shop'];
    const role = 'Storage Blob Data Contributor';
    await environment.azure.grant(principal, role, account('shoprestores'), false);
    const sentence = 'orders-pg from vault as files to shoprestores/restores/only-asked';
    const text = await path.answer(`validate ${sentence}`, /in the way/);
    expect(text).toContain(
      `az role assignment create --assignee-object-id ${principal} --assignee-principal-type ServicePrincipal --role "${role}" --scope ${account('shoprestores')}`,
    );
    await environment.azure.grant(principal, role, account('shoprestores'), true);
    expect(await path.answer(`validate ${sentence}`, /It can be restored/)).toMatch(/Nothing was requested/);
    expect(await path.blobs('shoprestores', 'only-asked')).toEqual([]);
  });

  test('its recovery points', async () => {
    expect(await path.answer('points legacy-srv/orders', /recovery points in vault-shop/)).toMatch(
      /archive tier/,
    );
  });
});

test('nothing of what a vault knows about logins is said to anybody', async () => {
  const all = (
    await Promise.all([
      environment.teams.view('oncall', 'db-oncall'),
      environment.teams.view('manager', 'db-approvals'),
    ])
  )
    .flat()
    .map(({ card, text }) => `${text} ${JSON.stringify(card)}`)
    .join('\n');
  expect(all).not.toMatch(/vault\.azure\.net|usernameUsed|backup_admin|backupToolPath/);
  const log = readFileSync(join(environment.stateDir, 'logs', 'product.log'), 'utf8');
  expect(log).not.toMatch(/backup_admin|usernameUsed/);
});

test('after all of it the chain and the journals of Azure and Teams tell the same', async () => {
  expect(await brokenInvariants(environment)).toEqual([]);
  await agreed(environment, false);
});

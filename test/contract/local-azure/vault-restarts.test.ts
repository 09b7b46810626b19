import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AzureState } from '../../../infra/local/azure/model';
import { vaultIdentities } from '../../../infra/local/identities';
import { rgShop } from './arm-client';
import { askServer, until } from './server-data';
import type { TestAzure } from './start-local-azure';
import {
  blobFolder,
  blobsOf,
  call,
  databaseOrder,
  ended,
  filesOrder,
  instanceOf,
  jobEnd,
  jobOf,
  pointsOf,
  startVaultAzure,
  type VaultBody,
} from './vault-client';

// A time scale at which a job takes fifteen seconds: long enough to be killed half way.
jest.setTimeout(120_000);
let azure: TestAzure;
beforeAll(async () => {
  azure = await startVaultAzure({ LOCAL_TIME_SCALE: '12' });
});
afterAll(() => azure.remove());

const moved = ({ properties }: VaultBody): number =>
  Number((properties['extendedInfo'] as { dataTransferredInBytes: number | null }).dataTransferredInBytes);
const root = '/usr/lib/postgresql';
const pgBin = join(root, readdirSync(root).sort((a, b) => Number(b) - Number(a))[0] ?? '', 'bin');

test('jobs that a kill interrupted end well, with every file whole and every row there once', async () => {
  const [orders, legacy] = await Promise.all([
    instanceOf(azure, 'vault-shop', 'orders-pg'),
    instanceOf(azure, 'vault-shop', 'legacy-srv-orders'),
  ]);
  const [[point, expiring], [legacyPoint]] = await Promise.all([
    pointsOf(azure, orders),
    pointsOf(azure, legacy),
  ]);
  const [files, database] = await Promise.all([
    call(azure, 'POST', `${orders}/restore`, filesOrder(point?.id ?? '', 'killed')),
    call(azure, 'POST', `${legacy}/restore`, databaseOrder(legacyPoint?.id ?? '', 'killed')),
  ]);
  const paths = await Promise.all([jobOf(azure, files), jobOf(azure, database)]);
  const read = async () => (await call(azure, 'GET', paths[0])).body;
  const running = await until(read, (job) => moved(job) > 0);
  await azure.end('SIGKILL');
  expect(running.properties.status).toBe('InProgress');
  expect(blobsOf(azure, 'killed').length).toBeLessThan(6);
  const stateFile = join(azure.stateDir, 'azure', 'state.json');
  const state = JSON.parse(readFileSync(stateFile, 'utf8')) as AzureState;
  const recoveryPoints = state.recoveryPoints.map((known) =>
    known.id === expiring?.id ? { ...known, expiresAt: new Date(Date.now() - 1000).toISOString() } : known,
  );
  const reader = vaultIdentities['vault-shop'];
  const roleAssignments = state.roleAssignments.filter(
    ({ principalId, scope }) => principalId !== reader || !scope.endsWith('/shoprestoreseast'),
  );
  writeFileSync(stateFile, JSON.stringify({ ...state, recoveryPoints, roleAssignments }));
  await azure.again();

  const [written, filled] = await Promise.all(paths.map((path) => jobEnd(azure, path)));
  expect([written?.properties, filled?.properties]).toMatchObject([
    { status: 'Completed' },
    { status: 'Completed' },
  ]);
  const names = blobsOf(azure, 'killed');
  expect(names).toHaveLength(6);
  const sizes = names.map((name) => statSync(join(blobFolder(azure), name)).size);
  expect(moved(written as VaultBody)).toBe(sizes.reduce((sum, size) => sum + size, 0));
  const dump = names.find((name) => name.endsWith('_database_shop.sql')) ?? '';
  execFileSync(join(pgBin, 'pg_restore'), ['-f', '/dev/null', join(blobFolder(azure), dump)]);
  const rows = "select count(*)::int as n from pg_database where datname = 'killed'";
  expect(await askServer(azure, 'legacy-srv', rows, { database: 'postgres' })).toEqual({ n: 1 });

  // The accepted operation is still told by its old link, and what was taken away stays away.
  expect(await ended(azure, files)).toMatchObject({ status: 'Succeeded', properties: { jobId: paths[0] } });
  const kept = JSON.parse(readFileSync(stateFile, 'utf8')) as AzureState;
  expect(
    kept.roleAssignments.some(({ principalId, scope }) => principalId === reader && scope === rgShop),
  ).toBe(true);
  expect(kept.roleAssignments).toHaveLength(roleAssignments.length);
  const expired = await call(azure, 'POST', `${orders}/validateRestore`, {
    restoreRequestObject: filesOrder(expiring?.id ?? '', 'expired'),
  });
  expect(await ended(azure, expired)).toMatchObject({
    status: 'Failed',
    error: { code: 'UserErrorInvalidRecoveryPointInTime' },
  });
});

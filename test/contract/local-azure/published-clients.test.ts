/** Every published version of the official client, over https with only the CA file added. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { mainSubscriptionId, productIdentity } from '../../../infra/local/identities';
import { startTestAzure, type TestAzure } from './start-local-azure';

const run = promisify(execFile);
jest.setTimeout(120_000);
let azure: TestAzure;
beforeAll(async () => {
  azure = await startTestAzure({ LOCAL_HISTORY_SECONDS: '120', LOCAL_TIME_SCALE: '600' });
});
afterAll(() => azure?.remove());

const versions = [
  ['2.0.0', 'arm-postgresql-flexible-2'],
  ['5.0.0', 'arm-postgresql-flexible-5'],
  ['7.1.0', 'arm-postgresql-flexible-7'],
  ['8.0.0', 'arm-postgresql-flexible-8'],
  ['9.0.0', '@azure/arm-postgresql-flexible'],
] as const;

test.each(versions)('version %s lists, restores, geo-restores, shows and deletes', async (version, name) => {
  const stem = `client-${version.replaceAll('.', '-')}`;
  const { stdout } = await run(
    process.execPath,
    [
      ...['--import', 'tsx', require.resolve('./published-client.ts')],
      ...[name, azure.https, mainSubscriptionId, productIdentity.clientId, stem],
    ],
    {
      env: {
        PATH: process.env['PATH'],
        NODE_EXTRA_CA_CERTS: azure.caFile,
        IDENTITY_ENDPOINT: `${azure.http}/msi/token`,
        IDENTITY_HEADER: azure.identityHeader,
      },
    },
  );
  expect(JSON.parse(stdout)).toEqual({
    before: ['billing-pg', 'orders-pg', 'search-pg'],
    shown: [
      { name: `${stem}-pit`, location: 'Canada Central' },
      { name: `${stem}-geo`, location: 'Canada East' },
    ],
    after: ['billing-pg', 'orders-pg', 'search-pg'],
  });
});

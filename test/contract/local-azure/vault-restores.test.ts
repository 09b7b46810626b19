import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { vaultIdentities } from '../../../infra/local/identities';
import { arm, rgShop, serverPath } from './arm-client';
import { askServer, readEndpoints, until } from './server-data';
import type { TestAzure } from './start-local-azure';
import {
  blobFolder,
  blobsOf,
  call,
  databaseOrder,
  dataProtection,
  ended,
  filesOrder,
  instanceOf,
  jobEnd,
  jobOf,
  legacyServer,
  pointsOf,
  restored,
  startVaultAzure,
  vaultPath,
  type Point,
  type UserFacing,
} from './vault-client';

jest.setTimeout(120_000);
let azure: TestAzure;
let orders: string;
let legacyOrders: string;
let points: readonly Point[];
let legacyPoints: readonly Point[];
beforeAll(async () => {
  azure = await startVaultAzure();
  [orders, legacyOrders] = await Promise.all([
    instanceOf(azure, 'vault-shop', 'orders-pg'),
    instanceOf(azure, 'vault-shop', 'legacy-srv-orders'),
  ]);
  [points, legacyPoints] = await Promise.all([pointsOf(azure, orders), pointsOf(azure, legacyOrders)]);
});
afterAll(() => azure.remove());

const newest = (): Point => points[0] as Point;
const archived = (): Point => points.at(-1) as Point;
const root = '/usr/lib/postgresql';
const pgBin = join(root, readdirSync(root).sort((a, b) => Number(b) - Number(a))[0] ?? '', 'bin');

const role = (principal: string, name: string, scope: string, grant: boolean) =>
  azure.control('POST', '/roles', { principal, role: name, scope, grant });
const account = (name: string) => `${rgShop}/providers/Microsoft.Storage/storageAccounts/${name}`;
const contributor = 'Storage Blob Data Contributor';
const shop = vaultIdentities['vault-shop'];

const validated = async (instance: string, order: object) =>
  ended(azure, await call(azure, 'POST', `${instance}/validateRestore`, { restoreRequestObject: order }));

/** What a failed validation tells its user. */
const whyNot = async (instance: string, order: object): Promise<UserFacing> => {
  const { status, error } = await validated(instance, order);
  expect(status).toBe('Failed');
  const [first] = error.additionalInfo;
  expect([first?.type, first?.info.code]).toEqual(['UserFacingError', error.code]);
  return first?.info as UserFacing;
};

describe('what is read', () => {
  test('vaults show their identity, redundancy and features, in their group and in the subscription', async () => {
    const { body } = await call(azure, 'GET', `${dataProtection}/backupVaults`);
    expect(body.value.map(({ name }) => name)).toEqual([
      'vault-shop',
      'vault-locked',
      'vault-local',
      'vault-east',
    ]);
    expect(body.value[0]).toMatchObject({
      ...{ type: 'Microsoft.DataProtection/backupVaults', location: 'canadacentral' },
      identity: { type: 'SystemAssigned', principalId: shop },
      properties: {
        storageSettings: [{ datastoreType: 'VaultStore', type: 'GeoRedundant' }],
        featureSettings: { crossRegionRestoreSettings: { state: 'Enabled' } },
        ...{ isVaultProtectedByResourceGuard: false, replicatedRegions: ['canadaeast'] },
      },
    });
    expect(body.value[2]?.properties).not.toHaveProperty('featureSettings.crossRegionRestoreSettings');
    const subscription = dataProtection.replace(/\/resourceGroups\/[^/]+/, '');
    const [all, odd, missing] = await Promise.all([
      call(azure, 'GET', `${subscription}/backupVaults`),
      call(azure, 'GET', vaultPath('vault-shop').toUpperCase().replace('/SUBSCRIPTIONS', '/subscriptions')),
      call(azure, 'GET', vaultPath('vault-none')),
    ]);
    expect(all.body.value).toHaveLength(4);
    expect(odd.body.name).toBe('vault-shop');
    expect([missing.status, missing.body.error.code]).toEqual([404, 'ResourceNotFound']);
  });

  test('an old and a new api-version are taken, an unknown one is not', async () => {
    const of = async (version: string) =>
      (await call(azure, 'GET', vaultPath('vault-shop'), undefined, version)).status;
    expect(await Promise.all(['2023-01-01', '2025-09-01', '2019-01-01'].map(of))).toEqual([200, 200, 400]);
  });

  test('an instance is found in its vault and by what it protects', async () => {
    const protectedBy = async (resource: string) =>
      (await call(azure, 'GET', `${resource}/providers/Microsoft.DataProtection/backupInstances`)).body.value;
    const [flexible, single, none] = await Promise.all([
      protectedBy(serverPath('orders-pg')),
      protectedBy(`${legacyServer}/databases/orders`),
      protectedBy(serverPath('search-pg')),
    ]);
    expect([flexible.length, single.length, none.length]).toEqual([1, 1, 0]);
    expect(flexible[0]).toMatchObject({
      id: orders,
      properties: {
        dataSourceInfo: { resourceID: serverPath('orders-pg') },
        ...{ dataSourceSetInfo: null, datasourceAuthCredentials: null },
        currentProtectionState: 'ProtectionConfigured',
      },
    });
    expect(single[0]?.properties).toMatchObject({
      friendlyName: 'legacy-srv\\orders',
      dataSourceSetInfo: { resourceID: legacyServer },
      datasourceAuthCredentials: { secretStoreResource: { secretStoreType: 'AzureKeyVault' } },
    });
  });

  test('recovery points come newest first, within the asked days, with a note that is not for people', async () => {
    expect(points.map(({ tier }) => tier)).toEqual([
      'VaultStore',
      'VaultStore',
      'VaultStore',
      'ArchiveStore',
    ]);
    expect(legacyPoints.map(({ tier }) => tier)).toEqual(['VaultStore', 'VaultStore', 'ArchiveStore']);
    const moments = points.map(({ at }) => Date.parse(at));
    expect(moments).toEqual([...moments].sort((a, b) => b - a));
    const [from, to] = [points[2]?.at, points[1]?.at];
    const filter = `startDate eq '${from}' and endDate eq '${to}'`;
    const { body } = await call(
      azure,
      'GET',
      `${orders}/recoveryPoints?$filter=${encodeURIComponent(filter)}`,
    );
    expect(body.value.map(({ name }) => name)).toEqual([points[1]?.id, points[2]?.id]);
    const note = JSON.parse(String(legacyPoints[0]?.store['metaData'])) as Record<string, unknown>;
    expect(note).toMatchObject({
      dbName: 'orders',
      backupDumpFormat: 'CUSTOM',
      usernameUsed: 'backup_admin@legacy-srv',
    });
    const one = await call(azure, 'GET', `${orders}/recoveryPoints/${newest().id}`);
    expect(one.body.properties['recoveryPointTime']).toBe(newest().at);
    const ranges = await call(azure, 'POST', `${orders}/findRestorableTimeRanges`, {
      sourceDataStoreType: 'OperationalStore',
    });
    expect(ranges.body.properties['restorableTimeRanges']).toEqual([]);
  });

  test('the single server is there for ARM and for the endpoints, and is no flexible server', async () => {
    const read = async (path: string) => {
      const { status, body } = await arm(azure, 'GET', path, { version: '2017-12-01' });
      return { status, body };
    };
    expect((await read(legacyServer)).body).toMatchObject({
      properties: { version: '11', userVisibleState: 'Ready' },
    });
    const names = (await read(`${legacyServer}/databases`)).body.value.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['orders', 'reports']));
    expect((await read(`${legacyServer}/databases/nothing`)).status).toBe(404);
    expect((await read(`${legacyServer}/firewallRules`)).body.value).toMatchObject([
      { name: 'AllowAllWindowsAzureIps', properties: { startIpAddress: '0.0.0.0', endIpAddress: '0.0.0.0' } },
    ]);
    const list = await arm(azure, 'GET', serverPath('').slice(0, -1));
    expect(list.body.value.map(({ name }) => name)).not.toContain('legacy-srv');
    expect((await readEndpoints(azure))['legacy-srv']).toMatchObject({ databases: ['orders', 'reports'] });
    const check = await arm(
      azure,
      'POST',
      `${rgShop.replace(/\/resourceGroups.*/, '')}/providers/Microsoft.DBforPostgreSQL/checkNameAvailability`,
      { body: { name: 'legacy-srv' } },
    );
    expect(check.body).toMatchObject({ nameAvailable: false });
    const named = { body: { location: 'canadacentral', properties: { createMode: 'Default' } } };
    const taken = await arm(azure, 'PUT', serverPath('legacy-srv'), named);
    expect([taken.status, taken.body.error.code]).toEqual([409, 'ServerNameAlreadyExists']);
    const accident = { server: 'legacy-srv', database: 'orders', sql: 'delete from orders where id = 1' };
    expect((await azure.control('POST', '/accident', accident)).body).toMatchObject({ rows: 1 });
  });
});

describe('a restore as files', () => {
  test('writes what stock pg_restore takes, from before the point and up to it', async () => {
    const { status } = await validated(orders, filesOrder(newest().id, 'whole'));
    expect(status).toBe('Succeeded');
    const job = await restored(azure, orders, filesOrder(newest().id, 'whole'));
    expect(job.properties).toMatchObject({
      ...{
        status: 'Completed',
        operation: 'Restore',
        operationCategory: 'Restore',
        isCrossRegionRestore: false,
      },
      ...{ dataSourceId: serverPath('orders-pg'), errorDetails: null },
      extendedInfo: {
        recoveryDestination: 'https://shoprestores.blob.core.windows.net/restores',
        additionalDetails: { 'Restore File Prefix': 'whole' },
        sourceRecoverPoint: { recoveryPointID: newest().id },
        subTasks: [{ taskId: 1, taskName: 'Trigger Restore', taskStatus: 'Completed' }],
      },
    });
    expect(job.properties['duration']).toMatch(/^PT(\d+M)?[\d.]+S$/);
    const stamp = newest().at.slice(0, 19).replace(/\D/g, '');
    expect(blobsOf(azure, 'whole')).toEqual(
      [
        'database_ledger.sql',
        'database_shop.sql',
        'roles.sql',
        'schemas.sql',
        'tablespaces.sql',
        'timestamp.txt',
      ].map((end) => `whole_orders-pg_${stamp}_${end}`),
    );
    const file = (end: string) => join(blobFolder(azure), `whole_orders-pg_${stamp}_${end}`);
    expect(readFileSync(file('timestamp.txt'), 'utf8').trim().slice(0, 19)).toBe(newest().at.slice(0, 19));
    const roles = readFileSync(file('roles.sql'), 'utf8');
    expect(roles).toContain('CREATE ROLE shop_app');
    expect(roles).not.toMatch(/PASSWORD/);
    expect(execFileSync(join(pgBin, 'pg_restore'), ['-l', file('database_shop.sql')]).toString()).toContain(
      'TABLE DATA public heartbeat',
    );
    const server = (await readEndpoints(azure))['search-pg'];
    const to = ['-h', '127.0.0.1', '-p', String(server?.port), '-U', String(server?.user)];
    const env = { ...process.env, PGPASSWORD: String(server?.password), PGSSLMODE: 'require' };
    await askServer(azure, 'search-pg', 'create database from_vault', { database: 'postgres' });
    execFileSync(
      join(pgBin, 'pg_restore'),
      [...to, '-d', 'from_vault', '--no-owner', '--no-acl', '--exit-on-error', file('database_shop.sql')],
      { env },
    );
    const seen = await askServer<{ newest: Date; beats: number; orders: number; late: number }>(
      azure,
      'search-pg',
      `select (select max(at) from heartbeat) as newest, (select count(*)::int from orders) as orders,
              (select count(*)::int from heartbeat where at >= timestamptz '${newest().at}' - interval '10 minutes') as beats,
              (select count(*)::int from orders where placed_at > timestamptz '${newest().at}') as late`,
      { database: 'from_vault' },
    );
    expect(seen).toMatchObject({ beats: 600, late: 0 });
    expect(seen.orders).toBeGreaterThan(2000);
    expect(Date.parse(newest().at) - seen.newest.getTime()).toBe(1000);
  });

  test('takes property names and kinds in any spelling', async () => {
    const upper = (value: unknown): unknown =>
      typeof value === 'object' && value !== null
        ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name.toUpperCase(), upper(inner)]))
        : value;
    const order = upper(filesOrder(newest().id.toUpperCase(), 'spelling')) as Record<string, unknown>;
    const job = await restored(azure, orders.toUpperCase().replace('/SUBSCRIPTIONS', '/subscriptions'), {
      ...order,
      OBJECTTYPE: 'azurebackuprecoverypointbasedrestorerequest',
    });
    expect(job.properties.status).toBe('Completed');
    expect(blobsOf(azure, 'spelling')).toHaveLength(6);
  });

  test('of one database of a single server writes that database alone', async () => {
    const job = await restored(azure, legacyOrders, filesOrder(legacyPoints[0]?.id ?? '', 'single'));
    expect(job.properties.status).toBe('Completed');
    const [name, ...others] = blobsOf(azure, 'single');
    expect([others, name]).toEqual([[], expect.stringMatching(/_database_orders\.sql$/)]);
    const list = execFileSync(join(pgBin, 'pg_restore'), [
      '-l',
      join(blobFolder(azure), name ?? ''),
    ]).toString();
    expect(list).toContain('TABLE DATA public orders');
    expect(list).not.toContain('ACL');
  });

  test('goes to another subscription unless the vault forbids it', async () => {
    const elsewhere = { url: 'https://drrestores.blob.core.windows.net/restores' };
    const order = filesOrder(newest().id, 'elsewhere', elsewhere);
    expect((await validated(orders, order)).status).toBe('Succeeded');
    const settings = (state: string) =>
      call(azure, 'PATCH', vaultPath('vault-shop'), {
        PROPERTIES: { featureSettings: { CrossSubscriptionRestoreSettings: { state } } },
      });
    expect((await settings('Disabled')).body.properties).toMatchObject({
      featureSettings: { crossSubscriptionRestoreSettings: { state: 'Disabled' } },
    });
    expect((await whyNot(orders, order)).code).toBe('BMSUserErrorInvalidInput');
    await settings('Enabled');
    expect((await restored(azure, orders, order)).properties.status).toBe('Completed');
    expect(blobsOf(azure, 'elsewhere', 'drrestores')).toHaveLength(6);
  });

  test('fails where the prefix is used, in a validation and as a job, and leaves the files alone', async () => {
    const order = filesOrder(newest().id, 'twice');
    expect((await restored(azure, orders, order)).properties.status).toBe('Completed');
    const before = blobsOf(azure, 'twice');
    expect((await whyNot(orders, order)).code).toBe('UserErrorTargetContainersExistOnAccount');
    const second = await restored(azure, orders, filesOrder(points[1]?.id ?? '', 'twice'));
    expect(second.properties).toMatchObject({
      status: 'Failed',
      errorDetails: [
        { code: 'UserErrorTargetContainersExistOnAccount', recommendedAction: [expect.any(String)] },
      ],
    });
    expect(blobsOf(azure, 'twice')).toEqual(before);
  });
});

describe('a restore as a database', () => {
  const askLegacy = <T>(database: string, sql: string) =>
    askServer<T>(azure, 'legacy-srv', sql, { database });

  test('makes the database on the target server with the rows of the point', async () => {
    const point = legacyPoints[1] as Point;
    const order = databaseOrder(point.id, 'orders_restored');
    expect((await validated(legacyOrders, order)).status).toBe('Succeeded');
    const job = await restored(azure, legacyOrders, order);
    expect(job.properties).toMatchObject({
      status: 'Completed',
      extendedInfo: { recoveryDestination: `${legacyServer}/databases/orders_restored` },
    });
    const owner = await askLegacy<{ owner: string }>(
      'postgres',
      "select pg_get_userbyid(datdba) as owner from pg_database where datname = 'orders_restored'",
    );
    expect(owner).toEqual({ owner: 'backup_admin' });
    const secret = readFileSync(join(azure.stateDir, 'azure', 'state.json'), 'utf8');
    const password = /User Id=backup_admin@legacy-srv;Password=([^;]+);/.exec(secret)?.[1] ?? '';
    const seen = await askServer<{ newest: Date; orders: number }>(
      azure,
      'legacy-srv',
      'select (select max(at) from heartbeat) as newest, (select count(*)::int from orders) as orders',
      { database: 'orders_restored', login: { user: 'backup_admin', password } },
    );
    expect(Date.parse(point.at) - seen.newest.getTime()).toBe(1000);
    expect(seen.orders).toBeGreaterThan(500);
    expect((await whyNot(legacyOrders, order)).code).toBe('UserErrorDatabaseNameAlreadyInUse');
    expect((await restored(azure, legacyOrders, order)).properties).toMatchObject({
      status: 'Failed',
      errorDetails: [{ code: 'UserErrorDatabaseNameAlreadyInUse' }],
    });
  });

  test.each([
    ['kv-none:pgconn', 'UserErrorInvalidSecretStore'],
    ['kv-policies:pgconn', 'UserErrorMissingPermissionsOnSecretStore'],
    ['kv-shop:pgconn-missing', 'UserErrorInvalidSecret'],
    ['kv-shop:pgconn-disabled', 'UserErrorInvalidSecret'],
    ['kv-shop:pgconn-odd', 'UserErrorSecretValueInUnsupportedFormat'],
    ['kv-shop:pgconn-rejected', 'UserErrorDBUserAuthFailed'],
    ['kv-shop:pgconn-weak', 'UserErrorMissingDBPermissions'],
  ])('with the secret %s is not possible: %s', async (secret, code) => {
    const why = await whyNot(legacyOrders, databaseOrder(legacyPoints[0]?.id ?? '', 'never', secret));
    expect(why.code).toBe(code);
  });

  test('needs the right to read secrets, and a server that is there', async () => {
    const scope = `${rgShop}/providers/Microsoft.KeyVault/vaults/kv-shop`;
    const order = databaseOrder(legacyPoints[0]?.id ?? '', 'never');
    await role(shop, 'Key Vault Secrets User', scope, false);
    expect((await whyNot(legacyOrders, order)).code).toBe('UserErrorMissingPermissionsOnSecretStore');
    await role(shop, 'Key Vault Secrets User', scope, true);
    expect((await validated(legacyOrders, order)).status).toBe('Succeeded');
    const lost = JSON.parse(
      JSON.stringify(order).replaceAll('servers/legacy-srv', 'servers/lost-srv'),
    ) as object;
    expect((await whyNot(legacyOrders, lost)).code).toBe('UserErrorAzureResourceNotFoundByPlugin');
  });

  test('is nothing for a flexible server', async () => {
    const refused = await call(azure, 'POST', `${orders}/restore`, databaseOrder(newest().id, 'never'));
    expect([refused.status, refused.body.error.code]).toEqual([400, 'BMSUserErrorInvalidInput']);
  });
});

describe('a validation', () => {
  test('tells who has to do what when the identity of the vault lacks a role', async () => {
    await role(shop, contributor, account('shoprestores'), false);
    const files = await whyNot(orders, filesOrder(newest().id, 'roles'));
    expect(files).toMatchObject({
      ...{ code: 'UserErrorContainerNotAccessible', isUserError: false, isRetryable: false },
      innerError: { code: 'AuthorizationPermissionMismatch' },
      properties: { ActivityId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    });
    expect(files.recommendedAction[0]).toMatch(/Storage Blob Data Contributor/);
    // A job that nobody validated meets the same.
    const job = await restored(azure, orders, filesOrder(newest().id, 'roles'));
    expect(job.properties).toMatchObject({ status: 'Failed', errorDetails: [{ code: files.code }] });
    expect(blobsOf(azure, 'roles')).toEqual([]);
    // The container alone is enough.
    const container = `${account('shoprestores')}/blobServices/default/containers/restores`;
    await role(shop, contributor, container, true);
    expect((await validated(orders, filesOrder(newest().id, 'roles'))).status).toBe('Succeeded');
    await role(shop, contributor, account('shoprestores'), true);
    await role(shop, 'Reader', rgShop, false);
    const source = await whyNot(orders, filesOrder(newest().id, 'roles'));
    expect(source).toMatchObject({
      code: 'UserErrorMSIMissingPermissions',
      innerError: { code: 'AuthorizationFailed' },
    });
    await role(shop, 'Reader', serverPath('orders-pg'), true);
    expect((await validated(orders, filesOrder(newest().id, 'roles'))).status).toBe('Succeeded');
    await role(shop, 'Reader', rgShop, true);
  });

  test.each([
    ['noreplication', 'restores', 'UserErrorCrossTenantOrsPolicyDisabled'],
    ['closednetwork', 'restores', 'UserErrorContainerNotAccessible'],
    ['shoprestores', 'nothing', 'UserErrorContainerNotAccessible'],
    ['nobody', 'restores', 'UserErrorContainerNotAccessible'],
    ['shoprestoreseast', 'restores', 'BMSUserErrorInvalidInput'],
  ])('of the container %s/%s ends with %s', async (name, container, code) => {
    await role(shop, contributor, account(name), true);
    const url = `https://${name}.blob.core.windows.net/${container}`;
    expect((await whyNot(orders, filesOrder(newest().id, 'places', { url }))).code).toBe(code);
  });

  test('ends as failed at the place of its result too', async () => {
    const url = 'https://shoprestores.blob.core.windows.net/nothing';
    const accepted = await call(azure, 'POST', `${orders}/validateRestore`, {
      restoreRequestObject: filesOrder(newest().id, 'result', { url }),
    });
    await ended(azure, accepted);
    const result = await call(azure, 'GET', String(accepted.headers['location']));
    expect([result.status, result.body.error.code]).toEqual([400, 'UserErrorContainerNotAccessible']);
    expect(result.body.error.additionalInfo[0]?.type).toBe('UserFacingError');
  });

  test('of an archived point asks for rehydration', async () => {
    const archive = filesOrder(archived().id, 'archive', {}, { sourceDataStoreType: 'ArchiveStore' });
    expect((await whyNot(orders, archive)).innerError.additionalInfo).toMatchObject({
      DetailedNonLocalisedMessage: expect.stringMatching(/rehydration/),
    });
    expect((await whyNot(orders, filesOrder(archived().id, 'archive'))).code).toBe(
      'BMSUserErrorInvalidInput',
    );
  });

  test.each([
    ['no object', { restoreRequestObject: undefined }],
    ['another kind', { objectType: 'AzureBackupRecoveryTimeBasedRestoreRequest' }],
    ['an unknown point', { recoveryPointId: '0'.repeat(32) }],
    ['no store', { sourceDataStoreType: undefined }],
    ['no target', { restoreTargetInfo: undefined }],
  ])('with %s is refused at once', async (what, change) => {
    const order = what === 'no object' ? undefined : { ...filesOrder(newest().id, 'odd'), ...change };
    const refused = await call(azure, 'POST', `${orders}/validateRestore`, { restoreRequestObject: order });
    expect(refused.status).toBe(400);
    expect(refused.body.error).toMatchObject({
      code: 'BMSUserErrorInvalidInput',
      additionalInfo: [
        { type: 'UserFacingError', info: { recommendedAction: ['Please check the required inputs'] } },
      ],
    });
  });

  test.each([
    { url: 'https://shoprestores.blob.core.windows.net' },
    { url: 'https://evil.example/restores' },
    { restoreTargetLocationType: 'AzureFiles' },
    { filePrefix: '' },
    {
      targetResourceArmId: `${rgShop}/providers/Microsoft.Storage/storageAccounts/x/blobServices/default/containers/y`,
    },
  ])('of the target %j is refused at once', async (details) => {
    const order = filesOrder(newest().id, 'odd', details);
    const refused = await call(azure, 'POST', `${orders}/validateRestore`, { restoreRequestObject: order });
    expect([refused.status, refused.body.error.code]).toEqual([400, 'BMSUserErrorInvalidInput']);
  });
});

describe('a trigger', () => {
  test('ends with a job that goes on, and its links count only as they are', async () => {
    await azure.control('POST', '/vault-jobs', { vault: 'vault-shop', next: { stuck: true } });
    const accepted = await call(azure, 'POST', `${orders}/restore`, filesOrder(newest().id, 'stuck'));
    const link = String(accepted.headers['azure-asyncoperation']);
    expect(link.length).toBeGreaterThan(4096);
    expect(link).toContain(`${vaultPath('vault-shop')}/operationStatus/`);
    const done = await ended(azure, accepted);
    expect(done).toMatchObject({
      status: 'Succeeded',
      properties: { objectType: 'OperationJobExtendedInfo' },
    });
    const path = done.properties.jobId ?? '';
    expect(path).toMatch(/\/backupVaults\/vault-shop\/backupJobs\/[0-9a-f-]{36}$/);
    const { body: job } = await call(azure, 'GET', path);
    expect(job.properties).toMatchObject({ status: 'InProgress', duration: 'PT0S', endTime: null });
    const result = await call(azure, 'GET', String(accepted.headers['location']));
    expect([result.status, result.body.jobId]).toEqual([200, path]);
    const altered = [link.replace(/&h=[^&]+/, ''), link.replace(/&c=...../, '&c=AAAAA')];
    for (const url of altered) expect((await call(azure, 'GET', url)).status).toBe(403);
    const group = link.replace(/\?.*/, '').replace('/backupVaults/vault-shop', '');
    expect((await call(azure, 'GET', group)).body.properties.jobId).toBe(path);
  });

  test.each(['accept-then-reset', 'accept-then-500'])(
    'whose answer was lost (%s) has made its job all the same, and stands in the journal',
    async (answer) => {
      const prefix = `lost-${answer}`;
      await azure.control('POST', '/faults', { method: 'POST', path: '/restore$', answer });
      const post = call(azure, 'POST', `${orders}/restore`, filesOrder(newest().id, prefix));
      const seen = await post.then(
        ({ status }) => status,
        () => 'cut',
      );
      expect(seen).toBe(answer === 'accept-then-500' ? 500 : 'cut');
      const mine = async () => {
        const { body } = await call(azure, 'GET', `${vaultPath('vault-shop')}/backupJobs`);
        return body.value.find(
          ({ properties }) =>
            (properties['extendedInfo'] as { additionalDetails?: Record<string, string> })
              .additionalDetails?.['Restore File Prefix'] === prefix,
        );
      };
      const job = await until(mine, (found) => found !== undefined);
      expect((await jobEnd(azure, job?.id ?? '')).properties.status).toBe('Completed');
      const { body } = await azure.control<{ entries: { path: string; answered: boolean }[] }>(
        'GET',
        '/journal',
      );
      expect(body.entries.at(-1)).toMatchObject({ path: `${orders}/restore`, answered: false });
    },
  );

  test('only triggers stand in the journal, validations and look-ups do not', async () => {
    const entries = async () =>
      (await azure.control<{ entries: { path: string }[] }>('GET', '/journal')).body.entries;
    const before = await entries();
    await validated(orders, filesOrder(newest().id, 'journal'));
    await call(azure, 'POST', `${orders}/findRestorableTimeRanges`, {});
    expect(await entries()).toEqual(before);
    await restored(azure, orders, filesOrder(newest().id, 'journal'));
    expect((await entries()).slice(before.length).map(({ path }) => path)).toEqual([`${orders}/restore`]);
  });

  test('makes jobs that go as a test ordered them', async () => {
    const next = [
      { status: 'CompletedWithWarnings', error: { code: 'UserErrorOdd', message: 'A role was left out.' } },
      { status: 'Failed', error: { code: 'UserErrorLost', message: 'The line broke.' } },
    ];
    await azure.control('POST', '/vault-jobs', { vault: 'vault-shop', next });
    const warned = await restored(azure, orders, filesOrder(newest().id, 'warned'));
    expect(warned.properties).toMatchObject({
      status: 'CompletedWithWarnings',
      extendedInfo: { warningDetails: [{ warning: { code: 'UserErrorOdd' } }] },
    });
    expect(blobsOf(azure, 'warned')).toHaveLength(6);
    const failed = await restored(azure, orders, filesOrder(newest().id, 'failed'));
    expect(failed.properties).toMatchObject({ status: 'Failed', errorDetails: [{ code: 'UserErrorLost' }] });
    expect(blobsOf(azure, 'failed')).toHaveLength(1);
  });

  test('says when to come back, or nothing', async () => {
    const post = async () => {
      const order = { restoreRequestObject: filesOrder(newest().id, 'later') };
      return (await call(azure, 'POST', `${orders}/validateRestore`, order)).headers['retry-after'];
    };
    expect(await post()).toBe('1');
    await azure.control('POST', '/vault-retry-after', { validate: 2400 });
    expect(await post()).toBe('10');
    await azure.control('POST', '/vault-retry-after', { validate: null });
    expect(await post()).toBeUndefined();
    await azure.control('POST', '/vault-retry-after', { validate: 10 });
  });
});

describe('a backup on demand', () => {
  test('dumps the living server and is a new recovery point', async () => {
    const accident = { server: 'orders-pg', database: 'shop', sql: 'create table just_now (n int)' };
    await azure.control('POST', '/accident', accident);
    const accepted = await call(azure, 'POST', `${orders}/backup`, {
      backupRuleOptions: { ruleName: 'BackupDaily' },
    });
    const job = await jobEnd(azure, await jobOf(azure, accepted));
    expect(job.properties).toMatchObject({
      ...{ status: 'Completed', operation: 'Backup', operationCategory: 'Backup' },
      extendedInfo: { subTasks: [{ taskName: 'Trigger Backup' }] },
    });
    const [latest, ...older] = await pointsOf(azure, orders);
    expect(older.map(({ id }) => id)).toEqual(points.map(({ id }) => id));
    expect((await restored(azure, orders, filesOrder(latest?.id ?? '', 'ondemand'))).properties.status).toBe(
      'Completed',
    );
    const name = blobsOf(azure, 'ondemand').find((blob) => blob.endsWith('_database_shop.sql')) ?? '';
    expect(
      execFileSync(join(pgBin, 'pg_restore'), ['-l', join(blobFolder(azure), name)]).toString(),
    ).toContain('just_now');
    const refused = await call(azure, 'POST', `${orders}/backup`, {});
    expect(refused.status).toBe(400);
  });
});

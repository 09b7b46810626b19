import { Client } from 'pg';
import { databaseAudience } from '../../../infra/local/azure/token-login';
import { productIdentity } from '../../../infra/local/identities';
import { arm, fetchToken, sdkClient, serverPath } from './arm-client';
import { askServer, readEndpoints, until, type Login } from './server-data';
import { startTestAzure, type TestAzure } from './start-local-azure';

jest.setTimeout(60_000);
let azure: TestAzure;
beforeAll(async () => {
  azure = await startTestAzure();
});
afterAll(() => azure.remove());

const endpoints = () => readEndpoints(azure);
const ask = <T>(server: string, sql: string, login?: Login, database?: string) =>
  askServer<T>(azure, server, sql, { login, database });

const accident = (sql: string, server = 'orders-pg') =>
  azure.control<{ at: string; rows: number; error: string }>('POST', '/accident', {
    server,
    database: 'shop',
    sql,
  });

const restoreBody = (at: Date, source = 'orders-pg') => ({
  location: 'canadacentral',
  createMode: 'PointInTimeRestore',
  sourceServerResourceId: serverPath(source),
  pointInTimeUTC: at,
});
const restore = (name: string, at: Date, source = 'orders-pg') =>
  sdkClient(azure).servers.beginCreateOrUpdateAndWait('rg-shop', name, restoreBody(at, source));
const rawRestore = (at: string, source = serverPath('orders-pg')) => ({
  body: {
    location: 'canadacentral',
    properties: { createMode: 'PointInTimeRestore', sourceServerResourceId: source, pointInTimeUTC: at },
  },
});

interface Moment {
  readonly newest: Date;
  readonly beats: string;
  readonly newestOrder: Date;
}
const momentOf = (server: string) =>
  ask<Moment>(
    server,
    'select (select max(at) from heartbeat) as newest, (select count(*) from heartbeat) as beats, (select max(placed_at) from orders) as "newestOrder"',
  );

describe('history', () => {
  test('the seeded shop has a heartbeat for every second of two hours, each committed when it says', async () => {
    const seen = await ask<{ beats: number; seconds: number; gap: number; drift: number }>(
      'orders-pg',
      `select count(*)::int as beats, extract(epoch from max(at) - min(at))::float as seconds, max(gap)::float as gap,
              max(drift)::float as drift
       from (select at, extract(epoch from at - lag(at) over (order by at)) as gap,
                    abs(extract(epoch from pg_xact_commit_timestamp(xmin) - at)) as drift from heartbeat) beats`,
    );
    expect(seen.seconds).toBeGreaterThan(7190);
    expect(seen.beats).toBeGreaterThanOrEqual(Math.floor(seen.seconds) - 10);
    expect(seen.gap).toBeLessThan(6);
    expect(seen.drift).toBeLessThan(0.5);
    console.log(`local Azure was ready after ${azure.seconds.toFixed(1)} s`);
  });

  test('the past can be restored from about two hours ago on', async () => {
    const { backup } = await sdkClient(azure).servers.get('rg-shop', 'orders-pg');
    const ageMinutes = (Date.now() - (backup?.earliestRestoreDate?.getTime() ?? 0)) / 60_000;
    expect(ageMinutes).toBeGreaterThan(119);
    expect(ageMinutes).toBeLessThan(121);
  });

  test.each([
    ['ten minutes', 10],
    ['a hundred minutes', 100],
  ])('a restore to %s ago holds that moment, and nothing newer', async (_words, minutes) => {
    const at = new Date(Date.now() - minutes * 60_000);
    const server = await restore(`orders-pg-m${minutes}`, at);
    expect(server).toMatchObject({
      name: `orders-pg-m${minutes}`,
      state: 'Ready',
      administratorLogin: 'pgadmin',
    });
    const moment = await momentOf(`orders-pg-m${minutes}`);
    expect(moment.newest.getTime()).toBeLessThanOrEqual(at.getTime());
    expect(moment.newest.getTime()).toBeGreaterThan(at.getTime() - 1100);
    expect(moment.newestOrder.getTime()).toBeLessThanOrEqual(at.getTime());
    expect(Number(moment.beats)).toBeGreaterThan((119 - minutes) * 60);
  });
});

describe('after an accident', () => {
  test('the rows are there at the instant just before, and gone at the instant of the commit', async () => {
    const before = await ask<{ count: string }>('orders-pg', 'select count(*) from customers where id > 100');
    const { status, body } = await accident('delete from orders; delete from customers where id > 100');
    expect(status).toBe(200);
    expect(body.at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    expect(body.rows).toBeGreaterThan(Number(before.count));
    const atMs = Date.parse(body.at);
    await Promise.all([
      restore('orders-pg-before', new Date(atMs - 1)),
      restore('orders-pg-after', new Date(atMs + 1)),
    ]);
    const count = 'select count(*) from customers where id > 100';
    expect(await ask('orders-pg-before', count)).toEqual(before);
    expect(await ask('orders-pg-after', count)).toEqual({ count: '0' });
    expect((await momentOf('orders-pg-before')).newest.getTime()).toBeLessThan(atMs);
  });

  test('an accident that fails says why and changes nothing', async () => {
    const { status, body } = await accident('drop table nothing_of_the_kind');
    expect([status, body.error]).toEqual([400, 'table "nothing_of_the_kind" does not exist']);
    expect((await accident('select 1', 'nobody')).status).toBe(404);
  });
});

describe('a restore that Azure refuses', () => {
  const failed = async (name: string, at: string) => {
    const accepted = await arm(azure, 'PUT', serverPath(name), rawRestore(at));
    expect(accepted.status).toBe(202);
    const link = String(accepted.headers['azure-asyncoperation']);
    expect(link.length).toBeGreaterThan(4096);
    const poll = () => arm(azure, 'GET', link);
    return (await until(poll, ({ body }) => body.status !== 'InProgress')).body;
  };

  test.each([
    ['before the first backup', 'too-early', new Date(Date.now() - 3 * 3600_000).toISOString()],
    ['no moment at all', 'no-moment', 'yesterday'],
  ])('%s: accepted, then failed without a reason, and the name is free again', async (_words, name, at) => {
    const body = await failed(name, at);
    expect(body).toMatchObject({ status: 'Failed', error: { code: 'InternalServerError' } });
    expect(body.error.message).toMatch(
      /^An unexpected error occured while processing the request\. Tracking ID: '[0-9a-f-]{36}'$/,
    );
    expect(await sdkClient(azure).nameAvailability.checkGlobally({ name })).toMatchObject({
      nameAvailable: true,
    });
  });

  test('a bare source name, a taken name and another region are refused at once', async () => {
    const now = new Date().toISOString();
    const bare = await arm(azure, 'PUT', serverPath('bare'), rawRestore(now, 'orders-pg'));
    expect([bare.status, bare.body.error.code]).toEqual([404, 'ResourceNotFound']);
    const taken = await arm(azure, 'PUT', serverPath('billing-pg'), rawRestore(now));
    expect([taken.status, taken.body.error.code]).toEqual([409, 'ServerNameAlreadyExists']);
    const elsewhere = rawRestore(now);
    elsewhere.body.location = 'canadaeast';
    expect((await arm(azure, 'PUT', serverPath('elsewhere'), elsewhere)).status).toBe(400);
  });

  test('a poll link that somebody rebuilt is found out', async () => {
    const accepted = await arm(azure, 'PUT', serverPath('link-pg'), rawRestore(new Date().toISOString()));
    const link = String(accepted.headers['azure-asyncoperation']).replace(/&h=[^&]+/, '');
    expect((await arm(azure, 'GET', link)).status).toBe(400);
  });
});

test('a moment that has not come yet means now', async () => {
  const startMs = Date.now();
  await restore('orders-pg-future', new Date(startMs + 3600_000));
  const { newest } = await momentOf('orders-pg-future');
  expect(Math.abs(newest.getTime() - startMs)).toBeLessThan(3000);
});

test('an answer that gets lost leaves a name that is taken, a server that comes, and a line in the journal', async () => {
  await azure.control('POST', '/faults', {
    method: 'PUT',
    path: '/flexibleServers/lost-pg$',
    answer: 'accept-then-reset',
  });
  const at = new Date(Date.now() - 60_000).toISOString();
  await expect(arm(azure, 'PUT', serverPath('lost-pg'), rawRestore(at))).rejects.toThrow();
  expect((await arm(azure, 'GET', serverPath('lost-pg'))).status).toBe(404);
  const { nameAvailability } = sdkClient(azure);
  expect(await nameAvailability.checkGlobally({ name: 'lost-pg' })).toMatchObject({ nameAvailable: false });
  const again = await arm(azure, 'PUT', serverPath('lost-pg'), rawRestore(at));
  expect(again.body.error.code).toBe('ServerNameAlreadyExists');
  await until(endpoints, (servers) => servers['lost-pg']?.state === 'Ready');
  const { body } = await azure.control<{ entries: Record<string, unknown>[] }>('GET', '/journal');
  const lines = body.entries.filter(({ path }) => path === serverPath('lost-pg'));
  expect(lines).toEqual([
    expect.objectContaining({ method: 'PUT', status: 202, answered: false, operationId: expect.any(String) }),
  ]);
});

test('the product signs in with a token, reads everything and writes nothing; other tokens are refused', async () => {
  const user = productIdentity.postgresRole;
  for (const server of ['orders-pg', 'orders-pg-before']) {
    const password = await fetchToken(azure, databaseAudience);
    expect(
      await ask(server, 'select current_user as me, count(*) > 0 as has from customers', { user, password }),
    ).toEqual({ me: user, has: true });
    await expect(ask(server, 'delete from customers', { user, password })).rejects.toThrow(
      /permission denied/,
    );
  }
  const forArm = await fetchToken(azure, 'https://management.azure.com');
  await expect(ask('orders-pg', 'select 1', { user, password: forArm })).rejects.toThrow(
    /authentication failed/,
  );
});

test('a restored server takes its first backup by itself and can be restored from in turn', async () => {
  const client = sdkClient(azure);
  const source = 'orders-pg-before';
  const { backup } = await until(
    () => client.servers.get('rg-shop', source),
    (server) => server.backup?.earliestRestoreDate !== undefined,
  );
  await accident("insert into customers (name) values ('only in the copy')", source);
  expect(backup?.earliestRestoreDate?.getTime()).toBeGreaterThan(Date.now() - 120_000);
  await restore('orders-pg-copy-2', new Date(), source);
  expect(
    await ask('orders-pg-copy-2', "select count(*) from customers where name = 'only in the copy'"),
  ).toEqual({ count: '1' });
});

test('a backup is a restore point of its own, also of a quiet server with private access', async () => {
  const client = sdkClient(azure);
  const times: Date[] = [];
  for await (const backup of client.backupsAutomaticAndOnDemand.listByServer('rg-shop', 'billing-pg'))
    if (backup.completedTime) times.push(backup.completedTime);
  for (const [index, at] of times.entries()) {
    const { network } = await restore(`billing-pg-${index}`, at, 'billing-pg');
    expect(network).toMatchObject({ publicNetworkAccess: 'Disabled' });
    const sql = 'select max(issued_at) as newest from invoices';
    const { newest } = await ask<{ newest: Date }>(`billing-pg-${index}`, sql, undefined, 'billing');
    expect(newest.getTime()).toBeLessThanOrEqual(at.getTime());
  }
  expect(times).toHaveLength(2);
});

test('a stopped server can still be restored from, and starts again', async () => {
  const client = sdkClient(azure);
  await client.servers.beginStopAndWait('rg-shop', 'search-pg');
  expect((await endpoints())['search-pg']?.state).toBe('Stopped');
  await restore('search-pg-copy', new Date(), 'search-pg');
  const documents = 'select count(*) from documents';
  expect(await ask('search-pg-copy', documents, undefined, 'search')).toEqual({ count: '300' });
  await client.servers.beginStartAndWait('rg-shop', 'search-pg');
  expect(await ask('search-pg', documents, undefined, 'search')).toEqual({ count: '300' });
});

test('a backup on demand appears beside the automatic ones, and can be deleted', async () => {
  const { backupsAutomaticAndOnDemand: backups } = sdkClient(azure);
  const made = await backups.beginCreateAndWait('rg-shop', 'search-pg', 'before-upgrade');
  expect(made).toMatchObject({
    backupType: 'Customer On-Demand',
    source: 'Customer Initiated',
    completedTime: expect.any(Date),
  });
  await backups.beginDeleteAndWait('rg-shop', 'search-pg', 'before-upgrade');
  await expect(backups.get('rg-shop', 'search-pg', 'before-upgrade')).rejects.toMatchObject({
    statusCode: 404,
  });
});

test('a deleted server is gone from lists and endpoints', async () => {
  await sdkClient(azure).servers.beginDeleteAndWait('rg-shop', 'orders-pg-after');
  expect((await arm(azure, 'GET', serverPath('orders-pg-after'))).status).toBe(404);
  expect(Object.keys(await endpoints())).not.toContain('orders-pg-after');
});

test('a kill in the middle of a restore loses nothing: the next start finishes it and goes on', async () => {
  const at = new Date(Date.now() - 30 * 60_000);
  const accepted = await arm(azure, 'PUT', serverPath('killed-pg'), rawRestore(at.toISOString()));
  const before = await momentOf('orders-pg');
  await azure.end('SIGKILL');
  const startedMs = Date.now();
  await azure.again();
  console.log(`local Azure was back after ${((Date.now() - startedMs) / 1000).toFixed(1)} s`);
  const poll = () => arm(azure, 'GET', String(accepted.headers['azure-asyncoperation']));
  expect((await until(poll, ({ body }) => body.status !== 'InProgress')).body.status).toBe('Succeeded');
  const restored = await momentOf('killed-pg');
  expect(restored.newest.getTime()).toBeLessThanOrEqual(at.getTime());
  const now = await until(
    () => momentOf('orders-pg'),
    ({ newest }) => newest > before.newest,
  );
  expect(Number(now.beats)).toBeGreaterThan(Number(before.beats));
});

test('SIGTERM stops everything and exits with 0', async () => {
  const servers = await endpoints();
  expect(await azure.end('SIGTERM')).toBe(0);
  const client = new Client({ host: '127.0.0.1', port: servers['orders-pg']?.port ?? 0 });
  await expect(client.connect()).rejects.toThrow(/ECONNREFUSED/);
});

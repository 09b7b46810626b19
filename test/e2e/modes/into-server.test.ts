/**
 * From a recovery point, and from files, to a running server: said in chat, signed once, and looked into afterwards. Both
 * databases are there, with roles, owners and grants that work.
 */
import { cardText } from '../../fixtures/local-teams-client';
import { newServer } from '../../fixtures/new-server';
import { startLocalEnvironment, type LocalEnvironment } from '../../fixtures/local-environment';
import { valueIn } from '../../fixtures/restored-data';
import { vaultPath, type VaultPath } from '../../fixtures/vault-path';

jest.setTimeout(240_000);
let environment: LocalEnvironment;
let path: VaultPath;
beforeAll(async () => {
  environment = await startLocalEnvironment({ name: 'load', env: { LOCAL_TIME_SCALE: '240' } });
  path = vaultPath(environment);
});
afterAll(async () => {
  await environment?.stop();
});

const ended = async (mark: string): Promise<string> => cardText((await path.ending(mark, 90)).card);

test('a chain ends in a running server: both databases, their owners, and grants that work', async () => {
  const mark = 'orders-pg-dr';
  await newServer(environment, mark);
  const form = await path.form({
    sentence: `orders-pg from vault yesterday into ${mark} because INC-4720`,
    mark,
  });
  expect(cardText(form.card)).toMatch(/Load into server/);
  await path.submit(form);
  const approval = await path.approvalCard(mark);
  expect(cardText(approval.card)).toMatch(/into the server \**orders-pg-dr/);
  await path.approve(approval);
  const outcome = await ended(mark);
  expect(outcome).toMatch(/PROVEN[\s\S]*holds[\s\S]*ledger[\s\S]*shop/);
  const value = (database: string, sql: string): Promise<string> => valueIn(environment, mark, database, sql);
  expect(Number(await value('shop', 'select count(*) from orders'))).toBeGreaterThan(1_900);
  expect(Number(await value('ledger', 'select count(*) from entries'))).toBeGreaterThan(900);
  const grants = `select string_agg(r || ':' || has_table_privilege(r, 'public.orders', p), ' ' order by r, p)
    from (values ('shop_app', 'insert'), ('shop_report', 'insert'), ('shop_report', 'select')) t (r, p)`;
  expect(await value('shop', grants)).toBe('shop_app:true shop_report:false shop_report:true');
  const member = `select pg_has_role('shop_report', 'shop_readers', 'member')`;
  expect(await value('shop', member)).toBe('true');
  const owner = `select tableowner = (select tableowner from pg_tables where tablename = 'customers')
    and tableowner <> 'restore-desk' from pg_tables where tablename = 'orders'`;
  expect(await value('shop', owner)).toBe('true');
  expect(await path.starts('orders-pg-')).toHaveLength(1);
});

test('files that are there already are loaded by a sentence of their own, a database alone', async () => {
  const [blob] = await path.blobs('shoprestores', 'orders-pg-');
  const prefix = /^(.*)_orders-pg_\d+_/.exec(blob?.name ?? '')?.[1] ?? '';
  const mark = 'orders-two';
  await newServer(environment, mark);
  const form = await path.form({
    sentence: `database shop from files shoprestores/restores/${prefix} into ${mark} without owners because INC-4721`,
    mark,
  });
  await path.submit(form);
  const approval = await path.approvalCard(mark);
  expect(cardText(approval.card)).toMatch(/everything will belong to a role of its own/);
  await path.approve(approval);
  expect(await ended(mark)).toMatch(/PROVEN|COMPLETED WITH WARNINGS/);
  const databases = `select string_agg(datname, ' ' order by datname) from pg_database where not datistemplate`;
  expect(await valueIn(environment, mark, 'postgres', databases)).toBe('postgres shop');
});

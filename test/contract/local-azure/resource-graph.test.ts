import {
  entraGroups,
  mainSubscriptionId,
  productIdentity,
  secondSubscriptionId,
} from '../../../infra/local/identities';
import { arm, fetchToken, type ArmReply } from './arm-client';
import { until } from './server-data';
import { startTestAzure, type TestAzure } from './start-local-azure';

jest.setTimeout(120_000);
let azure: TestAzure;
beforeAll(async () => {
  azure = await startTestAzure({ LOCAL_HISTORY_SECONDS: '120', LOCAL_TIME_SCALE: '600' });
});
afterAll(() => azure.remove());

interface Answer {
  readonly totalRecords: number;
  readonly count: number;
  readonly data: readonly { readonly id: string; readonly name: string; readonly type: string }[];
  readonly resultTruncated: string;
  readonly $skipToken?: string;
}

const path = '/providers/Microsoft.ResourceGraph/resources';
/** Waits for the next window when the quota of this one is spent, as any caller has to. */
async function ask(
  query: string,
  more: object = {},
  version = '2021-03-01',
): Promise<ArmReply & { answer: Answer }> {
  const reply = await until(
    () => arm(azure, 'POST', path, { body: { query, ...more }, version }),
    ({ status }) => status !== 429,
  );
  return { ...reply, answer: reply.body as unknown as Answer };
}
const namesOf = ({ answer }: { answer: Answer }) => answer.data.map(({ name }) => name);
const accounts = "resources | where type =~ 'microsoft.storage/storageaccounts'";

test('tells what stands in all subscriptions, or in those that were asked for', async () => {
  const all = await ask(accounts);
  expect([all.status, all.answer.totalRecords, all.answer.resultTruncated]).toEqual([200, 3, 'false']);
  expect(namesOf(all).sort()).toEqual(['drrestores', 'shoprestores', 'shoprestoreseast']);
  expect(all.headers['x-ms-user-quota-remaining']).toMatch(/^\d+$/);
  expect(all.headers['x-ms-user-quota-resets-after']).toMatch(/^00:00:0[1-5]$/);
  expect(all.headers['x-ms-resource-graph-request-duration']).toMatch(/^0:00:00:\d\d\.\d{7}$/);
  const main = await ask(accounts, { subscriptions: [mainSubscriptionId] });
  expect(namesOf(main)).toEqual(['shoprestores', 'shoprestoreseast']);
  const east = await ask(
    "Resources | where type in~ ('Microsoft.DBforPostgreSQL/flexibleServers', 'microsoft.keyvault/vaults') | where location == 'canadacentral' | project name, type | order by name asc",
    { subscriptions: [mainSubscriptionId, secondSubscriptionId] },
    '2022-10-01',
  );
  expect(east.answer.data).toEqual([
    { name: 'billing-pg', type: 'microsoft.dbforpostgresql/flexibleservers' },
    { name: 'kv-shop', type: 'microsoft.keyvault/vaults' },
    { name: 'orders-pg', type: 'microsoft.dbforpostgresql/flexibleservers' },
    { name: 'search-pg', type: 'microsoft.dbforpostgresql/flexibleservers' },
  ]);
});

test('answers page by page', async () => {
  const seen: string[] = [];
  for (let token: string | undefined = ''; token !== undefined;) {
    const page: { answer: Answer } = await ask(`${accounts} | order by id desc`, {
      options: { $top: 1, ...(token === '' ? {} : { $skipToken: token }) },
    });
    seen.push(...namesOf(page));
    token = page.answer.$skipToken;
  }
  expect(seen).toEqual(['drrestores', 'shoprestoreseast', 'shoprestores']);
});

test('shows only what the caller may read, from the moment a role is given or taken', async () => {
  const grant = (role: string, scope: string, given: boolean) =>
    azure.control('POST', '/roles', { principal: productIdentity.principalId, role, scope, grant: given });
  const recovery = `/subscriptions/${secondSubscriptionId}`;
  await grant('Contributor', recovery, false);
  expect(namesOf(await ask(accounts))).toEqual(['shoprestores', 'shoprestoreseast']);
  await grant('Reader', `${recovery}/resourceGroups/rg-dr`, true);
  expect(namesOf(await ask(accounts, { subscriptions: [secondSubscriptionId] }))).toEqual(['drrestores']);
  await grant('Contributor', recovery, true);
});

test('is no change: the journal does not hold a question, nor one about who is in a group', async () => {
  await ask(accounts);
  const url = `${azure.http}/msi/token?api-version=2019-08-01&resource=https://graph.microsoft.com`;
  const token = await fetch(url, { headers: { 'x-identity-header': azure.identityHeader } });
  const { access_token } = (await token.json()) as { access_token: string };
  const member = await fetch(`${azure.http}/v1.0/users/dba@shop.example/checkMemberGroups`, {
    method: 'POST',
    headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ groupIds: [entraGroups.databaseLeads.id] }),
  });
  expect(await member.json()).toMatchObject({ value: [entraGroups.databaseLeads.id] });
  const { body } = await azure.control<{ entries: { path: string }[] }>('GET', '/journal');
  expect(body.entries.filter((entry) => /ResourceGraph|checkMemberGroups/i.test(entry.path))).toEqual([]);
});

test('refuses a query it cannot follow, and an api-version it does not have', async () => {
  const refused = await ask(`${accounts} | summarize count()`);
  expect([refused.status, refused.body.error.code]).toEqual([400, 'BadRequest']);
  const old = await arm(azure, 'POST', path, { body: { query: accounts }, version: '2018-09-01-preview' });
  expect([old.status, old.body.error.code]).toEqual([400, 'NoRegisteredProviderFound']);
  expect((await arm(azure, 'POST', path, { body: { query: accounts }, token: null })).status).toBe(401);
});

test('sends away who asks too often, and says when to come back', async () => {
  const token = await fetchToken(azure, 'https://management.azure.com');
  const question = { body: { query: accounts }, version: '2021-03-01', token };
  const round = () => Promise.all(Array.from({ length: 16 }, () => arm(azure, 'POST', path, question)));
  const spent = await until(
    async () =>
      (await round()).find(({ status, body }) => status === 429 && body.error.code === 'RateLimiting'),
    (reply) => reply !== undefined,
  );
  expect(spent?.headers['x-ms-user-quota-remaining']).toBe('0');
  expect(spent?.headers['retry-after']).toMatch(/^[1-5]$/);
});

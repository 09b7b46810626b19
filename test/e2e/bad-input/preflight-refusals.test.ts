/**
 * What cannot work is refused before a manager is asked, with who can change it; and what is no longer possible when
 * it is approved ends before its start, with what changed and without an order.
 */
import { azureCaller, mainGroup, serverIdOf, type AzureCaller } from '../../fixtures/azure-caller';
import { brokenInvariants, readChain } from '../../fixtures/invariants';
import { cardText, type SeenMessage } from '../../fixtures/local-teams-client';
import { mainSubscriptionId, productIdentity } from '../../../infra/local/identities';
import { requestIdOf, restorePath, type Ask, type RestorePath } from '../../fixtures/restore-path';
import { startLocalEnvironment, type LocalEnvironment } from '../../fixtures/local-environment';

jest.setTimeout(240_000);

let environment: LocalEnvironment;
let path: RestorePath;
let others: AzureCaller;

beforeAll(async () => {
  environment = await startLocalEnvironment({ name: 'refusals', env: { LOCAL_TIME_SCALE: '240' } });
  path = restorePath(environment);
  others = azureCaller(environment);
});
afterEach(async () => {
  await environment?.azure.clearFaults();
});
afterAll(() => environment?.stop());

const refusal = async (ask: Ask, inputs: Readonly<Record<string, string>>, says: RegExp): Promise<string> =>
  path.refusal(await path.ask(ask), inputs, says);

const requests = async (): Promise<number> =>
  (await readChain(environment.databaseUrl)).filter(({ kind }) => kind === 'requested').length;

const geo = { moment: 'to the paired region' } as const;

test.each<[string, Ask, Readonly<Record<string, string>>, RegExp]>([
  [
    'a subscription the desk does not work in',
    { target: 'no-subscription' },
    { subscription: '99999999-9999-4999-8999-999999999999' },
    /99999999-\S+ is not one that Restore Desk works in[\s\S]*its owner can add others/,
  ],
  [
    'the copy of a server that has none',
    { target: 'no-copy', source: 'billing-pg', ...geo },
    { mode: 'geo' },
    /billing-pg has no geo-redundant backup[\s\S]*cannot be turned on later/,
  ],
  [
    'a region that is not the pair',
    { target: 'no-pair', ...geo },
    { region: 'westus' },
    /copied to canadaeast, not to westus/,
  ],
  [
    'a deleted server under its old name',
    { target: 'catalog-pg', source: 'deleted catalog-pg', moment: '' },
    {},
    /cannot come back under its old name[\s\S]*catalog-pg-r1/,
  ],
])('%s is refused', async (_what, ask, inputs, says) => {
  const before = await requests();
  await refusal(ask, inputs, says);
  expect(await requests()).toBe(before);
});

const locationsOf = (rest: string): string => `/locations/[^/]+/${rest}$`;

test('no cores left: how many are needed, and of how many', async () => {
  await environment.azure.fault({
    method: 'GET',
    path: locationsOf('resourceType/flexibleServers/usages'),
    times: 50,
    answer: {
      status: 200,
      body: { value: [{ name: { value: 'cores' }, limit: 100, unit: 'Count', currentValue: 98 }] },
    },
  });
  await refusal({ target: 'no-cores' }, {}, /needs 4 cores in canadacentral; 2 of 100 are free/);
});

test('a region that is closed to the subscription: who can open it', async () => {
  await environment.azure.fault({
    method: 'GET',
    path: locationsOf('capabilities'),
    times: 50,
    answer: { status: 200, body: { value: [{ name: 'x', restricted: 'Enabled' }] } },
  });
  await refusal(
    { target: 'no-region' },
    {},
    /does not let this subscription create servers in canadacentral[\s\S]*Azure support/,
  );
});

const subscription = `/subscriptions/${mainSubscriptionId}`;
const lessRights = [
  ['Reader', subscription, true],
  ['Contributor', `${subscription}/providers/Microsoft.DBforPostgreSQL`, true],
  ['Contributor', subscription, false],
] as const;

/** The identity may read everything and ask for names, but make nothing in the resource group. */
async function takeRights(): Promise<void> {
  for (const [role, scope, grant] of lessRights)
    await environment.azure.grant(productIdentity.principalId, role, scope, grant);
}

async function giveRightsBack(): Promise<void> {
  for (const [role, scope, grant] of [...lessRights].reverse())
    await environment.azure.grant(productIdentity.principalId, role, scope, !grant);
}

const missingRights = new RegExp(
  `may not do this in ${mainGroup}: Microsoft.DBforPostgreSQL/flexibleServers/write[\\s\\S]*` +
    `az role assignment create --role Contributor --assignee ${productIdentity.clientId} --scope ${mainGroup}`,
  'i',
);

test('rights that are missing in the resource group: the command that gives them', async () => {
  await takeRights();
  try {
    const said = await refusal({ target: 'no-rights' }, {}, /may not do this/);
    expect(said.replaceAll('\\', '')).toMatch(missingRights);
  } finally {
    await giveRightsBack();
  }
});

/** The world changes while the request waits for its approver, who then approves what was planned. */
async function changedBeforeStart(target: string, change: () => Promise<void>): Promise<SeenMessage> {
  await path.submit(await path.ask({ target }));
  const card = await path.approvalCard(target);
  await change();
  await path.approve(card);
  const failed = await path.ending(target);
  expect(cardText(failed.card)).toContain('FAILED');
  expect(await path.orders(target)).toBe(0);
  const chain = await readChain(environment.databaseUrl);
  const kinds = chain.filter(({ requestId }) => requestId === requestIdOf(card)).map(({ kind }) => kind);
  // Messages are kept as they go out, between the moves.
  expect(kinds.filter((kind) => !kind.startsWith('message-'))).toEqual([
    'requested',
    'approved-by',
    'failed',
  ]);
  return failed;
}

/** By somebody else, under a name that is approved already. */
async function takeName(name: string): Promise<void> {
  const made = await others.call('PUT', serverIdOf(name), {
    location: 'canadacentral',
    properties: { administratorLogin: 'pgadmin', administratorLoginPassword: 'Not-a-secret-1' },
  });
  expect(made.status).toBe(202);
}

describe('before the start', () => {
  test('the name gets taken: the card says so, and the approval starts nothing', async () => {
    const target = 'late-name';
    const failed = await changedBeforeStart(target, () => takeName(target));
    expect(cardText(failed.card)).toMatch(/The name late-name is taken/);
    // Another try is another plan under another name, and needs another approval.
    await environment.teams.click({
      as: 'oncall',
      conversation: 'db-oncall',
      messageId: failed.id,
      title: 'Try again',
    });
    expect(cardText((await path.approvalCard('late-name-r1')).card)).toContain('APPROVAL NEEDED');
    expect(await path.orders('late-name-r1')).toBe(0);
  });

  test('the role is taken away: the card names the command that gives it back', async () => {
    try {
      const failed = await changedBeforeStart('late-role', takeRights);
      expect(cardText(failed.card).replaceAll('\\', '')).toMatch(missingRights);
    } finally {
      await giveRightsBack();
    }
  });

  test('several things change: all of them stand on the card', async () => {
    const target = 'late-many';
    const failed = await changedBeforeStart(target, async () => {
      await takeName(target);
      await environment.azure.fault({
        method: 'GET',
        path: locationsOf('resourceType/flexibleServers/usages'),
        times: 50,
        answer: {
          status: 200,
          body: { value: [{ name: { value: 'cores' }, limit: 100, unit: 'Count', currentValue: 98 }] },
        },
      });
    });
    expect(cardText(failed.card)).toMatch(/approval no longer holds[\s\S]*late-many is taken; .*4 cores/);
  });
});

test('after all of it the invariants hold', async () => {
  expect(await brokenInvariants(environment)).toEqual([]);
});

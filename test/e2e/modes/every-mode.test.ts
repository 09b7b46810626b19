/**
 * Every way to restore and every option, from a sentence to data that is there: through the persona API, over real backups,
 * with the order that Azure got beside what the manager saw.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cardText, type SeenMessage } from '../../fixtures/local-teams-client';
import { restorePath, type RestorePath } from '../../fixtures/restore-path';
import { startLocalEnvironment, type LocalEnvironment } from '../../fixtures/local-environment';
import { repositoryDir, until } from '../../fixtures/supervisor/processes';
import { valueIn } from '../../fixtures/restored-data';

jest.setTimeout(300_000);
let environment: LocalEnvironment;
let path: RestorePath;
/** The local policy, and a rule for a server that a test makes. */
const policyFile = join(tmpdir(), `restore-desk-policy-${process.pid}.yaml`);
beforeAll(async () => {
  const local = readFileSync(join(repositoryDir, 'infra', 'local', 'policy.yaml'), 'utf8');
  const rule = '  - { name: vault, match: { server: vault-pg }, approvers: *leads, needed: 1 }\n';
  writeFileSync(
    policyFile,
    local.replace('\nproof:', `\n${rule}\nproof:`).replace(/# The newest[^\n]*\n/, ''),
  );
  environment = await startLocalEnvironment({
    name: 'every',
    env: { LOCAL_TIME_SCALE: '240', LOCAL_POLICY_FILE: policyFile },
  });
  path = restorePath(environment);
});
afterAll(async () => {
  rmSync(policyFile, { force: true });
  await environment?.stop();
});

interface OrderBody {
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly properties: Readonly<Record<string, unknown>> & { readonly pointInTimeUTC: string };
}

async function orderFor(target: string): Promise<OrderBody> {
  const entry = (await environment.azure.journal()).find(
    ({ method, path: called, status }) => method === 'PUT' && called.endsWith(`/${target}`) && status < 300,
  );
  return entry?.body as OrderBody;
}

const main = '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-shop';
const networks = `${main}/providers/Microsoft.Network`;
const zone = `${networks}/privateDnsZones/shop.private.postgres.database.azure.com`;
const subnet = (network: string, name: string): string =>
  `${networks}/virtualNetworks/${network}/subnets/${name}`;

/** The form as it stands now, after the bot has edited it. */
const formNow = (form: SeenMessage): Promise<SeenMessage> =>
  environment.teams.sees('oncall', 'db-oncall', 'the form', ({ id }) => id === form.id);

const pressOn = (form: SeenMessage, title: string, inputs: Readonly<Record<string, string>> = {}) =>
  environment.teams.click({ as: 'oncall', conversation: 'db-oncall', messageId: form.id, title, inputs });

const inputIds = (card: unknown): string[] =>
  [...JSON.stringify(card).matchAll(/"type":"Input\.[A-Za-z]+","id":"(\w+)"/g)].map(([, id = '']) => id);

async function approved(target: string, as = 'manager'): Promise<string> {
  const card = await path.approvalCard(target, as);
  await path.approve(card, as);
  return cardText(card.card);
}

test('a restore into the paired region holds what had reached it, and says so before and after', async () => {
  const target = 'geo-copy';
  const form = await path.ask({ target, moment: 'to the paired region' });
  expect(inputIds(form.card)).toEqual(expect.arrayContaining(['region', 'target']));
  expect(inputIds(form.card)).not.toEqual(expect.arrayContaining(['moment']));
  await path.submit(form);
  expect(await approved(target)).toMatch(/canadaeast[\s\S]*last replicated data, up to 1 h old/);
  expect(cardText((await path.ending(target, 120)).card)).toContain('PROVEN');
  const { location, properties } = await orderFor(target);
  expect([location, properties['createMode'], properties['backup']]).toEqual([
    'canadaeast',
    'GeoRestore',
    { geoRedundantBackup: 'Disabled' },
  ]);
  const newest = await valueIn(environment, target, 'shop', 'select max(at) from heartbeat');
  expect(newest <= properties.pointInTimeUTC).toBe(true);
  // The copy is renewed every hour of Azure's time: fifteen seconds here, and what it takes to make it.
  expect(Date.parse(properties.pointInTimeUTC) - Date.parse(newest)).toBeLessThan(60_000);
});

test('while its region is down a server is restored from what was known of it', async () => {
  const target = 'geo-down';
  await environment.azure.region('canadacentral', true);
  try {
    await until(
      'the desk knows that the region is down',
      async () => {
        const form = await path.ask({ target, moment: 'to the paired region' });
        const text = cardText(form.card);
        if (!text.includes('does not answer')) await pressOn(form, 'Cancel');
        return text.includes('does not answer') ? form : undefined;
      },
      60,
    ).then((form) => path.submit(form));
    expect(await approved(target)).toMatch(/canadacentral does not answer now; what is known .* is from/);
    expect(cardText((await path.ending(target, 120)).card)).toContain('PROVEN');
  } finally {
    await environment.azure.region('canadacentral', false);
  }
  expect(await path.orders(target)).toBe(1);
});

test('a server that somebody deleted is back, with its data, under another name', async () => {
  const target = 'catalog-back';
  const form = await path.ask({ target, source: 'deleted catalog-pg', moment: '' });
  expect(cardText(form.card)).toMatch(/deleted at 2\d{3}-.* Azure keeps it until .*: 3 d \d+ h left/);
  await path.submit(form);
  await approved(target);
  expect(cardText((await path.ending(target, 120)).card)).toContain('PROVEN');
  expect((await orderFor(target)).properties['createMode']).toBe('ReviveDropped');
  expect(await valueIn(environment, target, 'catalog', 'select count(*) from catalog')).toBe('430');
});

test('a server deleted too long ago is refused with the reason', async () => {
  const form = await path.ask({ target: 'archive-back', source: 'deleted archive-pg', moment: '' });
  expect(cardText(form.card)).toMatch(/archive-pg was deleted at .*five days/);
  await path.refusal(form, {}, /archive-pg was deleted at .*five days/);
});

test('every option of a restore in its own region reaches Azure, and high availability is left for afterwards', async () => {
  const target = 'with-options';
  const form = await path.ask({ target, moment: 'to 5 minutes ago in zone 2 with HA' });
  await path.submit(form, {
    storageType: 'Premium_LRS',
    geoRedundancy: 'off',
    tags: 'team=orders, cost-center=42',
    expires: '2027-03-01',
  });
  const card = await approved(target);
  expect(card).toMatch(/high availability/i);
  const ending = cardText((await path.ending(target)).card);
  expect(ending).toContain('PROVEN');
  expect(ending).toContain('az postgres flexible-server update');
  const { tags, properties } = await orderFor(target);
  expect(tags).toMatchObject({
    team: 'orders',
    'cost-center': '42',
    'restore-desk-expires': '2027-03-01',
  });
  expect(properties).toMatchObject({
    availabilityZone: '2',
    storage: { type: 'Premium_LRS' },
    backup: { geoRedundantBackup: 'Disabled' },
  });
  expect(properties).not.toHaveProperty('highAvailability');
  const moment = properties.pointInTimeUTC;
  const newest = await valueIn(environment, target, 'shop', 'select max(at) from heartbeat');
  expect(newest <= moment && Date.parse(moment) - Date.parse(newest) < 5_000).toBe(true);
});

test.each([
  ['elsewhere', 'latest'],
  ['geo-elsewhere', 'to the paired region'],
])('%s: the new server may stand in another subscription and group', async (target, moment) => {
  const form = await path.ask({ target, moment });
  await path.submit(form, { subscription: '33333333-3333-4333-8333-333333333333', resourceGroup: 'rg-dr' });
  expect(await approved(target)).toContain('subscription 33333333-3333-4333-8333-333333333333');
  expect(cardText((await path.ending(target)).card)).toContain('PROVEN');
});

test('a private server goes into a network of its region, its own or another', async () => {
  const target = 'billing-r1';
  const form = await path.ask({ target, source: 'billing-pg', moment: 'latest' });
  const shown = await formNow(form);
  expect(inputIds(shown.card)).toEqual(expect.arrayContaining(['subnet', 'dnsZone']));
  expect(cardText(shown.card)).toMatch(/Not offered: .*paired region/);
  await path.refusal(form, { subnet: subnet('vnet-shop', 'snet-apps') }, /not delegated/);
  await path.refusal(
    form,
    { subnet: subnet('vnet-shop-east', 'snet-postgres') },
    /in canadaeast, the new server in canadacentral/,
  );
  await path.submit(await formNow(form), { subnet: subnet('vnet-shop', 'snet-postgres-2') });
  await approved(target);
  await approved(target, 'dba');
  expect(cardText((await path.ending(target)).card)).toContain('PROVEN');
  expect((await orderFor(target)).properties['network']).toEqual({
    publicNetworkAccess: 'Disabled',
    delegatedSubnetResourceId: subnet('vnet-shop', 'snet-postgres-2'),
    privateDnsZoneArmResourceId: zone,
  });
  const invoices = 'select count(*) from invoices';
  const copied = Number(await valueIn(environment, target, 'billing', invoices));
  expect(copied).toBeGreaterThan(0);
});

/** A server with private access and geo-redundant backup, which the local Azure is not seeded with. */
async function makePrivateServer(name: string): Promise<void> {
  const secrets = JSON.parse(readFileSync(join(environment.stateDir, 'secrets.json'), 'utf8')) as {
    readonly identityHeader: string;
  };
  const { origin } = environment.azure;
  const asked = `${origin}/msi/token?api-version=2019-08-01&resource=https://management.azure.com`;
  const answer = await fetch(asked, { headers: { 'x-identity-header': secrets.identityHeader } });
  const { access_token: token } = (await answer.json()) as { readonly access_token: string };
  const url = `${origin}${main}/providers/Microsoft.DBforPostgreSQL/flexibleServers/${name}?api-version=2025-08-01`;
  const made = await fetch(url, {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      location: 'canadacentral',
      sku: { name: 'Standard_D4ads_v5', tier: 'GeneralPurpose' },
      properties: {
        createMode: 'Default',
        version: '16',
        administratorLogin: 'pgadmin',
        administratorLoginPassword: 'Local-1-Password',
        backup: { geoRedundantBackup: 'Enabled' },
        network: {
          delegatedSubnetResourceId: subnet('vnet-shop', 'snet-postgres'),
          privateDnsZoneArmResourceId: zone,
        },
      },
    }),
  });
  expect([made.status, made.status === 202 ? '' : await made.text()]).toEqual([202, '']);
}

test('a private server is asked for its network in the paired region', async () => {
  const target = 'vault-dr';
  await makePrivateServer('vault-pg');
  const form = await until(
    'the new server is known',
    async () => {
      const asked = await path.ask({ target, source: 'vault-pg', moment: 'to the paired region' });
      if (inputIds(asked.card).includes('subnet')) return asked;
      await pressOn(asked, 'Cancel');
      return undefined;
    },
    60,
  );
  const missing = await path.refusal(form, {}, /needs a subnet in canadaeast/);
  expect(missing).toMatch(/az network vnet create .*--location canadaeast/);
  await path.refusal(
    form,
    { subnet: subnet('vnet-shop', 'snet-postgres'), dnsZone: zone },
    /The subnet .* is in canadacentral, the new server in canadaeast/,
  );
  await path.submit(await formNow(form), {
    subnet: subnet('vnet-shop-east', 'snet-postgres'),
    dnsZone: zone,
  });
  await approved(target);
  expect(cardText((await path.ending(target, 150)).card)).toContain('PROVEN');
  expect((await orderFor(target)).properties['network']).toMatchObject({
    delegatedSubnetResourceId: subnet('vnet-shop-east', 'snet-postgres'),
  });
});

test('a form follows its way of restoring and its server, and keeps what was typed', async () => {
  const form = await path.ask({ target: 'follows', moment: 'latest' });
  await pressOn(form, 'Update form', { mode: 'fast', reason: 'typed already' });
  const full = await environment.teams.sees(
    'oncall',
    'db-oncall',
    'the list of backups',
    ({ id, card }) => id === form.id && inputIds(card).includes('backup'),
  );
  expect(cardText(full.card)).toMatch(/loses .* of writes/);
  expect(cardText(full.card)).toContain('typed already');
  const backups = await environment.teams.search('oncall', 'db-oncall', form.id, 'backup', 'full');
  expect(backups.length).toBeGreaterThan(0);
  await pressOn(full, 'Update form', { mode: 'dropped', source: '' });
  await environment.teams.sees(
    'oncall',
    'db-oncall',
    'the deleted servers',
    ({ id, card }) => id === form.id && /catalog-pg · deleted/.test(cardText(card)),
  );
  const gone = await environment.teams.search('oncall', 'db-oncall', form.id, 'source', 'arch');
  expect(gone).toEqual([{ title: expect.stringMatching(/^archive-pg/), value: 'archive-pg' }]);
});

test('all that stands in the way is said at once, each with who can fix it', async () => {
  const form = await path.ask({ target: 'nowhere', moment: 'latest' });
  const said = await path.refusal(
    form,
    {
      target: 'orders-pg',
      resourceGroup: 'rg-nowhere',
      availabilityZone: '7',
      tags: 'no tag',
      expires: '2020-01-01',
    },
    /orders-pg cannot be restored over/,
  );
  for (const sentence of [
    /az group create --name rg-nowhere --location canadacentral/,
    /Availability zone 7 is not offered/,
    /"no tag" is not a tag/,
    /cannot expire on 2020-01-01/,
  ])
    expect(said).toMatch(sentence);
});

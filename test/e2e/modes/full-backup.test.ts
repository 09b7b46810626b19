/** A restore to a full backup, end to end: the copy holds the rows of the backup and none after it. */
import { readFileSync } from 'node:fs';
import { Client } from 'pg';
import { cardText } from '../../fixtures/local-teams-client';
import { exactRequest } from '../../../services/restore/exact-request';
import { azureCaller, serverIdOf } from '../../fixtures/azure-caller';
import { readChain } from '../../fixtures/invariants';
import { restorePath, type RestorePath } from '../../fixtures/restore-path';
import { startLocalEnvironment, type LocalEnvironment } from '../../fixtures/local-environment';
import { targetTags } from '../../../services/restore/ports';
import { personas } from '../../../infra/local/identities';
import type { Plan } from '../../../services/restore/plan';

jest.setTimeout(240_000);
let environment: LocalEnvironment;
let path: RestorePath;
beforeAll(async () => {
  environment = await startLocalEnvironment({ name: 'modes', env: { LOCAL_TIME_SCALE: '240' } });
  path = restorePath(environment);
});
afterAll(() => environment?.stop());

interface OrderBody {
  readonly tags: Readonly<Record<string, string>>;
  readonly properties: { readonly createMode: string; readonly pointInTimeUTC: string };
}

async function newestHeartbeat(server: string): Promise<string> {
  const endpoint = (await environment.azure.endpoints())[server];
  if (!endpoint) throw new Error(`no endpoint of ${server}`);
  const { host, port, user, password } = endpoint;
  const ssl = { ca: readFileSync(environment.caFile, 'utf8') };
  const client = new Client({ host, port, user, password, ssl, database: 'shop' });
  await client.connect();
  try {
    const { rows } = await client.query<{ newest: Date }>('select max(at) as newest from heartbeat');
    return rows[0]?.newest.toISOString() ?? '';
  } finally {
    await client.end();
  }
}

test('the newest full backup is filled in from the sentence and restored to its completion', async () => {
  const target = 'fast-newest';
  const form = await path.ask({ target, moment: 'from the latest full backup' });
  expect(cardText(form.card)).toMatch(/Understood: orders-pg · to a full backup/);
  expect(cardText(form.card)).toMatch(/full · loses .* of writes until now/);
  await path.submit(form);
  const approval = await path.approvalCard(target);
  expect(cardText(approval.card)).toMatch(/to \*\*the full backup of \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\*\*/);
  await path.approve(approval);
  expect(cardText((await path.ending(target)).card)).toContain('PROVEN');

  const sent = (await environment.azure.journal()).find(({ path: called }) => called.endsWith(`/${target}`));
  const { createMode, pointInTimeUTC } = (sent?.body as OrderBody).properties;
  expect(createMode).toBe('PointInTimeRestore');
  const newest = await newestHeartbeat(target);
  expect(newest <= pointInTimeUTC).toBe(true);
  expect(Date.parse(pointInTimeUTC) - Date.parse(newest)).toBeLessThan(5_000);
});

test('what the copy lacks is shown, and an approver gives it the firewall rules by one click', async () => {
  const target = 'fast-newest';
  const [as, conversation, title] = ['manager', 'db-oncall', 'Apply firewall rules'];
  const ending = await path.ending(target);
  expect(cardText(ending.card)).toMatch(/Differs[\s\S]*2 firewall rules/);
  const refused = await environment.teams.click({ as: 'oncall', conversation, messageId: ending.id, title });
  expect(JSON.stringify(refused.value)).toMatch(/Only an approver of R-\d+ can change what it made/);
  const rules = `${serverIdOf(target)}/firewallRules`;
  const azure = azureCaller(environment);
  const names = async (): Promise<readonly string[]> => {
    const { body } = await azure.call('GET', rules);
    return (body as { value: readonly { name: string }[] }).value.map(({ name }) => name);
  };
  expect(await names()).toEqual([]);
  await environment.teams.click({ as, conversation, messageId: ending.id, title });
  const told = await environment.teams.sees(
    as,
    conversation,
    'what was applied',
    ({ id, card }) => id === ending.id && /Firewall rules: applied by .* \(2 of 2\)/.test(cardText(card)),
  );
  expect(JSON.stringify(told.card)).not.toContain(title);
  expect(await names()).toEqual(expect.arrayContaining(['office']));
});

test('what Azure got is what the approval card showed behind its fold', async () => {
  const target = 'fast-shown';
  const id = await path.toApproval({ target, moment: 'from the latest full backup' });
  await path.ending(target);
  const asked = (await readChain(environment.databaseUrl)).find(
    ({ kind, requestId }) => kind === 'requested' && requestId === id,
  );
  const [line = '', ...body] = exactRequest(
    asked?.body['plan'] as Plan,
    id,
    personas[0]?.aadObjectId ?? '',
  ).split('\n');
  const sent = (await environment.azure.journal()).find(({ path: called }) => called.endsWith(`/${target}`));
  const order = sent?.body as OrderBody;
  expect(line.toLowerCase()).toContain(`put ${sent?.path.toLowerCase() ?? '?'}?`);
  const shown = JSON.parse(body.join('\n')) as OrderBody;
  expect({ ...order, tags: { ...order.tags, [targetTags.nonce]: shown.tags[targetTags.nonce] } }).toEqual(
    shown,
  );
});

test('a full backup that is not chosen, or does not exist, is said and the form keeps what was typed', async () => {
  const target = 'fast-missing';
  const form = await path.ask({ target, moment: 'from a backup' });
  const unchosen = await path.refusal(form, { mode: 'fast', backup: '' }, /No backup is chosen/);
  expect(unchosen).toContain(target);
  const gone = await path.refusal(
    form,
    { mode: 'fast', backup: 'no-such-backup' },
    /no-such-backup does not exist/,
  );
  expect(gone).toContain(target);
});

/** A restore to a full backup, end to end: the copy holds the rows of the backup and none after it. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { cardText } from '../../fixtures/local-teams-client';
import { exactRequest } from '../../../services/restore/exact-request';
import { azureCaller, serverIdOf } from '../../fixtures/azure-caller';
import { agreed, brokenInvariants, journalsOf, readChain } from '../../fixtures/invariants';
import { deskCommand } from '../../fixtures/desk-command';
import { evidenceCrypto } from '../../../services/evidence/keys';
import { isEntry, type EvidenceParts } from '../../../services/restore/evidence-file';
import { keptAnchors } from '../../fixtures/kept-anchors';
import { readAnchors } from '../../../services/restore/evidence-anchors';
import { toldButNotDone } from '../../fixtures/agreement';
import { until } from '../../fixtures/supervisor/processes';
import { verifyEvidence } from '../../../services/restore/evidence-verify';
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

/** What the owner's command line writes for a request, and the request's own entries in it. */
async function exported(id: string, folder: string) {
  const said = await deskCommand(['evidence', 'export', id, '--out', folder], {
    DATABASE_URL: environment.databaseUrl,
  });
  if (said.code !== 0) throw new Error(said.output);
  const file = join(folder, `${id}.evidence.json`);
  const { chain } = JSON.parse(readFileSync(file, 'utf8')) as EvidenceParts;
  return { file, entries: chain.filter(isEntry) };
}

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

test('the exported evidence of a restore verifies offline, and agrees with what Azure and Teams have heard', async () => {
  const folder = join(environment.stateDir, 'exported');
  const id = await path.toApproval({ target: 'fast-evidence', moment: 'from the latest full backup' });
  await path.ending('fast-evidence');
  const chain = await readChain(environment.databaseUrl);
  const end = chain.find(({ kind, requestId }) => requestId === id && kind === 'looked-at')?.seq ?? 0;
  expect(end).toBeGreaterThan(0);
  const anchors = await until('the end is anchored', async () => {
    const kept = await keptAnchors(environment);
    return readAnchors(kept).some(({ anchor }) => (anchor?.seq ?? 0) >= end) && kept;
  });
  const { file, entries } = await exported(id, folder);
  writeFileSync(join(folder, 'anchors.jsonl'), anchors);
  const key = join(environment.stateDir, 'evidence-key.pem');
  const verify = ['evidence', 'verify', file, '--key', key, '--anchors', join(folder, 'anchors.jsonl')];
  expect(await deskCommand(verify)).toEqual({
    code: 0,
    output: expect.stringContaining('Nothing wrong was found.') as string,
  });
  expect(toldButNotDone(entries, await journalsOf(environment))).toEqual([]);
  const told = entries.map(({ kind }) => kind);
  for (const kind of [
    'requested',
    'approved-by',
    'order-sent',
    'order-answered',
    'looked-at',
    'message-posted',
  ])
    expect(told).toContain(kind);

  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace('"comment":"checked"', '"comment":"chEcked"'));
  const approval = entries.find(({ kind }) => kind === 'approved-by')?.seq ?? 0;
  const found = await deskCommand(verify);
  expect(found.code).toBe(1);
  expect(found.output).toContain(`entry ${approval}: its hash is not that of what it says`);
});

test('nothing secret is in the exported evidence, and one flipped bit anywhere in it is found', () => {
  const [file = ''] = readdirSync(join(environment.stateDir, 'exported')).filter((name) =>
    name.endsWith('.json'),
  );
  const bytes = readFileSync(join(environment.stateDir, 'exported', file));
  const text = bytes.toString('utf8');
  expect(text).not.toMatch(/[?&](sig|t|c|s|h)=|Bearer |eyJ[\w-]{10,}|PRIVATE KEY/);
  const key = join(environment.stateDir, 'evidence-key.pem');
  expect(statSync(key).mode & 0o777).toBe(0o600);
  const [, secret = ''] = readFileSync(key, 'utf8').split('\n');
  const log = readFileSync(join(environment.stateDir, 'logs', 'product.log'), 'utf8');
  expect([secret.length > 20, text.includes(secret), log.includes(secret)]).toEqual([true, false, false]);
  const unfound: number[] = [];
  const step = Math.floor(bytes.length / 400);
  for (let offset = 0; offset < bytes.length; offset += step) {
    const flipped = Buffer.from(bytes);
    flipped[offset] = (flipped[offset] ?? 0) ^ (1 << (offset % 8));
    const { problems } = verifyEvidence(flipped, { publicKeys: [] }, evidenceCrypto);
    if (problems.length === 0) unfound.push(offset);
  }
  expect(unfound).toEqual([]);
});

test('the timeline in chat tells the restore step by step', async () => {
  const { teams } = environment;
  await teams.say('oncall', 'db-oncall', '@Restore Desk timeline R-1');
  const answer = await teams.sees('oncall', 'db-oncall', 'the timeline', ({ card }) =>
    cardText(card).includes('Timeline of R-1'),
  );
  expect(cardText(answer.card)).toMatch(
    /asked for the restore[\s\S]*approved plan[\s\S]*sent to Azure[\s\S]*proof: proven/,
  );
});

test('after all of it the chain and both journals tell the same', async () => {
  expect(await brokenInvariants(environment)).toEqual([]);
  await agreed(environment, false);
});

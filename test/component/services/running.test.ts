/** A restore carried out look by look: every branch between an approval and an outcome, with Azure played by hand. */
import { cardOf, startDeskStage, type DeskStage } from '../../fakes/desk-stage';
import { createRunning } from '../../../services/running';
import { DeskError, problem } from '../../../services/restore/errors';
import { withLoss } from '../../../services/loss-statement';
import { madeBy } from '../../fakes/fake-azure';
import { aServer, ines, martin, serverFindings, shopPolicy } from '../../fakes/facts';
import type { OutcomeMessage, ProgressMessage } from '../../../services/restore/messages';

jest.setTimeout(60_000);
let stage: DeskStage;
beforeAll(async () => {
  stage = await startDeskStage();
});
beforeEach(() => stage.reset());
afterAll(() => stage?.stop());

const unclear = { kind: 'unclear', what: 'no answer' } as const;
const advance = (id: string): Promise<void> => stage.running.advance(id);

/** Looks again and again while time passes, as the queue would let it. */
async function advanceFor(id: string, seconds: number, step = 15): Promise<void> {
  for (let passed = 0; passed < seconds; passed += step) {
    stage.clock.pass(step);
    await advance(id);
  }
}

async function phase(id: string): Promise<string> {
  const { state } = await stage.request(id);
  if (state.phase === 'failed') return `failed ${state.failure.code}`;
  return state.phase === 'completed' ? `completed ${state.verdict.kind}` : state.phase;
}

async function appear(id: string, target: string, changes = {}): Promise<void> {
  const intent = await stage.intent(id);
  if (!intent) throw new Error('no intent');
  stage.azure.put(madeBy(intent, target, changes));
}

async function note(id: string): Promise<string> {
  const slot = await stage.desk.outbox.read(`${id}/progress/1.1`);
  return (slot?.message as ProgressMessage | undefined)?.note ?? '';
}

const kinds = async (id: string): Promise<string[]> => (await stage.journal(id)).map(({ kind }) => kind);

test('an approved request is checked, ordered, followed and proven, each once', async () => {
  const { id } = await stage.approved('run-happy');
  await advance(id);
  expect(await phase(id)).toBe('restoring');
  const intent = await stage.intent(id);
  expect(intent).toMatchObject({ sendings: 1, operation: 'https://azure/operations/1' });
  expect(stage.orders.sent).toMatchObject([
    { requestId: id, nonce: intent?.nonce, moment: '2026-11-19T13:05:00.000Z' },
  ]);
  await appear(id, 'run-happy', { state: 'Creating' });
  stage.orders.polls.push({ kind: 'succeeded' });
  await advance(id);
  expect(await phase(id)).toBe('restoring');
  await appear(id, 'run-happy');
  stage.orders.polls.push({ kind: 'succeeded' });
  await advance(id);
  expect(await phase(id)).toBe('completed proven');
  await advance(id);
  expect(await kinds(id)).toEqual([
    'requested',
    'approved-by',
    'checked',
    'order-sent',
    'order-answered',
    'order-accepted',
    'server-ready',
    'looked-at',
  ]);
});

test('after an unclear answer nothing is sent before the target was absent for the whole grace period, then once', async () => {
  const { id } = await stage.approved('run-absent');
  stage.orders.answers.push(unclear);
  await advance(id);
  await advance(id);
  await advanceFor(id, 165);
  expect(stage.orders.sent).toHaveLength(1);
  expect(await phase(id)).toBe('ordering');
  await advanceFor(id, 30);
  expect(stage.orders.sent).toHaveLength(2);
  expect(stage.orders.sent[1]).toEqual(stage.orders.sent[0]);
  await advanceFor(id, 400);
  expect(stage.orders.sent).toHaveLength(2);
  expect(await phase(id)).toBe('restoring');
});

test('a second unclear answer starts another whole grace period', async () => {
  const { id } = await stage.approved('run-absent-twice');
  stage.orders.answers.push(unclear, unclear);
  await advance(id);
  await advanceFor(id, 195);
  expect(stage.orders.sent).toHaveLength(2);
  await advanceFor(id, 165);
  expect(stage.orders.sent).toHaveLength(2);
});

test('while Azure cannot be asked, no absence is counted', async () => {
  const { id } = await stage.approved('run-silent');
  stage.orders.answers.push(unclear);
  await advance(id);
  stage.azure.fallSilent();
  await advanceFor(id, 600, 60);
  expect(stage.orders.sent).toHaveLength(1);
  expect(await note(id)).toBe('Azure does not answer.');
  stage.azure.failure = undefined;
  await advanceFor(id, 60);
  expect(stage.orders.sent).toHaveLength(1);
});

test('a server that appears after an unclear answer with our nonce is adopted, and nothing is sent again', async () => {
  const { id } = await stage.approved('run-adopted');
  stage.orders.answers.push(unclear);
  await advance(id);
  stage.azure.taken.add('run-adopted');
  await advanceFor(id, 600, 60);
  expect(await note(id)).toMatch(/name is taken, so the server is expected to appear/);
  await appear(id, 'run-adopted', { state: 'Creating' });
  await advance(id);
  expect(await phase(id)).toBe('restoring');
  await appear(id, 'run-adopted');
  await advance(id);
  expect(await phase(id)).toBe('completed proven');
  expect(stage.orders.sent).toHaveLength(1);
  expect(await kinds(id)).toContain('adopted');
});

test.each([
  ['with no tags', {}],
  [
    'with the number of the request but another nonce',
    { tags: { 'restore-desk-request': 'R-1', 'restore-desk-nonce': 'guessed' } },
  ],
])('a server %s is foreign: the restore fails and sends nothing more', async (what, changes) => {
  const target = `run-foreign-${what.length}`;
  const { id } = await stage.approved(target);
  stage.orders.answers.push(unclear);
  await advance(id);
  stage.azure.put(aServer(target, changes));
  await advance(id);
  expect(await phase(id)).toBe('failed TARGET_FOREIGN');
  expect(stage.orders.sent).toHaveLength(1);
});

test('a server with our nonce that is older than our intent is not ours', async () => {
  const { id } = await stage.approved('run-older');
  stage.orders.answers.push(unclear);
  await advance(id);
  await appear(id, 'run-older', { createdAt: '2026-11-19T12:00:00.000Z' });
  await advance(id);
  expect(await phase(id)).toBe('failed TARGET_FOREIGN');
});

test('a name that was taken after our order and is free again: Azure dropped it, and nothing is ever sent again', async () => {
  const { id } = await stage.approved('run-vanished');
  stage.orders.answers.push(unclear);
  await advance(id);
  stage.azure.taken.add('run-vanished');
  await advanceFor(id, 30);
  stage.azure.taken.delete('run-vanished');
  await advanceFor(id, 165);
  expect(await phase(id)).toBe('ordering');
  await advanceFor(id, 60);
  expect(await phase(id)).toBe('failed AZURE_FAILED');
  await advanceFor(id, 600, 60);
  expect(stage.orders.sent).toHaveLength(1);
  expect(await stage.decisions.retry(id, ines, { kind: 'none' })).toMatchObject({
    kind: 'done',
    request: { revision: 2, state: { phase: 'awaiting-approval' } },
  });
});

test('an order that is turned away is sent again, and counts as never sent', async () => {
  const { id } = await stage.approved('run-throttled');
  stage.orders.answers.push(
    { kind: 'not-now', retryAfterSeconds: 40 },
    { kind: 'not-now', retryAfterSeconds: 5 },
  );
  await advance(id);
  expect(await stage.intent(id)).toMatchObject({ sendings: 0 });
  expect(await note(id)).toBe('Azure asks to wait before the order is sent');
  await advance(id);
  await advance(id);
  expect(await phase(id)).toBe('restoring');
  expect(stage.orders.sent).toHaveLength(3);
});

test('a refusal ends the restore with its reason, and nothing came into being', async () => {
  const { id } = await stage.approved('run-refused');
  stage.orders.answers.push({
    kind: 'refused',
    because: { ...problem('AZURE_BUSY', { name: 'x' }), vendorCode: 'ServerIsBusy' },
  });
  await advance(id);
  expect((await stage.request(id)).state).toMatchObject({
    phase: 'failed',
    serverMayExist: false,
    failure: { vendorCode: 'ServerIsBusy' },
  });
  expect(await stage.decisions.retry(id, ines, { kind: 'none' })).toMatchObject({
    request: { revision: 1, state: { phase: 'approved', run: { attempt: 2 } } },
  });
  await advance(id);
  expect(await phase(id)).toBe('restoring');
  expect(stage.orders.sent[1]?.nonce).not.toBe(stage.orders.sent[0]?.nonce);
});

test('"the name is taken" after an earlier unclear answer may be our own server, so it is looked at first', async () => {
  const { id } = await stage.approved('run-own-name');
  stage.orders.answers.push(unclear, {
    kind: 'refused',
    because: problem('TARGET_FOREIGN', { name: 'run-own-name' }),
  });
  await advance(id);
  await advanceFor(id, 210);
  expect(stage.orders.sent).toHaveLength(2);
  expect(await phase(id)).toBe('ordering');
  await appear(id, 'run-own-name');
  await advance(id);
  expect(await phase(id)).toBe('completed proven');
});

test.each([
  ['a server was left behind', true],
  ['nothing was left behind', false],
])('Azure fails while it restores and %s: the card knows', async (what, serverMayExist) => {
  const target = `run-failed-${what.length}`;
  const { id } = await stage.approved(target);
  await advance(id);
  if (serverMayExist) await appear(id, target, { state: 'Failed' });
  stage.orders.polls.push({ kind: 'failed', because: problem('AZURE_INTERNAL') });
  await advance(id);
  expect((await stage.request(id)).state).toMatchObject({ phase: 'failed', serverMayExist });
  const again = await stage.decisions.retry(id, ines, { kind: 'none' });
  expect(again).toMatchObject({
    kind: 'done',
    request: { revision: 2, plan: { target: { name: serverMayExist ? `${target}-r1` : target } } },
  });
});

test('without the address of the operation the server itself is asked', async () => {
  stage.orders.operation = undefined;
  const { id } = await stage.approved('run-no-url');
  await advance(id);
  expect(await phase(id)).toBe('restoring');
  await advance(id);
  expect(await phase(id)).toBe('restoring');
  await appear(id, 'run-no-url');
  await advance(id);
  expect(await phase(id)).toBe('completed proven');
});

test('an accepted server that stays away with its name free for the grace period has disappeared', async () => {
  const { id } = await stage.approved('run-gone');
  await advance(id);
  stage.orders.polls.push(...Array.from({ length: 40 }, () => ({ kind: 'gone' }) as const));
  stage.azure.taken.add('run-gone');
  await advanceFor(id, 300, 60);
  expect(await phase(id)).toBe('restoring');
  stage.azure.taken.delete('run-gone');
  await advanceFor(id, 240, 15);
  expect(await phase(id)).toBe('failed AZURE_FAILED');
});

test('a Ready server under our name that we did not order is not called ours', async () => {
  const { id } = await stage.approved('run-usurped');
  await advance(id);
  stage.azure.put(aServer('run-usurped'));
  stage.orders.polls.push({ kind: 'succeeded' });
  await advance(id);
  expect(await phase(id)).toBe('failed TARGET_FOREIGN');
});

test('"latest" becomes a moment when the intent is stored, and stays that moment when it is sent again', async () => {
  const { id } = await stage.approved('run-latest', { mode: 'latest' });
  stage.orders.answers.push(unclear);
  stage.clock.pass(60);
  const fixed = stage.clock.now();
  await advance(id);
  await advanceFor(id, 210);
  expect(stage.orders.sent.map(({ moment }) => moment)).toEqual([fixed, fixed]);
  expect((await stage.request(id)).state).toMatchObject({ run: { moment: fixed } });
  expect((await stage.intent(id))?.moment).toBe(fixed);
});

test('two workers at the same time send one order', async () => {
  const { id } = await stage.approved('run-race');
  const another = createRunning(stage.deps);
  await Promise.all([advance(id), another.advance(id), advance(id), another.advance(id)]);
  expect(stage.orders.sent).toHaveLength(1);
  expect(await phase(id)).toBe('restoring');
});

test('an acceptance that could not be stored is found again by looking, not by sending', async () => {
  const { id } = await stage.approved('run-not-stored');
  const { store } = stage.deps;
  const failing = createRunning({
    ...stage.deps,
    store: { ...store, noteAccepted: () => Promise.reject(new DeskError(problem('DATABASE_UNREACHABLE'))) },
  });
  await expect(failing.advance(id)).rejects.toThrow('DATABASE_UNREACHABLE');
  expect(await phase(id)).toBe('ordering');
  await appear(id, 'run-not-stored', { state: 'Creating' });
  await advance(id);
  expect(await phase(id)).toBe('restoring');
  expect(stage.orders.sent).toHaveLength(1);
});

test('a proof that cannot look in is tried for two minutes, then said as what it is', async () => {
  const { id } = await stage.approved('run-no-proof');
  stage.probe.newest = undefined;
  await advance(id);
  await appear(id, 'run-no-proof');
  stage.orders.polls.push({ kind: 'succeeded' });
  await advance(id);
  await advanceFor(id, 105);
  expect(await phase(id)).toBe('proving');
  await advanceFor(id, 30);
  expect(await phase(id)).toBe('completed unproven');
  expect((await outcome(id)).finding).toMatch(
    /could not be opened for the proof \(connection refused\); who may change servers in rg-shop can add a firewall rule/,
  );
});

const outcome = async (id: string): Promise<OutcomeMessage> => {
  const slot = await stage.desk.outbox.read(`${id}/outcome/1.1`);
  return slot?.message as OutcomeMessage;
};

async function ended(target: string): Promise<string> {
  const { id } = await stage.approved(target);
  await advance(id);
  await appear(id, target);
  stage.orders.polls.push({ kind: 'succeeded' });
  await advance(id);
  return id;
}

test('a copy that nothing contradicts, but whose moment cannot be shown, is plausible and not called proven', async () => {
  stage.probe.newest = '2026-11-19T12:00:00.000Z';
  stage.probe.found = {
    copy: serverFindings({ wakes: [{ kind: 'cron job', name: 'nightly', database: 'shop' }] }),
  };
  const id = await ended('run-plausible');
  expect(await phase(id)).toBe('completed plausible');
  expect(await outcome(id)).toMatchObject({
    status: 'completed with warnings',
    wakes: ['cron job nightly of shop'],
    findings: [expect.stringContaining('the source is gone')],
  });
});

test('a finding against the copy outweighs a newest write that fits, and comes first on the card', async () => {
  const result = { kind: 'value', value: '3' } as const;
  stage.probe.found = { checks: [{ name: 'orphans', expected: '0', result }] };
  const id = await ended('run-check-fails');
  expect(await outcome(id)).toMatchObject({
    status: 'contradicted',
    finding: 'the check "orphans" gave 3 instead of 0',
  });
  const [task] = stage.probe.tasks;
  const { state } = await stage.request(id);
  expect(task).toMatchObject({
    moment: '2026-11-19T13:05:00.000Z',
    upTo: '2026-11-19T13:05:00.000Z',
    bornAt: 'run' in state ? state.run.checkedAt : '',
    sourceId: aServer('orders-pg').id,
  });
});

test('what was written since the moment stands on the request, and that nobody knows it too', async () => {
  stage.azure.loss = { kind: 'counted', transactions: 4_213 };
  const { plan, shown } = await stage.requested('run-loss');
  expect(shown.loss).toEqual({ kind: 'counted', transactions: 4_213 });
  const [rule] = shopPolicy.rules;
  if (!rule) throw new Error('no rule');
  stage.azure.loss = 'silent';
  const told = await withLoss(stage.deps, { kind: 'plan', plan, rule, shown });
  expect(told.shown.loss).toEqual({ kind: 'unknown' });
  const latest = await stage.requested('run-loss-latest', { mode: 'latest', moment: '' });
  expect(latest.shown).not.toHaveProperty('loss');
});

test('a copy with a write after the asked moment is contradicted', async () => {
  const { id } = await stage.approved('run-contradicted');
  stage.probe.newest = '2026-11-19T13:05:00.001Z';
  await advance(id);
  await appear(id, 'run-contradicted');
  stage.orders.polls.push({ kind: 'succeeded' });
  await advance(id);
  expect(await phase(id)).toBe('completed contradicted');
});

test('a role that was taken away while Azure restores is said, and the restore goes on when it is back', async () => {
  const { id } = await stage.approved('run-forbidden');
  await advance(id);
  stage.orders.polls.push({ kind: 'succeeded' });
  stage.azure.failure = new DeskError(problem('AZURE_FORBIDDEN'));
  await advance(id);
  expect(await note(id)).toContain('does not allow Restore Desk');
  stage.azure.failure = undefined;
  await appear(id, 'run-forbidden');
  stage.orders.polls.push({ kind: 'succeeded' });
  await advance(id);
  expect(await phase(id)).toBe('completed proven');
});

describe('before the start everything is checked once more, and nothing is sent when', () => {
  const changes: readonly [string, string, (target: string) => void][] = [
    [
      'the network of the source changed',
      'PLAN_CHANGED',
      () => stage.azure.put(aServer('orders-pg', { network: { kind: 'private', delegatedSubnetId: '/s' } })),
    ],
    [
      'the redundancy of the source changed',
      'PLAN_CHANGED',
      () => stage.azure.put(aServer('orders-pg', { geoRedundantBackup: false })),
    ],
    ['the name was taken', 'TARGET_NAME_TAKEN', (target) => void stage.azure.taken.add(target)],
    ['the region was restricted', 'REGION_RESTRICTED', () => void stage.azure.restrict()],
    [
      'the resource group went away',
      'RESOURCE_GROUP_MISSING',
      () => void stage.azure.groups.delete('rg-shop'),
    ],
    [
      'the source was stopped',
      'SOURCE_NOT_READY',
      () => stage.azure.put(aServer('orders-pg', { state: 'Stopped' })),
    ],
    [
      'the source went away',
      'SOURCE_UNKNOWN',
      () => void stage.azure.servers.delete(aServer('orders-pg').id.toLowerCase()),
    ],
    [
      'the window moved past the moment',
      'MOMENT_BEFORE_WINDOW',
      () => stage.azure.put(aServer('orders-pg', { earliestRestoreAt: '2026-11-19T13:06:00.000Z' })),
    ],
    ['the approval went stale', 'APPROVAL_STALE', () => stage.clock.pass(30 * 60)],
  ];

  test.each(changes)('%s', async (what, code, happen) => {
    const target = `check-${what.replace(/[^a-z]+/g, '-')}`;
    const { id } = await stage.approved(target);
    happen(target);
    await advance(id);
    expect(await phase(id)).toBe(`failed ${code}`);
    expect(stage.orders.sent).toHaveLength(0);
    expect(await stage.intent(id)).toBeUndefined();
  });

  test('the policy changed', async () => {
    const { id } = await stage.approved('check-policy');
    await createRunning({ ...stage.deps, policy: { ...shopPolicy, version: 'test-2' } }).advance(id);
    expect(await phase(id)).toBe('failed PLAN_CHANGED');
    expect(stage.orders.sent).toHaveLength(0);
    // The approval is void with it: trying again asks anew, and the old card decides nothing.
    const old = await stage.request(id);
    expect(await stage.decisions.retry(id, ines, { kind: 'none' })).toMatchObject({
      request: { revision: 2 },
    });
    expect(await stage.decisions.approve(id, martin, '', { kind: 'card', key: cardOf(old) })).toMatchObject({
      kind: 'refused',
      because: { code: 'CARD_OUTDATED' },
    });
  });

  test('while Azure is silent it waits, and says so', async () => {
    const { id } = await stage.approved('check-silent');
    stage.azure.fallSilent();
    await advance(id);
    expect(await phase(id)).toBe('approved');
    expect(await note(id)).toBe('Azure does not answer.');
  });
});

describe('a geo restore', () => {
  const geo = { mode: 'geo', moment: '' } as const;
  const pending = problem('GEO_BACKUP_PENDING', { name: 'orders-pg', tries: 1 });
  const refusal = { kind: 'refused', because: pending } as const;

  test('whose copy is not there yet waits in sight, and goes on under the same approval', async () => {
    const { id } = await stage.approved('geo-waits', geo);
    stage.orders.answers.push(refusal);
    await advance(id);
    expect(await phase(id)).toBe('waiting-for-copy');
    expect(await note(id)).toMatch(/first copy .* not reached .*\(try 2\)/);
    await advanceFor(id, 345);
    expect(stage.orders.sent).toHaveLength(1);
    stage.orders.polls.push({ kind: 'failed', because: pending });
    await advanceFor(id, 30);
    // Accepted this time, and failed with the same words later: nothing came into being either way.
    expect(stage.orders.sent).toHaveLength(2);
    expect(await phase(id)).toBe('waiting-for-copy');
    await advanceFor(id, 390);
    expect(stage.orders.sent).toHaveLength(3);
    const nonces = stage.orders.sent.map(({ nonce }) => nonce);
    expect(new Set(nonces).size).toBe(3);
    expect(await kinds(id)).toEqual(expect.arrayContaining(['put-off', 'resumed']));
  });

  test('does not go on while something of the last try is left', async () => {
    const { id } = await stage.approved('geo-left', geo);
    stage.orders.answers.push(refusal);
    await advance(id);
    stage.azure.taken.add('geo-left');
    await advanceFor(id, 600);
    expect(await phase(id)).toBe('waiting-for-copy');
    expect(stage.orders.sent).toHaveLength(1);
  });

  test('is given up after the patience, with what it was waiting for', async () => {
    const { id } = await stage.approved('geo-never', geo);
    for (let tries = 0; tries < 60; tries++) stage.orders.answers.push(refusal);
    await advance(id);
    await advanceFor(id, 3 * 3_600 + 400, 60);
    expect(await phase(id)).toBe('failed GEO_BACKUP_PENDING');
  });

  test('is planned and ordered from the inventory while its region is down', async () => {
    stage.azure.down.add('canadacentral');
    const request = await stage.approved('geo-down', geo);
    expect(request.shown.knownSince).toBe('2026-11-19T13:27:00.000Z');
    await advance(request.id);
    expect(stage.orders.sent).toMatchObject([{ plan: { mode: 'geo', target: { location: 'canadaeast' } } }]);
  });
});

test('the same words about a copy end any other restore', async () => {
  const { id } = await stage.approved('not-geo');
  const because = problem('GEO_BACKUP_PENDING', { name: 'orders-pg', tries: 1 });
  stage.orders.answers.push({ kind: 'refused', because });
  await advance(id);
  expect(await phase(id)).toBe('failed GEO_BACKUP_PENDING');
});

test('a server that is Ready while its operation never ends is believed, but only after it has stayed Ready', async () => {
  const { id } = await stage.approved('run-endless');
  await advance(id);
  await appear(id, 'run-endless');
  await advanceFor(id, 3_585, 15);
  expect(await phase(id)).toBe('restoring');
  await advanceFor(id, 150);
  expect(await phase(id)).toBe('restoring');
  await advanceFor(id, 90);
  expect(await phase(id)).toBe('completed proven');
});

test('an order of which nothing more comes is given up in the end, and what there is stays', async () => {
  const { id } = await stage.approved('run-stuck');
  await advance(id);
  await appear(id, 'run-stuck', { state: 'Updating' });
  await advanceFor(id, 72 * 3_600 + 7_200, 3_600);
  expect(await phase(id)).toBe('failed TARGET_NEVER_READY');
});

test('of two workers that both came as far as the order, one sends', async () => {
  const { id } = await stage.approved('run-late-worker');
  await advance(id);
  const before = await stage.intent(id);
  if (!before) throw new Error('no intent');
  // The other worker read the intent before this one counted its sending.
  const { acceptedAt: _accepted, ...late } = { ...before, sendings: 0 };
  const other = createRunning({ ...stage.deps, store: { ...stage.deps.store, intent: async () => late } });
  const { version, value } = (await stage.desk.store.request(id)) ?? { version: 0 };
  if (!value || !('run' in value.state)) throw new Error('not running');
  const ordering = { ...value, state: { phase: 'ordering', run: value.state.run } } as const;
  await stage.desk.store.change((changes) => changes.saveRequest(ordering, version));
  await other.advance(id);
  expect(stage.orders.sent).toHaveLength(1);
});

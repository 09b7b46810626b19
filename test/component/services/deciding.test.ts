/** Who may decide what, and when: clicks, typed commands and the clock, on a real store. */
import { createDecisions } from '../../../services/deciding';
import type { PlanReference } from '../../../services/decision';
import { createDrafting } from '../../../services/drafting';
import { cardOf, formOf, startDeskStage, type DeskStage } from '../../fakes/desk-stage';
import { aRegion, divya, emil, ines, martin, policyOf, ruleDocument } from '../../fakes/facts';
import type { Decided } from '../../../services/decided';
import type { Person } from '../../../services/restore/person';
import type { RestoreRequest } from '../../../services/restore/request';

jest.setTimeout(60_000);
let stage: DeskStage;
beforeAll(async () => {
  stage = await startDeskStage();
});
beforeEach(() => stage.reset());
afterAll(() => stage?.stop());

const card = (request: RestoreRequest, changes: object = {}): PlanReference => ({
  kind: 'card',
  key: { ...cardOf(request), ...changes },
});
const wordFor = (decided: Decided): string =>
  decided.kind === 'done' ? decided.request.state.phase : decided.because.code;
const approve = async (request: RestoreRequest, by: Person, reference = card(request)): Promise<string> =>
  wordFor(await stage.decisions.approve(request.id, by, '', reference));

/** Nothing of a refused decision may be left: neither in the request nor in the journal nor in a message. */
async function traces(id: string): Promise<unknown> {
  const stored = await stage.desk.store.request(id);
  const slots = await stage.desk.ask('select slot, wanted from outbox where request_id = $1 order by slot', [
    id,
  ]);
  return { stored, slots, journal: (await stage.journal(id)).length };
}

const refusals: readonly [string, string, (request: RestoreRequest) => Promise<Decided>][] = [
  ['the requester approves', 'OWN_REQUEST', (r) => stage.decisions.approve(r.id, ines, '', card(r))],
  ['the requester rejects', 'OWN_REQUEST', (r) => stage.decisions.reject(r.id, ines, 'no', card(r))],
  ['a stranger approves', 'NOT_AN_APPROVER', (r) => stage.decisions.approve(r.id, emil, '', card(r))],
  ['a stranger rejects', 'NOT_AN_APPROVER', (r) => stage.decisions.reject(r.id, emil, 'no', card(r))],
  [
    'a card has another nonce',
    'CARD_OUTDATED',
    (r) => stage.decisions.approve(r.id, martin, '', card(r, { nonce: 'guessed' })),
  ],
  [
    'a card is of an older round',
    'CARD_OUTDATED',
    (r) => stage.decisions.approve(r.id, martin, '', card(r, { revision: 0 })),
  ],
  [
    'a card is of another request',
    'CARD_OUTDATED',
    (r) => stage.decisions.approve(r.id, martin, '', card(r, { id: 'R-0' })),
  ],
  [
    'the hash is another',
    'PLAN_HASH_MISMATCH',
    (r) =>
      stage.decisions.approve(r.id, martin, '', {
        kind: 'typed',
        hash: r.planHash.startsWith('0') ? '1111' : '0000',
      }),
  ],
  [
    'the hash is too short',
    'PLAN_HASH_MISMATCH',
    (r) => stage.decisions.approve(r.id, martin, '', { kind: 'typed', hash: r.planHash.slice(0, 3) }),
  ],
  [
    'a rejection has no reason',
    'REASON_FOR_REJECT',
    (r) => stage.decisions.reject(r.id, martin, '  ', card(r)),
  ],
  [
    'a comment is endless',
    'TEXT_TOO_LONG',
    (r) => stage.decisions.approve(r.id, martin, 'x'.repeat(501), card(r)),
  ],
  ['somebody else withdraws', 'NOT_YOURS', (r) => stage.decisions.withdraw(r.id, martin, card(r))],
  [
    'somebody tries again what has not failed',
    'NOT_RETRYABLE',
    (r) => stage.decisions.retry(r.id, ines, card(r)),
  ],
  ['a stranger tries again', 'NOT_YOURS', (r) => stage.decisions.retry(r.id, emil, card(r))],
];

test.each(refusals)('when %s, the answer is %s and nothing changes', async (what, code, decide) => {
  const request = await stage.requested(`refuse-${what.replace(/[^a-z]+/gi, '-').toLowerCase()}`);
  const before = await traces(request.id);
  expect(wordFor(await decide(request))).toBe(code);
  expect(await traces(request.id)).toEqual(before);
});

test('a request that does not exist is said as such', async () => {
  expect(wordFor(await stage.decisions.approve('R-999999', martin, '', { kind: 'none' }))).toBe(
    'REQUEST_UNKNOWN',
  );
});

test('the typed hash approves as the button does, and the comment is kept', async () => {
  const request = await stage.requested('typed');
  const typed = { kind: 'typed', hash: request.planHash.slice(0, 4).toUpperCase() } as const;
  expect(wordFor(await stage.decisions.approve(request.id, martin, ' looks right ', typed))).toBe('approved');
  expect((await stage.journal(request.id)).at(-1)).toMatchObject({
    kind: 'approved-by',
    actor: martin,
    body: {
      comment: 'looks right',
      planHash: request.planHash,
      revision: 1,
      from: 'awaiting-approval',
      to: 'approved',
    },
  });
});

test('a double click approves once and is answered both times', async () => {
  const request = await stage.requested('double-click');
  expect(await Promise.all([approve(request, martin), approve(request, martin)])).toEqual([
    'approved',
    'approved',
  ]);
  expect((await stage.journal(request.id)).filter(({ kind }) => kind === 'approved-by')).toHaveLength(1);
  expect(await approve(request, divya)).toBe('NO_LONGER_OPEN');
});

test('billing needs two different people', async () => {
  const request = await stage.requested('two-people', { source: 'billing-pg' });
  expect(await approve(request, martin)).toBe('awaiting-approval');
  expect(await approve(request, martin)).toBe('ALREADY_DECIDED_BY_YOU');
  expect(await approve(request, divya)).toBe('approved');
});

test('two people who approve at the same time both count', async () => {
  const request = await stage.requested('two-at-once', { source: 'billing-pg' });
  await Promise.all([approve(request, martin), approve(request, divya)]);
  expect((await stage.request(request.id)).state).toMatchObject({
    phase: 'approved',
    run: { approvals: { length: 2 } },
  });
});

test('a second account of the requester cannot approve', async () => {
  const policy = policyOf([ruleDocument()], { aliases: [[ines.aadObjectId, martin.aadObjectId]] });
  const deps = { ...stage.deps, policy };
  const drafting = createDrafting(deps);
  const draft = await stage.openForm('alias');
  const answer = await drafting.submit(formOf(draft), ines, draft.inputs);
  if (answer.kind !== 'request') throw new Error('no request');
  const request = await stage.request(answer.message.key.id);
  expect(wordFor(await createDecisions(deps).approve(request.id, martin, '', card(request)))).toBe(
    'OWN_REQUEST',
  );
});

test('a rejection ends it with its reason, a withdrawal without one, and both for good', async () => {
  const rejected = await stage.requested('rejected');
  expect(wordFor(await stage.decisions.reject(rejected.id, martin, ' wrong server ', card(rejected)))).toBe(
    'rejected',
  );
  expect((await stage.request(rejected.id)).state).toMatchObject({ by: martin, reason: 'wrong server' });
  const withdrawn = await stage.requested('withdrawn');
  expect(wordFor(await stage.decisions.withdraw(withdrawn.id, ines, card(withdrawn)))).toBe('withdrawn');
  for (const request of [rejected, withdrawn]) {
    expect(await approve(request, martin)).toBe('NO_LONGER_OPEN');
    expect(wordFor(await stage.decisions.withdraw(request.id, ines, card(request)))).toBe('NO_LONGER_OPEN');
  }
});

test('what has started cannot be withdrawn', async () => {
  const request = await stage.approved('started');
  expect(wordFor(await stage.decisions.withdraw(request.id, ines, card(request)))).toBe('WITHDRAW_TOO_LATE');
});

test('the clock decides at its instant, not a millisecond before, and once', async () => {
  const request = await stage.requested('clock');
  if (request.state.phase !== 'awaiting-approval') throw new Error('not waiting');
  stage.clock.set(new Date(Date.parse(request.state.expiresAt) - 1).toISOString());
  await stage.decisions.clock(request.id);
  expect((await stage.request(request.id)).state.phase).toBe('awaiting-approval');
  stage.clock.set(request.state.expiresAt);
  expect(await approve(request, martin)).toBe('NO_LONGER_OPEN');
  await stage.decisions.clock(request.id);
  await stage.decisions.clock(request.id);
  expect((await stage.request(request.id)).state.phase).toBe('expired');
  expect((await stage.journal(request.id)).filter(({ kind }) => kind === 'expired')).toHaveLength(1);
});

test('of an approval and an expiry at the same moment exactly one wins, fifty times', async () => {
  const outcomes = new Set<string>();
  for (let round = 0; round < 50; round++) {
    stage.reset();
    const request = await stage.requested(`race-${round}`);
    if (request.state.phase !== 'awaiting-approval') throw new Error('not waiting');
    // The approver's clock stands a moment before the expiry, the worker's at it.
    const early = createDecisions({ ...stage.deps, clock: { now: () => '2026-11-19T14:26:59.999Z' } });
    stage.clock.set(request.state.expiresAt);
    const expiring = () => stage.decisions.clock(request.id);
    const approving = () => early.approve(request.id, martin, '', card(request));
    const [first, second] = round % 2 === 0 ? [expiring, approving] : [approving, expiring];
    await Promise.all([first(), second()]);
    const { phase } = (await stage.request(request.id)).state;
    const decided = (await stage.journal(request.id))
      .map(({ kind }) => kind)
      .filter((kind) => kind !== 'requested');
    expect([['approved-by'], ['expired']]).toContainEqual(decided);
    expect(phase).toBe(decided[0] === 'expired' ? 'expired' : 'approved');
    outcomes.add(phase);
  }
  expect(outcomes.size).toBeGreaterThan(0);
});

test('an approval that was read before another round began does not count for that round', async () => {
  const request = await stage.approved('stale-look');
  stage.azure.restrict();
  await stage.running.advance(request.id);
  const { store } = stage.deps;
  let reads = 0;
  // The first look sees the old round; before the move the request fails over into a new one.
  const late = createDecisions({
    ...stage.deps,
    store: {
      ...store,
      request: async (id) =>
        reads++ === 0
          ? {
              value: {
                ...request,
                state: { phase: 'awaiting-approval', approvals: [], expiresAt: '2026-11-19T14:27:00.000Z' },
              },
              version: 1,
            }
          : store.request(id),
    },
  });
  stage.azure.regions.set('canadacentral', aRegion());
  stage.clock.pass(31 * 60);
  expect(wordFor(await stage.decisions.retry(request.id, ines, card(request)))).toBe('awaiting-approval');
  expect(wordFor(await late.approve(request.id, divya, '', card(request)))).toBe('CARD_OUTDATED');
  expect((await stage.request(request.id)).state).toMatchObject({
    phase: 'awaiting-approval',
    approvals: [],
  });
});

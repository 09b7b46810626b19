/** The table of moves: every event in every phase, and what the legal ones lead to. */
import { problem } from '../../../services/restore/errors';
import { mayReuseApproval, transition, type RequestEvent } from '../../../services/restore/transition';
import {
  aRequest,
  aRule,
  aRun,
  aStage,
  divya,
  emil,
  ines,
  martin,
  serverGot,
  standingOf,
} from '../../fakes/facts';
import type { ApplicableKind } from '../../../services/restore/difference-changes';
import type { DifferenceGroup } from '../../../services/restore/differences';
import type { RequestState } from '../../../services/restore/state';
import type { RestoreRequest } from '../../../services/restore/request';

type Phase = RequestState['phase'];

const at = '2026-11-19T13:30:00.000Z';
const run = aRun();
const passing = problem('AZURE_INTERNAL');

const group = (kind: ApplicableKind): DifferenceGroup => ({
  ...{ kind, title: kind, found: 'differs', canApply: true, warnings: [], needsRestart: false },
  items: [{ what: 'x', source: 'on', copy: 'none' }],
});
const differences: readonly DifferenceGroup[] = [group('parameters'), group('firewall-rules')];

const states: Readonly<Record<Phase, RequestState>> = {
  'awaiting-approval': { phase: 'awaiting-approval', approvals: [], expiresAt: '2026-11-19T14:10:00.000Z' },
  approved: { phase: 'approved', run },
  ordering: { phase: 'ordering', run },
  restoring: { phase: 'restoring', run },
  loading: { phase: 'loading', run },
  proving: { phase: 'proving', run },
  completed: {
    phase: 'completed',
    run,
    verdict: { kind: 'unproven', why: 'nothing to look at' },
    endedAt: at,
    got: { ...serverGot, differences },
    applied: { parameters: { kind: 'at-work', by: martin, askedAt: at } },
  },
  'waiting-for-copy': {
    phase: 'waiting-for-copy',
    run,
    askAgainAt: '2026-11-19T13:36:00.000Z',
    giveUpAt: '2026-11-19T16:30:00.000Z',
  },
  stopping: { phase: 'stopping', run, by: ines, askedAt: at },
  stopped: { phase: 'stopped', run, by: ines, removed: true, endedAt: at },
  failed: {
    phase: 'failed',
    run: aRun({ checkedAt: at }),
    failure: passing,
    serverMayExist: false,
    endedAt: at,
  },
  rejected: { phase: 'rejected', by: martin, reason: 'no', endedAt: at },
  withdrawn: { phase: 'withdrawn', endedAt: at },
  expired: { phase: 'expired', endedAt: at },
};

const events: Readonly<Record<RequestEvent['kind'], RequestEvent>> = {
  'approved-by': {
    kind: 'approved-by',
    approval: { by: martin, at, comment: '' },
    standing: standingOf(martin),
  },
  'rejected-by': {
    kind: 'rejected-by',
    by: martin,
    reason: 'wrong server',
    at,
    standing: standingOf(martin),
  },
  'withdrawn-by': { kind: 'withdrawn-by', by: ines, at },
  'question-asked': {
    kind: 'question-asked',
    by: martin,
    text: 'why?',
    at,
    standing: standingOf(martin),
  },
  // Nobody has asked, nothing is due, and the rule lets nobody start without approval: see the tests of each.
  'question-answered': { kind: 'question-answered', by: ines, text: 'because', at },
  'clock-struck': { kind: 'clock-struck', at },
  'glass-broken': {
    ...{ kind: 'glass-broken', by: ines, reason: 'down', at },
    ...{ standing: standingOf(ines), timesBefore: 0 },
  },
  'reviewed-by': {
    ...{ kind: 'reviewed-by', by: martin, verdict: 'approved', comment: '', at },
    standing: standingOf(martin),
  },
  checked: { kind: 'checked', at, moment: '2026-11-19T13:05:00.000Z' },
  'order-accepted': { kind: 'order-accepted', at },
  rehydrated: { kind: 'rehydrated', at },
  'server-ready': { kind: 'server-ready', at },
  'files-pinned': { kind: 'files-pinned', at, load: { files: [], parts: [] } },
  'part-begun': { kind: 'part-begun', at, part: 'roles', how: { existed: true } },
  'part-ended': { kind: 'part-ended', at, part: 'roles', result: { kind: 'loaded', notes: [] } },
  loaded: { kind: 'loaded', at },
  'parts-retried': { kind: 'parts-retried', by: ines, at },
  'looked-at': {
    kind: 'looked-at',
    at,
    verdict: { kind: 'unproven', why: 'x' },
    got: serverGot,
  },
  failed: { kind: 'failed', at, failure: passing, serverMayExist: false },
  retried: { kind: 'retried', at },
  'put-off': {
    kind: 'put-off',
    at,
    askAgainAt: '2026-11-19T13:36:00.000Z',
    patienceSeconds: 10_800,
  },
  resumed: { kind: 'resumed', at, startBefore: '2026-11-19T16:30:00.000Z' },
  'stop-considered': { kind: 'stop-considered', by: ines, at },
  'stop-dismissed': { kind: 'stop-dismissed', by: ines, at },
  'stop-asked': { kind: 'stop-asked', by: ines, at },
  stopped: { kind: 'stopped', at, removed: true },
  'apply-asked': {
    ...{ kind: 'apply-asked', by: martin, at, group: 'firewall-rules' },
    standing: standingOf(martin),
  },
  applied: {
    ...{ kind: 'applied', at, group: 'parameters' },
    results: { kind: 'applied', items: [], needsRestart: false },
  },
};

const stoppable = ['approved', 'ordering', 'restoring', 'loading', 'proving', 'waiting-for-copy'] as const;
const toWhileItRuns = (phase: Phase): Partial<Record<Phase, Phase>> =>
  Object.fromEntries(stoppable.map((from) => [from, phase]));
const sameWhileItRuns: Partial<Record<Phase, Phase>> = Object.fromEntries(
  stoppable.map((phase) => [phase, phase]),
);

/** From which phase an event leads to which; everything that is not written here is refused. */
const legal: Readonly<Record<RequestEvent['kind'], Partial<Record<Phase, Phase>>>> = {
  'approved-by': { 'awaiting-approval': 'approved' },
  'rejected-by': { 'awaiting-approval': 'rejected' },
  'withdrawn-by': { 'awaiting-approval': 'withdrawn' },
  'question-asked': { 'awaiting-approval': 'awaiting-approval' },
  'question-answered': {},
  'clock-struck': {},
  'glass-broken': {},
  'reviewed-by': {},
  checked: { approved: 'ordering' },
  'order-accepted': { ordering: 'restoring' },
  rehydrated: { restoring: 'restoring' },
  'server-ready': { restoring: 'proving' },
  'files-pinned': { loading: 'loading' },
  // Only of a load whose files are known, which this table has none of.
  'part-begun': {},
  'part-ended': {},
  'parts-retried': {},
  loaded: { loading: 'proving' },
  'looked-at': { proving: 'completed', loading: 'completed' },
  'put-off': { ordering: 'waiting-for-copy', restoring: 'waiting-for-copy' },
  resumed: { 'waiting-for-copy': 'approved' },
  'stop-considered': sameWhileItRuns,
  'stop-dismissed': sameWhileItRuns,
  'stop-asked': toWhileItRuns('stopping'),
  stopped: { stopping: 'stopped' },
  failed: { ...toWhileItRuns('failed'), stopping: 'failed' },
  retried: { failed: 'approved' },
  'apply-asked': { completed: 'completed' },
  applied: { completed: 'completed' },
};

const everything = Object.values(events).flatMap((event) =>
  Object.values(states).map((state) => ({ event, state, kind: event.kind, phase: state.phase })),
);

test.each(everything)('$kind in phase $phase moves only where the table says so', ({ event, state }) => {
  const request = aRequest({ state });
  const untouched = structuredClone(request);
  const result = transition(request, event);
  const leadsTo = legal[event.kind][state.phase];
  if (leadsTo === undefined) {
    expect(result.kind).toBe('refused');
  } else {
    expect(result).toMatchObject({ kind: 'moved', state: { phase: leadsTo } });
  }
  expect(request).toEqual(untouched);
  expect(transition(request, event)).toEqual(result);
});

const codeOf = (request: RestoreRequest, event: RequestEvent): string => {
  const result = transition(request, event);
  return result.kind === 'refused' ? result.because.code : result.state.phase;
};

const approvedBy = (by = martin, when = at): RequestEvent => ({
  kind: 'approved-by',
  approval: { by, at: when, comment: '' },
  standing: standingOf(by),
});

test('a second approver is needed where the rule needs two, and the same person does not count twice', () => {
  const request = aRequest();
  const two = { ...request, rule: aRule({ stages: [aStage([martin, divya], 2)] }) };
  const first = transition(two, approvedBy(martin));
  expect(first).toMatchObject({
    kind: 'moved',
    state: { phase: 'awaiting-approval', approvals: [{ by: martin }] },
  });
  if (first.kind !== 'moved') return;
  const waiting = { ...two, state: first.state };
  expect(codeOf(waiting, approvedBy(martin))).toBe('ALREADY_DECIDED_BY_YOU');
  expect(transition(waiting, approvedBy(divya))).toMatchObject({
    state: { phase: 'approved', run: { approvals: [{ by: martin }, { by: divya }] } },
  });
});

test('the last approval starts the clock within which the restore must start', () => {
  expect(transition(aRequest(), approvedBy())).toMatchObject({
    state: { run: { attempt: 1, startedAt: at, startBefore: '2026-11-19T14:00:00.000Z' } },
  });
});

test.each([
  [ines, 'OWN_REQUEST'],
  [emil, 'NOT_AN_APPROVER'],
])('neither the requester nor a stranger decides (%s)', (who, code) => {
  expect(codeOf(aRequest(), approvedBy(who))).toBe(code);
  expect(
    codeOf(aRequest(), { kind: 'rejected-by', by: who, reason: 'no', at, standing: standingOf(who) }),
  ).toBe(code);
});

test('the requester named as approver by a broken rule still cannot approve', () => {
  const request = aRequest();
  const broken = { ...request, rule: aRule({ stages: [aStage([ines, martin])] }) };
  expect(codeOf(broken, approvedBy(ines))).toBe('OWN_REQUEST');
});

test('an approval counts until the last millisecond before it expires, and not at the instant itself', () => {
  const request = aRequest();
  expect(codeOf(request, approvedBy(martin, '2026-11-19T14:09:59.999Z'))).toBe('approved');
  expect(codeOf(request, approvedBy(martin, '2026-11-19T14:10:00.000Z'))).toBe('NO_LONGER_OPEN');
});

test('a rejection needs more than spaces as reason', () => {
  expect(
    codeOf(aRequest(), { kind: 'rejected-by', by: martin, reason: ' \n', at, standing: standingOf(martin) }),
  ).toBe('REASON_FOR_REJECT');
});

test('only the requester withdraws, and only before it starts', () => {
  expect(codeOf(aRequest(), { kind: 'withdrawn-by', by: martin, at })).toBe('NOT_YOURS');
  for (const phase of ['approved', 'ordering', 'restoring', 'proving'] as const)
    expect(codeOf(aRequest({ state: states[phase] }), { kind: 'withdrawn-by', by: ines, at })).toBe(
      'WITHDRAW_TOO_LATE',
    );
});

test('each step keeps what the steps before it found out', () => {
  const moment = '2026-11-19T13:05:00.000Z';
  const walked = [
    approvedBy(),
    { kind: 'checked', at: '2026-11-19T13:31:00.000Z', moment },
    { kind: 'order-accepted', at: '2026-11-19T13:32:00.000Z' },
    { kind: 'server-ready', at: '2026-11-19T13:33:00.000Z' },
    { ...events['looked-at'], at: '2026-11-19T13:34:00.000Z' },
  ].reduce<RestoreRequest>((request, event) => {
    const result = transition(request, event as RequestEvent);
    return result.kind === 'moved' ? { ...request, state: result.state } : request;
  }, aRequest());
  expect(walked.state).toMatchObject({
    phase: 'completed',
    endedAt: '2026-11-19T13:34:00.000Z',
    run: {
      startedAt: at,
      checkedAt: '2026-11-19T13:31:00.000Z',
      orderedAt: '2026-11-19T13:32:00.000Z',
      readyAt: '2026-11-19T13:33:00.000Z',
      moment,
    },
  });
});

test('a retry is a new attempt under the same approvals, with nothing left of the old times', () => {
  const failed: RequestState = { ...states.failed, run: aRun({ checkedAt: at, moment: at }) } as RequestState;
  const result = transition(aRequest({ state: failed }), { kind: 'retried', at });
  expect(result).toEqual({
    kind: 'moved',
    state: {
      phase: 'approved',
      run: { attempt: 2, approvals: run.approvals, startBefore: run.startBefore, startedAt: at },
    },
  });
});

describe('an approval may be used once more', () => {
  const failed = (changes: object = {}): RequestState => ({ ...states.failed, ...changes });

  test('while it is good and nothing came into being', () => {
    expect(mayReuseApproval(failed(), '2026-11-19T13:49:59.999Z')).toBe(true);
  });

  test.each([
    ['at the instant it stops being good', failed(), '2026-11-19T13:50:00.000Z'],
    ['when it was found impossible before the start', failed({ run: aRun() }), at],
    ['when it had to wait for its copy', failed({ run: aRun({ checkedAt: at, resumed: 1 }) }), at],
    ['when a server may exist', failed({ serverMayExist: true }), at],
    ['when Azure had accepted the order', failed({ run: aRun({ checkedAt: at, orderedAt: at }) }), at],
    [
      'when the plan is no longer what was approved',
      failed({ failure: problem('PLAN_CHANGED', { changes: 'x' }) }),
      at,
    ],
    ['when it did not fail', states.proving, at],
  ])('but not %s', (_why, state, when) => {
    expect(mayReuseApproval(state, when)).toBe(false);
    expect(transition(aRequest({ state }), { kind: 'retried', at: when }).kind).toBe('refused');
  });
});

test('a geo restore that is put off counts its tries and goes on as an attempt of its own under the same approval', () => {
  const walked = (['put-off', 'resumed', 'checked', 'put-off', 'resumed'] as const).reduce<RestoreRequest>(
    (request, kind) => {
      const result = transition(request, events[kind]);
      return result.kind === 'moved' ? { ...request, state: result.state } : request;
    },
    aRequest({ state: states.ordering }),
  );
  expect(walked.state).toEqual({
    phase: 'approved',
    run: {
      attempt: 3,
      resumed: 2,
      approvals: run.approvals,
      startedAt: run.startedAt,
      startBefore: '2026-11-19T16:30:00.000Z',
      putOff: { since: at, tries: 2 },
    },
  });
});

test('who asked for a restore and who may decide about it can stop it, and nobody else', () => {
  for (const by of [ines, martin, divya])
    expect(codeOf(aRequest({ state: states.restoring }), { kind: 'stop-asked', by, at })).toBe('stopping');
  expect(codeOf(aRequest({ state: states.restoring }), { kind: 'stop-asked', by: emil, at })).toBe(
    'CANCEL_NOT_YOURS',
  );
});

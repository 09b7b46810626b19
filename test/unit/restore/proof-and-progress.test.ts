import { judgeProof } from '../../../services/restore/proof';
import { problem } from '../../../services/restore/errors';
import { rangeWords, sayProgress } from '../../../services/restore/steps';
import { provenMoment } from '../../../services/restore/say-outcome';
import { aPlan, aRequest, aRun, now, proofFindings, serverGot } from '../../fakes/facts';
import type { RequestState } from '../../../services/restore/state';

const asked = '2026-11-19T13:05:00.000Z';
const expected = { mode: 'point-in-time', moment: asked, toleranceSeconds: 5 } as const;
const wrote = (inCopy: string | null, inSource?: string | null) =>
  proofFindings({ writes: [{ inCopy, ...(inSource === undefined ? {} : { inSource }) }] });

test.each([
  ['a write at the asked moment itself', wrote(asked), 'proven'],
  ['a write exactly the tolerance before', wrote('2026-11-19T13:04:55.000Z'), 'proven'],
  ['a write a millisecond after', wrote('2026-11-19T13:05:00.001Z'), 'contradicted'],
  ['an older write and nothing to compare with', wrote('2026-11-19T13:04:54.999Z'), 'plausible'],
  ['an older write and a source that holds nothing', wrote('2026-11-19T13:00:00.000Z', null), 'plausible'],
  [
    'an older write that is the newest in the source too',
    wrote('2026-11-19T13:00:00.000Z', '2026-11-19T13:00:00.000Z'),
    'proven',
  ],
  [
    'an older write and a source that holds a later one',
    wrote('2026-11-19T13:00:00.000Z', '2026-11-19T13:00:00.001Z'),
    'contradicted',
  ],
  [
    'an older write that the source no longer holds',
    wrote('2026-11-19T13:00:00.000Z', '2026-11-19T12:00:00.000Z'),
    'proven',
  ],
  ['an empty table and a source with writes', wrote(null, asked), 'contradicted'],
  ['an empty table on both sides', wrote(null, null), 'plausible'],
])('%s is judged', (_what, findings, kind) => {
  expect(judgeProof(findings, expected).kind).toBe(kind);
});

test('an empty table in the copy is a contradiction unless the source is known to be empty too', () => {
  expect(judgeProof(wrote(null), expected).kind).toBe('contradicted');
});

const geo = { ...expected, mode: 'geo' } as const;

test.each([
  ['seconds before the order', '2026-11-19T13:04:58.000Z', 'proven'],
  ['as far behind as Azure allows', '2026-11-19T12:04:55.000Z', 'proven'],
  ['further behind', '2026-11-19T12:04:54.999Z', 'plausible'],
  ['after the order', '2026-11-19T13:05:00.001Z', 'contradicted'],
])(
  'the copy of another region whose newest write is %s is judged by its age alone',
  (_what, newest, kind) => {
    const later = '2026-11-19T13:04:59.000Z';
    expect(judgeProof(wrote(newest, later), geo).kind).toBe(kind);
  },
);

test.each([
  ['geo', '2026-11-19T13:20:03.000Z', 'when Azure had taken the order, which may be long after it was made'],
  ['latest', '2026-11-19T13:20:01.000Z', 'the moment that was asked of Azure'],
] as const)('the data of a restore of the kind %s is compared with %s: %s', (mode, moment, _why) => {
  const request = aRequest();
  const { moment: _, ...parts } = aPlan();
  const taken = aRun({ orderedAt: '2026-11-19T13:20:03.000Z', moment: '2026-11-19T13:20:01.000Z' });
  expect(provenMoment({ ...request, plan: { ...parts, mode } }, taken)).toBe(moment);
});

test('a proof says how near the newest write is', () => {
  expect(judgeProof(wrote('2026-11-19T13:04:59.800Z'), expected)).toMatchObject({
    kind: 'proven',
    newestWrite: '2026-11-19T13:04:59.800Z',
    finding: 'newest write 0.2 s before the asked moment',
  });
});

const at = (second: number): string => `2026-11-19T13:20:${String(second).padStart(2, '0')}.000Z`;
const run = aRun({ startedAt: at(0), checkedAt: at(1), orderedAt: at(3), readyAt: at(33) });
const { checkedAt: _c, orderedAt: _o, readyAt: _r, ...fresh } = run;
const failure = problem('AZURE_INTERNAL');
const got = serverGot;

const progress = (state: RequestState, obstacle?: string) =>
  sayProgress(aRequest({ state }), {
    now: at(40),
    lastSignOfLife: at(39),
    duration: { kind: 'range', fromMillis: 540_000, toMillis: 800_000, restores: 3 },
    ...(obstacle === undefined ? {} : { obstacle }),
  });

const stepStates = (state: RequestState) =>
  progress(state)
    ?.steps.map((step) => step.state)
    .join(' ');

test.each<[string, RequestState]>([
  ['running next next next', { phase: 'approved', run: fresh }],
  ['done running next next', { phase: 'ordering', run: { ...fresh, checkedAt: at(1) } }],
  ['done done running next', { phase: 'restoring', run: { ...fresh, checkedAt: at(1), orderedAt: at(3) } }],
  ['done done done running', { phase: 'proving', run }],
  [
    'done done done done',
    {
      phase: 'completed',
      run,
      verdict: { kind: 'unproven', why: '' },
      endedAt: at(35),
      got,
    },
  ],
  ['failed next next next', { phase: 'failed', run: fresh, failure, serverMayExist: false, endedAt: at(35) }],
  [
    'done failed next next',
    { phase: 'failed', run: { ...fresh, checkedAt: at(1) }, failure, serverMayExist: false, endedAt: at(35) },
  ],
  [
    'done done failed next',
    {
      phase: 'failed',
      run: { ...fresh, checkedAt: at(1), orderedAt: at(3) },
      failure,
      serverMayExist: true,
      endedAt: at(35),
    },
  ],
  [
    'done running next next',
    { phase: 'waiting-for-copy', run: { ...fresh, checkedAt: at(1) }, askAgainAt: at(50), giveUpAt: at(55) },
  ],
  [
    'done done failed next',
    {
      phase: 'stopping',
      run: { ...fresh, checkedAt: at(1), orderedAt: at(3) },
      by: aRequest().requester,
      askedAt: at(30),
    },
  ],
  ['done done done failed', { phase: 'failed', run, failure, serverMayExist: true, endedAt: at(35) }],
])('the steps are %s when the state says so', (states, state) => {
  expect(stepStates(state)).toBe(states);
});

test('steps tell how long they took, the one that runs how long it has taken, and those to come nothing', () => {
  const steps = progress({
    phase: 'restoring',
    run: { ...fresh, checkedAt: at(1), orderedAt: at(3) },
  })?.steps;
  expect(steps?.map(({ millis }) => millis)).toEqual([1_000, 2_000, 37_000, undefined]);
  expect(steps?.[2]?.note).toBe('usually 9–14 min');
});

test('after the end the clock of the card stands still', () => {
  const ended = progress({
    phase: 'completed',
    run,
    verdict: { kind: 'unproven', why: '' },
    endedAt: at(35),
    got,
  });
  expect(ended).toMatchObject({ elapsedMillis: 35_000, lastSignOfLife: at(35), note: '' });
});

test('an obstacle is said instead of the usual note', () => {
  const state: RequestState = { phase: 'proving', run };
  expect(progress(state)?.note).toBe('Server usable, proof running');
  expect(progress(state, 'Azure does not answer.')?.note).toBe('Azure does not answer.');
});

test('there is no progress before the approval', () => {
  expect(progress({ phase: 'awaiting-approval', approvals: [], expiresAt: now })).toBeUndefined();
  expect(progress({ phase: 'withdrawn', endedAt: now })).toBeUndefined();
});

test.each([
  [40_100, 54_200, '40–55 s'],
  [100, 900, '1 s'],
  [60_000, 119_999, '60–120 s'],
  [540_000, 800_000, '9–14 min'],
  [600_000, 600_000, '10 min'],
])('%d to %d ms are said as %s', (from, to, words) => {
  expect(rangeWords(from, to)).toBe(words);
});

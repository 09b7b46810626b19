/** What each decision leads to, and why it is refused: everybody who may, everybody who may not, and the edges of time. */
import { transition, type RequestEvent } from '../../../services/restore/transition';
import {
  aRequest,
  aRule,
  aRun,
  aStage,
  asUser,
  divya,
  emil,
  ines,
  martin,
  standingOf,
} from '../../fakes/facts';
import type { Person } from '../../../services/restore/person';
import type { RequestState } from '../../../services/restore/state';
import type { RestoreRequest } from '../../../services/restore/request';
import type { Review } from '../../../services/restore/review';
import type { Standing } from '../../../services/restore/party';
import type { Waiting } from '../../../services/restore/waiting';

const at = '2026-11-19T13:30:00.000Z';
const expiresAt = '2026-11-19T14:10:00.000Z';
const waiting = (changes: Partial<Waiting> = {}): Waiting => ({
  ...{ phase: 'awaiting-approval', approvals: [], expiresAt },
  ...changes,
});
const approval = (by: Person) => ({ by, at, comment: '' });
const approves = (by: Person, standing: Standing = standingOf(by), when = at): RequestEvent => ({
  ...{ kind: 'approved-by', approval: { by, at: when, comment: 'seen' }, standing },
});
const rejects = (by: Person, reason = ' no ', standing = standingOf(by)): RequestEvent => ({
  ...{ kind: 'rejected-by', by, reason, at, standing },
});
const asks = (by: Person, text = ' why? ', when = at): RequestEvent => ({
  ...{ kind: 'question-asked', by, at: when, text, standing: standingOf(by) },
});
const question = { by: martin, at, text: 'why?', goesOnAt: '2026-11-19T14:30:00.000Z' };

function refusal(request: RestoreRequest, event: RequestEvent): { code: string; sentence: string } {
  const result = transition(request, event);
  if (result.kind === 'moved') return { code: result.state.phase, sentence: '' };
  const { code, sentence, hint } = result.because;
  return { code, sentence: `${sentence} ${hint}` };
}
const codeOf = (request: RestoreRequest, event: RequestEvent): string => refusal(request, event).code;
const stateOf = (request: RestoreRequest, event: RequestEvent): RequestState => {
  const result = transition(request, event);
  if (result.kind === 'refused') throw new Error(result.because.sentence);
  return result.state;
};

const second: Person = { aadObjectId: 'ccccccc1-0000-4000-8000-000000000001', name: 'Second account' };
const alias = (of: Person) => [[of.aadObjectId, second.aadObjectId]];

describe('who has written the request decides nothing about it', () => {
  const listed = (changes: object = {}) =>
    aRule({ stages: [aStage([martin, divya, second, ines])], ...changes });

  test.each<[string, RestoreRequest, Person, string]>([
    ['the requester', aRequest({ rule: listed() }), ines, 'OWN_REQUEST'],
    ['their second account', aRequest({ rule: listed({ aliases: alias(ines) }) }), second, 'OWN_REQUEST'],
    ['an editor', aRequest({ rule: listed(), editors: [divya, martin] }), martin, 'EDITED_BY_YOU'],
    [
      'the second account of an editor',
      aRequest({ rule: listed({ aliases: alias(martin) }), editors: [martin] }),
      second,
      'EDITED_BY_YOU',
    ],
  ])('%s', (_who, request, by, code) => {
    for (const event of [approves(by), rejects(by), asks(by)]) expect(codeOf(request, event)).toBe(code);
  });

  test('an approver whom nobody edited for does', () => {
    expect(codeOf(aRequest({ rule: listed(), editors: [divya] }), approves(martin))).toBe('approved');
  });
});

test.each([
  ['guest', /a guest/],
  ['disabled', /disabled/],
  ['unknown', /not known in the directory/],
] as const)('an account that is %s decides nothing, and is told why', (account, words) => {
  for (const event of [
    approves(martin, standingOf(martin, account)),
    rejects(martin, 'no', standingOf(martin, account)),
  ])
    expect(refusal(aRequest(), event)).toMatchObject({
      code: 'ACCOUNT_DOES_NOT_COUNT',
      sentence: expect.stringMatching(words),
    });
});

test('a stranger is told the rule and who can', () => {
  const { code, sentence } = refusal(aRequest(), approves(emil));
  expect(code).toBe('NOT_AN_APPROVER');
  expect(sentence).toMatch(/Martin Hale/);
  expect(sentence).toMatch(/Divya Rao/);
});

describe('stages and escalation', () => {
  const escalation = { afterMinutes: 30, parties: [asUser(emil)], people: [emil] };
  const staged = aRule({ stages: [aStage([martin], 1, 'first'), aStage([divya], 1, 'then')], escalation });

  test('a later stage waits for its turn, and is told how many are missing', () => {
    const { code, sentence } = refusal(aRequest({ rule: staged }), approves(divya));
    expect(code).toBe('NOT_YOUR_TURN');
    expect(sentence).toMatch(/^R-1 is not with you yet: first comes first and needs 1 more/);
    const signed = aRequest({ rule: staged, state: waiting({ approvals: [approval(martin)] }) });
    expect(stateOf(signed, approves(divya))).toMatchObject({
      phase: 'approved',
      run: { attempt: 1, approvals: [{ by: martin }, { by: divya, comment: 'seen' }], startedAt: at },
    });
  });

  test('the first signature of two moves nothing but the list', () => {
    const request = aRequest({ rule: staged, state: waiting({ remindedAt: at }) });
    expect(stateOf(request, approves(martin))).toEqual(
      waiting({ remindedAt: at, approvals: [{ by: martin, at, comment: 'seen' }] }),
    );
  });

  test('who is called by the escalation decides from then on, and not before', () => {
    const before = aRequest({ rule: staged });
    const after = aRequest({ rule: staged, state: waiting({ escalatedAt: at }) });
    for (const event of [approves(emil), rejects(emil), asks(emil)])
      expect(codeOf(before, event)).toBe('NOT_AN_APPROVER');
    expect(codeOf(after, approves(emil))).toBe('awaiting-approval');
    expect(codeOf(after, rejects(emil))).toBe('rejected');
    expect(codeOf(after, asks(emil))).toBe('awaiting-approval');
    // It opens no way round the turn of those who were not called.
    expect(codeOf(after, approves(divya))).toBe('NOT_YOUR_TURN');
  });

  test('who signs later and is called by the escalation may sign at once from then on', () => {
    const called = { ...escalation, parties: [asUser(divya)], people: [divya] };
    const rule = { ...staged, escalation: called };
    expect(codeOf(aRequest({ rule }), approves(divya))).toBe('NOT_YOUR_TURN');
    expect(stateOf(aRequest({ rule, state: waiting({ escalatedAt: at }) }), approves(divya))).toMatchObject({
      ...{ phase: 'awaiting-approval', approvals: [{ by: divya }] },
    });
    const { escalation: _none, ...bare } = rule;
    expect(codeOf(aRequest({ rule: bare, state: waiting({ escalatedAt: at }) }), approves(divya))).toBe(
      'NOT_YOUR_TURN',
    );
  });

  test('where no escalation is, being escalated lets nobody in', () => {
    const { escalation: _none, ...rule } = staged;
    expect(codeOf(aRequest({ rule, state: waiting({ escalatedAt: at }) }), approves(emil))).toBe(
      'NOT_AN_APPROVER',
    );
  });

  test('a second account signs no second time', () => {
    const rule = aRule({ stages: [aStage([martin, second], 2)], aliases: alias(martin) });
    const request = aRequest({ rule, state: waiting({ approvals: [approval(martin)] }) });
    expect(codeOf(request, approves(second))).toBe('ALREADY_DECIDED_BY_YOU');
  });
});

test('an approval that is late, without an open question, is told that it expired', () => {
  expect(refusal(aRequest(), approves(martin, standingOf(martin), expiresAt)).sentence).toMatch(
    /it expired at/,
  );
  const asked = aRequest({ state: waiting({ question }) });
  expect(codeOf(asked, approves(martin, standingOf(martin), '2026-11-19T14:20:00.000Z'))).toBe('approved');
});

test('a rejection keeps who, when and the reason without its edges', () => {
  expect(stateOf(aRequest(), rejects(martin))).toEqual({
    phase: 'rejected',
    by: martin,
    reason: 'no',
    endedAt: at,
  });
});

describe('a question', () => {
  test('is kept without its edges, and holds the clock for as long as a request may wait', () => {
    expect(stateOf(aRequest(), asks(martin))).toEqual(waiting({ question }));
  });

  test.each<[string, RestoreRequest, RequestEvent, string]>([
    ['without words', aRequest(), asks(martin, ' \n'), 'QUESTION_EMPTY'],
    ['beside another', aRequest({ state: waiting({ question }) }), asks(divya), 'QUESTION_OPEN'],
    ['at the instant of the end', aRequest(), asks(martin, 'why?', expiresAt), 'NO_LONGER_OPEN'],
    ['just before it', aRequest(), asks(martin, 'why?', '2026-11-19T14:09:59.999Z'), 'awaiting-approval'],
    ['after the end', aRequest({ state: { phase: 'expired', endedAt: at } }), asks(martin), 'NO_LONGER_OPEN'],
  ])('%s', (_what, request, event, code) => {
    expect(codeOf(request, event)).toBe(code);
  });

  test('that comes at the instant of the end is told that it expired then', () => {
    expect(refusal(aRequest(), asks(martin, 'why?', expiresAt)).sentence).toMatch(/it expired at/);
  });

  const answers = (by: Person, text = ' because '): RequestEvent => ({
    kind: 'question-answered',
    by,
    at,
    text,
  });
  test('is answered by the requester alone, with words, once', () => {
    const asked = aRequest({ state: waiting({ question }) });
    expect(refusal(asked, answers(martin))).toMatchObject({
      code: 'NOT_YOURS',
      sentence: expect.stringContaining('Ines Okafor'),
    });
    expect(codeOf(asked, answers(ines, '  '))).toBe('ANSWER_EMPTY');
    expect(codeOf(aRequest(), answers(ines))).toBe('NO_QUESTION');
    expect(codeOf(aRequest({ state: { phase: 'withdrawn', endedAt: at } }), answers(ines))).toBe(
      'NO_LONGER_OPEN',
    );
    expect(stateOf(asked, answers(ines))).toEqual(
      waiting({
        questions: [{ by: martin, at, text: 'why?', answer: { by: ines, at, text: 'because' } }],
      }),
    );
  });
});

test('a request that is over is not withdrawn, one that waits is', () => {
  const withdraws: RequestEvent = { kind: 'withdrawn-by', by: ines, at };
  expect(stateOf(aRequest(), withdraws)).toEqual({ phase: 'withdrawn', endedAt: at });
  expect(codeOf(aRequest({ state: { phase: 'expired', endedAt: at } }), withdraws)).toBe('NO_LONGER_OPEN');
  expect(refusal(aRequest(), { ...withdraws, by: martin }).sentence).toMatch(/Ines Okafor/);
});

describe('a refusal names the request, and who is meant', () => {
  const asked = aRequest({ state: waiting({ question }) });
  const glass: Review = {
    ...{ by: emil, at, reason: 'down', kind: 'due', dueAt: expiresAt, remindAt: expiresAt, reminders: 0 },
  };
  const breakGlass = {
    ...{ parties: [asUser(emil)], people: [emil], atMost: { times: 2, hours: 24 } },
    reviewWithinMinutes: 60,
  };
  const breaks: RequestEvent = {
    ...{ kind: 'glass-broken', by: emil, at, reason: 'down', standing: standingOf(emil), timesBefore: 0 },
  };
  const reviews: RequestEvent = {
    ...{
      kind: 'reviewed-by',
      by: martin,
      at,
      verdict: 'approved',
      comment: '',
      standing: standingOf(martin),
    },
  };

  test.each<[string, string, RestoreRequest, RequestEvent]>([
    ['EDITED_BY_YOU', 'You edited R-1,', aRequest({ editors: [martin] }), approves(martin)],
    ['QUESTION_OPEN', 'A question of Martin Hale about R-1 is still open.', asked, asks(divya)],
    [
      'NO_QUESTION',
      'No question about R-1 is open.',
      aRequest(),
      { kind: 'question-answered', by: ines, at, text: 'because' },
    ],
    [
      'GLASS_NOT_YOURS',
      'R-1 cannot be started without approval: its rule names nobody for that.',
      aRequest(),
      breaks,
    ],
    [
      'GLASS_REVIEW_OPEN',
      'The start of R-1 without approval has not been looked at yet.',
      aRequest({ rule: aRule({ breakGlass }), review: glass }),
      breaks,
    ],
    ['NO_REVIEW', 'Nothing about R-1 waits for a review.', aRequest(), reviews],
    ['NO_REVIEW', 'Nothing about R-1 waits for a review.', aRequest(), { kind: 'clock-struck', at }],
    [
      'WITHDRAW_TOO_LATE',
      'R-1 has started and cannot be withdrawn.',
      aRequest({ state: { phase: 'approved', run: aRun() } }),
      { kind: 'withdrawn-by', by: ines, at },
    ],
  ])('%s: %s', (code, words, request, event) => {
    expect(refusal(request, event)).toEqual({ code, sentence: expect.stringContaining(words) });
  });

  test('and a review that is over stands in nobody’s way', () => {
    const over = { ...glass, kind: 'approved', reviewedBy: martin, reviewedAt: at, comment: '' } as Review;
    expect(codeOf(aRequest({ rule: aRule({ breakGlass }), review: over }), breaks)).toBe('approved');
  });
});

describe('a start without approval', () => {
  const breakGlass = {
    ...{ parties: [asUser(emil)], people: [emil], atMost: { times: 2, hours: 24 } },
    reviewWithinMinutes: 60,
  };
  const rule = aRule({ breakGlass });
  const breaks = (changes: object = {}): RequestEvent => ({
    ...{ kind: 'glass-broken', by: emil, at, reason: ' down ', standing: standingOf(emil), timesBefore: 0 },
    ...changes,
  });

  test('keeps who, when, why and the signatures that were there, and owes a review', () => {
    const request = aRequest({ rule, state: waiting({ approvals: [approval(martin)] }) });
    const glass = { by: emil, at, reason: 'down' };
    expect(transition(request, breaks())).toEqual({
      kind: 'moved',
      state: {
        phase: 'approved',
        run: {
          ...{ attempt: 1, approvals: [approval(martin)], glass, startedAt: at },
          startBefore: '2026-11-19T14:00:00.000Z',
        },
      },
      review: {
        ...{ ...glass, kind: 'due', reminders: 0 },
        ...{ dueAt: '2026-11-19T14:30:00.000Z', remindAt: '2026-11-19T14:00:00.000Z' },
      },
    });
  });

  test.each<[string, object, string, RegExp]>([
    ['of a guest', { standing: standingOf(emil, 'guest') }, 'ACCOUNT_DOES_NOT_COUNT', /a guest/],
    ['of somebody else', { by: martin, standing: standingOf(martin) }, 'GLASS_NOT_YOURS', /Emil Novak/],
    ['while a review is owed', { owed: 'R-7' }, 'GLASS_REVIEW_OPEN', /R-7/],
    ['too often', { timesBefore: 2 }, 'GLASS_TOO_OFTEN', /2/],
    ['more than too often', { timesBefore: 3 }, 'GLASS_TOO_OFTEN', /24/],
    ['without a reason', { reason: ' \n' }, 'GLASS_REASON', /reason/],
  ])('%s is refused', (_what, changes, code, words) => {
    const found = refusal(aRequest({ rule }), breaks(changes));
    expect(found.code).toBe(code);
    expect(found.sentence).toMatch(words);
  });

  test('once is not too often, and without such a rule it is nobody’s', () => {
    expect(codeOf(aRequest({ rule }), breaks({ timesBefore: 1 }))).toBe('approved');
    expect(codeOf(aRequest(), breaks())).toBe('GLASS_NOT_YOURS');
    expect(codeOf(aRequest({ rule, state: { phase: 'approved', run: aRun() } }), breaks())).toBe(
      'NO_LONGER_OPEN',
    );
  });
});

describe('a review', () => {
  const glass = { by: divya, at: '2026-11-19T13:00:00.000Z', reason: 'down' };
  const due: Review = {
    ...{ ...glass, kind: 'due', dueAt: '2026-11-19T14:00:00.000Z' },
    ...{ remindAt: '2026-11-19T13:30:00.000Z', reminders: 0 },
  };
  const state: RequestState = { phase: 'proving', run: aRun({ glass }) };
  const owed = aRequest({ state, review: due });
  const reviews = (by: Person, changes: object = {}): RequestEvent => ({
    ...{ kind: 'reviewed-by', by, at, verdict: 'approved', comment: ' fine ', standing: standingOf(by) },
    ...changes,
  });

  test.each<[string, RestoreRequest, RequestEvent, string]>([
    ['of the requester', owed, reviews(ines), 'OWN_REQUEST'],
    ['of who started it', owed, reviews(divya), 'REVIEW_NOT_YOURS'],
    ['of a stranger', owed, reviews(emil), 'REVIEW_NOT_YOURS'],
    [
      'of a guest',
      owed,
      reviews(martin, { standing: standingOf(martin, 'guest') }),
      'ACCOUNT_DOES_NOT_COUNT',
    ],
    [
      'that reports nothing',
      owed,
      reviews(martin, { verdict: 'reported', comment: ' ' }),
      'REASON_FOR_REJECT',
    ],
    ['of nothing', aRequest({ state }), reviews(martin), 'NO_REVIEW'],
  ])('%s is refused', (_what, request, event, code) => {
    expect(codeOf(request, event)).toBe(code);
  });

  test('of the second account of who started it is refused, and says who can', () => {
    const rule = aRule({ stages: [aStage([martin, divya, second])], aliases: alias(divya) });
    const found = refusal({ ...owed, rule }, reviews(second));
    expect(found.code).toBe('REVIEW_NOT_YOURS');
    expect(found.sentence).toMatch(/Martin Hale/);
  });

  test.each(['approved', 'reported'] as const)(
    '%s closes it with all that was, and leaves the restore',
    (verdict) => {
      expect(transition(owed, reviews(martin, { verdict }))).toEqual({
        ...{ kind: 'moved', state },
        review: {
          ...{
            ...glass,
            kind: verdict,
            dueAt: due.dueAt,
            reviewedBy: martin,
            reviewedAt: at,
            comment: 'fine',
          },
        },
      });
      const { reason: _reason, ...closed } = { ...due, kind: verdict, reason: '' };
      expect(codeOf({ ...owed, review: closed as unknown as Review }, reviews(martin))).toBe('NO_REVIEW');
    },
  );

  test('an approving one needs no words', () => {
    expect(codeOf(owed, reviews(martin, { comment: '' }))).toBe('proving');
  });

  test('that is not given is asked for at its instant, at its end, and then each time anew', () => {
    const rule = aRule({
      breakGlass: { parties: [], people: [], atMost: { times: 1, hours: 1 }, reviewWithinMinutes: 20 },
    });
    const strike = (review: Review, when: string) =>
      transition({ ...owed, rule, review }, { kind: 'clock-struck', at: when });
    expect(strike(due, '2026-11-19T13:29:59.999Z')).toMatchObject({ kind: 'refused' });
    const first = strike(due, '2026-11-19T13:30:00.000Z');
    expect(first).toEqual({ kind: 'moved', state, review: { ...due, remindAt: due.dueAt, reminders: 1 } });
    const late: Review = { ...due, remindAt: due.dueAt, reminders: 1 };
    expect(strike(late, due.dueAt)).toMatchObject({
      review: { remindAt: '2026-11-19T14:20:00.000Z', reminders: 2 },
    });
  });

  test('of a rule that knows none any more is asked for once in an hour', () => {
    const late: Review = { ...due, remindAt: due.dueAt };
    expect(transition({ ...owed, review: late }, { kind: 'clock-struck', at: due.dueAt })).toMatchObject({
      review: { remindAt: '2026-11-19T15:00:00.000Z' },
    });
  });
});

describe('the clock of a request that waits', () => {
  const strikes = (state: Waiting, when: string) =>
    transition(aRequest({ state }), { kind: 'clock-struck', at: when });

  test('ends it at its instant and not before', () => {
    expect(strikes(waiting(), '2026-11-19T14:09:59.999Z').kind).toBe('refused');
    expect(strikes(waiting(), expiresAt)).toEqual({
      kind: 'moved',
      state: { phase: 'expired', endedAt: expiresAt },
    });
  });

  test('reminds, and goes on', () => {
    expect(strikes(waiting({ remindAt: at }), at)).toEqual({
      kind: 'moved',
      state: waiting({ remindedAt: at }),
    });
    expect(strikes(waiting({ escalateAt: at }), at)).toEqual({
      kind: 'moved',
      state: waiting({ escalatedAt: at }),
    });
  });

  test('of one that is over brings nothing', () => {
    const over = aRequest({ state: { phase: 'rejected', by: martin, reason: 'no', endedAt: at } });
    expect(codeOf(over, { kind: 'clock-struck', at: expiresAt })).toBe('NO_REVIEW');
  });
});

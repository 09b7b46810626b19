/**
 * Whoever comes at once, late, or while something is wrong: a request has one outcome. The store, the journal, every card and
 * every person who tried are told the same one.
 */
import { createDecisions, type Decisions } from '../../../services/deciding';
import { formOf, startDeskStage, type DeskStage } from '../../fakes/desk-stage';
import { divya, ines, martin } from '../../fakes/facts';
import { outcomeSentence } from '../../../services/restore/transition';
import {
  asEntry,
  card,
  leads,
  leadsKey,
  nils,
  signOffStage,
  wordFor,
  zoe,
  type Desk,
} from '../../fakes/sign-off-stage';
import type { Decided } from '../../../services/decided';
import type { Person } from '../../../services/restore/person';
import type { RequestMessage } from '../../../services/restore/messages';
import type { RestoreRequest } from '../../../services/restore/request';

jest.setTimeout(60_000);
let stage: DeskStage;
beforeAll(async () => {
  stage = await startDeskStage();
});
beforeEach(() => stage.reset());
afterAll(() => stage?.stop());

const { under, requestedOn, messagesOf, noticesOf, at, waitUntil } = signOffStage(() => stage);

const rule = {
  ...{ approvers: [martin, divya].map(asEntry), needed: 1, expiresAfterMinutes: 60 },
  escalate: { afterMinutes: 40, to: [asEntry(zoe)] },
};

/** Escalated, so that there are three cards: in the channel, in the thread, and in a chat with Zoe. */
async function escalatedOn(desk: Desk, target: string): Promise<RestoreRequest> {
  const request = await requestedOn(desk, target);
  return waitUntil(desk, request.id, at(45));
}

const yes = (on: Decisions, request: RestoreRequest, by: Person): Promise<Decided> =>
  on.approve(request.id, by, '', card(request));
const no = (on: Decisions, request: RestoreRequest, by: Person): Promise<Decided> =>
  on.reject(request.id, by, 'not now', card(request));
const back = (on: Decisions, request: RestoreRequest): Promise<Decided> =>
  on.withdraw(request.id, ines, card(request));

/** The desk as a replica has it whose clock says this. */
const replicaAt = ({ deps }: Desk, now: string): Decisions =>
  createDecisions({ ...deps, clock: { now: () => now } });

const deciding = ['approved-by', 'rejected-by', 'withdrawn-by', 'expired'];
const endings = {
  approved: 'approved-by',
  rejected: 'rejected-by',
  withdrawn: 'withdrawn-by',
  expired: 'expired',
};
type Ending = keyof typeof endings;

/** What is said about an end, in cards and in messages beside them. */
async function told(id: string) {
  const cards = [...(await messagesOf(id)).values()]
    .map(({ message }) => message)
    .filter((message): message is RequestMessage => message.kind === 'request');
  const ends = (await noticesOf(id)).flatMap(({ words }) => / (rejected|expired) /.exec(words)?.[1] ?? []);
  return { cards: cards.map(({ place, ending }) => `${place} ${ending.kind}`).sort(), ends };
}

/** Asserts that the request has one outcome, and that everybody has it; answers it. */
async function oneOutcome(id: string, answers: readonly Decided[], direct = true): Promise<Ending> {
  const request = await stage.request(id);
  const outcome = request.state.phase as Ending;
  const decisions = (await stage.journal(id))
    .map(({ kind }) => kind)
    .filter((kind) => deciding.includes(kind));
  expect(decisions).toEqual([endings[outcome]]);
  expect(await told(id)).toEqual({
    cards: ['approval', ...(direct ? ['direct'] : []), 'receipt'].map((place) => `${place} ${outcome}`),
    ends: outcome === 'rejected' || outcome === 'expired' ? [outcome] : [],
  });
  const starts = await stage.desk.ask(
    `select from pgboss.job where name = 'advance' and data ->> 'requestId' = $1`,
    [id],
  );
  expect(starts).toHaveLength(outcome === 'approved' ? 1 : 0);
  // Who came too late is told how it went, and nothing else.
  for (const answer of answers) {
    if (answer.kind === 'done') expect(answer.request.state.phase).toBe(outcome);
    else expect(answer.because.sentence).toContain(outcomeSentence(request));
  }
  return outcome;
}

describe('at once', () => {
  test('two approvers in one millisecond', async () => {
    const desk = under(rule);
    for (let round = 0; round < 6; round++) {
      stage.reset();
      const request = await escalatedOn(desk, `one-millisecond-${round}`);
      const [a, b] = round % 2 === 0 ? [martin, divya] : [divya, martin];
      const answers = await Promise.all([yes(desk.decisions, request, a), yes(desk.decisions, request, b)]);
      expect(await oneOutcome(request.id, answers)).toBe('approved');
      expect((await stage.request(request.id)).state).toMatchObject({ run: { approvals: { length: 1 } } });
    }
  });

  test('two approvers in one millisecond, one of whom says no', async () => {
    const desk = under(rule);
    for (let round = 0; round < 6; round++) {
      stage.reset();
      const request = await escalatedOn(desk, `yes-and-no-${round}`);
      const both = [() => yes(desk.decisions, request, martin), () => no(desk.decisions, request, divya)];
      const answers = await Promise.all((round % 2 === 0 ? both : both.reverse()).map((decide) => decide()));
      expect(['approved', 'rejected']).toContain(await oneOutcome(request.id, answers));
    }
  });

  test('approve against withdraw against expiry', async () => {
    const desk = under(rule);
    const orders = ['ABC', 'ACB', 'BAC', 'BCA', 'CAB', 'CBA', 'ABC', 'BCA', 'CAB'];
    for (const [round, order] of orders.entries()) {
      stage.reset();
      const request = await escalatedOn(desk, `three-ways-${round}`);
      if (request.state.phase !== 'awaiting-approval') throw new Error('not waiting');
      const { expiresAt } = request.state;
      const people = replicaAt(desk, new Date(Date.parse(expiresAt) - 1).toISOString());
      const given: Decided[] = [];
      const moves: Record<string, () => Promise<unknown>> = {
        A: async () => given.push(await yes(people, request, martin)),
        B: async () => given.push(await back(people, request)),
        C: () => replicaAt(desk, expiresAt).clock(request.id),
      };
      await Promise.all([...order].map(async (name) => moves[name]?.()));
      expect(given).toHaveLength(2);
      const late = given.filter(({ kind }) => kind === 'refused');
      // A withdrawal after the start has a refusal of its own, which says that it has started.
      const isTooLate = late.some(
        (each) => each.kind === 'refused' && each.because.code === 'WITHDRAW_TOO_LATE',
      );
      const outcome = await oneOutcome(request.id, isTooLate ? [] : given);
      expect(isTooLate).toBe(outcome === 'approved');
    }
  });
});

describe('late', () => {
  test('a click delivered an hour late, when the request has expired', async () => {
    const desk = under(rule);
    const request = await escalatedOn(desk, 'hour-late');
    await waitUntil(desk, request.id, at(60));
    const answer = await yes(desk.decisions, request, martin);
    expect(wordFor(answer)).toBe('NO_LONGER_OPEN');
    expect(await oneOutcome(request.id, [answer])).toBe('expired');
  });

  test('a click delivered an hour late, before anybody has looked at the clock', async () => {
    const desk = under(rule);
    const request = await escalatedOn(desk, 'hour-late-first');
    stage.clock.set(at(60));
    const answers = [
      await yes(desk.decisions, request, martin),
      await back(desk.decisions, request),
      await no(desk.decisions, request, divya),
    ];
    // What they were told holds although the worker comes only now.
    await desk.decisions.clock(request.id);
    expect(await oneOutcome(request.id, answers)).toBe('expired');
  });

  test('a click delivered an hour late, when another approver has rejected it', async () => {
    const desk = under(rule);
    const request = await escalatedOn(desk, 'hour-late-rejected');
    const first = await no(desk.decisions, request, divya);
    stage.clock.set(at(60));
    const answer = await yes(desk.decisions, request, martin);
    await desk.decisions.clock(request.id);
    expect(await oneOutcome(request.id, [first, answer])).toBe('rejected');
  });

  test('a clock set back after it expired', async () => {
    const desk = under(rule);
    const request = await escalatedOn(desk, 'set-back-expired');
    await waitUntil(desk, request.id, at(60));
    stage.clock.set(at(-70));
    const answers = [await yes(desk.decisions, request, martin), await back(desk.decisions, request)];
    expect(await oneOutcome(request.id, answers)).toBe('expired');
  });

  test('a clock set back after an approver was told that it has expired', async () => {
    const desk = under(rule);
    const request = await escalatedOn(desk, 'set-back-told');
    stage.clock.set(at(60));
    const tooLate = await yes(desk.decisions, request, martin);
    expect(wordFor(tooLate)).toBe('NO_LONGER_OPEN');
    stage.clock.set(at(-70));
    const answers = [tooLate, await yes(desk.decisions, request, divya), await back(desk.decisions, request)];
    expect(await oneOutcome(request.id, answers)).toBe('expired');
  });

  test('a clock set back after somebody who may start it without approval was told that it has expired', async () => {
    const breakGlass = { people: [asEntry(nils)], atMost: { times: 1, hours: 1 }, reviewWithinMinutes: 60 };
    const desk = under({ ...rule, breakGlass });
    const request = await escalatedOn(desk, 'set-back-glass');
    const glass = (): Promise<Decided> =>
      desk.decisions.breakGlass(request.id, nils, 'it burns', card(request));
    stage.clock.set(at(60));
    const tooLate = await glass();
    stage.clock.set(at(-70));
    expect(await oneOutcome(request.id, [tooLate, await glass()])).toBe('expired');
  });

  test('a clock set back after it was approved', async () => {
    const desk = under(rule);
    const request = await escalatedOn(desk, 'set-back-approved');
    const first = await yes(desk.decisions, request, martin);
    stage.clock.set(at(-70));
    const answer = await no(desk.decisions, request, divya);
    await desk.decisions.clock(request.id);
    expect(await oneOutcome(request.id, [first, answer])).toBe('approved');
  });
});

describe('while something is wrong', () => {
  const ofLeads = { ...rule, approvers: [leads] };

  test.each<[string, () => unknown, string]>([
    [
      'the group emptied between card and click',
      () => stage.directory.groups.set(leadsKey, []),
      'NOT_AN_APPROVER',
    ],
    [
      'a group that the directory does not know any more',
      () => stage.directory.groups.delete(leadsKey),
      'NOT_AN_APPROVER',
    ],
    [
      'the approver leaves the company',
      () => stage.directory.accounts.set(divya.aadObjectId, 'unknown'),
      'ACCOUNT_DOES_NOT_COUNT',
    ],
    ['Graph down', () => (stage.directory.isAway = true), 'DIRECTORY_UNREACHABLE'],
  ])('%s: nothing is decided by the click, and it ends once', async (what, happens, code) => {
    stage.directory.groups.set(leadsKey, [divya]);
    const desk = under(ofLeads);
    const request = await escalatedOn(desk, `wrong-${what.replace(/\W+/g, '-').toLowerCase().slice(0, 30)}`);
    const before = [await told(request.id), await stage.journal(request.id)];
    happens();
    const clicks = [await yes(desk.decisions, request, divya), await no(desk.decisions, request, divya)];
    expect(clicks.map(wordFor)).toEqual([code, code]);
    expect(await stage.request(request.id)).toEqual(request);
    expect([await told(request.id), await stage.journal(request.id)]).toEqual(before);
    // Neither a click nor the directory holds up its end.
    await waitUntil(desk, request.id, at(60));
    const late = [await yes(desk.decisions, request, divya), await back(desk.decisions, request)];
    expect(await oneOutcome(request.id, late)).toBe('expired');
  });

  test('Graph down and back: the same click decides, once', async () => {
    stage.directory.groups.set(leadsKey, [divya]);
    const desk = under(ofLeads);
    const request = await escalatedOn(desk, 'graph-back');
    stage.directory.isAway = true;
    expect(wordFor(await yes(desk.decisions, request, divya))).toBe('DIRECTORY_UNREACHABLE');
    stage.directory.isAway = false;
    const answers = [await yes(desk.decisions, request, divya), await yes(desk.decisions, request, divya)];
    expect(await oneOutcome(request.id, answers)).toBe('approved');
  });

  test.each<[string, () => unknown]>([
    ['an empty approver list', () => stage.directory.groups.set(leadsKey, [])],
    ['an unknown group', () => stage.directory.groups.delete(leadsKey)],
  ])('%s: there is no request, and the form says why', async (what, happens) => {
    happens();
    const desk = under(ofLeads);
    const draft = await stage.openForm(`none-${what.replaceAll(' ', '-')}`);
    const answer = await desk.drafting.submit(formOf(draft), ines, draft.inputs);
    const form = { state: 'open', problems: [{ code: 'NO_APPROVER_LEFT' }] };
    expect(answer).toMatchObject({ kind: 'form', message: form });
    const messages = await stage.desk.ask('select message from outbox where slot = $1', [
      `draft/${draft.id}`,
    ]);
    expect(messages).toMatchObject([{ message: form }]);
    expect(
      await stage.desk.ask('select from restore_request where body ->> $1 = $2', ['draftId', draft.id]),
    ).toEqual([]);
  });
});

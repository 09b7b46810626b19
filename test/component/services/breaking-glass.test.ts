/** Starts without approval, and the review that they owe, on a real store with a directory that is played. */
import { createRunning } from '../../../services/running';
import { startDeskStage, type DeskStage } from '../../fakes/desk-stage';
import { divya, emil, ines, martin } from '../../fakes/facts';
import { asEntry, card, nils, paul, signOffStage, wordFor, zoe, type Desk } from '../../fakes/sign-off-stage';
import type { Person } from '../../../services/restore/person';
import type { RestoreRequest } from '../../../services/restore/request';

jest.setTimeout(60_000);
let stage: DeskStage;
beforeAll(async () => {
  stage = await startDeskStage();
});
beforeEach(() => stage.reset());
afterAll(() => stage?.stop());

const { under, requestedOn, messagesOf, noticesOf, kindsOf, at, waitUntil } = signOffStage(() => stage);

describe('a start without approval', () => {
  const glass = {
    approvers: [martin, divya].map(asEntry),
    needed: 2,
    breakGlass: {
      people: [ines, emil, paul, nils].map(asEntry),
      atMost: { times: 2, hours: 24 },
      reviewWithinMinutes: 60,
      targets: ['glass-*'],
    },
  };
  const breaks = async (
    { decisions }: Desk,
    request: RestoreRequest,
    by: Person,
    reason = 'the shop is down',
  ): Promise<string> => wordFor(await decisions.breakGlass(request.id, by, reason, card(request)));

  test('starts at once, tells all approvers, and owes a review that another approver gives', async () => {
    const desk = under(glass);
    const request = await requestedOn(desk, 'glass-1');
    expect(await breaks(desk, request, ines)).toBe('approved');
    const started = await stage.request(request.id);
    expect(started).toMatchObject({
      state: { run: { approvals: [], glass: { by: ines, reason: 'the shop is down' } } },
      review: { kind: 'due', by: ines },
    });
    expect(await noticesOf(request.id)).toContainEqual({
      words: expect.stringContaining('was started without approval by Ines Okafor: "the shop is down"'),
      calls: ['Martin Hale', 'Divya Rao'],
    });
    expect((await messagesOf(request.id)).get(`${request.id}/approval/1`)?.message).toMatchObject({
      ending: { kind: 'started' },
      review: { kind: 'due' },
    });
    const review = (by: Person, verdict: 'approved' | 'reported', comment: string) =>
      desk.decisions
        .review(request.id, by, { verdict, comment }, card(request))
        .then((decided) => (decided.kind === 'done' ? 'done' : decided.because.code));
    expect(await review(ines, 'approved', '')).toBe('OWN_REQUEST');
    expect(await review(emil, 'approved', '')).toBe('REVIEW_NOT_YOURS');
    expect(await review(divya, 'reported', ' ')).toBe('REASON_FOR_REJECT');
    expect(await review(divya, 'reported', 'could have waited')).toBe('done');
    expect(await review(martin, 'approved', '')).toBe('NO_REVIEW');
    expect(await stage.request(request.id)).toMatchObject({
      review: { kind: 'reported', reviewedBy: divya, comment: 'could have waited' },
    });
    // The restore itself goes on as it would under an approval.
    await createRunning(desk.deps).advance(request.id);
    expect(stage.orders.sent).toHaveLength(1);
  });

  test('an open review blocks the next one of that person, and of nobody else', async () => {
    const desk = under(glass);
    const first = await requestedOn(desk, 'glass-2');
    expect(await breaks(desk, first, emil)).toBe('approved');
    const second = await requestedOn(desk, 'glass-3');
    expect(await breaks(desk, second, emil)).toBe('GLASS_REVIEW_OPEN');
    await desk.decisions.review(first.id, martin, { verdict: 'approved', comment: '' }, card(first));
    expect(await breaks(desk, second, emil)).toBe('approved');
    await desk.decisions.review(second.id, martin, { verdict: 'approved', comment: '' }, card(second));
    const third = await requestedOn(desk, 'glass-4');
    expect(await breaks(desk, third, emil)).toBe('GLASS_TOO_OFTEN');
    stage.clock.set(at(24 * 60 + 1));
    const fourth = await requestedOn(desk, 'glass-5');
    expect(await breaks(desk, fourth, emil)).toBe('approved');
    await desk.decisions.review(fourth.id, martin, { verdict: 'approved', comment: '' }, card(fourth));
  });

  test('a review is asked for again at half of its time, when it is due, and once in every such time after', async () => {
    const desk = under(glass);
    const request = await requestedOn(desk, 'glass-6');
    await breaks(desk, request, paul);
    for (const minutes of [29, 1, 30, 59, 1]) await waitUntil(desk, request.id, at(minutes));
    expect((await kindsOf(request.id)).filter((kind) => kind === 'review-reminded')).toHaveLength(3);
    await desk.decisions.review(request.id, martin, { verdict: 'approved', comment: '' }, card(request));
    await waitUntil(desk, request.id, at(600));
    expect((await kindsOf(request.id)).filter((kind) => kind === 'review-reminded')).toHaveLength(3);
  });

  test.each([
    ['somebody whom the rule does not list', 'glass-7', divya, 'down', 'GLASS_NOT_YOURS'],
    ['no reason', 'glass-8', nils, '  ', 'GLASS_REASON'],
    ['a target that the rule does not list', 'other-1', nils, 'down', 'GLASS_NOT_YOURS'],
  ])('is refused for %s', async (_why, target, by, reason, code) => {
    const desk = under(glass);
    const request = await requestedOn(desk, target);
    expect(await breaks(desk, request, by, reason)).toBe(code);
    expect((await stage.request(request.id)).state).toEqual(request.state);
  });

  test('two at once of one person start one', async () => {
    const desk = under({ ...glass, breakGlass: { ...glass.breakGlass, people: [asEntry(zoe)] } });
    const requests = [await requestedOn(desk, 'glass-9'), await requestedOn(desk, 'glass-10')];
    const words = await Promise.all(requests.map((request) => breaks(desk, request, zoe)));
    expect(words.filter((word) => word === 'approved')).toHaveLength(1);
  });
});

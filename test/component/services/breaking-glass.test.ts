/** Starts without approval, and the review that they owe, on a real store with a directory that is played. */
import { standingOf } from '../../../services/decision';
import { viewerOf } from '../../../services/restore/say-request';
import { createRunning } from '../../../services/running';
import { startDeskStage, type DeskStage } from '../../fakes/desk-stage';
import { aServer, divya, emil, ines, martin } from '../../fakes/facts';
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

  test('who is listed and neither asked for it nor signs it sees the one button, as the directory says now', async () => {
    const desk = under({
      ...glass,
      breakGlass: { ...glass.breakGlass, people: [zoe, martin, ines].map(asEntry) },
    });
    const request = await requestedOn(desk, 'glass-view');
    const viewer = async (by: Person) => viewerOf(request, by, await standingOf(desk.deps, request, by));
    const seen = await Promise.all([zoe, martin, ines, emil].map(viewer));
    expect(seen).toEqual(['on-call', 'approver', 'requester', 'reader']);
    stage.directory.accounts.set(zoe.aadObjectId, 'disabled');
    expect(await viewer(zoe)).toBe('reader');
    expect(await breaks(desk, request, emil)).toBe('GLASS_NOT_YOURS');
    expect(await breaks(desk, request, ines)).toBe('approved');
    expect(viewerOf(await stage.request(request.id), zoe)).toBe('reader');
  });

  test('what is owed for a start is owed still when it is asked for again, and nobody else takes it off them', async () => {
    const [lena = ines, omar = ines] = strangers(2);
    const listed = under({
      ...glass,
      breakGlass: { ...glass.breakGlass, people: [lena, omar].map(asEntry) },
    });
    const first = await requestedOn(listed, 'glass-12');
    expect(await breaks(listed, first, lena)).toBe('approved');
    stage.azure.servers.set(aServer('glass-12').id.toLowerCase(), aServer('glass-12'));
    await createRunning(listed.deps).advance(first.id);
    stage.azure.servers.delete(aServer('glass-12').id.toLowerCase());
    await listed.decisions.retry(first.id, ines, card(await stage.request(first.id)));
    const again = await stage.request(first.id);
    expect(again).toMatchObject({ revision: 2, review: { kind: 'due', by: lena } });
    expect(await breaks(listed, again, omar)).toBe('GLASS_REVIEW_OPEN');
    expect(await stage.request(first.id)).toMatchObject({ review: { kind: 'due', by: lena } });
    const told = await messagesOf(first.id);
    expect(told.get(`${first.id}/approval/1`)?.message).not.toHaveProperty('review');
    expect(told.get(`${first.id}/approval/2`)?.message).toMatchObject({ review: { kind: 'due' } });
    // Its clock goes on beside that of the waiting.
    await waitUntil(listed, first.id, at(30));
    expect(await kindsOf(first.id)).toContain('review-reminded');
    const decided = await listed.decisions.review(
      first.id,
      martin,
      { verdict: 'approved', comment: '' },
      card(again),
    );
    expect(decided.kind).toBe('done');
    expect(await breaks(listed, await stage.request(first.id), omar)).toBe('approved');
  });

  test('calls every approver, however many they are', async () => {
    const crowd = strangers(45);
    const desk = under({ ...glass, approvers: crowd.map(asEntry) });
    const request = await requestedOn(desk, 'glass-13');
    expect(await breaks(desk, request, nils)).toBe('approved');
    const called = (await noticesOf(request.id)).flatMap(({ calls }) => calls);
    expect(called.sort()).toEqual(crowd.map(({ name }) => name).sort());
  });

  test('comes too late once the time of the request is over, also before anybody has looked at its clock', async () => {
    const desk = under(glass);
    const request = await requestedOn(desk, 'glass-14');
    stage.clock.set(at(60));
    expect(await breaks(desk, request, emil)).toBe('NO_LONGER_OPEN');
  });
});

const strangers = (count: number): Person[] =>
  Array.from({ length: count }, (_, index) => ({
    aadObjectId: `cccccccc-0000-4000-8000-${String(index).padStart(12, '0')}`,
    name: `Stranger ${index}`,
  }));

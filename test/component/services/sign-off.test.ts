/** Stages, groups, questions, edits and clocks, on a real store with a directory that is played. */
import { createRestoreService } from '../../../services/restore-service';
import { createAnswering } from '../../../services/answering';
import { createAddressBook } from '../../../services/store/address-book';
import { createDecisions } from '../../../services/deciding';
import { createDrafting } from '../../../services/drafting';
import { DeskError, problem } from '../../../services/restore/errors';
import { requestKey } from '../../../services/restore/request';
import { stopRefusal } from '../../../services/restore/transition';
import { viewerOf } from '../../../services/restore/say-request';
import { formOf, startDeskStage, type DeskStage } from '../../fakes/desk-stage';
import { aServer, divya, emil, ines, martin } from '../../fakes/facts';
import {
  approve,
  asEntry,
  card,
  leads,
  leadsKey,
  paul,
  signOffStage,
  wordFor,
  zoe,
  type Desk,
} from '../../fakes/sign-off-stage';
import type { Draft, RestoreRequest } from '../../../services/restore/request';
import type { RequestMessage } from '../../../services/restore/messages';

jest.setTimeout(60_000);
let stage: DeskStage;
beforeAll(async () => {
  stage = await startDeskStage();
});
beforeEach(() => stage.reset());
afterAll(() => stage?.stop());

const { under, requestedOn, messagesOf, noticesOf, kindsOf, at, waitUntil } = signOffStage(() => stage);

describe('stages and groups', () => {
  const staged = {
    stages: [
      { name: 'database leads', approvers: [leads], needed: 1 },
      { name: 'managers', approvers: [asEntry(martin)], needed: 1 },
    ],
  };

  test('signatures come in their order, and the next stage is called when it is its turn', async () => {
    stage.directory.groups.set(leadsKey, [divya, paul]);
    const desk = under(staged);
    const request = await requestedOn(desk, 'staged');
    expect(await approve(desk, request, martin)).toBe('NOT_YOUR_TURN');
    expect(await approve(desk, request, emil)).toBe('NOT_AN_APPROVER');
    expect(await approve(desk, request, paul)).toBe('awaiting-approval');
    expect(await noticesOf(request.id)).toContainEqual({
      words: expect.stringContaining('is with you now (1 of 1 approvers (managers))'),
      calls: ['Martin Hale'],
    });
    expect(await approve(desk, request, divya)).toBe('NOT_YOUR_TURN');
    expect(await approve(desk, request, martin)).toBe('approved');
  });

  test('somebody of both stages signs once', async () => {
    stage.directory.groups.set(leadsKey, [martin, paul]);
    const desk = under({
      stages: [
        staged.stages[0],
        { name: 'managers', approvers: [asEntry(martin), asEntry(divya)], needed: 1 },
      ],
    });
    const request = await requestedOn(desk, 'both-stages');
    expect(await approve(desk, request, martin)).toBe('awaiting-approval');
    expect(await approve(desk, request, martin)).toBe('ALREADY_DECIDED_BY_YOU');
    expect(await approve(desk, request, divya)).toBe('approved');
  });

  test('a later stage may reject before it is its turn', async () => {
    stage.directory.groups.set(leadsKey, [divya]);
    const desk = under(staged);
    const request = await requestedOn(desk, 'early-no');
    expect(wordFor(await desk.decisions.reject(request.id, martin, 'not now', card(request)))).toBe(
      'rejected',
    );
  });

  test('stages that could only be filled by one person twice refuse the request', async () => {
    stage.directory.groups.set(leadsKey, [martin]);
    const draft = await stage.openForm('one-for-two');
    const answer = await under(staged).drafting.submit(formOf(draft), ines, draft.inputs);
    expect(answer).toMatchObject({ kind: 'form', message: { problems: [{ code: 'NO_APPROVER_LEFT' }] } });
  });

  test.each([
    [
      'the group is emptied between the card and the click',
      () => stage.directory.groups.set(leadsKey, []),
      'NOT_AN_APPROVER',
    ],
    [
      'the account is disabled',
      () => stage.directory.accounts.set(divya.aadObjectId, 'disabled'),
      'ACCOUNT_DOES_NOT_COUNT',
    ],
    [
      'they have left the company',
      () => stage.directory.accounts.set(divya.aadObjectId, 'unknown'),
      'ACCOUNT_DOES_NOT_COUNT',
    ],
    [
      'they are a guest',
      () => stage.directory.accounts.set(divya.aadObjectId, 'guest'),
      'ACCOUNT_DOES_NOT_COUNT',
    ],
    ['the directory is away', () => void (stage.directory.isAway = true), 'DIRECTORY_UNREACHABLE'],
  ])('who could approve when it was asked does not when %s', async (_name, happens, code) => {
    stage.directory.groups.set(leadsKey, [divya, paul]);
    const desk = under({ approvers: [leads], needed: 1 });
    const request = await requestedOn(
      desk,
      `gone-${code.toLowerCase().replaceAll('_', '-')}-${Math.random().toString(36).slice(2, 8)}`,
    );
    happens();
    expect(await approve(desk, request, divya)).toBe(code);
    expect((await stage.request(request.id)).state).toEqual(request.state);
    expect((await kindsOf(request.id)).filter((kind) => kind !== 'requested')).toEqual([]);
  });

  test('who joins the group after it was asked may approve, and is shown the buttons', async () => {
    stage.directory.groups.set(leadsKey, [divya]);
    const desk = under({ approvers: [leads], needed: 1 });
    const request = await requestedOn(desk, 'joined');
    stage.directory.groups.set(leadsKey, [paul]);
    const standing = await stage.directory.standing(paul.aadObjectId, request.rule.stages[0]?.parties ?? []);
    expect(viewerOf(request, paul, standing)).toBe('approver');
    expect(viewerOf(request, divya, { account: 'member', belongsTo: [] })).toBe('reader');
    expect(await approve(desk, request, paul)).toBe('approved');
  });

  test.each([
    ['a group that nobody is in', () => undefined],
    ['a group of the requester alone', () => stage.directory.groups.set(leadsKey, [ines])],
    [
      'a group of guests',
      () => {
        stage.directory.groups.set(leadsKey, [divya]);
        stage.directory.accounts.set(divya.aadObjectId, 'guest');
      },
    ],
  ])('%s refuses the request in its form', async (name, happens) => {
    happens();
    const draft = await stage.openForm(`nobody-${name.length}`);
    const answer = await under({ approvers: [leads], needed: 1 }).drafting.submit(
      formOf(draft),
      ines,
      draft.inputs,
    );
    expect(answer).toMatchObject({
      kind: 'form',
      message: { problems: [{ code: 'NO_APPROVER_LEFT' }], state: 'open' },
    });
  });

  test('while the directory is away a form waits and says so, and goes on when it is back', async () => {
    const desk = under({ approvers: [leads], needed: 1 });
    stage.directory.groups.set(leadsKey, [divya]);
    stage.directory.isAway = true;
    const draft = await stage.openForm('directory-away');
    const answer = await desk.drafting.submit(formOf(draft), ines, draft.inputs);
    expect(answer).toMatchObject({
      kind: 'form',
      message: { problems: [{ code: 'DIRECTORY_UNREACHABLE' }], state: 'checking' },
    });
    stage.directory.isAway = false;
    expect(await desk.drafting.check(draft.id)).toMatchObject({ kind: 'request' });
  });

  test('a policy that was changed since lets nothing through, and says so', async () => {
    const desk = under({ approvers: [asEntry(martin)], needed: 1 });
    const request = await requestedOn(desk, 'other-policy');
    const changed = createDecisions({ ...desk.deps, policy: { ...desk.deps.policy, version: 'test-2' } });
    expect(wordFor(await changed.approve(request.id, martin, '', card(request)))).toBe('POLICY_CHANGED');
    expect(wordFor(await changed.reject(request.id, martin, 'no', card(request)))).toBe('rejected');
  });

  test('an approver under two accounts signs once', async () => {
    const policy = { aliases: [[martin.aadObjectId, paul.aadObjectId]] };
    const desk = under({ approvers: [martin, divya, paul].map(asEntry), needed: 2 }, policy);
    const request = await requestedOn(desk, 'two-accounts');
    expect(await approve(desk, request, martin)).toBe('awaiting-approval');
    expect(await approve(desk, request, paul)).toBe('ALREADY_DECIDED_BY_YOU');
    expect(await approve(desk, request, divya)).toBe('approved');
  });
});

describe('a question', () => {
  const asking = {
    approvers: [martin, divya].map(asEntry),
    needed: 1,
    expiresAfterMinutes: 60,
    remindAfterMinutes: 30,
  };

  test('stops the clocks, is answered by the requester, and the clocks go on where they stood', async () => {
    const desk = under(asking);
    const request = await requestedOn(desk, 'question');
    const start = stage.clock.now();
    stage.clock.set(at(10));
    expect(wordFor(await desk.decisions.ask(request.id, martin, ' Which orders? ', card(request)))).toBe(
      'awaiting-approval',
    );
    expect(await noticesOf(request.id)).toContainEqual({
      words: expect.stringContaining('Martin Hale asks about'),
      calls: ['Ines Okafor'],
    });
    expect(wordFor(await desk.decisions.ask(request.id, divya, 'And why?', card(request)))).toBe(
      'QUESTION_OPEN',
    );
    // Half an hour later neither the reminder nor anything else has come.
    stage.clock.set(at(40));
    await desk.decisions.clock(request.id);
    expect(await kindsOf(request.id)).toEqual(['requested', 'question-asked']);
    expect(wordFor(await desk.decisions.answer(request.id, martin, 'All.', card(request)))).toBe('NOT_YOURS');
    expect(wordFor(await desk.decisions.answer(request.id, ines, '  ', card(request)))).toBe('ANSWER_EMPTY');
    expect(wordFor(await desk.decisions.answer(request.id, ines, 'All of today.', card(request)))).toBe(
      'awaiting-approval',
    );
    const answered = await stage.request(request.id);
    expect(answered.state).toMatchObject({
      remindAt: new Date(Date.parse(start) + 70 * 60_000).toISOString(),
      expiresAt: new Date(Date.parse(start) + 100 * 60_000).toISOString(),
      questions: [{ by: martin, text: 'Which orders?', answer: { by: ines, text: 'All of today.' } }],
    });
    expect((await noticesOf(request.id)).map(({ calls }) => calls)).toContainEqual(['Martin Hale']);
    expect(wordFor(await desk.decisions.answer(request.id, ines, 'Again.', card(request)))).toBe(
      'NO_QUESTION',
    );
    expect(await kindsOf(request.id)).toEqual(['requested', 'question-asked', 'question-answered']);
  });

  test('that nobody answers lets the clocks go on by themselves, and the request still ends', async () => {
    const desk = under(asking);
    const request = await requestedOn(desk, 'unanswered');
    await desk.decisions.ask(request.id, martin, 'Which orders?', card(request));
    const open = await stage.request(request.id);
    if (open.state.phase !== 'awaiting-approval' || !open.state.question) throw new Error('no question');
    const goesOn = await waitUntil(desk, request.id, open.state.question.goesOnAt);
    expect(goesOn.state).toMatchObject({
      phase: 'awaiting-approval',
      questions: [{ text: 'Which orders?' }],
    });
    const ended = await waitUntil(desk, request.id, at(61));
    expect(ended.state.phase).toBe('expired');
    expect(await kindsOf(request.id)).toEqual([
      'requested',
      'question-asked',
      'question-unanswered',
      'expired',
    ]);
  });

  test('does not keep another approver from deciding', async () => {
    const desk = under(asking);
    const request = await requestedOn(desk, 'decided-anyway');
    await desk.decisions.ask(request.id, martin, 'Which orders?', card(request));
    expect(await approve(desk, request, divya)).toBe('approved');
    expect(wordFor(await desk.decisions.answer(request.id, ines, 'All.', card(request)))).toBe(
      'NO_LONGER_OPEN',
    );
  });

  test.each([
    ['a stranger', emil, 'why?', 'NOT_AN_APPROVER'],
    ['the requester', ines, 'why?', 'OWN_REQUEST'],
    ['an approver without words', martin, ' ', 'QUESTION_EMPTY'],
  ])('of %s is refused', async (_who, by, words, code) => {
    const desk = under(asking);
    const request = await requestedOn(desk, `no-question-${code.toLowerCase().replaceAll('_', '-')}`);
    expect(wordFor(await desk.decisions.ask(request.id, by, words, card(request)))).toBe(code);
  });
});

describe('clocks', () => {
  const clocked = {
    approvers: [martin, divya].map(asEntry),
    needed: 1,
    expiresAfterMinutes: 60,
    remindAfterMinutes: 20,
    escalate: { afterMinutes: 40, to: [asEntry(zoe)] },
  };

  test('remind, escalate and end, each once, however often and however late they are looked at', async () => {
    const desk = under(clocked);
    const request = await requestedOn(desk, 'clocks');
    const start = stage.clock.now();
    const after = (minutes: number) => new Date(Date.parse(start) + minutes * 60_000).toISOString();
    await waitUntil(desk, request.id, after(19.99));
    expect(await kindsOf(request.id)).toEqual(['requested']);
    await waitUntil(desk, request.id, after(20));
    await desk.decisions.clock(request.id);
    expect(await kindsOf(request.id)).toEqual(['requested', 'reminded']);
    expect(await approve(desk, request, zoe)).toBe('NOT_AN_APPROVER');
    const escalated = await waitUntil(desk, request.id, after(45));
    expect(escalated.toldDirectly).toEqual([zoe]);
    const direct = (await messagesOf(request.id)).get(`${request.id}/direct/1/${zoe.aadObjectId}`);
    expect(direct).toMatchObject({
      to: { kind: 'person', person: zoe },
      message: { place: 'direct', ending: { kind: 'open' } },
    });
    await waitUntil(desk, request.id, after(60));
    await desk.decisions.clock(request.id);
    expect(await kindsOf(request.id)).toEqual(['requested', 'reminded', 'escalated', 'expired']);
    const calls = (await noticesOf(request.id)).map((notice) => notice.calls);
    expect(calls).toEqual(
      expect.arrayContaining([['Martin Hale', 'Divya Rao'], ['Zoe Lindt'], ['Ines Okafor']]),
    );
    // Every card of the request tells the end, the one in the chat of her own included.
    const told = [...(await messagesOf(request.id)).values()].filter(
      ({ message }) => message.kind === 'request',
    );
    expect(told.map(({ message }) => (message as RequestMessage).ending.kind)).toEqual([
      'expired',
      'expired',
      'expired',
    ]);
  });

  test('after a long absence everything that is still of use comes once, in its order', async () => {
    const desk = under(clocked);
    const request = await requestedOn(desk, 'long-absence');
    await waitUntil(desk, request.id, at(50));
    expect(await kindsOf(request.id)).toEqual(['requested', 'reminded', 'escalated']);
  });

  test('who was called by the escalation may decide', async () => {
    const desk = under(clocked);
    const request = await requestedOn(desk, 'called');
    const escalated = await waitUntil(desk, request.id, at(41));
    expect(await approve(desk, escalated, zoe)).toBe('approved');
  });

  test('a card in a chat whose post had no answer is known once somebody looks at it, to that person only', async () => {
    const desk = under(clocked);
    const request = await requestedOn(desk, 'unknown-direct');
    await waitUntil(desk, request.id, at(41));
    const { outbox, database } = stage.desk;
    const service = createRestoreService(desk.deps, outbox, createAddressBook(database));
    const copy = { conversation: 'a:zoe', messageId: 'direct-2' };
    const looked = { key: requestKey(request), place: 'direct', card: copy } as const;
    const slot = `${request.id}/direct/1/${zoe.aadObjectId}`;
    await service.noteSeen({ ...looked, person: martin });
    await service.noteSeen({ ...looked, key: { ...looked.key, nonce: 'made-up' }, person: zoe });
    expect((await outbox.read(slot))?.copies).toEqual([]);
    await service.noteSeen({ ...looked, person: zoe });
    expect(await outbox.read(slot)).toMatchObject({ copies: [copy], wanted: 2 });
  });

  test('a clock that is set back brings nothing twice', async () => {
    const desk = under(clocked);
    const request = await requestedOn(desk, 'set-back');
    const start = stage.clock.now();
    await waitUntil(desk, request.id, at(21));
    await waitUntil(desk, request.id, start);
    await waitUntil(desk, request.id, at(21));
    expect(await kindsOf(request.id)).toEqual(['requested', 'reminded']);
  });

  test('two who look at the clock at once strike it once', async () => {
    const desk = under(clocked);
    const request = await requestedOn(desk, 'two-clocks');
    stage.clock.set(at(60));
    await Promise.all([desk.decisions.clock(request.id), desk.decisions.clock(request.id)]);
    expect(await kindsOf(request.id)).toEqual(['requested', 'expired']);
  });
});

describe('an edit', () => {
  const two = { approvers: [martin, divya].map(asEntry), needed: 2 };

  async function editForm(desk: Desk, request: RestoreRequest, by = ines): Promise<Draft> {
    const opened = await desk.drafting.edit(request.id, by, card(request));
    if (opened.kind !== 'done') throw new Error(opened.because.code);
    const last = (await stage.journal(request.id)).findLast(({ kind }) => kind === 'edit-opened');
    return stage.draft(String(last?.body['draftId']));
  }

  test('makes a new revision: what was decided is void, the card says what changed, the old one asks for nothing', async () => {
    const desk = under(two);
    const request = await requestedOn(desk, 'edited');
    expect(await approve(desk, request, martin)).toBe('awaiting-approval');
    const form = await editForm(desk, request);
    const answer = await desk.drafting.submit(formOf(form), ines, {
      ...form.inputs,
      target: 'edited-2',
      reason: 'another reason',
    });
    expect(answer).toMatchObject({ kind: 'request', message: { key: { id: request.id, revision: 2 } } });
    const next = await stage.request(request.id);
    expect(next).toMatchObject({
      revision: 2,
      plan: { target: { name: 'edited-2' } },
      state: { approvals: [] },
    });
    expect(next.edited?.join('\n')).toMatch(/the new server .*edited.*now .*edited-2[\s\S]*the reason/);
    const messages = await messagesOf(request.id);
    expect(messages.get(`${request.id}/approval/1`)?.message).toMatchObject({
      ending: { kind: 'replaced', revision: 2 },
    });
    expect(messages.get(`${request.id}/approval/2`)?.message).toMatchObject({
      ending: { kind: 'open' },
      edited: next.edited,
    });
    expect(messages.get(`draft/${form.id}`)?.message).toMatchObject({ kind: 'request', place: 'receipt' });
    expect(await approve(desk, request, divya)).toBe('CARD_OUTDATED');
    expect(await approve(desk, next, divya)).toBe('awaiting-approval');
    expect(await approve(desk, next, martin)).toBe('approved');
    // Both receipts tell how it went on.
    const receipts = [...(await messagesOf(request.id))].filter(([slot]) => slot.startsWith('draft/'));
    expect(receipts.map(([, { message }]) => (message as RequestMessage).ending.kind)).toEqual([
      'approved',
      'approved',
    ]);
  });

  test.each([
    ['an approver', martin],
    ['a stranger', emil],
  ])('is not for %s', async (_who, by) => {
    const desk = under(two);
    const request = await requestedOn(desk, `edit-of-${by.name.toLowerCase().replace(' ', '-')}`);
    expect(wordFor(await desk.drafting.edit(request.id, by, card(request)))).toBe('NOT_YOURS');
  });

  test('that changes nothing is sent back, and decisions stay', async () => {
    const desk = under(two);
    const request = await requestedOn(desk, 'edit-nothing');
    await approve(desk, request, martin);
    const form = await editForm(desk, request);
    expect(await desk.drafting.submit(formOf(form), ines, form.inputs)).toMatchObject({
      kind: 'form',
      message: { problems: [{ code: 'NOTHING_CHANGED' }] },
    });
    expect((await stage.request(request.id)).state).toMatchObject({ approvals: [{ by: martin }] });
  });

  test('that comes after the decision, or after another edit, changes nothing', async () => {
    const desk = under(two);
    const request = await requestedOn(desk, 'edit-late');
    const [first, second] = [await editForm(desk, request), await editForm(desk, request)];
    expect(
      await desk.drafting.submit(formOf(first), ines, { ...first.inputs, target: 'edit-late-2' }),
    ).toMatchObject({ kind: 'request' });
    expect(
      await desk.drafting.submit(formOf(second), ines, { ...second.inputs, target: 'edit-late-3' }),
    ).toMatchObject({
      kind: 'form',
      message: { problems: [{ code: 'CARD_OUTDATED' }] },
    });
    const current = await stage.request(request.id);
    const third = await editForm(desk, current);
    await desk.decisions.reject(request.id, martin, 'no', card(current));
    const rejected = { kind: 'request', place: 'receipt', ending: { kind: 'rejected' } };
    for (const { id } of [second, third]) {
      const form = await stage.draft(id);
      expect((await messagesOf(request.id)).get(`draft/${form.id}`)?.message).toMatchObject(rejected);
      expect(
        await desk.drafting.submit(formOf(form), ines, { ...form.inputs, target: 'edit-late-4' }),
      ).toMatchObject({ kind: 'request', message: rejected });
      expect(await desk.drafting.cancel(formOf(form), ines)).toMatchObject({ message: rejected });
    }
    expect(await stage.request(request.id)).toMatchObject({ revision: 2, state: { phase: 'rejected' } });
  });

  test('after the deadline changes nothing, even where nobody has looked at the clock yet', async () => {
    const desk = under(two);
    const request = await requestedOn(desk, 'edit-expired');
    const form = await editForm(desk, request);
    stage.clock.set(at(61));
    const answer = await desk.drafting.submit(formOf(form), ines, {
      ...form.inputs,
      target: 'edit-expired-2',
    });
    expect(answer).toMatchObject({ kind: 'request', message: { ending: { kind: 'expired' } } });
    expect(wordFor(await desk.drafting.edit(request.id, ines, card(request)))).toBe('NO_LONGER_OPEN');
    expect(await stage.request(request.id)).toMatchObject({ revision: 1, state: { phase: 'expired' } });
    expect(await kindsOf(request.id)).toEqual(['requested', 'edit-opened', 'expired']);
    // Nothing is left to check: the queue would come back to it for ever.
    expect((await stage.draft(form.id)).state.phase).toBe('open');
  });

  test('whose check Azure does not answer until the request has ended is over, and tells its end', async () => {
    const desk = under(two);
    const request = await requestedOn(desk, 'edit-unanswered');
    const form = await editForm(desk, request);
    const unreachable = new DeskError(problem('AZURE_UNREACHABLE'));
    const { azure } = stage;
    jest.spyOn(azure, 'checkName').mockImplementation(async () => {
      await desk.decisions.reject(request.id, martin, 'no', card(request));
      throw unreachable;
    });
    const rejected = { kind: 'request', place: 'receipt', ending: { kind: 'rejected' } };
    expect(
      await desk.drafting.submit(formOf(form), ines, { ...form.inputs, target: 'edit-unanswered-2' }),
    ).toMatchObject({ kind: 'request', message: rejected });
    expect((await messagesOf(request.id)).get(`draft/${form.id}`)?.message).toMatchObject(rejected);
    expect((await stage.draft(form.id)).state.phase).toBe('open');
  });

  test.each<[string, 'update' | 'submit']>([
    ['looked at', 'update'],
    ['sent back', 'submit'],
  ])(
    'whose form is %s while the request ends shows its end, and not the form over it',
    async (_what, how) => {
      const desk = under(two);
      const request = await requestedOn(desk, `edit-ends-${how}`);
      const form = await editForm(desk, request);
      const { knownPlaces } = desk.deps;
      const whileRead = createDrafting({
        ...desk.deps,
        knownPlaces: {
          ...knownPlaces,
          groups: async (subscription) => {
            await desk.decisions.reject(request.id, martin, 'no', card(request));
            return knownPlaces.groups(subscription);
          },
        },
      });
      const rejected = { kind: 'request', place: 'receipt', ending: { kind: 'rejected' } };
      // No server can have this name.
      expect(await whileRead[how](formOf(form), ines, { ...form.inputs, target: '-' })).toMatchObject({
        kind: 'request',
        message: rejected,
      });
      expect((await messagesOf(request.id)).get(`draft/${form.id}`)?.message).toMatchObject(rejected);
      expect((await stage.draft(form.id)).state.phase).toBe('open');
    },
  );

  test('of an approval and an edit at the same moment exactly one wins, and no signature moves to another plan', async () => {
    const desk = under({ approvers: [martin].map(asEntry), needed: 1 });
    for (let round = 0; round < 10; round++) {
      stage.reset();
      const request = await requestedOn(desk, `edit-race-${round}`);
      const form = await editForm(desk, request);
      await Promise.all([
        desk.drafting.submit(formOf(form), ines, { ...form.inputs, target: `edit-race-${round}-b` }),
        approve(desk, request, martin),
      ]);
      const now = await stage.request(request.id);
      const isEdited = now.revision === 2;
      expect(now.state.phase).toBe(isEdited ? 'awaiting-approval' : 'approved');
      const approvals = (await stage.journal(request.id)).filter(({ kind }) => kind === 'approved-by');
      expect(approvals.map(({ body }) => body['planHash'])).toEqual(isEdited ? [] : [request.planHash]);
    }
  });

  test('an approver who asked for it anew does not sign it as well', async () => {
    const desk = under({ approvers: [martin, divya].map(asEntry), needed: 1 });
    const request = await requestedOn(desk, 'asked-anew');
    await approve(desk, request, divya);
    stage.azure.servers.set(aServer('asked-anew').id.toLowerCase(), aServer('asked-anew'));
    await stage.running.advance(request.id);
    expect((await stage.request(request.id)).state.phase).toBe('failed');
    stage.azure.servers.delete(aServer('asked-anew').id.toLowerCase());
    const failed = await stage.request(request.id);
    await desk.decisions.retry(request.id, martin, card(failed));
    const again = await stage.request(request.id);
    expect(again).toMatchObject({ revision: 2, editors: [martin] });
    // Nor do cards name and call them.
    expect(again.rule.stages[0]?.people).toEqual([divya]);
    expect(await approve(desk, again, martin)).toBe('EDITED_BY_YOU');
    expect(await approve(desk, again, divya)).toBe('approved');
    expect(stopRefusal(await stage.request(request.id), martin)).toBeUndefined();
  });
});

test('who can approve is told by stage, as the directory has it now', async () => {
  stage.directory.groups.set(leadsKey, [divya, paul, ines]);
  const desk = under({
    stages: [
      { name: 'database leads', approvers: [leads], needed: 1 },
      { name: 'managers', approvers: [asEntry(martin)], needed: 1 },
    ],
  });
  const request = await requestedOn(desk, 'who-can');
  const answering = createAnswering(desk.deps);
  const who = await answering.answer({ kind: 'who', requestId: request.id });
  expect(who.lines).toEqual([
    { text: 'database leads: 1 more needed now', detail: 'Divya Rao, Paul Adler' },
    { text: 'managers: 1 needed', detail: 'Martin Hale' },
  ]);
  stage.directory.isAway = true;
  expect((await answering.answer({ kind: 'who', requestId: request.id })).title).toMatch(
    /directory of people does not answer/,
  );
});

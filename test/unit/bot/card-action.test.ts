/** Buttons and words that reach the desk: what is asked of it, and what the person sees for an answer. */
import { handleCardAction, type CardAnswer } from '../../../bot/handlers/card-action';
import { handleMessage } from '../../../bot/handlers/message';
import type { BotEvent } from '../../../bot/activity';
import { applyVerb, type CardVerb } from '../../../cards/actions';
import { applicableKinds } from '../../../services/restore/difference-changes';
import { problem } from '../../../services/restore/errors';
import type { CancelMessage, CardKey, FormMessage, RequestMessage } from '../../../services/restore/messages';
import type { RestoreService } from '../../../services/restore-service';
import type { Decided } from '../../../services/decided';
import { aRequest, ines } from '../../fakes/facts';
import { sample } from '../cards/sample-messages';

const key = (about: CardKey['about']): CardKey => ({ about, id: 'R-42', revision: 1, nonce: 'n' });

const by = { person: ines, teamsId: '29:ines', zone: 'UTC' };
const place = { thread: '19:a@thread.tacv2', serviceUrl: 'https://example.test/', kind: 'shared' } as const;

const press = (verb: CardVerb, inputs: unknown = {}): Extract<BotEvent, { kind: 'card-action' }> => ({
  ...{ kind: 'card-action', by, in: place, verb, inputs, invoke: true, deliveryKey: 'd' },
  key: key(verb.startsWith('draft.') ? 'draft' : 'request'),
  card: { conversation: place.thread, messageId: '7' },
});

/** A desk that writes down what it is asked and answers as told. */
function aDesk(
  answers: {
    decided?: unknown;
    form?: unknown;
    view?: CancelMessage;
    outcome?: unknown;
    shown?: unknown;
  } = {},
) {
  const asked: unknown[][] = [];
  const answer =
    (name: string, value: unknown) =>
    (...given: unknown[]): Promise<unknown> => {
      asked.push([name, ...given]);
      return Promise.resolve(value);
    };
  const decided = answers.decided ?? { kind: 'done' };
  const desk = {
    drafting: { update: answer('update', answers.form), submit: answer('submit', answers.form) },
    cancelling: {
      ...{ ask: answer('ask', decided), confirm: answer('confirm', decided), keep: answer('keep', decided) },
      view: answer('view', answers.view),
    },
    applying: { ask: answer('apply', decided), view: answer('outcome', answers.outcome) },
    isFirstDelivery: answer('first', true),
    noteSeen: answer('noteSeen', undefined),
    view: answer('view', answers.shown),
    decisions: { approve: answer('approve', decided) },
    answering: { answer: () => Promise.reject(new Error('the database is away')) },
  };
  return { asked, desk: desk as unknown as RestoreService };
}

const outcome = sample('outcome-applied');
const form = sample('form') as FormMessage;
const question = sample('cancel-confirmed') as CancelMessage;
const reference = { kind: 'card', key: key('request') };
const refusal = problem('CANCEL_NOT_YOURS', { id: 'R-42', people: ['Martin Hale'] });

test.each(['update', 'submit'] as const)(
  'a form to %s brings what was typed, and nothing for an empty choice',
  async (what) => {
    const { desk, asked } = aDesk({ form: { kind: 'form', message: form } });
    const inputs = { source: 'orders-pg', geoRedundancy: '(unset)' };
    expect(await handleCardAction(desk, press(`draft.${what}`, inputs))).toEqual({
      ...{ kind: 'card', message: form, viewer: 'requester' },
    });
    expect(asked).toEqual([
      [what, key('draft'), ines, { source: 'orders-pg', geoRedundancy: '' }],
      // A process may have died before it wrote down that it had posted this form.
      ['noteSeen', { key: key('draft'), place: 'receipt', card: press('draft.submit').card, person: ines }],
    ]);
  },
);

test('the progress card stays as it is when a stop is asked for: the question comes on its own', async () => {
  const { desk, asked } = aDesk({ view: question });
  const answer = await handleCardAction(desk, press('request.cancel'));
  expect(answer).toEqual({
    kind: 'said',
    sentence: 'Nothing is stopped yet. Answer the question about R-42 in its thread.',
  });
  expect(asked).toEqual([['ask', 'R-42', ines, reference]]);
});

test.each(['confirm', 'keep'] as const)('an answer to %s shows the question as it is now', async (what) => {
  const { desk, asked } = aDesk({ view: question });
  expect(await handleCardAction(desk, press(`request.cancel.${what}`))).toEqual({
    ...{ kind: 'card', message: question, viewer: 'reader' },
  });
  expect(asked).toEqual([
    [what, 'R-42', ines, reference],
    ['view', 'R-42'],
  ]);
});

test.each<[CardVerb, string]>([
  ['request.cancel.confirm', 'R-42 is being stopped.'],
  ['request.cancel.keep', 'R-42 keeps running.'],
])('%s is answered in words where the question is gone', async (verb, sentence) => {
  expect(await handleCardAction(aDesk().desk, press(verb))).toEqual<CardAnswer>({ kind: 'said', sentence });
});

test.each<CardVerb>(['request.cancel', 'request.cancel.confirm', 'request.cancel.keep'])(
  'a refused %s says why and shows no card',
  async (verb) => {
    const { desk } = aDesk({ decided: { kind: 'refused', because: refusal }, view: question });
    expect(await handleCardAction(desk, press(verb))).toEqual({ kind: 'refused', because: refusal });
  },
);

test('a verb of the form on a key of a request is a forgery, and the other way round', async () => {
  const { desk, asked } = aDesk();
  const swapped = { ...press('draft.update'), key: key('request') };
  expect(await handleCardAction(desk, swapped)).toEqual({ kind: 'forged' });
  const other = { ...press('request.cancel.confirm'), key: key('draft') };
  expect(await handleCardAction(desk, other)).toEqual({ kind: 'forged' });
  expect(asked).toEqual([]);
});

describe.each(['approval', 'receipt'] as const)('a card of R-42 that is looked at (%s)', (shownAt) => {
  const request = sample('request') as RequestMessage;
  const seen = { ...press(`request.view.${shownAt}`), key: request.key };
  const shown = { message: request, viewer: 'reader' };

  test('is written down as one of its cards, so that it is edited from then on', async () => {
    const { desk, asked } = aDesk({ shown });
    expect(await handleCardAction(desk, seen)).toEqual({ kind: 'card', ...shown });
    expect(asked).toEqual([
      ['view', request.key.id, shownAt, ines],
      ['noteSeen', { key: request.key, place: shownAt, card: seen.card, person: ines }],
    ]);
  });

  test('under a key that somebody made up is answered, and no message becomes a card of it', async () => {
    const { desk, asked } = aDesk({ shown });
    const forged = { ...seen, key: { ...request.key, nonce: 'made-up' } };
    expect(await handleCardAction(desk, forged)).toEqual({ kind: 'card', ...shown });
    expect(asked).toEqual([['view', request.key.id, shownAt, ines]]);
  });
});

describe('what is recorded and cannot be looked at afterwards', () => {
  test('is said as recorded to whoever pressed', async () => {
    const { desk } = aDesk();
    const dark = { ...desk, view: () => Promise.reject(new Error('the database is away')) };
    expect(await handleCardAction(dark, press('request.approve'))).toEqual({
      ...{ kind: 'said', sentence: 'It is recorded. The cards of R-42 will show it.' },
    });
  });

  test('is said as recorded to whoever typed', async () => {
    const typed = { kind: 'message', by, in: place, deliveryKey: 'd' } as const;
    expect(await handleMessage(aDesk().desk, { ...typed, text: 'approve R-42 7f3a' })).toEqual({
      ...{ kind: 'answer', version: 1, title: 'Your approval of R-42 is recorded.', lines: [] },
      hint: 'Recorded for Ines Okafor.',
    });
  });
});

test('how it stands after a typed decision is looked up for its sender, who may see what is kept to some', async () => {
  const { desk } = aDesk();
  const asked: unknown[] = [];
  const answering = {
    answer: async (...given: unknown[]) => {
      asked.push(given);
      return { kind: 'answer', version: 1, title: 'R-42', lines: [] };
    },
  };
  const typed = { kind: 'message', by, in: place, deliveryKey: 'd', text: 'approve R-42 7f3a' } as const;
  await handleMessage({ ...desk, answering } as unknown as RestoreService, typed);
  expect(asked).toEqual([[{ kind: 'status', requestId: 'R-42' }, ines]]);
});

describe('the words "cancel R-42"', () => {
  const said: Extract<BotEvent, { kind: 'message' }> = {
    ...{ kind: 'message', by, in: place, text: 'cancel R-42', deliveryKey: 'd' },
  };

  test('ask the same question as the button, and stop nothing by themselves', async () => {
    const { desk, asked } = aDesk();
    expect(await handleMessage(desk, said)).toMatchObject({
      kind: 'answer',
      title: 'Nothing is stopped yet. Answer the question about R-42 in its thread.',
    });
    expect(asked).toEqual([
      ['first', 'd'],
      ['ask', 'R-42', ines, { kind: 'none' }],
    ]);
  });

  test('are answered with the reason where the desk refuses', async () => {
    const { desk } = aDesk({ decided: { kind: 'refused', because: refusal } });
    expect(await handleMessage(desk, said)).toMatchObject({ title: 'Only Martin Hale can stop R-42.' });
  });
});

test.each(applicableKinds)(
  'a press to apply %s asks for that kind, and shows the outcome as it is now',
  async (kind) => {
    const { desk, asked } = aDesk({ outcome });
    expect(await handleCardAction(desk, press(applyVerb(kind)))).toEqual({
      ...{ kind: 'card', message: outcome, viewer: 'reader' },
    });
    expect(asked).toEqual([
      ['apply', 'R-42', ines, kind, reference],
      ['outcome', 'R-42'],
    ]);
  },
);

test('who may not apply is told so, and the card stays', async () => {
  const because = problem('APPLY_NOT_YOURS', { id: 'R-42', approvers: ['Martin Hale'] });
  const { desk } = aDesk({ decided: { kind: 'refused', because } });
  expect(await handleCardAction(desk, press('request.apply.locks'))).toEqual({ kind: 'refused', because });
});

describe('a card in a chat with one person', () => {
  const done: Decided = { kind: 'done', request: aRequest() };
  const view = (message: RequestMessage, known?: RequestMessage['place'], decided: Decided = done) => {
    const asked: unknown[][] = [];
    const answer =
      (value: unknown) =>
      (...given: unknown[]): Promise<unknown> => {
        asked.push(given);
        return Promise.resolve(value);
      };
    const approve = answer(decided);
    const desk = {
      view: answer({ message, viewer: 'approver' }),
      noteSeen: answer(undefined),
      decisions: { approve, withdraw: approve },
      placeOf: () => Promise.resolve(known),
    };
    return { asked, desk: desk as unknown as RestoreService };
  };
  const message = sample('request-approved-by-two') as RequestMessage;
  const inChat = (verb: CardVerb) => ({
    ...press(verb),
    key: message.key,
    in: { ...place, kind: 'chat' } as const,
  });

  test.each([
    ['chat', 'direct'],
    ['shared', 'approval'],
  ] as const)('a decision on an unknown card in a %s is answered with the %s card', async (kind, shown) => {
    const { asked, desk } = view(message);
    await handleCardAction(desk, { ...inChat('request.approve'), in: { ...place, kind } });
    expect(asked.at(-1)).toEqual([message.key.id, shown, ines]);
  });

  test.each<[string, Decided]>([
    ['done', done],
    ['refused', { kind: 'refused', because: refusal }],
  ])('asks for no view of its own, and so is known from a press on it that is %s', async (_how, decided) => {
    const { asked, desk } = view(message, undefined, decided);
    const pressed = inChat('request.approve');
    await handleCardAction(desk, pressed);
    const seen = { key: message.key, place: 'direct', card: pressed.card, person: ines };
    expect(asked).toContainEqual([seen]);
    await handleCardAction(desk, { ...pressed, in: place });
    expect(asked.filter(([given]) => given !== undefined && typeof given === 'object')).toEqual([[seen]]);
  });

  test('that cannot be written down now is answered all the same', async () => {
    const { desk } = view(message);
    const dark = { ...desk, noteSeen: () => Promise.reject(new Error('the database is away')) };
    expect(await handleCardAction(dark, inChat('request.approve'))).toMatchObject({ kind: 'card', message });
  });

  test.each(['approval', 'direct', 'receipt'] as const)(
    'a decision on a card that is known (%s) is answered with that card, whatever was pressed on it',
    async (known) => {
      for (const verb of ['request.approve', 'request.withdraw'] as const) {
        const { asked, desk } = view(message, known);
        await handleCardAction(desk, { ...inChat(verb), in: place });
        expect(asked.at(-1)).toEqual([message.key.id, known, ines]);
      }
    },
  );
});

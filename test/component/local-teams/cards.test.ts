import { personas } from '../../../infra/local/identities';
import { CARD_TYPE, setStage, until, type Json, type Stage } from './stage';

const teamsIdOf = (persona: string) => personas.find((person) => person.persona === persona)?.teamsId ?? '';
const manager = teamsIdOf('manager');
const dba = teamsIdOf('dba');

// A throttle of two minutes: only an edit makes a second refresh due while a test runs.
jest.setTimeout(60_000);

let stage: Stage;
beforeAll(async () => {
  stage = await setStage({ timeScale: 0.5 });
});
afterAll(() => stage.close());
beforeEach(() => {
  stage.heard.length = 0;
  stage.onActivity(() => ({ status: 200 }));
});

const textCard = (text: string, more: Json = {}): Json => ({
  type: 'AdaptiveCard',
  version: '1.5',
  body: [{ type: 'TextBlock', text }],
  ...more,
});
const refreshFor = (userIds?: string[]): Json => ({
  refresh: {
    action: { type: 'Action.Execute', verb: 'look', data: { request: 7 } },
    ...(userIds ? { userIds } : {}),
  },
});
const asMessage = (card: Json): Json => ({
  type: 'message',
  attachments: [{ contentType: CARD_TYPE, content: card }],
});
const answerCard = (card: Json) => ({
  status: 200,
  body: { statusCode: 200, type: CARD_TYPE, value: card },
});

interface Posted {
  readonly id: string;
  edit(card: Json): Promise<void>;
}
/** Each card in a thread of its own: the rate limits count per thread. */
async function post(card: Json): Promise<Posted> {
  const place = { as: 'engineer', conversation: 'db-approvals' };
  const root = (await stage.call('POST', '/local/say', { ...place, text: 'a card, please' })).body.messageId;
  const thread = encodeURIComponent(`19:db-approvals@thread.tacv2;messageid=${root}`);
  const created = await stage.asBot('POST', `/v3/conversations/${thread}/activities`, asMessage(card));
  const id = created.body.id as string;
  return {
    id,
    edit: async (edited) => {
      const path = `/v3/conversations/${thread}/activities/${id}`;
      expect((await stage.asBot('PUT', path, asMessage(edited))).status).toBe(200);
    },
  };
}
async function textSeenBy(as: string, messageId: string): Promise<string> {
  const { body } = await stage.call('GET', `/local/view?as=${as}&conversation=db-approvals`);
  return body.messages.find(({ id }: Json) => id === messageId).card.body[0].text;
}
const click = (as: string, messageId: string, press: Json) =>
  stage.call('POST', '/local/click', { as, conversation: 'db-approvals', messageId, ...press });
const invokesOf = (messageId: string) =>
  stage.heard.map(({ activity }) => activity).filter((activity) => activity['replyToId'] === messageId);

describe('user-specific views', () => {
  test('only the listed people get a card of their own, and nobody else sees it', async () => {
    stage.onActivity((activity) =>
      answerCard(textCard(`for ${activity['from'].name}`, refreshFor([manager, dba]))),
    );
    const { id } = await post(textCard('for all', refreshFor([manager, dba])));
    expect(await textSeenBy('manager', id)).toBe('for Martin Hale');
    expect(await textSeenBy('dba', id)).toBe('for Divya Rao');
    expect(await textSeenBy('guest', id)).toBe('for all');
    expect(invokesOf(id)).toHaveLength(2);
    expect(invokesOf(id)[0]).toMatchObject({
      type: 'invoke',
      name: 'adaptiveCard/action',
      value: { action: { type: 'Action.Execute', verb: 'look', data: { request: 7 } }, trigger: 'automatic' },
    });
  });

  test('opening again soon asks nothing; after an edit it always asks, and the old card is gone', async () => {
    let words = 'first';
    stage.onActivity(() => answerCard(textCard(words, refreshFor([manager]))));
    const posted = await post(textCard('shared', refreshFor([manager])));
    expect(await textSeenBy('manager', posted.id)).toBe('first');
    words = 'second';
    expect(await textSeenBy('manager', posted.id)).toBe('first');
    expect(invokesOf(posted.id)).toHaveLength(1);
    await posted.edit(textCard('shared again', refreshFor([manager])));
    expect(await textSeenBy('manager', posted.id)).toBe('second');
    await posted.edit(textCard('decided'));
    expect(await textSeenBy('manager', posted.id)).toBe('decided');
    expect(invokesOf(posted.id)).toHaveLength(2);
  });

  test('an empty list means by hand only, no list means everybody, and the 61st is left out', async () => {
    stage.onActivity(() => answerCard(textCard('own')));
    const byHand = await post(textCard('shared', refreshFor([])));
    const forAll = await post(textCard('shared', refreshFor()));
    const many = Array.from({ length: 60 }, (_, n) => `29:someone-${n}`);
    const tooMany = await post(textCard('shared', refreshFor([...many, manager])));
    expect(await textSeenBy('manager', byHand.id)).toBe('shared');
    expect(await textSeenBy('guest', forAll.id)).toBe('own');
    expect(await textSeenBy('manager', tooMany.id)).toBe('shared');
  });

  test('a card edited while the bot answers a refresh is asked for again', async () => {
    const posted = await post(textCard('one', refreshFor([manager])));
    let asked = 0;
    stage.onActivity(async () => {
      asked += 1;
      if (asked === 1) await posted.edit(textCard('two', refreshFor([manager])));
      return answerCard(textCard(`answer ${asked}`, refreshFor([manager])));
    });
    expect(await textSeenBy('manager', posted.id)).toBe('answer 2');
  });

  test('who has the chat open gets the new card without asking, as it is edited', async () => {
    let words = 'before';
    stage.onActivity(() => answerCard(textCard(words, refreshFor([manager]))));
    const posted = await post(textCard('shared', refreshFor([manager])));
    expect(await textSeenBy('manager', posted.id)).toBe('before');
    const hangUp = new AbortController();
    const live = await fetch(`${stage.teams.origin}/local/live?as=manager&conversation=db-approvals`, {
      signal: hangUp.signal,
    });
    let told = '';
    const reading = (async () => {
      for await (const chunk of live.body ?? []) told += Buffer.from(chunk as Uint8Array).toString();
    })().catch(() => undefined);
    await until(() => told.includes('hello'));
    words = 'after';
    await posted.edit(textCard('edited', refreshFor([manager])));
    await until(() => told.includes('"text":"after"'));
    hangUp.abort();
    await reading;
  });

  test('a throttle that has passed makes a refresh due again', async () => {
    const quick = await setStage({ timeScale: 6_000 });
    try {
      quick.onActivity(() => answerCard(textCard('own', refreshFor([manager]))));
      await quick.asBot('POST', '/v3/conversations', {
        channelData: { channel: { id: '19:db-approvals@thread.tacv2' } },
        activity: asMessage(textCard('shared', refreshFor([manager]))),
      });
      await until(async () => {
        await quick.call('GET', '/local/view?as=manager&conversation=db-approvals');
        return quick.heard.length === 3;
      });
    } finally {
      await quick.close();
    }
  });
});

describe('buttons', () => {
  const form = textCard('form', {
    body: [
      { type: 'TextBlock', text: 'form' },
      { type: 'Input.Text', id: 'source', value: 'orders-pg' },
      { type: 'Input.Toggle', id: 'sure', title: 'Sure' },
      { type: 'Container', isVisible: false, items: [{ type: 'Input.Text', id: 'hidden' }] },
      {
        type: 'ActionSet',
        isVisible: false,
        actions: [{ type: 'Action.Execute', title: 'Folded', verb: 'folded', associatedInputs: 'none' }],
      },
      {
        type: 'Input.ChoiceSet',
        id: 'server',
        style: 'filtered',
        choices: [],
        'choices.data': { type: 'Data.Query', dataset: 'servers', count: 5 },
      },
    ],
    actions: [
      { type: 'Action.Execute', id: 'go', title: 'Request restore', verb: 'submit', data: { draft: 3 } },
      {
        type: 'Action.ShowCard',
        title: 'Reject',
        card: {
          type: 'AdaptiveCard',
          body: [{ type: 'Input.Text', id: 'comment' }],
          actions: [{ type: 'Action.Execute', title: 'Reject it', verb: 'reject' }],
        },
      },
      { type: 'Action.Submit', title: 'Old way', data: { a: 1 } },
      { type: 'Action.Execute', title: 'Not now', verb: 'not-now', isEnabled: false },
    ],
  });

  test('a click sends the action with the values of the inputs merged into its data', async () => {
    const { id } = await post(form);
    stage.onActivity(() => answerCard(textCard('thanks')));
    const { body } = await click('guest', id, { title: 'request RESTORE', inputs: { sure: true } });
    expect(body).toEqual({ status: 200, type: CARD_TYPE, value: textCard('thanks') });
    expect(invokesOf(id)[0]?.['value']).toEqual({
      action: {
        type: 'Action.Execute',
        id: 'go',
        title: 'Request restore',
        verb: 'submit',
        data: { draft: 3, source: 'orders-pg', sure: 'true', hidden: '' },
      },
      trigger: 'manual',
    });
    expect(await textSeenBy('guest', id)).toBe('thanks');
    expect(await textSeenBy('manager', id)).toBe('form');
  });

  test('buttons inside a ShowCard and behind a fold are found, by title or by verb', async () => {
    const { id } = await post(form);
    await click('dba', id, { verb: 'reject', inputs: { comment: 'no' } });
    await click('dba', id, { title: 'Folded' });
    const [reject, folded] = invokesOf(id).map(({ value }) => value.action);
    expect(reject.data).toEqual({ source: 'orders-pg', sure: 'false', hidden: '', comment: 'no' });
    expect(folded.data).toEqual({});
  });

  test('a forger may send any data', async () => {
    const { id } = await post(form);
    await click('dba', id, { title: 'Folded', data: { draft: 99, approver: true } });
    expect(invokesOf(id)[0]?.['value'].action.data).toEqual({ draft: 99, approver: true });
  });

  test('a button that this person does not see is a 404 that names those they do', async () => {
    const { id } = await post(form);
    const { status, body } = await click('dba', id, { title: 'Approve' });
    expect(status).toBe(404);
    expect(body.available).toEqual(['Folded', 'Request restore', 'Reject', 'Reject it', 'Old way']);
  });

  test('Action.Submit is a message that carries the values', async () => {
    const { id } = await post(form);
    expect((await click('dba', id, { title: 'Old way' })).body).toMatchObject({
      status: 200,
      type: 'submitted',
    });
    expect(stage.heard.at(-1)?.activity).toMatchObject({
      type: 'message',
      replyToId: id,
      value: { a: 1, source: 'orders-pg' },
    });
  });

  test('messages and errors of the bot come back as they are; a bot that fails is an error with a code', async () => {
    const { id } = await post(form);
    const press = async () => (await click('dba', id, { verb: 'submit' })).body;
    const note = { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: 'Noted.' };
    stage.onActivity(() => ({ status: 200, body: note }));
    expect(await press()).toEqual({ status: 200, type: note.type, value: 'Noted.' });
    const refusal = {
      statusCode: 403,
      type: 'application/vnd.microsoft.error',
      value: { code: 'NO', message: 'No.' },
    };
    stage.onActivity(() => ({ status: 200, body: refusal }));
    expect(await press()).toEqual({ status: 403, type: refusal.type, value: { code: 'NO', message: 'No.' } });
    stage.onActivity(() => ({ status: 501 }));
    expect(await press()).toMatchObject({ status: 501, type: 'error', value: { code: 'BotError' } });
    await stage.stopBot();
    expect(await press()).toMatchObject({ type: 'error', value: { code: 'BotUnreachable' } });
    await stage.startBot();
  });

  test('typing in a typeahead input asks the bot, and at most fifteen results are shown', async () => {
    const { id } = await post(form);
    const results = Array.from({ length: 20 }, (_, n) => ({ title: `Server ${n}`, value: `s${n}` }));
    stage.onActivity(() => ({
      status: 200,
      body: { type: 'application/vnd.microsoft.search.searchResponse', value: { results } },
    }));
    const look = { as: 'dba', conversation: 'db-approvals', messageId: id, inputId: 'server', query: 'or' };
    const { body } = await stage.call('POST', '/local/search', look);
    expect(body.results).toHaveLength(15);
    expect(invokesOf(id)[0]).toMatchObject({
      name: 'application/search',
      value: { queryText: 'or', dataset: 'servers', queryOptions: { skip: 0, top: 5 } },
    });
    expect(invokesOf(id)[0]?.['value']).not.toHaveProperty('data');
    const unknown = await stage.call('POST', '/local/search', { ...look, inputId: 'x' });
    expect([unknown.status, unknown.body.available]).toEqual([
      404,
      ['source', 'sure', 'hidden', 'server', 'comment'],
    ]);
  });

  test('a list that depends on other inputs is asked for with their values: those of the card, or those typed since', async () => {
    const backup = {
      ...{ type: 'Input.ChoiceSet', id: 'backup', style: 'filtered', choices: [] },
      'choices.data': { type: 'Data.Query', dataset: 'backups', associatedInputs: 'auto' },
    };
    const { id } = await post({ ...form, body: [...form['body'], backup] });
    stage.onActivity(() => ({ body: { value: { results: [] } } }));
    const look = { as: 'dba', conversation: 'db-approvals', messageId: id, inputId: 'backup', query: '' };
    await stage.call('POST', '/local/search', look);
    await stage.call('POST', '/local/search', { ...look, inputs: { source: 'billing-pg', sure: true } });
    const [given, typed] = invokesOf(id).map(({ value }) => value.data);
    expect(given).toEqual({ source: 'orders-pg', sure: 'false', hidden: '' });
    expect(typed).toEqual({ source: 'billing-pg', sure: 'true', hidden: '' });
  });
});

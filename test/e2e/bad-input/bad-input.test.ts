/** Everything people get wrong or try on purpose: a clear answer each time, and nothing changed. */
import { Client } from 'pg';
import { brokenInvariants } from '../../fixtures/invariants';
import { cardText, type ClickAnswer, type SeenMessage } from '../../fixtures/local-teams-client';
import { readIds, until } from '../../fixtures/supervisor/processes';
import { restorePath, requestIdOf, type RestorePath } from '../../fixtures/restore-path';
import { startLocalEnvironment, type LocalEnvironment } from '../../fixtures/local-environment';

jest.setTimeout(240_000);
let environment: LocalEnvironment;
let path: RestorePath;
beforeAll(async () => {
  environment = await startLocalEnvironment({ name: 'bad-input', env: { LOCAL_TIME_SCALE: '240' } });
  path = restorePath(environment);
});
afterEach(async () => {
  await environment?.teams.clearFaults();
  await environment?.azure.clearFaults();
});
afterAll(() => environment?.stop());

/** The next thing the bot says to this person there, after they said something. */
async function answerTo(as: string, conversation: string, text: string): Promise<SeenMessage> {
  const { teams } = environment;
  const known = new Set((await teams.view(as, conversation)).map(({ id }) => id));
  await teams.say(as, conversation, text);
  return teams.sees(
    as,
    conversation,
    `an answer to "${text.slice(0, 60)}"`,
    ({ id, from }) => from.kind === 'bot' && !known.has(id),
  );
}
const told = async (text: string, as = 'oncall'): Promise<string> =>
  cardText((await answerTo(as, `personal:${as}`, text)).card);

/** Requests with their versions, and what Azure was asked to make. */
async function world(): Promise<unknown> {
  const client = new Client({ connectionString: environment.databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query('select id, version, phase from restore_request order by number');
    return { rows, orders: (await environment.azure.journal()).length };
  } finally {
    await client.end();
  }
}

const textOf = (answer: ClickAnswer): string =>
  typeof answer.value === 'string'
    ? answer.value
    : `${cardText(answer.value)}${JSON.stringify((answer.value as { message?: string } | null)?.message ?? '')}`;

describe('sentences', () => {
  test.each([
    [
      'an unknown server',
      'restore odrers-pg latest',
      /no server called odrers-pg[\s\S]*Did you mean orders-pg/,
    ],
    ['a server outside the policy', 'restore search-pg latest', /No policy rule covers search-pg/],
    ['a future time', 'restore orders-pg to tomorrow 14:00', /is in the future/],
    [
      'a time before the window',
      'restore orders-pg to 2020-01-01 10:00',
      /before the first restorable moment/,
    ],
    ['nonsense as time', 'restore orders-pg to half past cucumber', /half past cucumber/],
    ['a date that can be read in two ways', 'restore orders-pg to 11/12/2026 15:00', /11\/12\/2026 15:00/],
    ['a zone of many places', 'restore orders-pg to yesterday 14:05 IST', /yesterday 14:05 IST/],
  ])('%s is said on the form', async (_what, sentence, says) => {
    const before = await world();
    const text = await told(sentence);
    expect(text).toContain('RESTORE REQUEST');
    expect(text).toMatch(says);
    expect(await world()).toEqual(before);
  });

  test.each([
    ['an unknown command', 'retsore orders-pg', /not a command[\s\S]*restore orders-pg/],
    ['half a command', 'approve R-1', /needs more[\s\S]*approve R-1 7f3a/],
    ['a request that does not exist', 'status R-999', /no request R-999/],
    ['a decision on a request that does not exist', 'approve R-999 7f3a', /no request R-999/],
    ['the points of a server outside the policy', 'points search-pg', /No policy rule covers search-pg/],
    ['the points of an unknown server', 'points odrers', /no server called odrers/],
    ['10 KB of nothing', 'lorem '.repeat(1_700), /not a command/],
    [
      '10 KB of a restore',
      `restore ${'orders-pg latest '.repeat(600)}`,
      /everything after the first 2000 characters/,
    ],
    ['markup', '<b>help</b> **list** [x](http://127.0.0.1/)', /not a command|What Restore Desk understands/],
  ])('%s is answered', async (_what, sentence, says) => {
    const before = await world();
    expect(await told(sentence)).toMatch(says);
    expect(await world()).toEqual(before);
  });

  test('a mention without words is answered with what is understood', async () => {
    const answer = await answerTo('engineer', 'db-oncall', '@Restore Desk');
    expect(cardText(answer.card)).toContain('What Restore Desk understands');
  });

  test('the same message delivered again gives one form', async () => {
    const { teams } = environment;
    const forms = async () =>
      (await teams.view('oncall', 'db-oncall')).filter(({ card }) => cardText(card).includes('bad-again'))
        .length;
    const id = await teams.say(
      'oncall',
      'db-oncall',
      '@Restore Desk restore orders-pg latest as bad-again because x',
    );
    await until('the form is there', async () => (await forms()) === 1);
    await Promise.all([teams.deliverAgain(id), teams.deliverAgain(id)]);
    // Later words are answered after whatever the repeats could have caused.
    await answerTo('oncall', 'db-oncall', '@Restore Desk help');
    expect(await forms()).toBe(1);
  });
});

const submit = (
  form: SeenMessage,
  inputs: Record<string, string> = {},
  as = 'oncall',
  data?: unknown,
): Promise<ClickAnswer> =>
  environment.teams.click({
    ...{ as, conversation: 'db-oncall', messageId: form.id, title: 'Request restore', inputs },
    ...(data === undefined ? {} : { data }),
  });

const keyOf = (message: SeenMessage, title: string): Record<string, unknown> => {
  const action = message.card?.actions?.find((candidate) => candidate.title === title) as
    { data?: Record<string, unknown> } | undefined;
  if (!action?.data) throw new Error(`there is no button ${title}`);
  return action.data;
};

/** Any button press, whether the card shows the button to this person or not. */
const press = async (
  as: string,
  conversation: string,
  verb: string,
  data: unknown,
  messageId?: string,
): Promise<string> => {
  const answer = await environment.teams.invoke(as, conversation, {
    name: 'adaptiveCard/action',
    value: { action: { type: 'Action.Execute', verb, data }, trigger: 'manual' },
    ...(messageId === undefined ? {} : { replyToId: messageId }),
  });
  return JSON.stringify(answer);
};

describe('forms', () => {
  test('several problems are all listed at once and everything typed is kept', async () => {
    const form = await path.ask({ target: 'bad-many' });
    const before = await world();
    const typed = {
      moment: 'next year',
      target: 'Not_Valid',
      reason: '  ',
      resourceGroup: 'rg-none',
      ticket: 'T-77',
    };
    const text = textOf(await submit(form, typed));
    for (const sentence of [
      /"next year" is not a date/,
      /not a valid server name/,
      /rg-none does not exist[\s\S]*az group create/,
      /A reason is needed/,
    ])
      expect(text.replaceAll('\\', '')).toMatch(sentence);
    for (const value of ['next year', 'Not_Valid', 'T-77']) expect(text).toContain(value);
    expect(await world()).toEqual(before);
  });

  test.each([
    ['billing-pg', /The name billing-pg is taken[\s\S]*billing-pg-r1/],
    ['orders-pg', /orders-pg cannot be restored over/],
    ['x', /not a valid server name/],
    ['a'.repeat(64), /not a valid server name/],
  ])('the target name %s is refused with what to do', async (target, says) => {
    const form = await path.ask({ target: `bad-name-${target.slice(0, 6)}` });
    const before = await world();
    expect(textOf(await submit(form, { target }))).toMatch(says);
    expect(await world()).toEqual(before);
  });

  test('somebody else neither submits nor cancels it, and a forged key does nothing', async () => {
    const form = await path.ask({ target: 'bad-foreign' });
    const data = keyOf(form, 'Request restore');
    const before = await world();
    expect(textOf(await submit(form, {}, 'engineer'))).toMatch(/Only Ines Okafor can do this/);
    expect(await press('manager', 'db-oncall', 'draft.cancel', data, form.id)).toMatch(/Only Ines Okafor/);
    for (const forged of [
      { ...data, nonce: 'guessed' },
      { ...data, id: 'no-such-form' },
      { ...data, about: 'request' },
      { ...data, v: 99 },
      JSON.parse('{"__proto__":{"v":1,"about":"draft"},"constructor":{"prototype":{}}}'),
      [],
      'text',
      null,
    ])
      expect(await press('oncall', 'db-oncall', 'draft.submit', forged, form.id)).toMatch(
        /out of date|could not be understood|400/,
      );
    expect(await press('oncall', 'db-oncall', 'request.approve', data, form.id)).toMatch(
      /could not be understood/,
    );
    expect(await world()).toEqual(before);
    // The form itself is as good as before.
    expect(textOf(await submit(form))).toMatch(/WAITING FOR APPROVAL/);
  });

  test('markup, mentions and template syntax in every field stay text', async () => {
    const evil = '<at>Martin Hale</at> **bold** [x](http://127.0.0.1/) ${requester} <script>1</script>';
    const form = await path.ask({ target: 'bad-markup' });
    expect(textOf(await submit(form, { moment: evil.slice(0, 60), ticket: evil.slice(0, 60) }))).toMatch(
      /is not a date/,
    );
    const moment = '10 minutes ago';
    const again = await path.ask({ target: 'bad-markup-2', moment: `to ${moment}` });
    await submit(again, { reason: evil, ticket: '*T*' });
    const card = await path.approvalCard('bad-markup-2');
    const raw = JSON.stringify(card.card);
    expect(raw).not.toContain('<at>Martin Hale</at> **bold**');
    expect(raw).not.toContain('](http://127.0.0.1/)');
    expect(raw).not.toContain('<script>');
    expect(cardText(card.card).replaceAll('\\', '')).toContain('&lt;at&gt;Martin Hale&lt;/at&gt; **bold**');
  });
});

describe('decisions', () => {
  test('strangers, the requester and forged payloads decide nothing', async () => {
    await path.submit(await path.ask({ target: 'bad-decide' }));
    const card = await path.approvalCard('bad-decide');
    const data = keyOf(card, 'Approve');
    const other = await path.approvalCard('bad-markup-2');
    const before = await world();
    const attempts: [string, string, unknown, RegExp][] = [
      ['engineer', 'request.approve', data, /not an approver of rule orders[\s\S]*Martin Hale/],
      ['guest', 'request.approve', data, /Your account is a guest|organisation/],
      ['oncall', 'request.approve', data, /cannot approve your own request/],
      ['oncall', 'request.reject', { ...data, comment: 'x' }, /cannot approve your own request/],
      ['manager', 'request.withdraw', data, /Only Ines Okafor/],
      ['manager', 'request.retry', data, /has not failed/],
      ['manager', 'request.approve', { ...data, id: requestIdOf(other) }, /out of date/],
      ['manager', 'request.approve', { ...data, id: 'R-999' }, /no request R-999/],
      ['manager', 'request.approve', { ...data, revision: 2 }, /out of date/],
      ['manager', 'request.approve', { ...data, revision: '1' }, /could not be understood/],
      ['manager', 'request.approve', { ...data, nonce: data['id'] }, /out of date/],
      ['manager', 'request.reject', data, /needs a reason/],
      ['manager', 'request.reject', { ...data, comment: ['x'] }, /needs a reason/],
      ['manager', 'request.reject', { ...data, comment: 'x'.repeat(600) }, /too long/],
      ['manager', 'draft.submit', data, /could not be understood/],
      ['manager', 'constructor', data, /could not be understood/],
      ['manager', 'request.approve', { ...data, about: 'draft' }, /could not be understood/],
    ];
    for (const [as, verb, payload, says] of attempts) {
      const where = as === 'oncall' || as === 'manager' ? 'db-approvals' : `personal:${as}`;
      expect([as, verb, await press(as, where, verb, payload, card.id)]).toEqual([
        as,
        verb,
        expect.stringMatching(says),
      ]);
    }
    expect(await world()).toEqual(before);
    // Whatever more a payload holds is left where it is: this is a plain approval by Martin.
    const extra = {
      ...data,
      by: { aadObjectId: 'x' },
      planHash: '0',
      state: { phase: 'completed' },
      comment: 'fine',
    };
    expect(await press('manager', 'db-approvals', 'request.approve', extra, card.id)).toMatch(/APPROVED/);
    expect(cardText((await path.ending('bad-decide')).card)).toContain('PROVEN');
  });

  test('a double click and an old card start nothing more', async () => {
    await path.submit(await path.ask({ target: 'bad-double' }));
    const card = await path.approvalCard('bad-double');
    const data = keyOf(card, 'Approve');
    const answers = await Promise.all(
      [1, 2].map(() => press('manager', 'db-approvals', 'request.approve', data, card.id)),
    );
    for (const answer of answers) expect(answer).toMatch(/APPROVED/);
    await path.ending('bad-double');
    expect(await press('dba', 'db-approvals', 'request.approve', data, card.id)).toMatch(/no longer open/);
    expect(
      await press('dba', 'db-approvals', 'request.reject', { ...data, comment: 'late' }, card.id),
    ).toMatch(/no longer open/);
    expect(await press('oncall', 'db-oncall', 'request.withdraw', data, card.id)).toMatch(/no longer open/);
    expect(await path.orders('bad-double')).toBe(1);
  });

  test('after another round the card of the first decides nothing', async () => {
    const target = 'bad-round';
    await path.submit(await path.ask({ target }));
    const card = await path.approvalCard(target);
    const old = keyOf(card, 'Approve');
    await environment.azure.fault({
      method: 'GET',
      path: '/azureAsyncOperation/',
      answer: {
        status: 200,
        body: {
          status: 'Failed',
          error: { code: 'InternalServerError', message: 'An unexpected error occurred.' },
        },
      },
    });
    await path.approve(card);
    const failed = await path.ending(target);
    expect(cardText(failed.card)).toMatch(/FAILED/);
    expect(
      await press('engineer', 'personal:engineer', 'request.retry', keyOf(failed, 'Try again'), failed.id),
    ).toMatch(/Only Ines Okafor/);
    await environment.teams.click({
      as: 'oncall',
      conversation: 'db-oncall',
      messageId: failed.id,
      title: 'Try again',
    });
    await environment.teams.sees(
      'manager',
      'db-approvals',
      'the second round',
      ({ id, card: seen }) =>
        id !== card.id && cardText(seen).includes(target) && /APPROVAL NEEDED/.test(cardText(seen)),
    );
    const before = await world();
    expect(await press('manager', 'db-approvals', 'request.approve', old, card.id)).toMatch(/out of date/);
    expect(
      await press('oncall', 'db-oncall', 'request.retry', keyOf(failed, 'Try again'), failed.id),
    ).toMatch(/out of date|has not failed/);
    expect(await world()).toEqual(before);
  });

  test('by text: a wrong hash is refused with the right one, a reason is needed, the right hash decides', async () => {
    await path.submit(await path.ask({ target: 'bad-text' }));
    const card = await path.approvalCard('bad-text');
    const id = requestIdOf(card);
    const hash = /([0-9a-f]{4})·([0-9a-f]{4})/.exec(JSON.stringify(card.card))?.[0] ?? '';
    expect(hash).not.toBe('');
    const wrong = hash.startsWith('0') ? '1111' : '0000';
    const before = await world();
    expect(await told(`approve ${id} ${wrong}`, 'manager')).toMatch(
      new RegExp(`not the plan that ${id}[\\s\\S]*${hash}`),
    );
    expect(await told(`approve ${id} ${hash.slice(0, 3)}`, 'manager')).toMatch(/not the plan/);
    expect(await told(`approve ${id} ${hash}`, 'oncall')).toMatch(/cannot approve your own/);
    expect(await told(`approve ${id} ${hash}`, 'engineer')).toMatch(/not an approver/);
    expect(await told(`reject ${id}`, 'manager')).toMatch(/needs a reason/);
    expect(await told(`withdraw ${id}`, 'manager')).toMatch(/Only Ines Okafor/);
    expect(await world()).toEqual(before);
    expect(await told(`reject ${id} wrong server`, 'manager')).toMatch(
      new RegExp(`Your rejection of ${id} is recorded`),
    );
    expect(await told(`approve ${id} ${hash}`, 'dba')).toMatch(/no longer open/);
  });

  test('billing needs both leads', async () => {
    await path.submit(await path.ask({ target: 'bad-billing', source: 'billing-pg' }));
    const card = await path.approvalCard('bad-billing');
    const data = keyOf(card, 'Approve');
    expect(await press('manager', 'db-approvals', 'request.approve', data, card.id)).toMatch(
      /You have approved[\s\S]*Waiting for 1 more of 2 approvers/,
    );
    expect(await press('manager', 'db-approvals', 'request.approve', data, card.id)).toMatch(
      /already counted/,
    );
    expect(await path.orders('bad-billing')).toBe(0);
    expect(await press('dba', 'db-approvals', 'request.approve', data, card.id)).toMatch(/APPROVED/);
    await path.ending('bad-billing');
    expect(await path.orders('bad-billing')).toBe(1);
  });
});

describe('what is away for a while', () => {
  test.each([502, 429])('while Teams answers %d nothing is lost: cards arrive later', async (status) => {
    const target = `bad-teams-${status}`;
    const form = await path.ask({ target });
    await environment.teams.fault({
      method: 'POST',
      path: '^/v3/',
      times: 4,
      answer: { status, headers: { 'retry-after': '1' }, body: { error: { code: 'x', message: 'x' } } },
    });
    await path.submit(form);
    await path.approve(await path.approvalCard(target));
    expect(cardText((await path.ending(target)).card)).toContain('PROVEN');
    expect(await path.orders(target)).toBe(1);
  });

  test('when the database is killed people get a sentence or the work goes on, and nothing is lost', async () => {
    const form = await path.ask({ target: 'bad-database' });
    await path.submit(form);
    const card = await path.approvalCard('bad-database');
    const data = keyOf(card, 'Approve');
    const before = readIds(environment.stateDir).stateDatabase ?? 0;
    process.kill(before, 'SIGQUIT');
    const answer = await press('manager', 'db-approvals', 'request.approve', data, card.id);
    expect(answer).toMatch(/APPROVED|cannot reach its own database|50\d|error/);
    await until(
      'the database and the product are back',
      async () => {
        const now = readIds(environment.stateDir).stateDatabase;
        return now !== null && now !== before && (await environment.isReady());
      },
      60,
    );
    if (!/APPROVED/.test(answer)) await path.approve(card);
    expect(cardText((await path.ending('bad-database', 90)).card)).toContain('PROVEN');
    expect(await path.orders('bad-database')).toBe(1);
    expect(await told('list')).toContain('bad-database');
  });
});

test('after all of it the invariants hold', async () => {
  expect(await brokenInvariants(environment)).toEqual([]);
});

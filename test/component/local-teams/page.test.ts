import { chromium, type Browser, type Page } from 'playwright-core';
import { personas } from '../../../infra/local/identities';
import { CARD_TYPE, setStage, until, type Json, type Stage } from './stage';

jest.setTimeout(60_000);

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const manager = personas.find(({ persona }) => persona === 'manager')?.teamsId ?? '';

let stage: Stage;
let browser: Browser;
const complaints: string[] = [];

beforeAll(async () => {
  stage = await setStage();
  browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: flags,
  });
});
afterAll(async () => {
  await browser.close();
  await stage.close();
});

/** A window of one person; whatever the browser complains about or fetches from elsewhere fails the test. */
async function openWindow(address: string, size = { width: 1280, height: 860 }): Promise<Page> {
  const page = await (await browser.newContext({ viewport: size })).newPage();
  page.setDefaultTimeout(8_000);
  page.on('console', (line) => {
    if (['error', 'warning'].includes(line.type())) complaints.push(line.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    if (!request.url().startsWith(stage.teams.origin)) complaints.push(`fetched ${request.url()}`);
  });
  await page.goto(`${stage.teams.origin}/${address}`);
  return page;
}

const card = (text: string, actions: Json[], more: Json = {}): Json => ({
  type: 'AdaptiveCard',
  version: '1.5',
  body: [{ type: 'TextBlock', text, wrap: true }],
  actions,
  ...more,
});
const refresh = {
  refresh: { action: { type: 'Action.Execute', verb: 'look', data: { id: 1 } }, userIds: [manager] },
};
const asMessage = (content: Json): Json => ({
  type: 'message',
  attachments: [{ contentType: CARD_TYPE, content }],
});

const form = card(
  'R-1 request',
  [
    { type: 'Action.Execute', title: 'Request restore', verb: 'submit', data: { id: 1 } },
    { type: 'Action.ToggleVisibility', title: 'Details', targetElements: ['details'] },
  ],
  {
    body: [
      { type: 'TextBlock', text: 'R-1 **request**' },
      {
        type: 'Input.ChoiceSet',
        id: 'source',
        label: 'Source',
        style: 'filtered',
        isRequired: true,
        errorMessage: 'Choose a server.',
        choices: [],
        'choices.data': { type: 'Data.Query', dataset: 'servers' },
      },
      { type: 'Input.Text', id: 'reason', label: 'Reason', isRequired: true, errorMessage: 'Say why.' },
      { type: 'TextBlock', id: 'details', isVisible: false, text: 'What is behind the fold' },
    ],
  },
);

/** A bot small enough to read: a form in the thread, an approval that only the manager may decide. */
function playBot(): { submitted: Json[] } {
  const submitted: Json[] = [];
  let approvalPath = '';
  stage.onActivity(async (activity) => {
    if (activity['type'] === 'message') {
      const path = `/v3/conversations/${encodeURIComponent(activity['conversation'].id)}/activities`;
      await stage.asBot('POST', path, asMessage(form));
      return {};
    }
    if (activity['name'] === 'application/search') {
      const results = [{ title: 'Orders (rg-shop)', value: 'orders-pg' }];
      return { body: { type: 'application/vnd.microsoft.search.searchResponse', value: { results } } };
    }
    const answer = (type: string, value: unknown) => ({ body: { statusCode: 200, type, value } });
    const { verb, data } = activity['value'].action as Json;
    if (verb === 'look') {
      const approve = { type: 'Action.Execute', title: 'Approve', verb: 'approve', data: { id: 1 } };
      return answer(CARD_TYPE, card('R-1 for the approver', [approve], refresh));
    }
    if (verb === 'submit') {
      submitted.push(data as Json);
      const created = await stage.asBot('POST', '/v3/conversations', {
        channelData: { channel: { id: '19:db-approvals@thread.tacv2' } },
        activity: asMessage(card('R-1 for everybody', [], refresh)),
      });
      approvalPath = `/v3/conversations/${encodeURIComponent(created.body.id)}/activities/${created.body.activityId}`;
      return answer('application/vnd.microsoft.activity.message', 'Your request is with the approvers.');
    }
    await stage.asBot('PUT', approvalPath, asMessage(card('R-1 approved', [])));
    return answer(CARD_TYPE, card('R-1 approved', []));
  });
  return { submitted };
}

test('two people in two windows: asked in the channel, filled in, approved, and seen by both as it happens', async () => {
  const bot = playBot();
  const oncall = await openWindow('?as=oncall&chat=db-oncall');
  const boss = await openWindow('?as=manager&chat=group-dba');

  await oncall.getByRole('textbox', { name: 'New post in db-oncall' }).pressSequentially('@Rest');
  await oncall.getByRole('option', { name: 'Restore Desk' }).waitFor();
  await oncall.keyboard.press('Enter');
  await oncall.keyboard.type('restore orders-pg');
  await oncall.keyboard.press('Enter');
  await oncall.getByText('R-1 request').waitFor();
  expect(await oncall.locator('.words .mention').textContent()).toBe('Restore Desk');

  await oncall.getByRole('button', { name: 'Details' }).click();
  await oncall.getByText('What is behind the fold').waitFor();
  await oncall.getByRole('button', { name: 'Request restore' }).click();
  await oncall.getByText('Choose a server.').waitFor();
  expect(bot.submitted).toEqual([]);
  await oncall.getByRole('combobox', { name: 'Source' }).fill('ord');
  await oncall.getByRole('option', { name: 'Orders (rg-shop)' }).click();
  await oncall.getByRole('textbox', { name: 'Reason' }).fill('table dropped');
  await oncall.getByRole('button', { name: 'Request restore' }).click();
  await oncall.getByText('Your request is with the approvers.').waitFor();
  expect(bot.submitted).toEqual([{ id: 1, source: 'orders-pg', reason: 'table dropped' }]);

  await boss.getByRole('button', { name: /db-approvals unread/ }).click();
  await oncall.getByRole('button', { name: /db-approvals/ }).click();
  await oncall.getByText('R-1 for everybody').waitFor();
  await boss.getByRole('button', { name: 'Approve' }).click();
  await boss.getByText('R-1 approved').waitFor();
  await oncall.getByText('R-1 approved').waitFor();
  await oncall.getByText('Edited').waitFor();
  expect(complaints).toEqual([]);
});

test('a bot that fails is told in words under the card, and an unreachable one under the message', async () => {
  stage.onActivity(() => ({ status: 501 }));
  const created = await stage.asBot('POST', '/v3/conversations', {
    channelData: { channel: { id: '19:db-approvals@thread.tacv2' } },
    activity: asMessage(card('R-2', [{ type: 'Action.Execute', title: 'Press me', verb: 'x' }])),
  });
  expect(created.status).toBe(201);
  const page = await openWindow('?as=dba&chat=db-approvals');
  await page.getByRole('button', { name: 'Press me' }).click();
  await page.getByRole('alert').getByText('did not say whether it worked').waitFor();
  await page.getByRole('button', { name: 'Restore Desk', exact: true }).click();
  await page.getByRole('textbox', { name: 'Message to Restore Desk' }).fill('hello');
  await page.keyboard.press('Enter');
  await page.getByText('Not delivered').waitFor();
  expect(complaints).toEqual([]);
});

test('two open forms on one page keep a choice each', async () => {
  const choice = {
    type: 'Input.ChoiceSet',
    ...{ id: 'mode', label: 'Restore to', style: 'expanded', value: 'latest' },
    choices: ['moment', 'latest'].map((value) => ({ title: value, value })),
  };
  for (const name of ['R-7', 'R-8']) {
    await stage.asBot('POST', '/v3/conversations', {
      channelData: { channel: { id: '19:db-approvals@thread.tacv2' } },
      activity: asMessage(card(name, [], { body: [{ type: 'TextBlock', text: name }, choice] })),
    });
  }
  const page = await openWindow('?as=dba&chat=db-approvals');
  await page.getByText('R-8').waitFor();
  await page.getByRole('radio', { name: 'moment' }).last().check();
  const chosen = await page
    .getByRole('radio', { name: 'latest' })
    .evaluateAll((radios) => radios.map((radio) => (radio as unknown as { checked: boolean }).checked));
  expect(chosen).toEqual([true, false]);
});

const restoreForm = (words: string, foldIsOpen = false): Json => {
  const choices = (...values: string[]) => values.map((value) => ({ title: `the ${value}`, value }));
  const searched = (id: string, label: string, query: Json) => ({
    ...{
      type: 'Input.ChoiceSet',
      id,
      label,
      style: 'filtered',
      choices: choices('orders-pg'),
      value: 'orders-pg',
    },
    'choices.data': { type: 'Data.Query', ...query },
  });
  return card(words, [{ type: 'Action.Execute', title: 'Request restore', verb: 'submit' }], {
    body: [
      { type: 'TextBlock', text: words },
      searched('source', 'Source', { dataset: 'servers' }),
      { ...searched('backup', 'Backup', { dataset: 'backups', associatedInputs: 'auto' }), value: '' },
      {
        ...{ type: 'Input.ChoiceSet', id: 'mode', label: 'Restore to', style: 'expanded', value: 'latest' },
        choices: choices('latest', 'fast'),
      },
      {
        ...{ type: 'Input.ChoiceSet', id: 'zone', label: 'Zone', style: 'compact', value: 'UTC' },
        choices: choices('UTC', 'CET'),
      },
      {
        type: 'ActionSet',
        actions: [{ type: 'Action.ToggleVisibility', title: 'More', targetElements: ['more'] }],
      },
      {
        ...{ type: 'Container', id: 'more', isVisible: foldIsOpen },
        items: [{ type: 'Input.Date', id: 'expires', label: 'Expires' }],
      },
    ],
  });
};

test('a form is filled in by searching, folding and editing, and nothing chosen is lost on the way', async () => {
  const searches: Json[] = [];
  let sent: Json | undefined;
  stage.onActivity((activity) => {
    if (activity['name'] === 'application/search') {
      searches.push(activity['value'] as Json);
      const name = activity['value'].dataset === 'servers' ? 'billing-pg' : 'before-migration';
      const results = [{ title: `the ${name}`, value: name }];
      return { body: { type: 'application/vnd.microsoft.search.searchResponse', value: { results } } };
    }
    sent = activity['value'].action.data as Json;
    return { body: { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: 'Sent.' } };
  });
  const posted = await stage.asBot('POST', '/v3/conversations', {
    channelData: { channel: { id: '19:db-oncall@thread.tacv2' } },
    activity: asMessage(restoreForm('Form one')),
  });
  const edit = (words: string, foldIsOpen = false) =>
    stage.asBot(
      'PUT',
      `/v3/conversations/${encodeURIComponent(posted.body.id)}/activities/${posted.body.activityId}`,
      asMessage(restoreForm(words, foldIsOpen)),
    );
  const page = await openWindow('?as=oncall&chat=db-oncall');
  const form = page.locator('.card').filter({ hasText: 'Form' }).last();
  await form.getByRole('button', { name: 'More' }).click();
  await form.getByLabel('Expires').fill('2026-12-03');
  await form.getByRole('button', { name: 'More' }).click();
  await form.getByLabel('Expires').waitFor({ state: 'hidden' });

  await form.getByRole('combobox', { name: 'Source' }).fill('bil');
  await form.getByRole('option', { name: 'the billing-pg' }).click();
  await form.getByRole('combobox', { name: 'Backup' }).fill('bef');
  await form.getByRole('option', { name: 'the before-migration' }).click();
  const [ofServers, ofBackups] = [searches.find(isFor('servers')), searches.findLast(isFor('backups'))];
  expect(ofServers).not.toHaveProperty('data');
  expect(ofBackups).toMatchObject({
    queryText: 'bef',
    data: { source: 'billing-pg', expires: '2026-12-03' },
  });

  await form.getByRole('radio', { name: 'the fast' }).check();
  await form.getByRole('combobox', { name: 'Zone' }).selectOption('the CET');
  await edit('Form two');
  await form.getByText('Form two').waitFor();
  await edit('Form three', true);
  await form.getByText('Form three').waitFor();
  await form.getByLabel('Expires').waitFor();
  await form.getByRole('button', { name: 'Request restore' }).click();
  await page.getByText('Sent.').waitFor();
  expect(sent).toEqual({
    ...{ source: 'billing-pg', backup: 'before-migration', mode: 'fast', zone: 'CET', expires: '2026-12-03' },
  });
  expect(complaints).toEqual([]);
});

const isFor =
  (dataset: string) =>
  (search: Json): boolean =>
    search['dataset'] === dataset;

test('on a phone there is one column: the list, then the chat, and the way back', async () => {
  const page = await openWindow('?as=manager', { width: 390, height: 844 });
  await page.getByRole('button', { name: /db-approvals/ }).click();
  await page.getByRole('textbox', { name: 'New post in db-approvals' }).waitFor();
  const overflow = () => page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
  await until(async () => (await overflow()) === 0);
  await page.getByRole('button', { name: 'Back to the list of chats' }).click();
  expect(await page.getByRole('button', { name: /db-oncall/ }).isVisible()).toBe(true);
  await page.locator('#profile-button').click();
  expect(await page.getByRole('link', { name: 'Divya Rao Database lead' }).getAttribute('href')).toBe(
    '?as=dba',
  );
  expect(complaints).toEqual([]);
});

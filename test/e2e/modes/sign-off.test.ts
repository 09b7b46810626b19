/**
 * Signing off as five people see it: stages with a group of the directory, a question, an edit, a start without approval, and
 * clocks that go on after kill -9; through the persona API, with real minutes.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cardText, type ClickAnswer, type SeenMessage } from '../../fixtures/local-teams-client';
import { requestIdOf, restorePath, type RestorePath } from '../../fixtures/restore-path';
import { startLocalEnvironment, type LocalEnvironment } from '../../fixtures/local-environment';
import { repositoryDir } from '../../fixtures/supervisor/processes';

jest.setTimeout(300_000);
let environment: LocalEnvironment;
let path: RestorePath;
const policyFile = join(tmpdir(), `restore-desk-sign-off-${process.pid}.yaml`);
const leads = '66666666-0000-4000-8000-000000000001';
const someone = (n: number, name: string): string =>
  `{ id: aaaaaaa${n}-0000-4000-8000-00000000000${n}, name: ${name} }`;

/** Two stages for orders; a minute for everything that a clock does; and one start without approval a day. */
const rule = `  - name: orders
    match: { server: orders-pg }
    stages:
      - { name: leads, approvers: [{ group: ${leads}, name: Database leads }], needed: 1 }
      - { name: managers, approvers: [${someone(2, 'Martin Hale')}], needed: 1 }
    expiresAfterMinutes: 30
    remindAfterMinutes: 1
    escalate: { afterMinutes: 1, to: [${someone(4, 'Emil Novak')}] }
    breakGlass: { people: [${someone(1, 'Ines Okafor')}] }
`;

beforeAll(async () => {
  const local = readFileSync(join(repositoryDir, 'infra', 'local', 'policy.yaml'), 'utf8');
  // The anchor of the local policy stands in the rule that this one takes the place of.
  const others = local
    .slice(local.indexOf('  - name: billing'))
    .replaceAll('*leads', `[${someone(2, 'Martin Hale')}, ${someone(3, 'Divya Rao')}]`);
  writeFileSync(policyFile, `version: sign-off-1\nrules:\n${rule}${others}`);
  environment = await startLocalEnvironment({ name: 'sign-off', env: { LOCAL_POLICY_FILE: policyFile } });
  path = restorePath(environment);
});
afterAll(async () => {
  rmSync(policyFile, { force: true });
  await environment?.stop();
});

const titles = (message: SeenMessage): string[] =>
  (message.card?.actions ?? [])
    .map(({ title }) => title)
    .filter((title) => title !== 'What exactly will be sent');

/** The newest card about the target in a place, as one person sees it. */
const cardFor = (as: string, conversation: string, target: string, says = /R-\d+/): Promise<SeenMessage> =>
  environment.teams.sees(as, conversation, `the card about ${target} saying ${says.source}`, ({ card }) => {
    const text = cardText(card);
    return text.includes(target) && says.test(text);
  });

async function press(
  as: string,
  conversation: string,
  message: SeenMessage,
  title: string,
  comment?: string,
): Promise<ClickAnswer> {
  return environment.teams.click({
    ...{ as, conversation, messageId: message.id, title },
    ...(comment === undefined ? {} : { inputs: { comment } }),
  });
}

async function asked(target: string): Promise<SeenMessage> {
  await path.submit(await path.ask({ target }));
  return cardFor('oncall', 'db-approvals', target, /WAITING FOR APPROVAL/);
}

const noticed = (as: string, conversation: string, says: RegExp, seconds = 30): Promise<SeenMessage> =>
  environment.teams.sees(
    as,
    conversation,
    `the message ${says.source}`,
    ({ text }) => says.test(text),
    seconds,
  );

/** Asked at the start, so that its minute runs while the others are done. */
let clocked: SeenMessage;
test('a request with clocks is asked first', async () => {
  clocked = await asked('so-clocked');
  expect(cardText(clocked.card)).toMatch(
    /If nobody answers: reminder .* UTC, Emil Novak called .* UTC, expires/,
  );
});

test('each of five people sees what they can do, and no more', async () => {
  await asked('so-views');
  const seen: Record<string, string[]> = {};
  for (const as of ['oncall', 'manager', 'dba', 'engineer', 'guest'])
    seen[as] = titles(await cardFor(as, 'db-approvals', 'so-views'));
  expect(seen).toEqual({
    oncall: ['Withdraw', 'Edit', 'Start without approval'],
    manager: ['Approve', 'Reject', 'Ask a question'],
    dba: ['Approve', 'Reject', 'Ask a question'],
    engineer: [],
    guest: [],
  });
});

test('two stages sign in their order; a question is asked and answered between them; kill -9 loses none of it', async () => {
  await asked('so-stages');
  const forDba = await cardFor('dba', 'db-approvals', 'so-stages');
  const id = requestIdOf(forDba);
  // Nobody who was shown no button gets through with one that is made up.
  for (const as of ['engineer', 'guest', 'oncall']) {
    const forged = await environment.teams.invoke(as, 'db-approvals', approvalClick(forDba));
    expect(JSON.stringify(forged)).toMatch(/not an approver|is a guest|your own request/i);
  }
  await press('dba', 'db-approvals', forDba, 'Ask a question', 'Is nobody writing to it?');
  await noticed('oncall', 'db-oncall', new RegExp(`Divya Rao asks about ${id}`));
  await environment.crashProduct();
  const receipt = await environment.teams.sees(
    'oncall',
    'db-oncall',
    'the question on the receipt',
    (message) => cardText(message.card).includes('so-stages') && titles(message).includes('Answer'),
  );
  await press('oncall', 'db-oncall', receipt, 'Answer', 'Stopped at 14:00.');
  await noticed('dba', 'db-approvals', /Ines Okafor answers about .*Stopped at 14:00/);
  const first = await cardFor('dba', 'db-approvals', 'so-stages', /Stopped at 14:00/);
  await press('dba', 'db-approvals', first, 'Approve', 'fine by me');
  await environment.crashProduct();
  await noticed('manager', 'db-approvals', new RegExp(`Martin Hale: ${id} is with you now`));
  expect(titles(await cardFor('dba', 'db-approvals', 'so-stages', /You have approved/))).toEqual([]);
  const second = await cardFor('manager', 'db-approvals', 'so-stages', /Approved by Divya Rao/);
  await press('manager', 'db-approvals', second, 'Approve');
  expect(cardText((await path.ending('so-stages', 90)).card)).toContain('PROVEN');
  expect(await path.orders('so-stages')).toBe(1);
});

/** The button's own payload, sent by somebody else. */
function approvalClick(message: SeenMessage): object {
  const action = message.card?.actions?.find(({ title }) => title === 'Approve') as unknown as {
    verb: string;
    data: object;
  };
  return {
    type: 'invoke',
    name: 'adaptiveCard/action',
    replyToId: message.id,
    value: { action: { type: 'Action.Execute', verb: action.verb, data: action.data }, trigger: 'manual' },
  };
}

test('an edit asks anew on another card, and the old one asks for nothing', async () => {
  const before = await asked('so-edit');
  const forDba = await cardFor('dba', 'db-approvals', 'so-edit');
  await press('dba', 'db-approvals', forDba, 'Approve');
  await press('oncall', 'db-approvals', before, 'Edit');
  const form = await environment.teams.sees('oncall', 'db-oncall', 'the form again', ({ card }) =>
    /RESTORE REQUEST[\s\S]*so-edit/.test(cardText(card)),
  );
  await environment.teams.click({
    ...{ as: 'oncall', conversation: 'db-oncall', messageId: form.id, title: 'Request restore' },
    inputs: { target: 'so-edited' },
  });
  const anew = await cardFor(
    'dba',
    'db-approvals',
    'so-edited',
    /Changed since revision 1[\s\S]*\nApprove\n/,
  );
  expect(titles(anew)).toEqual(['Approve', 'Reject', 'Ask a question']);
  const old = await environment.teams.sees(
    'dba',
    'db-approvals',
    'the old card',
    ({ id, card }) => id === forDba.id && /CHANGED/.test(cardText(card)),
  );
  expect(titles(old)).toEqual([]);
  const late = await environment.teams.invoke('dba', 'db-approvals', approvalClick(forDba));
  expect(JSON.stringify(late)).toContain('out of date');
  const id = requestIdOf(anew);
  await environment.teams.say('dba', 'db-approvals', `@Restore Desk reject ${id} not today`);
  await noticed('oncall', 'db-oncall', new RegExp(`${id} is rejected by Divya Rao: "not today"`));
});

test('a start without approval is one click with a reason; an approver reports it; the next one is refused', async () => {
  const receiptOf = (target: string): Promise<SeenMessage> =>
    environment.teams.sees(
      'oncall',
      'db-oncall',
      `the receipt of ${target}`,
      (message) =>
        cardText(message.card).includes(target) && titles(message).includes('Start without approval'),
    );
  await asked('so-glass');
  const without = await press(
    'oncall',
    'db-oncall',
    await receiptOf('so-glass'),
    'Start without approval',
    ' ',
  );
  expect(JSON.stringify(without.value)).toContain('needs a reason');
  await press(
    'oncall',
    'db-oncall',
    await receiptOf('so-glass'),
    'Start without approval',
    'the shop is down',
  );
  const started = await cardFor(
    'manager',
    'db-approvals',
    'so-glass',
    /STARTED WITHOUT APPROVAL[\s\S]*Approve afterwards\nReport/,
  );
  expect(cardText((await path.ending('so-glass', 90)).card)).toContain('PROVEN');
  await asked('so-glass-2');
  const owed = await press(
    'oncall',
    'db-oncall',
    await receiptOf('so-glass-2'),
    'Start without approval',
    'again',
  );
  expect(JSON.stringify(owed.value)).toContain('has not been looked at yet');
  await press('manager', 'db-approvals', started, 'Report', 'could have waited');
  await cardFor('engineer', 'db-approvals', 'so-glass', /Reported by Martin Hale/);
});

test('who leaves the company between the card and the click does not count; who joined the group since does', async () => {
  await asked('so-leaves');
  await environment.azure.directory({ user: 'aaaaaaa2-0000-4000-8000-000000000002', accountEnabled: false });
  await environment.azure.directory({
    group: leads,
    member: 'aaaaaaa4-0000-4000-8000-000000000004',
    in: true,
  });
  const shown = await cardFor('manager', 'db-approvals', 'so-leaves');
  // What the directory said a moment ago may be believed for a minute: they are looked up anew after a restart.
  await environment.crashProduct();
  const late = await environment.teams.invoke('manager', 'db-approvals', approvalClick(shown));
  expect(JSON.stringify(late)).toContain('Your account is disabled');
  const joined = await environment.teams.invoke('engineer', 'db-approvals', approvalClick(shown));
  expect(JSON.stringify(joined)).toContain('Approved by Emil Novak');
  await environment.azure.directory({ user: 'aaaaaaa2-0000-4000-8000-000000000002', accountEnabled: true });
  await environment.azure.directory({
    group: leads,
    member: 'aaaaaaa4-0000-4000-8000-000000000004',
    in: false,
  });
});

test('the clocks of the first request reminded and called once, after every kill, also in a chat of one', async () => {
  const id = requestIdOf(clocked);
  await noticed('dba', 'db-approvals', new RegExp(`${id} still waits for 1 of 2 approvers`), 90);
  await noticed('engineer', 'db-approvals', new RegExp(`nobody has decided about ${id} yet`), 90);
  const direct = await cardFor('engineer', 'personal:engineer', 'so-clocked', /APPROVAL NEEDED/);
  expect(titles(direct)).toEqual(['Approve', 'Reject', 'Ask a question']);
  const texts = (await environment.teams.view('dba', 'db-approvals')).map(({ text }) => text);
  expect(texts.filter((text) => text.includes(`${id} still waits`))).toHaveLength(1);
  expect(texts.filter((text) => text.includes(`nobody has decided about ${id}`))).toHaveLength(1);
  await press('engineer', 'personal:engineer', direct, 'Approve');
  await cardFor('dba', 'db-approvals', 'so-clocked', /Approved by Emil Novak/);
  await environment.teams.say('oncall', 'db-oncall', `@Restore Desk withdraw ${id}`);
  // The end stands on every card, the one in the chat of one included.
  await cardFor('engineer', 'personal:engineer', 'so-clocked', /WITHDRAWN/);
  await cardFor('dba', 'db-approvals', 'so-clocked', /WITHDRAWN/);
});

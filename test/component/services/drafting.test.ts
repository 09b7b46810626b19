/** From a sentence to a request: nothing typed is lost, nothing is made twice. */
import { randomUUID } from 'node:crypto';
import { DeskError, problem } from '../../../services/restore/errors';
import { formOf, startDeskStage, type DeskStage } from '../../fakes/desk-stage';
import { aDeletedServer, aServer, ines, martin, someInputs } from '../../fakes/facts';

jest.setTimeout(60_000);
let stage: DeskStage;
beforeAll(async () => {
  stage = await startDeskStage();
});
beforeEach(() => stage.reset());
afterAll(() => stage?.stop());

const requestsFor = (target: string) =>
  stage.desk.ask<{ id: string }>('select id from restore_request where target_name = $1', [target]);

const asked = (sentence: string, deliveryKey: string = randomUUID()) => ({
  ...{ by: ines, zone: 'Europe/Berlin', thread: 'thread-1' },
  ...{ sentence, deliveryKey },
});

test('the same delivery twice opens one form', async () => {
  const key = randomUUID();
  const sentence = 'orders-pg latest as once because x';
  const opened = await Promise.all([
    stage.drafting.open(asked(sentence, key)),
    stage.drafting.open(asked(sentence, key)),
  ]);
  expect(opened.filter(Boolean)).toHaveLength(1);
  expect(
    await stage.desk.ask(`select id from draft where body -> 'inputs' ->> 'target' = 'once'`),
  ).toHaveLength(1);
});

test('two clicks at the same time make one request, and both are answered with it', async () => {
  const draft = await stage.openForm('two-submits');
  const submit = () => stage.drafting.submit(formOf(draft), ines, draft.inputs);
  const answers = await Promise.all([submit(), submit(), submit()]);
  expect(await requestsFor('two-submits')).toHaveLength(1);
  const again = await submit();
  expect(again).toMatchObject({ kind: 'request' });
  expect(answers.some(({ kind }) => kind === 'request')).toBe(true);
});

test('two forms for the same name: one becomes the request, the other says which is in its way', async () => {
  const first = await stage.openForm('same-name');
  await stage.desk.ask(`update draft set phase = 'kept' where id = $1`, [first.id]);
  const second = await stage.openForm('same-name');
  const answers = await Promise.all(
    [first, second].map((draft) => stage.drafting.submit(formOf(draft), ines, draft.inputs)),
  );
  expect(await requestsFor('same-name')).toHaveLength(1);
  expect(answers.map(({ kind }) => kind).sort()).toEqual(['form', 'request']);
  const form = answers.find(({ kind }) => kind === 'form');
  expect(form).toMatchObject({ message: { state: 'open', problems: [{ code: 'DUPLICATE_OPEN' }] } });
});

test('problems come back all at once with everything that was typed', async () => {
  const draft = await stage.openForm('many-problems');
  const typed = {
    ...draft.inputs,
    moment: '2027-01-01 00:00',
    target: 'Not Valid',
    reason: ' ',
    ticket: 'T-1',
    resourceGroup: 'rg-none',
  };
  const answer = await stage.drafting.submit(formOf(draft), ines, typed);
  expect(answer).toMatchObject({
    kind: 'form',
    message: {
      state: 'open',
      inputs: typed,
      problems: [
        { code: 'MOMENT_IN_FUTURE' },
        { code: 'TARGET_NAME_INVALID' },
        { code: 'RESOURCE_GROUP_MISSING' },
        { code: 'REASON_MISSING' },
      ],
    },
  });
  // The form has a new key: a click on the old one is out of date and changes nothing.
  expect(await stage.drafting.submit(formOf(draft), ines, draft.inputs)).toMatchObject({
    kind: 'refused',
    because: { code: 'CARD_OUTDATED' },
  });
  const { nonce } = await stage.draft(draft.id);
  expect(await stage.drafting.submit({ ...formOf(draft), nonce }, ines, draft.inputs)).toMatchObject({
    kind: 'request',
  });
});

test('somebody else neither submits nor cancels a form', async () => {
  const draft = await stage.openForm('not-yours');
  for (const answer of [
    await stage.drafting.submit(formOf(draft), martin, draft.inputs),
    await stage.drafting.cancel(formOf(draft), martin),
  ])
    expect(answer).toMatchObject({ kind: 'refused', because: { code: 'NOT_YOURS' } });
  expect(await stage.draft(draft.id)).toEqual(draft);
});

test('a form that never was is not understood', async () => {
  const key = { about: 'draft', id: 'no-such-form', revision: 1, nonce: 'x' } as const;
  expect(await stage.drafting.submit(key, ines, {})).toMatchObject({
    kind: 'refused',
    because: { code: 'CARD_NOT_UNDERSTOOD' },
  });
});

test('extra fields, foreign types and prototype keys in what was sent are left where they are', async () => {
  const draft = await stage.openForm('extras');
  const sent = JSON.parse(
    '{"target":"extras","reason":["x"],"requester":{"aadObjectId":"y"},"state":{"phase":"submitted"},"__proto__":{"ticket":"T-9"},"approved":true}',
  ) as unknown;
  const answer = await stage.drafting.submit(formOf(draft), ines, sent);
  expect(answer).toMatchObject({
    kind: 'request',
    message: { requester: ines, reason: someInputs().reason, ticket: '' },
  });
});

test('a cancelled form is over: pressing it again shows that and makes nothing', async () => {
  const draft = await stage.openForm('cancelled');
  expect(await stage.drafting.cancel(formOf(draft), ines)).toMatchObject({
    kind: 'form',
    message: { state: 'cancelled' },
  });
  expect(await stage.drafting.submit(formOf(draft), ines, draft.inputs)).toMatchObject({
    kind: 'form',
    message: { state: 'cancelled' },
  });
  expect(await requestsFor('cancelled')).toHaveLength(0);
});

test('while Azure is silent what was typed is kept, and the check goes on by itself when it is back', async () => {
  const draft = await stage.openForm('silent');
  stage.azure.fallSilent();
  const typed = { ...draft.inputs, reason: 'typed while Azure was away' };
  expect(await stage.drafting.submit(formOf(draft), ines, typed)).toMatchObject({
    kind: 'form',
    message: { state: 'checking', inputs: typed, problems: [{ code: 'AZURE_UNREACHABLE' }] },
  });
  const [job] = await stage.desk.ask(
    `select 1 from pgboss.job where singleton_key = $1 and state = 'created'`,
    [draft.id],
  );
  expect(job).toBeDefined();
  // Looking again says nothing new, and keeps looking.
  const { wanted } = (await stage.desk.outbox.read(`draft/${draft.id}`)) ?? { wanted: 0 };
  await stage.drafting.check(draft.id);
  expect((await stage.desk.outbox.read(`draft/${draft.id}`))?.wanted).toBe(wanted);
  stage.azure.failure = undefined;
  expect(await stage.drafting.check(draft.id)).toMatchObject({
    kind: 'request',
    message: { reason: 'typed while Azure was away' },
  });
  expect(await stage.drafting.check(draft.id)).toMatchObject({ kind: 'request' });
  expect(await requestsFor('silent')).toHaveLength(1);
});

test('a form can be opened while Azure is silent', async () => {
  stage.azure.fallSilent();
  const draft = await stage.openForm('opened-silent');
  expect(draft.inputs).toMatchObject({ source: 'orders-pg', target: 'opened-silent' });
  expect(draft.problems).toMatchObject([{ code: 'AZURE_UNREACHABLE' }]);
});

test("Azure's refusal of a look-up comes back on the form, for somebody to put right", async () => {
  const draft = await stage.openForm('forbidden');
  stage.azure.failure = new DeskError(problem('AZURE_FORBIDDEN'));
  expect(await stage.drafting.submit(formOf(draft), ines, draft.inputs)).toMatchObject({
    kind: 'form',
    message: { state: 'open', problems: [{ code: 'AZURE_FORBIDDEN' }] },
  });
});

test('a check that takes longer than a click may is answered at once and finished later', async () => {
  const draft = await stage.openForm('slow');
  let answerNow = (): void => undefined;
  const slow = new Promise<void>((done) => (answerNow = done));
  const get = stage.azure.get.bind(stage.azure);
  stage.azure.get = async (id) => {
    await slow;
    return get(id);
  };
  const started = performance.now();
  expect(await stage.drafting.submit(formOf(draft), ines, draft.inputs)).toMatchObject({
    kind: 'form',
    message: { state: 'checking' },
  });
  expect(performance.now() - started).toBeLessThan(1_500);
  answerNow();
  expect(await stage.drafting.check(draft.id)).toMatchObject({ kind: 'request' });
});

test('the newest backup stays the one that was planned, whatever is newest later', async () => {
  const id = aServer('orders-pg').id.toLowerCase();
  const backup = (hour: string) =>
    ({ name: `backup_${hour}`, kind: 'automatic', completedAt: `2026-11-19T${hour}:00:00.000Z` }) as const;
  stage.azure.backupsOf.set(id, [backup('03')]);
  const request = await stage.approved('newest-kept', { mode: 'fast', backup: 'newest' });
  expect(request.inputs.backup).toBe('backup_03');
  stage.azure.backupsOf.set(id, [backup('13'), backup('03')]);
  await stage.running.advance(request.id);
  expect(stage.orders.sent).toMatchObject([{ moment: '2026-11-19T03:00:00.001Z' }]);
});

test('a form about a server outside the policy tells nothing of it but its name', async () => {
  stage.azure.servers.delete(aServer('search-pg').id.toLowerCase());
  stage.azure.put(
    aServer('search-pg', { resourceGroup: 'rg-secret', sku: 'Standard_E96ds_v5', location: 'japaneast' }),
  );
  const draft = await stage.openForm('leak-nothing', { source: 'search-pg' });
  const slot = await stage.desk.outbox.read(`draft/${draft.id}`);
  const submitted = await stage.drafting.submit(formOf(draft), ines, draft.inputs);
  const said = JSON.stringify([draft, slot?.message, submitted]);
  expect(said).toMatch(/NO_POLICY_RULE/);
  expect(said).not.toMatch(/rg-secret|E96ds|japaneast|2026-11-12T13:27/);
  expect(submitted).toMatchObject({ kind: 'form', message: { problems: [{ code: 'NO_POLICY_RULE' }] } });
});

test('of a subnet that does not exist only that is said, and no rights are asked for there', async () => {
  const network = {
    kind: 'private',
    delegatedSubnetId: '/gone/subnet',
    privateDnsZoneId: '/gone/zone',
  } as const;
  stage.azure.put(aServer('orders-pg', { network }));
  stage.azure.missing.push('Microsoft.Network/virtualNetworks/subnets/join/action');
  const draft = await stage.openForm('no-subnet');
  const answer = await stage.drafting.submit(formOf(draft), ines, draft.inputs);
  expect(answer).toMatchObject({
    kind: 'form',
    message: { problems: [{ code: 'SUBNET_UNKNOWN' }, { code: 'DNS_ZONE_UNKNOWN' }] },
  });
});

test('turning to the deleted servers clears a server that is there, and keeps a name that may be a deleted one', async () => {
  stage.azure.servers.delete(aServer('billing-pg').id.toLowerCase());
  stage.azure.deleted.push(aDeletedServer('billing-pg'));
  const there = await stage.openForm('turned');
  const turned = await stage.drafting.update(formOf(there), ines, { ...there.inputs, mode: 'dropped' });
  expect(turned).toMatchObject({
    kind: 'form',
    message: {
      inputs: { source: '', target: 'turned' },
      problems: [],
      choices: { source: [{ value: 'billing-pg' }] },
    },
  });
  const gone = await stage.openForm('kept', { source: 'billing-pg' });
  const kept = await stage.drafting.update(formOf(gone), ines, { ...gone.inputs, mode: 'dropped' });
  expect(kept).toMatchObject({ message: { inputs: { source: 'billing-pg' }, problems: [] } });
});

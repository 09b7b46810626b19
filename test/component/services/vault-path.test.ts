/** A restore from a vault, from the sentence to what came of it: on a real store, with an Azure that is played. */
import { aPoint, aVault, anAccount, anInstance } from '../../fakes/fake-vaults';
import { formOf, startDeskStage, type DeskStage } from '../../fakes/desk-stage';
import { DeskError, problem } from '../../../services/restore/errors';
import { filesPlan, vaultStage } from '../../fakes/vault-stage';
import { ines } from '../../fakes/facts';
import { randomUUID } from 'node:crypto';
import { searchList } from '../../../services/searching';
import type { InstanceFacts } from '../../../services/restore/vaults';

jest.setTimeout(60_000);
let stage: DeskStage;
beforeAll(async () => {
  stage = await startDeskStage();
});
beforeEach(() => stage.reset());
afterAll(() => stage.stop());

const { openForm, submit, requested, approved, freshPrefix, jobOf, jobMade, filesWritten, stateOf, look } =
  vaultStage(() => stage);

const filesSentence = (): string =>
  `orders-pg from vault yesterday as files to shoprestores/restores/${freshPrefix()} because INC-4711`;

describe('the form', () => {
  test('a day means its newest recovery point, and the form says which one that is', async () => {
    const draft = await openForm('orders-pg from vault yesterday as files to shoprestores/restores');
    expect(draft.inputs).toMatchObject({
      source: 'orders-pg',
      mode: 'vault-files',
      backup: 'point-2026-11-18',
      container: 'shoprestores/restores',
      region: 'canadacentral',
    });
    expect(draft.inputs.prefix).toMatch(/^orders-pg-20261118-0310-[0-9a-f]{6}$/);
    expect(draft.problems).toEqual([]);
  });

  test('the container is proposed where only one can be meant', async () => {
    expect((await openForm('orders-pg from vault as files')).inputs.container).toBe('shoprestores/restores');
    stage.vaults.accounts.push(anAccount('othershop'));
    expect((await openForm('orders-pg from vault as files')).inputs.container).toBe('');
  });

  test('copies of the other region are those of the form that names it', async () => {
    stage.vaults.accounts.push(anAccount('shoprestoreseast', { location: 'canadaeast' }));
    const draft = await openForm('orders-pg in canadaeast from vault as files');
    expect(draft.inputs).toMatchObject({
      region: 'canadaeast',
      backup: 'point-2026-11-11',
      container: 'shoprestoreseast/restores',
    });
  });

  test('a database of a single server gets a name of its own and its server back', async () => {
    const draft = await openForm('legacy-srv/orders from archive as database orders_r9 on legacy-srv');
    expect(draft.inputs).toMatchObject({
      mode: 'vault-database',
      target: 'legacy-srv',
      database: 'orders_r9',
      secret: 'kv-shop/pgconn-target',
      rehydration: 'Standard',
    });
  });

  test('a source in two vaults asks for the vault', async () => {
    alsoProtectedIn('vault-two');
    const draft = await openForm('orders-pg from vault as files');
    expect(draft.problems.map(({ code }) => code)).toEqual(['PROTECTED_TWICE']);
    const named = await openForm('orders-pg from vault vault-two as files');
    expect(named.problems).toEqual([]);
    expect(named.inputs.vault).toBe('vault-two');
  });
});

/** The same source in another vault: of another name, or of the same name in another group. */
function alsoProtectedIn(name: string, resourceGroup = 'rg-shop'): InstanceFacts {
  const id = aVault(name).id.replace('rg-shop', resourceGroup);
  const vault = aVault(name, { id, resourceGroup });
  const place = { vaultId: id, vaultName: name, resourceGroup };
  const instance = anInstance('orders-pg', { id: `${id}/backupInstances/x`, ...place });
  stage.vaults.vaults.push(vault);
  stage.vaults.instances.push(instance);
  return instance;
}

describe('the lists that are searched', () => {
  const nothing = { source: '', region: '', vault: '' };
  const pointIds = async (form: Partial<typeof nothing>): Promise<string[]> =>
    (await searchList(stage.deps, 'recovery-points', '', { ...nothing, ...form })).map(({ value }) => value);

  test('recovery points are those of the region and the vault that stand in the form', async () => {
    const all = stage.vaults.points.map(({ id }) => id);
    expect(await pointIds({ source: 'orders-pg' })).toEqual(all);
    expect(await pointIds({ source: 'orders-pg', region: 'Canada East' })).toEqual(all.slice(1));
    alsoProtectedIn('vault-two');
    expect(await pointIds({ source: 'orders-pg' })).toEqual([]);
    expect(await pointIds({ source: 'orders-pg', vault: 'vault-two' })).toEqual(all);
  });

  test('a source that neither its name nor its vault tells from another is chosen by its id, and keeps it', async () => {
    const { id } = alsoProtectedIn('vault-shop', 'rg-other');
    const found = await searchList(stage.deps, 'protected', 'orders', nothing);
    expect(found.map(({ title, value }) => [title, value])).toEqual([
      ['orders-pg of rg-shop in vault-shop of rg-shop', anInstance().id],
      ['orders-pg of rg-shop in vault-shop of rg-other', id],
      ['legacy-srv/orders', 'legacy-srv/orders'],
    ]);
    expect(await pointIds({ source: id })).toHaveLength(stage.vaults.points.length);
    const draft = await openForm('orders-pg from vault yesterday as files because x');
    expect(draft.problems.map(({ code }) => code)).toEqual(['PROTECTED_AMBIGUOUS']);
    const answer = await stage.drafting.update(formOf(draft), ines, { ...draft.inputs, source: id });
    if (answer.kind !== 'form') throw new Error('no form');
    expect(answer.message.inputs).toMatchObject({ source: id, container: 'shoprestores/restores' });
    const submitted = await stage.drafting.submit(answer.message.key, ines, answer.message.inputs);
    if (submitted.kind !== 'request') throw new Error(JSON.stringify(submitted));
    const { plan } = await stage.request(submitted.message.key.id);
    expect(plan).toMatchObject({ instanceId: id, source: { name: 'orders-pg' } });
  });
});

describe('before a manager is asked', () => {
  test('whoever chooses another point and submits at once gets names of its time', async () => {
    const draft = await openForm('orders-pg from vault yesterday as files because x');
    const answer = await submit(draft, { backup: 'point-2026-11-11' });
    if (answer.kind !== 'request') throw new Error('no request was made');
    const { target } = filesPlan(await stage.request(answer.message.key.id));
    expect(target.prefix).toMatch(/^orders-pg-20261111-0310-[0-9a-f]{6}$/);
  });

  test("Azure's own check is the last word, and its no stands on the form", async () => {
    const because = problem('VAULT_ROLE_MISSING', {
      ...{ vault: 'vault-shop', principal: 'p', role: 'Storage Blob Data Contributor' },
      ...{ scope: '/x', where: 'shoprestores' },
    });
    stage.vaults.validations.push({ kind: 'refused', because });
    const answer = await submit(await openForm(filesSentence()));
    expect(answer).toMatchObject({ kind: 'form', message: { problems: [{ code: 'VAULT_ROLE_MISSING' }] } });
    expect(stage.vaults.sent).toEqual([]);
  });

  test('what is wrong already is not sent to Azure', async () => {
    stage.vaults.roles = [];
    const answer = await submit(await openForm(filesSentence()));
    if (answer.kind !== 'form') throw new Error('a request was made');
    expect(answer.message.problems.map(({ code }) => code)).toEqual([
      'VAULT_ROLE_MISSING',
      'VAULT_ROLE_MISSING',
    ]);
    expect(stage.vaults.validated).toEqual([]);
  });

  test('two requests cannot have the same files', async () => {
    const first = await requested();
    const { prefix } = filesPlan(first).target;
    const again = await openForm(
      `orders-pg from vault as files to shoprestores/restores/${prefix} because x`,
    );
    expect(await submit(again)).toMatchObject({ message: { problems: [{ code: 'DUPLICATE_OPEN' }] } });
  });
});

describe('the running', () => {
  test('the job is followed to its end, and its files are looked at before done is said', async () => {
    const request = await approved();
    const job = jobMade(request);
    expect((await look(request, 0)).phase).toBe('restoring');
    expect((await look(request)).phase).toBe('restoring');
    Object.assign(job, { status: 'completed', endedAt: stage.clock.now() });
    filesWritten(request);
    expect(await look(request)).toMatchObject({
      phase: 'completed',
      verdict: { kind: 'proven' },
      got: { kind: 'files', jobId: job.id, warnings: [] },
    });
    expect(stage.vaults.sent).toHaveLength(1);
    expect(stage.vaults.validated).toHaveLength(2);
  });

  test('warnings of Azure make it less than proven', async () => {
    const request = await approved();
    jobMade(request, { status: 'completed-with-warnings', warnings: ['Some roles were left out.'] });
    await look(request, 0);
    filesWritten(request);
    await look(request);
    const done = await stage.request(request.id);
    expect(done.state).toMatchObject({ got: { warnings: ['Some roles were left out.'] } });
    const [card] = await stage.desk.ask<{ message: { status: string } }>(
      `select message from outbox where slot = $1`,
      [`${request.id}/outcome/1.1`],
    );
    expect(card?.message.status).toBe('completed with warnings');
  });

  test.each([
    ['timeout', 'unclear'],
    ['202 without an address', 'accepted'],
  ] as const)('after a lost answer (%s) the job is found and nothing is sent again', async (_what, kind) => {
    const request = await approved();
    stage.vaults.operation = undefined;
    stage.vaults.answers.push(kind === 'unclear' ? { kind, what: 'timeout' } : { kind });
    await look(request, 0);
    stage.vaults.jobs.push(jobOf(request, { status: 'completed' }));
    filesWritten(request);
    await look(request);
    await look(request);
    expect((await look(request)).phase).toBe('completed');
    expect(stage.vaults.sent).toHaveLength(1);
  });

  test("somebody else's job is never taken for ours", async () => {
    const request = await approved();
    stage.vaults.answers.push({ kind: 'unclear', what: 'reset' });
    stage.vaults.jobs.push(
      jobOf(request, { prefix: 'other' }),
      jobOf(request, { pointId: 'other' }),
      jobOf(request, { instanceId: '/other' }),
      jobOf(request, { destination: 'https://other/restores' }),
      jobOf(request, { startedAt: '2026-11-19T11:00:00.000Z' }),
    );
    await look(request, 0);
    await look(request, 60);
    expect((await stage.intent(request.id))?.jobId).toBeUndefined();
    expect(stage.vaults.sent).toHaveLength(1);
  });

  test('it is sent again only when no job was seen, unbroken, for the grace period', async () => {
    const request = await approved();
    stage.vaults.answers.push({ kind: 'unclear', what: 'reset' });
    await look(request, 0);
    await look(request, 60);
    await look(request, 60);
    expect(stage.vaults.sent).toHaveLength(1);
    await look(request, 130);
    expect(stage.vaults.sent).toHaveLength(2);
  });

  test('files that nobody listed a job for stop a second sending', async () => {
    const request = await approved();
    stage.vaults.answers.push({ kind: 'unclear', what: 'reset' });
    await look(request, 0);
    await look(request, 10);
    filesWritten(request);
    expect(await look(request, 200)).toMatchObject({ phase: 'failed', failure: { code: 'JOB_UNCLEAR' } });
    expect(stage.vaults.sent).toHaveLength(1);
  });

  test('a failed job tells its reason, and whether files were left', async () => {
    const request = await approved();
    const failure = problem('JOB_FAILED', { job: 'j' });
    jobMade(request, { status: 'failed', failure });
    await look(request, 0);
    filesWritten(request);
    expect(await look(request)).toMatchObject({
      phase: 'failed',
      failure: { code: 'JOB_FAILED' },
      serverMayExist: true,
    });
  });

  test('a job whose files say another time is contradicted', async () => {
    const request = await approved();
    jobMade(request, { status: 'completed' });
    await look(request, 0);
    filesWritten(request, '2026-10-01T03:10:00Z');
    expect(await look(request)).toMatchObject({ verdict: { kind: 'contradicted' } });
  });

  test('files that cannot be looked at are said to be so after a while, and not called proven', async () => {
    const request = await approved();
    jobMade(request, { status: 'completed' });
    await look(request, 0);
    await look(request);
    stage.vaults.failure = new DeskError(problem('AZURE_FORBIDDEN'));
    expect((await look(request)).phase).toBe('proving');
    stage.vaults.failure = undefined;
    filesWritten(request);
    expect((await look(request)).phase).toBe('completed');
  });

  test('a point that is fetched back shows its phases, and nothing is sent again meanwhile', async () => {
    const archived = aPoint('2026-10-10T03:10:00.000Z', { store: 'archive' });
    stage.vaults.points = [archived];
    const request = await approved(
      `orders-pg from archive as files to shoprestores/restores/${freshPrefix()} because x`,
    );
    expect(filesPlan(request).rehydration).toEqual({ priority: 'Standard', days: 15 });
    const job = jobMade(request, { subTasks: [{ name: 'Rehydrate', status: 'InProgress' }] });
    await look(request, 0);
    for (let hour = 0; hour < 14; hour++) await look(request, 3_600);
    expect(await stateOf(request)).toMatchObject({ phase: 'restoring', run: {} });
    expect(stage.vaults.sent).toHaveLength(1);
    Object.assign(job, {
      subTasks: [
        { name: 'Rehydrate', status: 'Completed' },
        { name: 'Trigger Restore', status: 'InProgress' },
      ],
    });
    expect(await look(request)).toMatchObject({ run: { rehydratedAt: expect.any(String) } });
    Object.assign(job, { status: 'completed' });
    stage.vaults.points = [{ ...archived, rehydratedUntil: '2026-12-04T00:00:00.000Z' }];
    filesWritten(request, '2026-10-10T03:10:00Z');
    expect(await look(request)).toMatchObject({ got: { rehydratedUntil: '2026-12-04T00:00:00.000Z' } });
  });

  test('nobody can stop it once its job may exist, and the progress card offers no such button', async () => {
    const request = await approved();
    jobMade(request);
    await look(request, 0);
    const refused = await stage.cancelling.ask(request.id, ines, { kind: 'none' });
    expect(refused).toMatchObject({ kind: 'refused', because: { code: 'CANCEL_NOT_POSSIBLE' } });
    const [card] = await stage.desk.ask<{ message: object }>(`select message from outbox where slot = $1`, [
      `${request.id}/progress/1.1`,
    ]);
    expect(card?.message).not.toHaveProperty('cancelKey');
  });
});

test('a check answers in the thread, and no request comes of it', async () => {
  const before = await stage.desk.ask('select 1 from restore_request');
  stage.vaults.roles = [];
  await stage.drafting.validate({
    ...{ by: ines, zone: 'UTC', thread: 'thread-1', deliveryKey: randomUUID() },
    sentence: 'orders-pg from vault as files to shoprestores/restores',
  });
  const [draft] = await stage.desk.ask<{ id: string }>(`select id from draft where phase = 'checking'`);
  await stage.drafting.check(draft?.id ?? '');
  const [answer] = await stage.desk.ask<{ message: { title: string; lines: { text: string }[] } }>(
    'select message from outbox where slot = $1',
    [`draft/${draft?.id}`],
  );
  expect(answer?.message.title).toBe('2 things are in the way');
  expect(answer?.message.lines.map(({ text }) => text).join()).toContain('Storage Blob Data Contributor');
  expect(await stage.desk.ask('select 1 from restore_request')).toEqual(before);
});

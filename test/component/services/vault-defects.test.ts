/** Defects of restores from vaults, each as the sequence that goes wrong: every one of these fails today. */
import { aJob, aPoint, aVault, anInstance } from '../../fakes/fake-vaults';
import { cardOf, formOf, startDeskStage, type DeskStage } from '../../fakes/desk-stage';
import { DeskError, problem } from '../../../services/restore/errors';
import { ines, martin } from '../../fakes/facts';
import { isVaultPlan } from '../../../services/restore/plan';
import { randomUUID } from 'node:crypto';
import type { Draft, RestoreRequest } from '../../../services/restore/request';
import type { JobFacts } from '../../../services/restore/vaults';
import type { VaultFilesPlan } from '../../../services/restore/vault-plan';

jest.setTimeout(60_000);
let stage: DeskStage;
beforeAll(async () => {
  stage = await startDeskStage();
});
beforeEach(() => stage.reset());
afterAll(() => stage.stop());

/** What somebody said opens a form; the answer is the form. */
async function openForm(sentence: string): Promise<Draft> {
  const before = await stage.desk.ask<{ id: string }>('select id from draft');
  await stage.drafting.open({
    ...{ by: ines, zone: 'UTC', sentence, thread: 'thread-1', deliveryKey: randomUUID() },
  });
  const known = new Set(before.map(({ id }) => id));
  const all = await stage.desk.ask<{ id: string; body: Draft }>('select id, body from draft');
  const draft = all.find(({ id }) => !known.has(id));
  if (!draft) throw new Error(`no form for: ${sentence}`);
  return draft.body;
}

async function submit(draft: Draft, changes: Partial<Draft['inputs']> = {}) {
  return stage.drafting.submit(formOf(draft), ines, { ...draft.inputs, ...changes });
}

let counter = 0;
const filesSentence = (): string =>
  `orders-pg from vault yesterday as files to shoprestores/restores/try-${(counter += 1)} because INC-4711`;

async function requested(sentence = filesSentence()): Promise<RestoreRequest> {
  const answer = await submit(await openForm(sentence));
  if (answer.kind !== 'request') throw new Error(`refused: ${JSON.stringify(answer)}`);
  return stage.request(answer.message.key.id);
}

async function approved(sentence?: string): Promise<RestoreRequest> {
  const asked = await requested(sentence);
  const answer = await stage.decisions.approve(asked.id, martin, 'fine', {
    kind: 'card',
    key: cardOf(asked),
  });
  if (answer.kind !== 'done') throw new Error(`not approved: ${answer.because.sentence}`);
  return stage.request(asked.id);
}

function filesPlan({ plan }: RestoreRequest): VaultFilesPlan {
  if (!isVaultPlan(plan) || plan.mode !== 'vault-files') throw new Error('another plan');
  return plan;
}

const jobOf = (request: RestoreRequest, changes: Partial<JobFacts> = {}): JobFacts =>
  aJob(filesPlan(request), { id: randomUUID(), startedAt: stage.clock.now(), ...changes });

/** Azure has made the job and tells which. */
function jobMade(request: RestoreRequest, changes: Partial<JobFacts> = {}): JobFacts {
  const job = jobOf(request, changes);
  stage.vaults.jobs.push(job);
  stage.vaults.operations.push({ kind: 'succeeded', jobId: job.id });
  return job;
}

function filesWritten(request: RestoreRequest, markedAt = '2026-11-18T03:10:00Z'): void {
  const { prefix } = filesPlan(request).target;
  const names = ['_marker.txt', '_database_shop.sql', '_database_ledger.sql', '_roles.sql'];
  for (const name of names) stage.vaults.blobs.push({ name: `${prefix}${name}`, bytes: 2_000 });
  stage.vaults.texts.set(`${prefix}_marker.txt`, `Backup time: ${markedAt}`);
  for (const database of ['shop', 'ledger'])
    stage.vaults.texts.set(`${prefix}_database_${database}.sql`, 'PGDMP\u0001\u000f');
}

const stateOf = async (request: RestoreRequest) => (await stage.request(request.id)).state;

/** Looks again until nothing more is to do at once, as the worker would after its pause. */
async function look(request: RestoreRequest, seconds = 20): Promise<RestoreRequest['state']> {
  stage.clock.pass(seconds);
  await stage.running.advance(request.id);
  return stateOf(request);
}

describe('which job is ours', () => {
  test('a second revision with the same prefix does not take the failed job of the first', async () => {
    const first = await approved();
    const failure = problem('JOB_FAILED', { job: 'j' });
    const old = jobMade(first, { status: 'failed', failure });
    await look(first, 0);
    await look(first, 20);
    const failed = await stage.request(first.id);
    expect(failed.state).toMatchObject({ phase: 'failed', serverMayExist: false });
    await stage.decisions.retry(first.id, ines, { kind: 'card', key: cardOf(failed) });
    const second = await stage.request(first.id);
    expect(filesPlan(second).target.prefix).toBe(filesPlan(first).target.prefix);
    await stage.decisions.approve(second.id, martin, 'fine', { kind: 'card', key: cardOf(second) });
    stage.vaults.answers.push({ kind: 'unclear', what: 'reset' });
    await look(second, 5);
    const ours = jobOf(second);
    stage.vaults.jobs.push(ours);
    await look(second, 20);
    const intent = await stage.deps.store.intent(second.id, 2, 1);
    expect(intent?.jobId).toBe(ours.id);
    expect(intent?.jobId).not.toBe(old.id);
  });

  test('a slash at the end of a container is no way to a second open request for the same files', async () => {
    const first = await requested();
    const { prefix } = filesPlan(first).target;
    const again = await openForm(`orders-pg from vault as files to shoprestores/restores because x`);
    const answer = await submit(again, { container: 'shoprestores/restores/', prefix });
    expect(answer.kind).toBe('form');
  });
});

describe('everything ends', () => {
  test('an operation that says for ever that it runs does not hide the job', async () => {
    const request = await approved();
    await look(request, 0);
    stage.vaults.jobs.push(jobOf(request, { status: 'completed' }));
    filesWritten(request);
    await look(request, 73 * 3_600);
    await look(request, 60);
    expect((await stateOf(request)).phase).not.toBe('restoring');
  });

  test('an archive that cannot be asked afterwards does not keep a finished restore from being told', async () => {
    stage.vaults.points = [aPoint('2026-10-10T03:10:00.000Z', { store: 'archive' })];
    const request = await approved(
      `orders-pg from archive as files to shoprestores/restores/try-${(counter += 1)} because x`,
    );
    jobMade(request, { status: 'completed' });
    await look(request, 0);
    filesWritten(request, '2026-10-10T03:10:00Z');
    const spy = jest
      .spyOn(stage.deps.vaults, 'instance')
      .mockRejectedValue(new DeskError(problem('AZURE_FORBIDDEN')));
    try {
      await look(request, 20);
      await look(request, 73 * 3_600);
      expect((await stateOf(request)).phase).toBe('completed');
    } finally {
      spy.mockRestore();
    }
  });
});

describe('words', () => {
  test('a job that Azure calls completed with warnings is not proven, also where it tells none', async () => {
    const request = await approved();
    jobMade(request, { status: 'completed-with-warnings', warnings: [] });
    await look(request, 0);
    filesWritten(request);
    await look(request);
    const [card] = await stage.desk.ask<{ message: { status: string } }>(
      `select message from outbox where slot = $1`,
      [`${request.id}/outcome/1.1`],
    );
    expect(card?.message.status).toBe('completed with warnings');
  });

  test('a question whether to stop that was asked before the start promises nothing after it', async () => {
    const request = await approved();
    await stage.cancelling.ask(request.id, ines, { kind: 'none' });
    jobMade(request);
    await look(request, 0);
    const [card] = await stage.desk.ask<{ message: { state: { phase: string } } }>(
      `select message from outbox where slot like $1`,
      [`${request.id}/stop/%`],
    );
    expect(card?.message.state).toMatchObject({ phase: 'over' });
  });

  test('of what the policy does not cover no vault is named', async () => {
    const other = aVault('vault-two');
    stage.vaults.vaults.push(other);
    stage.vaults.instances.push(
      anInstance('hidden-pg'),
      anInstance('hidden-pg', {
        id: `${other.id}/backupInstances/x`,
        vaultId: other.id,
        vaultName: other.name,
      }),
    );
    const draft = await openForm('hidden-pg from vault as files');
    expect(draft.problems.map(({ sentence }) => sentence).join()).not.toContain('vault-two');
  });
});

describe('leftovers on a form', () => {
  test('a choice for the archive that is not shown any more asks for no right', async () => {
    stage.azure.missing.push('Microsoft.DataProtection/backupVaults/backupInstances/rehydrate/action');
    const draft = await openForm(filesSentence());
    const archived = await stage.drafting.update(formOf(draft), ines, {
      ...draft.inputs,
      backup: 'point-2026-10-10',
    });
    if (archived.kind !== 'form') throw new Error('no form');
    const back = await stage.drafting.update(archived.message.key, ines, { backup: 'point-2026-11-18' });
    if (back.kind !== 'form') throw new Error('no form');
    expect(back.message.fields).not.toContain('rehydration');
    const answer = await stage.drafting.submit(back.message.key, ines, {});
    const problems = answer.kind === 'form' ? answer.message.problems.map(({ code }) => code) : [];
    expect(problems).toEqual([]);
  });
});

/** Sequences of restores from vaults in which something could be lost, taken for ours, or said wrongly. */
import { aPoint, aVault, anInstance } from '../../fakes/fake-vaults';
import { cardOf, formOf, startDeskStage, type DeskStage } from '../../fakes/desk-stage';
import { DeskError, problem } from '../../../services/restore/errors';
import { filesPlan, vaultStage } from '../../fakes/vault-stage';
import { ines, martin } from '../../fakes/facts';

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
  test('an operation that is gone is no loss: the jobs tell which one is ours', async () => {
    const request = await approved();
    stage.vaults.operations.push({ kind: 'gone' });
    await look(request, 0);
    const ours = jobOf(request, { status: 'completed' });
    stage.vaults.jobs.push(ours);
    stage.vaults.operations.push({ kind: 'gone' });
    filesWritten(request);
    await look(request);
    await look(request);
    expect(await stateOf(request)).toMatchObject({ phase: 'completed', got: { jobId: ours.id } });
    expect(stage.vaults.sent).toHaveLength(1);
  });

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
      `orders-pg from archive as files to shoprestores/restores/${freshPrefix()} because x`,
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

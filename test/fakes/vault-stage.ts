/** What tests of restores from vaults do on the stage of the desk before their own point. */
import { aJob } from './fake-vaults';
import { cardOf, formOf, type DeskStage } from './desk-stage';
import { ines, martin } from './facts';
import { isVaultPlan } from '../../services/restore/plan';
import { randomUUID } from 'node:crypto';
import type { Draft, RestoreRequest } from '../../services/restore/request';
import type { FormAnswer } from '../../services/drafting';
import type { JobFacts } from '../../services/restore/vaults';
import type { VaultFilesPlan } from '../../services/restore/vault-plan';

export interface VaultStage {
  /** What somebody said opens a form; the answer is the form. */
  readonly openForm: (sentence: string) => Promise<Draft>;
  /** What the form comes to, however long its check takes. */
  readonly submit: (draft: Draft, changes?: Partial<Draft['inputs']>) => Promise<FormAnswer>;
  readonly requested: (sentence?: string) => Promise<RestoreRequest>;
  readonly approved: (sentence?: string) => Promise<RestoreRequest>;
  /** A name that no other request of this test file has. */
  readonly freshPrefix: () => string;
  readonly jobOf: (request: RestoreRequest, changes?: Partial<JobFacts>) => JobFacts;
  /** Azure has made the job and tells which. */
  readonly jobMade: (request: RestoreRequest, changes?: Partial<JobFacts>) => JobFacts;
  readonly filesWritten: (request: RestoreRequest, markedAt?: string) => void;
  readonly stateOf: (request: RestoreRequest) => Promise<RestoreRequest['state']>;
  /** Looks again until nothing more is to do at once, as the worker would after its pause. */
  readonly look: (request: RestoreRequest, seconds?: number) => Promise<RestoreRequest['state']>;
}

export function filesPlan({ plan }: RestoreRequest): VaultFilesPlan {
  if (!isVaultPlan(plan) || plan.mode !== 'vault-files') throw new Error('another plan');
  return plan;
}

/** `stage` is asked for each time: it is made before the first test. */
export function vaultStage(stage: () => DeskStage): VaultStage {
  let counter = 0;
  const freshPrefix = (): string => `try-${(counter += 1)}`;
  const openForm = async (sentence: string): Promise<Draft> => {
    const before = await stage().desk.ask<{ id: string }>('select id from draft');
    await stage().drafting.open({
      ...{ by: ines, zone: 'UTC', sentence, thread: 'thread-1', deliveryKey: randomUUID() },
    });
    const known = new Set(before.map(({ id }) => id));
    const all = await stage().desk.ask<{ id: string; body: Draft }>('select id, body from draft');
    const draft = all.find(({ id }) => !known.has(id));
    if (!draft) throw new Error(`no form for: ${sentence}`);
    return draft.body;
  };
  const submit: VaultStage['submit'] = async (draft, changes = {}) => {
    const { drafting } = stage();
    let answer = await drafting.submit(formOf(draft), ines, { ...draft.inputs, ...changes });
    while (answer.kind === 'form' && answer.message.state === 'checking')
      answer = await drafting.check(draft.id);
    return answer;
  };
  const requested: VaultStage['requested'] = async (
    sentence = `orders-pg from vault yesterday as files to shoprestores/restores/${freshPrefix()} because INC-4711`,
  ) => {
    const answer = await submit(await openForm(sentence));
    if (answer.kind !== 'request') throw new Error(`refused: ${JSON.stringify(answer)}`);
    return stage().request(answer.message.key.id);
  };
  const jobOf: VaultStage['jobOf'] = (request, changes = {}) =>
    aJob(filesPlan(request), { id: randomUUID(), startedAt: stage().clock.now(), ...changes });
  const stateOf: VaultStage['stateOf'] = async ({ id }) => (await stage().request(id)).state;
  return {
    openForm,
    submit,
    requested,
    approved: async (sentence) => {
      const asked = await requested(sentence);
      const key = cardOf(asked);
      const answer = await stage().decisions.approve(asked.id, martin, 'fine', { kind: 'card', key });
      if (answer.kind !== 'done') throw new Error(`not approved: ${answer.because.sentence}`);
      return stage().request(asked.id);
    },
    freshPrefix,
    jobOf,
    jobMade: (request, changes = {}) => {
      const job = jobOf(request, changes);
      stage().vaults.jobs.push(job);
      stage().vaults.operations.push({ kind: 'succeeded', jobId: job.id });
      return job;
    },
    filesWritten: (request, markedAt = '2026-11-18T03:10:00Z') => {
      const { prefix } = filesPlan(request).target;
      const { vaults } = stage();
      const names = ['_marker.txt', '_database_shop.sql', '_database_ledger.sql', '_roles.sql'];
      for (const name of names)
        vaults.blobs.push({ name: `${prefix}${name}`, bytes: 2_000, etag: `"${name}"` });
      vaults.texts.set(`${prefix}_marker.txt`, `Backup time: ${markedAt}`);
      for (const database of ['shop', 'ledger'])
        vaults.texts.set(`${prefix}_database_${database}.sql`, 'PGDMP\u0001\u000f');
    },
    stateOf,
    look: async (request, seconds = 20) => {
      stage().clock.pass(seconds);
      await stage().running.advance(request.id);
      return stateOf(request);
    },
  };
}

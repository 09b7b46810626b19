/** Azure's own check of a restore from a vault: made once however many ask, made again where it told nothing. */
import { DeskError, problem } from '../../../services/restore/errors';
import { anInstance } from '../../fakes/fake-vaults';
import { startDeskStage, type DeskStage } from '../../fakes/desk-stage';
import { ines } from '../../fakes/facts';
import { randomUUID } from 'node:crypto';
import type { Draft } from '../../../services/restore/request';
import type { Validation } from '../../../services/restore/vault-ports';

jest.setTimeout(60_000);
let stage: DeskStage;
beforeAll(async () => {
  stage = await startDeskStage();
});
beforeEach(() => stage.reset());
afterEach(() => jest.restoreAllMocks());
afterAll(() => stage.stop());

let counter = 0;

/** A form that was submitted, and that nobody checks yet. */
async function waitingForm(): Promise<Draft> {
  const prefix = `once-${(counter += 1)}`;
  await stage.drafting.open({
    ...{ by: ines, zone: 'UTC', thread: 'thread-1', deliveryKey: randomUUID() },
    sentence: `orders-pg from vault yesterday as files to shoprestores/restores/${prefix} because INC-4711`,
  });
  const [row] = await stage.desk.ask<{ body: Draft; version: number }>(
    `select body, version from draft where body -> 'inputs' ->> 'prefix' = $1`,
    [prefix],
  );
  if (!row) throw new Error('no form');
  const draft: Draft = { ...row.body, state: { phase: 'checking' } };
  await stage.deps.store.change((changes) => changes.saveDraft(draft, row.version));
  return draft;
}

/** Checks of Azure that last until they are let go; `entered` is fulfilled when so many have begun. */
function slowChecks() {
  let letGo = (): void => undefined;
  const end = new Promise<void>((done) => (letGo = done));
  const heard: string[] = [];
  const waiting: { readonly from: number; readonly done: () => void }[] = [];
  jest.spyOn(stage.deps.vaultOrders, 'validate').mockImplementation(async (plan): Promise<Validation> => {
    heard.push(plan.target.name);
    for (const { from, done } of waiting) if (heard.length >= from) done();
    await end;
    return { kind: 'valid' };
  });
  const entered = (from: number): Promise<void> =>
    new Promise((done) => {
      waiting.push({ from, done });
      if (heard.length >= from) done();
    });
  return { heard, entered, letGo };
}

const queuedFor = async (draft: Draft): Promise<number> =>
  (
    await stage.desk.ask(`select 1 from pgboss.job where singleton_key = $1 and state = 'created'`, [
      draft.id,
    ])
  ).length;

test('two checks of one form at once are one check, and the second comes back later', async () => {
  const draft = await waitingForm();
  const { heard, entered, letGo } = slowChecks();
  const first = stage.drafting.check(draft.id);
  await entered(1);
  await stage.desk.ask('delete from pgboss.job where singleton_key = $1', [draft.id]);
  const second = await stage.drafting.check(draft.id);
  expect(second).toMatchObject({ kind: 'form', message: { state: 'checking' } });
  expect(await queuedFor(draft)).toBe(1);
  letGo();
  const request = await first;
  expect(request.kind).toBe('request');
  expect(heard).toHaveLength(1);
  // Whoever comes back finds the request.
  expect(await stage.drafting.check(draft.id)).toMatchObject({
    kind: 'request',
    message: { key: request.kind === 'request' ? request.message.key : {} },
  });
  expect(heard).toHaveLength(1);
});

test('forms of others are checked beside it, a few at a time: the rest come back', async () => {
  const drafts = [await waitingForm(), await waitingForm(), await waitingForm(), await waitingForm()];
  const { heard, entered, letGo } = slowChecks();
  const three = drafts.slice(0, 3).map(({ id }) => stage.drafting.check(id));
  await entered(3);
  const [last] = drafts.slice(3);
  if (!last) throw new Error('no fourth form');
  expect(await stage.drafting.check(last.id)).toMatchObject({ kind: 'form', message: { state: 'checking' } });
  expect(await queuedFor(last)).toBe(1);
  expect(heard).toHaveLength(3);
  letGo();
  expect((await Promise.all(three)).map(({ kind }) => kind)).toEqual(['request', 'request', 'request']);
  expect((await stage.drafting.check(last.id)).kind).toBe('request');
});

test('a check that told nothing is made again, and lets the next one in', async () => {
  const draft = await waitingForm();
  const validate = jest
    .spyOn(stage.deps.vaultOrders, 'validate')
    .mockRejectedValueOnce(new DeskError(problem('AZURE_UNREACHABLE')));
  expect(await stage.drafting.check(draft.id)).toMatchObject({
    kind: 'form',
    message: { state: 'checking' },
  });
  expect((await stage.drafting.check(draft.id)).kind).toBe('request');
  expect(validate).toHaveBeenCalledTimes(2);
});

test('a server that was deleted is restored from its vault, although nobody has a role on it any more', async () => {
  const { server } = anInstance();
  stage.vaults.goneScopes.push(server.id.toUpperCase());
  const draft = await waitingForm();
  expect((await stage.drafting.check(draft.id)).kind).toBe('request');
});

test('a server that is there, without the role, is not', async () => {
  const draft = await waitingForm();
  stage.vaults.roles = [];
  expect(await stage.drafting.check(draft.id)).toMatchObject({ kind: 'form', message: { state: 'open' } });
});

/** Dump files into a server, from the sentence to what came of it: on a real store, with an Azure and a loader that are played. */
import { anArchive, anEmptyServer } from '../../fakes/fake-dumps';
import { aServer, ines, martin } from '../../fakes/facts';
import { cardOf, startDeskStage, type DeskStage } from '../../fakes/desk-stage';
import { createDecisions } from '../../../services/deciding';
import { DeskError, problem } from '../../../services/restore/errors';
import { partKey } from '../../../services/restore/dump-ports';
import { sayOutcome } from '../../../services/restore/say-outcome';
import { statusWord } from '../../../services/restore/state';
import { outcomeSentence } from '../../../services/restore/transition';
import { vaultStage } from '../../fakes/vault-stage';
import type { LoadedMessage } from '../../../services/restore/messages';
import type { RestoreRequest } from '../../../services/restore/request';

jest.setTimeout(60_000);
let stage: DeskStage;
beforeAll(async () => {
  stage = await startDeskStage();
});
beforeEach(() => {
  stage.reset();
  stage.azure.put(aServer('orders-pg'));
  stage.probe.tables = ['shop', 'ledger'].map((database) => ({ database, tables: ['orders'] }));
});
afterAll(() => stage.stop());

const { openForm, submit, approved, jobMade, filesWritten, stateOf, look } = vaultStage(() => stage);

/** A set of files as Azure leaves it. */
function filesThere(prefix: string, databases = ['shop', 'ledger'], markedAt = '2026-11-18T03:10:00Z'): void {
  const put = (name: string): void =>
    void stage.vaults.blobs.push({ name: `${prefix}_${name}`, bytes: 2_000, etag: `"${name}"` });
  for (const name of [...databases.map((each) => `database_${each}.sql`), 'roles.sql', 'timestamp.txt'])
    put(name);
  stage.vaults.texts.set(`${prefix}_timestamp.txt`, markedAt);
}

let counter = 0;
const freshPrefix = (): string => `set-${(counter += 1)}`;
/** A server that no other test loads into. */
const sentence = (prefix: string): string => {
  stage.azure.put(aServer(`orders-${prefix}`));
  return `files shoprestores/restores/${prefix} into orders-${prefix} because INC-4711`;
};

/** Looks until the request has ended or stands still. */
async function toEnd(request: RestoreRequest): Promise<RestoreRequest> {
  for (let looks = 0; looks < 200; looks++) {
    const state = await look(request);
    if ('endedAt' in state) break;
    // The load runs beside the looks; a turn of the loop lets it come to its end.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return stage.request(request.id);
}

const loadedOf = (request: RestoreRequest): LoadedMessage => {
  const message = sayOutcome(request);
  if (message?.kind !== 'loaded') throw new Error(`ended as ${statusWord(request.state)}`);
  return message;
};

const codes = async (said: string, changes = {}): Promise<readonly string[]> => {
  const answer = await submit(await openForm(said), changes);
  if (answer.kind !== 'form') throw new Error(`no form: ${answer.kind}`);
  return answer.message.problems.map(({ code }) => code);
};

describe('files into a server', () => {
  test('the form tells what lies there, of when, and what it needs', async () => {
    const prefix = freshPrefix();
    filesThere(prefix);
    const draft = await openForm(sentence(prefix));
    expect(draft.inputs).toMatchObject({
      mode: 'files-to-server',
      container: 'shoprestores/restores',
      prefix,
      target: `orders-${prefix}`,
      owners: 'keep',
      grants: 'keep',
    });
    const answer = await stage.drafting.update(
      { about: 'draft', id: draft.id, revision: 1, nonce: draft.nonce },
      ines,
      draft.inputs,
    );
    expect(answer).toMatchObject({
      message: {
        dataLine: expect.stringMatching(
          /backup of 2026-11-18 03:10:00 UTC .*ledger \(2 kB, 1 table\).*shop.*roles.*Needs PostgreSQL 15 or newer/,
        ),
      },
    });
  });

  test('is planned with every file and its ETag, loaded part by part, and proven', async () => {
    const prefix = freshPrefix();
    filesThere(prefix);
    stage.probe.newest = '2026-11-18T03:09:58.000Z';
    const request = await approved(sentence(prefix));
    expect(request.plan).toMatchObject({
      mode: 'files-to-server',
      target: { name: `orders-${prefix}` },
      files: expect.arrayContaining([
        expect.objectContaining({ database: 'shop', etag: '"database_shop.sql"' }),
      ]) as unknown,
    });
    const ended = await toEnd(request);
    const [order] = stage.dumps.orders;
    expect(order?.parts.map(partKey)).toEqual(['roles', 'database ledger', 'database shop']);
    expect(loadedOf(ended).parts.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['roles', 'loaded'],
      ['database ledger', 'loaded'],
      ['database shop', 'loaded'],
    ]);
    expect(stage.dumps.forgotten).toEqual([order?.key]);
    expect((await stage.journal(request.id)).map(({ kind }) => kind)).toEqual(
      expect.arrayContaining([
        'requested',
        'approved-by',
        'checked',
        'part-begun',
        'part-ended',
        'loaded',
        'looked-at',
      ]),
    );
  });

  test('a file that was written anew after the approval voids it', async () => {
    const prefix = freshPrefix();
    filesThere(prefix);
    const request = await approved(sentence(prefix));
    const at = stage.vaults.blobs.findIndex(({ name }) => name.endsWith('database_shop.sql'));
    stage.vaults.blobs[at] = { name: `${prefix}_database_shop.sql`, bytes: 2_000, etag: '"another"' };
    const state = await look(request);
    expect(state).toMatchObject({ phase: 'failed', failure: { code: 'PLAN_CHANGED' } });
    expect(stage.dumps.orders).toEqual([]);
  });

  test('one failing database does not stop the others, and can be tried again alone under the same approval', async () => {
    const prefix = freshPrefix();
    filesThere(prefix);
    const because = problem('BLOB_GONE', { name: `${prefix}_database_shop.sql` });
    const failures = [{ object: 'INDEX public orders_at', message: 'out of shared memory' }];
    stage.probe.newest = '2026-11-18T03:09:58.000Z';
    stage.dumps.results.set('database shop', { kind: 'failed', because, failures });
    const request = await approved(sentence(prefix));
    const ended = await toEnd(request);
    expect(statusWord(ended.state)).toBe('completed with errors');
    expect(loadedOf(ended)).toMatchObject({ canRetry: true, status: 'completed with errors' });
    expect(stage.dumps.forgotten).toEqual([]);
    stage.dumps.results.clear();
    const retried = await stage.decisions.retry(ended.id, ines, { kind: 'card', key: cardOf(ended) });
    expect(retried.kind).toBe('done');
    const again = await toEnd(ended);
    expect(stage.dumps.orders.at(-1)).toMatchObject({
      ended: ['roles', 'database ledger'],
      begun: { 'database shop': { existed: false } },
      key: stage.dumps.orders[0]?.key,
    });
    expect(loadedOf(again).parts.every(({ outcome }) => outcome === 'loaded')).toBe(true);
  });

  test('a table that the archive holds and the server lacks is a contradiction, never green', async () => {
    const prefix = freshPrefix();
    filesThere(prefix);
    stage.probe.newest = '2026-11-18T03:09:58.000Z';
    stage.probe.tables = [
      { database: 'shop', tables: [] },
      { database: 'ledger', tables: ['orders'] },
    ];
    const ended = await toEnd(await approved(sentence(prefix)));
    expect(loadedOf(ended)).toMatchObject({
      status: 'contradicted',
      finding: expect.stringMatching(/table orders.*missing from the copy/) as unknown,
    });
  });

  test('long after its end what failed needs an approval of its own, for just that', async () => {
    const prefix = freshPrefix();
    filesThere(prefix);
    const because = problem('BLOB_GONE', { name: 'x' });
    stage.dumps.results.set('database shop', { kind: 'failed', because, failures: [] });
    const ended = await toEnd(await approved(sentence(prefix)));
    stage.clock.pass(3_600);
    const answer = await stage.decisions.retry(ended.id, ines, { kind: 'card', key: cardOf(ended) });
    expect(answer.kind).toBe('done');
    const asked = await stage.request(ended.id);
    expect(asked).toMatchObject({ revision: 2, state: { phase: 'awaiting-approval' } });
    expect(asked.plan).toMatchObject({ load: { databases: ['shop'] } });
  });

  test('a policy that was changed since lets nothing be tried again under the old approval', async () => {
    const prefix = freshPrefix();
    filesThere(prefix);
    const because = problem('BLOB_GONE', { name: 'x' });
    stage.dumps.results.set('database shop', { kind: 'failed', because, failures: [] });
    const ended = await toEnd(await approved(sentence(prefix)));
    const changed = createDecisions({ ...stage.deps, policy: { ...stage.deps.policy, version: 'changed' } });
    await changed.retry(ended.id, ines, { kind: 'card', key: cardOf(ended) });
    const asked = await stage.request(ended.id);
    expect(asked).toMatchObject({ revision: 2, state: { phase: 'awaiting-approval' } });
  });

  test('a load that was interrupted goes on where it was, with what it had begun', async () => {
    const prefix = freshPrefix();
    filesThere(prefix);
    const request = await approved(sentence(prefix));
    stage.dumps.play = async (order, watch) => {
      const [roles, ledger] = order.parts;
      if (!roles || !ledger) throw new Error('no parts');
      await watch.begun(roles, { existed: true });
      await watch.ended(roles, { kind: 'loaded', notes: [] });
      await watch.begun(ledger, { existed: false });
      stage.dumps.play = undefined;
      throw new DeskError(problem('LOAD_TARGET_CLOSED', { name: 'orders-dr', what: 'connection refused' }));
    };
    const ended = await toEnd(request);
    expect(stage.dumps.orders).toHaveLength(2);
    expect(stage.dumps.orders[1]).toMatchObject({
      ended: ['roles'],
      begun: { roles: { existed: true }, 'database ledger': { existed: false } },
    });
    expect(ended.state.phase).toBe('completed');
  });

  test('at most three are loaded at a time, and the next one says that it waits', async () => {
    const held: (() => void)[] = [];
    stage.dumps.play = (order, watch) =>
      new Promise((resolve) => {
        held.push(resolve);
        watch.signal.addEventListener('abort', () => resolve(), { once: true });
        watch.progress({
          ...{ percent: 1, downloadedBytes: 0, downloadBytes: order.parts.length, loadedObjects: 0 },
          ...{ objects: 0, doing: '' },
        });
      });
    const requests: RestoreRequest[] = [];
    for (let count = 0; count < 4; count++) {
      const prefix = freshPrefix();
      filesThere(prefix);
      requests.push(await approved(sentence(prefix)));
    }
    for (const request of requests) await look(request);
    const [last] = requests.slice(-1);
    const notes = await stage.desk.ask<{ note: string }>(
      `select message ->> 'note' as note from outbox where slot = $1`,
      [`${last?.id ?? ''}/progress/1.1`],
    );
    stage.dumps.play = undefined;
    for (const end of held) end();
    expect(JSON.stringify(notes)).toMatch(/Other loads are at work/);
    for (const request of requests) expect((await toEnd(request)).state.phase).toBe('completed');
  });

  test('what stands in the way is said before a manager is asked', async () => {
    const prefix = freshPrefix();
    filesThere(prefix, ['shop', 'ledger', 'empty', 'odd']);
    stage.dumps.contents.set('database_empty.sql', { kind: 'empty' });
    stage.dumps.contents.set('database_odd.sql', { kind: 'unreadable', why: 'it is cut off' });
    stage.dumps.contents.set(
      'database_shop.sql',
      anArchive('shop', { postgresVersion: '17.2', extensions: ['postgis'] }),
    );
    stage.dumps.target = anEmptyServer({
      mayCreateRoles: false,
      databases: [{ name: 'ledger', isEmpty: false }],
    });
    expect((await codes(sentence(prefix))).toSorted()).toEqual([
      'LOAD_DATABASE_EXISTS',
      'LOAD_EXTENSION_MISSING',
      'LOAD_FILE_EMPTY',
      'LOAD_FILE_UNREADABLE',
      'LOAD_RIGHTS_MISSING',
      'LOAD_SERVER_OLDER',
    ]);
  });

  test.each([
    [
      'a server that is not there',
      'files shoprestores/restores/set-x into nowhere because x',
      ['LOAD_NO_DATABASE', 'LOAD_TARGET_UNKNOWN'],
    ],
    [
      'a server that no rule covers',
      'files shoprestores/restores/set-x into search-pg because x',
      ['LOAD_NO_DATABASE', 'LOAD_TARGET_NOT_COVERED'],
    ],
  ])('%s is refused', async (_what, said, expected) => {
    stage.azure.put(aServer('search-pg'));
    expect((await codes(said)).toSorted()).toEqual(expected);
  });

  test('a server that does not let us in is said as such', async () => {
    const prefix = freshPrefix();
    filesThere(prefix);
    stage.dumps.target = new DeskError(
      problem('LOAD_TARGET_CLOSED', { name: 'orders-dr', what: 'no route' }),
    );
    expect(await codes(sentence(prefix))).toEqual(['LOAD_TARGET_CLOSED']);
  });

  test('a server that takes no passwords is refused before a manager is asked', async () => {
    const prefix = freshPrefix();
    filesThere(prefix);
    const said = sentence(prefix);
    stage.azure.put(aServer(`orders-${prefix}`, { passwordSignIn: 'Disabled' }));
    expect(await codes(said)).toEqual(['LOAD_PASSWORDS_OFF']);
  });

  test('somebody may stop it: what is half loaded is removed, and what is loaded stays', async () => {
    const prefix = freshPrefix();
    filesThere(prefix);
    const request = await approved(sentence(prefix));
    let reached: () => void = () => undefined;
    const inTheMiddle = new Promise<void>((resolve) => (reached = resolve));
    stage.dumps.unfinished = ['shop'];
    stage.dumps.play = async (order, watch) => {
      const [roles, ledger, shop] = order.parts;
      if (!roles || !ledger || !shop) throw new Error('no parts');
      await watch.begun(ledger, { existed: false });
      await watch.ended(ledger, { kind: 'loaded', notes: [] });
      await watch.begun(shop, { existed: false });
      reached();
      await new Promise((resolve) => watch.signal.addEventListener('abort', resolve, { once: true }));
    };
    await look(request);
    await inTheMiddle;
    const running = await stage.request(request.id);
    await stage.cancelling.ask(request.id, ines, { kind: 'card', key: cardOf(running) });
    // The server was there before: nothing may sound as if it were deleted.
    expect((await stage.cancelling.view(request.id))?.state).toMatchObject({ phase: 'open', removes: false });
    await stage.cancelling.confirm(request.id, martin, { kind: 'card', key: cardOf(running) });
    const state = await look(request);
    expect(state).toMatchObject({ phase: 'stopped', removed: true });
    expect(stage.dumps.removals).toHaveLength(1);
  });
});

describe('loads that go wrong', () => {
  /** Until the load stands still after having begun its databases. */
  async function inTheMiddle(request: RestoreRequest, existed = false): Promise<void> {
    let reached: () => void = () => undefined;
    const middle = new Promise<void>((resolve) => (reached = resolve));
    stage.dumps.play = async (order, watch) => {
      const [, ledger, shop] = order.parts;
      if (!ledger || !shop) throw new Error('no parts');
      const because = problem('DATABASE_INCOMPLETE', { database: 'ledger', count: 1 });
      await watch.begun(ledger, { existed: false });
      await watch.ended(ledger, { kind: 'failed', because, failures: [] });
      await watch.begun(shop, { existed });
      reached();
      await new Promise((resolve) => watch.signal.addEventListener('abort', resolve, { once: true }));
    };
    await look(request);
    await middle;
  }
  async function stopped(request: RestoreRequest): Promise<void> {
    const running = await stage.request(request.id);
    await stage.cancelling.ask(request.id, ines, { kind: 'card', key: cardOf(running) });
    await stage.cancelling.confirm(request.id, martin, { kind: 'card', key: cardOf(running) });
  }

  test('files of two backups under one beginning are not taken for one set', async () => {
    const prefix = freshPrefix();
    filesThere(`${prefix}_20261118031000`, ['shop']);
    filesThere(`${prefix}_20261119031000`, ['ledger']);
    expect(await codes(sentence(prefix))).toEqual(['LOAD_SETS_SEVERAL']);
  });

  test('what ended without being whole is removed with the rest when somebody stops it, and what stays is said', async () => {
    const prefix = freshPrefix();
    filesThere(prefix);
    const request = await approved(sentence(prefix));
    await inTheMiddle(request, true);
    await stopped(request);
    stage.dumps.unfinished = ['ledger'];
    await look(request);
    expect(stage.dumps.removals).toMatchObject([{ ended: [] }]);
    expect(outcomeSentence(await stage.request(request.id))).toMatch(
      /what was half loaded was removed; shop stood there before, stayed, and may hold half of its data/,
    );
  });

  test('a stop ends although the server has gone', async () => {
    const prefix = freshPrefix();
    filesThere(prefix);
    const request = await approved(sentence(prefix));
    await inTheMiddle(request);
    stage.azure.servers.delete(aServer(`orders-${prefix}`).id.toLowerCase());
    await stopped(request);
    expect(await look(request)).toMatchObject({ phase: 'stopped', removed: false });
  });

  test('a load that is given up leaves nothing half loaded, and only the rest is asked for again', async () => {
    const prefix = freshPrefix();
    filesThere(prefix);
    const request = await approved(sentence(prefix));
    stage.dumps.play = async (order, watch) => {
      const [, ledger] = order.parts;
      if (!ledger) throw new Error('no parts');
      await watch.begun(ledger, { existed: false });
      await watch.ended(ledger, { kind: 'loaded', notes: [] });
      stage.dumps.play = () => new Promise((resolve) => setImmediate(resolve));
      throw new DeskError(problem('ACCOUNT_UNKNOWN', { account: 'shoprestores' }));
    };
    const ended = await toEnd(request);
    expect(ended.state.phase).toBe('failed');
    expect(stage.dumps.removals).toHaveLength(1);
    stage.dumps.play = undefined;
    expect((await stage.decisions.retry(ended.id, ines, { kind: 'card', key: cardOf(ended) })).kind).toBe(
      'done',
    );
    expect((await stage.request(ended.id)).plan).toMatchObject({ load: { databases: ['shop'] } });
  });

  test('what our login was lent is given back also when the last part had ended before its worker died', async () => {
    const prefix = freshPrefix();
    filesThere(prefix);
    const ended = await toEnd(await approved(sentence(prefix)));
    expect(ended.state.phase).toBe('completed');
    expect(stage.dumps.removals).toMatchObject([{ ended: ['roles', 'database ledger', 'database shop'] }]);
  });

  test('what failed is not tried again while another request writes to the server', async () => {
    const prefix = freshPrefix();
    filesThere(prefix);
    const because = problem('BLOB_GONE', { name: 'x' });
    stage.dumps.results.set('database shop', { kind: 'failed', because, failures: [] });
    const said = sentence(prefix);
    const ended = await toEnd(await approved(said));
    const other = await approved(said);
    expect(await stage.decisions.retry(ended.id, ines, { kind: 'card', key: cardOf(ended) })).toMatchObject({
      kind: 'refused',
      because: { code: 'DUPLICATE_OPEN' },
    });
    await toEnd(other);
  });
});

describe('from a vault into a server', () => {
  const chain = (): string => {
    const server = `orders-chain-${(counter += 1)}`;
    stage.azure.put(aServer(server));
    return `orders-pg from vault yesterday into ${server} because INC-4711`;
  };

  test('is one plan: files into a container, and what they hold into the server', async () => {
    const request = await approved(chain());
    expect(request.plan).toMatchObject({
      mode: 'vault-to-server',
      target: { account: 'shoprestores', container: 'restores' },
      load: { server: { name: expect.stringMatching(/^orders-chain-/) as unknown }, databases: [] },
      proof: { database: 'shop' },
    });
    await look(request);
    const job = jobMade(request);
    await look(request);
    filesWritten(request);
    stage.vaults.jobs[stage.vaults.jobs.indexOf(job)] = { ...job, status: 'completed' };
    stage.probe.newest = '2026-11-18T03:09:58.000Z';
    const ended = await toEnd(request);
    expect(loadedOf(ended).finding).toMatch(/before the backup/);
    expect(statusWord(ended.state)).toBe('proven');
    expect(loadedOf(ended)).toMatchObject({
      target: expect.stringMatching(/^orders-chain-/) as unknown,
      jobId: job.id,
      backupTime: '2026-11-18T03:10:00.000Z',
    });
    expect(stage.vaults.sent).toHaveLength(1);
  });

  test('files of another moment are the end of it: nothing of them is loaded', async () => {
    const request = await approved(chain());
    await look(request);
    const job = jobMade(request);
    await look(request);
    filesWritten(request, '2026-11-11T03:10:00Z');
    stage.vaults.jobs[stage.vaults.jobs.indexOf(job)] = { ...job, status: 'completed' };
    const ended = await toEnd(request);
    expect(statusWord(ended.state)).toBe('contradicted');
    expect(stage.dumps.orders).toEqual([]);
  });

  test('a database that was asked for and is not among the files is the end of it: the others are not called all', async () => {
    const server = `orders-chain-${(counter += 1)}`;
    stage.azure.put(aServer(server));
    const request = await approved(
      `databases shop, stock from orders-pg from vault yesterday into ${server} because x`,
    );
    await look(request);
    const job = jobMade(request);
    await look(request);
    filesWritten(request);
    stage.vaults.jobs[stage.vaults.jobs.indexOf(job)] = { ...job, status: 'completed' };
    const ended = await toEnd(request);
    expect(ended.state).toMatchObject({ phase: 'failed', failure: { code: 'LOAD_DATABASE_UNKNOWN' } });
    expect(stage.dumps.orders).toEqual([]);
  });

  test('the server of the backup is no place to load it into', async () => {
    expect(await codes('orders-pg from vault yesterday into orders-pg because x')).toContain(
      'LOAD_TARGET_IS_SOURCE',
    );
  });

  test('the job cannot be stopped, the load after it can', async () => {
    const request = await approved(chain());
    await look(request);
    expect((await stateOf(request)).phase).not.toBe('approved');
    const refused = await stage.cancelling.ask(request.id, ines, { kind: 'none' });
    expect(refused).toMatchObject({ kind: 'refused', because: { code: 'CANCEL_NOT_POSSIBLE' } });
  });
});

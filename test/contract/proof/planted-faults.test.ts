/** Faults that are planted in a real recovery of a real cluster: each is found and called by its name. */
import { createLossReader } from '../../../services/proof/loss-reader';
import { source, startProofStage, type Look, type LookOptions, type ProofStage } from './proof-stage';
import type { ProofProbe } from '../../../services/restore/proof-probe';

jest.setTimeout(60_000);

let running: ProofStage | undefined;
beforeAll(async () => {
  running = await startProofStage();
});
afterAll(() => running?.stop());

function stage(): ProofStage {
  if (!running) throw new Error('there is no stage');
  return running;
}

/** Everything that is said against the copy, the worst first. */
const against = ({ verdict }: Look): readonly string[] =>
  verdict.kind === 'contradicted' ? [verdict.finding, ...(verdict.findings ?? [])] : [verdict.kind];

const heartbeat: ProofProbe = {
  database: 'shop',
  newestWrite: 'select max(at) from heartbeat',
  newestWriteUpTo: 'select max(at) from heartbeat where at <= $1',
  toleranceSeconds: 5,
};

const sayOf = (look: Look | undefined): string => JSON.stringify(look?.verdict);

describe('an honest copy', () => {
  const looks = new Map<string, Look>();
  const before = (seconds: number): string =>
    new Date(Date.parse(stage().moment) - seconds * 1000).toISOString();
  const options = (): Record<string, LookOptions> => ({
    'looked at': {},
    'with a probe': { probe: heartbeat },
    'whose source is gone': { sourceIs: 'gone' },
    'whose source is silent': { sourceIs: 'silent' },
    'whose source is closed': { sourceIs: 'closed', probe: heartbeat },
    'asked for a later moment': { moment: new Date().toISOString(), bornAt: new Date().toISOString() },
    'asked for an earlier moment': { moment: before(1) },
    'asked for an earlier moment by its probe': { moment: before(1), bornAt: before(1), probe: heartbeat },
    'with checks': {
      probe: {
        toleranceSeconds: 5,
        exactCountRows: 100,
        amcheck: true,
        timeColumns: [{ database: 'shop', table: 'heartbeat', column: 'at' }],
        requiredTables: [
          { database: 'shop', table: 'sales.items' },
          { database: 'shop', table: 'invoices' },
        ],
        checks: [
          { name: 'customers', database: 'shop', sql: 'select count(*) from customers', expect: 200 },
          { name: 'open orders', database: 'shop', sql: 'select count(*) from orders', expect: 4 },
          { name: 'writes', database: 'shop', sql: 'delete from orders returning 1', expect: 1 },
        ],
      },
    },
  });
  beforeAll(() =>
    stage().withCopy(
      'create extension amcheck; grant execute on all functions in schema public to public',
      async () => {
        for (const [name, option] of Object.entries(options())) looks.set(name, await stage().look(option));
      },
    ),
  );

  test('is proven by its commit times alone, and what is younger is no fault', () => {
    const { verdict, findings } = looks.get('looked at') ?? {};
    expect(verdict).toMatchObject({
      kind: 'proven',
      finding: expect.stringMatching(/^newest commit \d\.\d s before the asked moment$/),
      findings: [
        '8 of 8 tables · as many rows · roles, extensions, sequences fine',
        'the table dropped_later of shop is in the copy and no longer in the source',
        'younger than the moment, and so not in the copy: later, made_later of shop, hstore of shop, made_later',
      ],
    });
    expect(findings?.copy.timeline).toBe(2);
  });

  test('counts none of its own transactions as those of the source', () => {
    const { copy, source } = looks.get('looked at')?.findings ?? {};
    expect(copy?.commits).toEqual(
      source?.kind === 'looked-at' ? { ...source.server.commits, next: undefined } : {},
    );
  });

  test.each(['with a probe', 'whose source is gone', 'whose source is silent', 'whose source is closed'])(
    '%s is proven too',
    (name) => {
      expect(looks.get(name)?.verdict.kind).toBe('proven');
    },
  );

  test('says that the source was not there to compare with', () => {
    expect(sayOf(looks.get('whose source is gone'))).toContain('the source is gone');
    expect(sayOf(looks.get('whose source is closed'))).toContain(
      'could not be opened (no pg_hba.conf entry)',
    );
  });

  test('is no answer to a later moment: the source holds later commits', () => {
    expect(sayOf(looks.get('asked for a later moment'))).toMatch(
      /contradicted.*the source holds a later one from|the database later is missing/,
    );
  });

  test('is no answer to an earlier moment: it holds commits and writes from after it', () => {
    expect(sayOf(looks.get('asked for an earlier moment'))).toMatch(
      /contradicted.*holds a commit from .*, after/,
    );
    expect(sayOf(looks.get('asked for an earlier moment by its probe'))).toMatch(
      /contradicted.*holds a write from .*, after/,
    );
  });

  test('is contradicted by a check of the owner that fails, under its name, and by a required table', () => {
    const said = against(looks.get('with checks') as Look);
    expect(said).toEqual(
      expect.arrayContaining([
        'the required table invoices of shop is missing from the copy',
        'the check "open orders" gave 501 instead of 4',
        'the check "writes" could not be made: cannot execute DELETE in a read-only transaction',
        expect.stringMatching(/^\d+ indexes read through and sound$/),
      ]),
    );
    expect(said.join()).not.toContain('"customers"');
  });

  test('has its small tables counted exactly, and the others not', () => {
    const tables = looks
      .get('with checks')
      ?.findings.copy.databases.find(({ name }) => name === 'shop')?.tables;
    const rows = (name: string) => tables?.find((table) => table.name === name)?.rows;
    expect([rows('tickets'), rows('customers')]).toEqual([40, undefined]);
  });
});

describe.each([
  ['with commit times', {}],
  ['without commit times', { track_commit_timestamp: 'off' }],
])('a copy full of faults, %s', (_how, settings) => {
  let said: readonly string[] = [];
  beforeAll(() =>
    stage().withCopy(
      `drop table customers cascade; drop table sales.items; truncate orders; delete from heartbeat;
       drop extension citext; drop role shop_report; drop index orders_placed_at; drop database ledger;
       update pg_index set indisvalid = false where indexrelid = 'orders_pkey'::regclass;
       select setval('tickets_id_seq', 1)`,
      async () => {
        said = against(await stage().look());
      },
      settings,
    ),
  );

  test.each([
    ['a lost database', 'the database ledger is missing from the copy'],
    ['missing tables', 'the tables customers of shop and sales.items of shop are missing from the copy'],
    ['a lost role', 'the role shop_report is missing from the copy'],
    ['a lost extension', 'the extension citext of shop is missing from the copy'],
    ['a lost index', 'the index orders_placed_at of shop is missing from the copy'],
    ['an invalid index', 'the index orders_pkey of shop is invalid in the copy'],
    ['a sequence behind', 'the sequence tickets_id_seq of shop is behind its table'],
  ])('%s is found and named', (_what, finding) => {
    expect(said).toContain(finding);
  });

  test('emptied tables are found and named', () => {
    // Without commit times the last rows before the moment may be anybody's.
    expect(said.join()).toMatch(
      /the tables? orders of shop (and heartbeat of shop are|is) empty in the copy, and the source holds older rows/,
    );
  });
});

test('a copy without commit times and without a probe is plausible, and what is younger is still no fault', async () => {
  const { verdict } = await stage().withCopy(
    'create table own_1 (id int); create table own_2 (id int)',
    () => stage().look(),
    { track_commit_timestamp: 'off' },
  );
  expect(verdict).toMatchObject({
    kind: 'plausible',
    why: 'the policy names no proof of the moment for this server, and it keeps no commit times',
  });
});

test('what wakes up in a copy is named', async () => {
  const { verdict } = await stage().withCopy(
    `create extension postgres_fdw; create server warehouse foreign data wrapper postgres_fdw;
     create subscription feed connection 'host=127.0.0.1 port=1' publication p with (connect = false);
     update pg_subscription set subenabled = true;
     create schema cron; create table cron.job (jobid int, jobname text, active boolean);
     insert into cron.job values (1, 'nightly', true), (2, 'off', false)`,
    () => stage().look(),
  );
  expect(verdict).toMatchObject({
    kind: 'proven',
    wakes: ['subscription feed of shop', 'foreign server warehouse of shop', 'cron job nightly of shop'],
  });
});

test('what was written to the source since a moment is counted', async () => {
  const { moment } = stage();
  const losses = createLossReader((...asked) => stage().open(...asked));
  const then = await losses.since(source, moment);
  expect(then).toMatchObject({ kind: 'counted' });
  await stage().onSource(Array.from({ length: 7 }, () => 'insert into made_later default values').join(';'));
  const after = await losses.since(source, moment);
  if (then.kind !== 'counted' || after.kind !== 'counted') throw new Error('not counted');
  expect(after.transactions - then.transactions).toBe(7);
  expect(await losses.since(source, new Date().toISOString())).toMatchObject({ transactions: 0 });
});

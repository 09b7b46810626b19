import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import {
  aRequest,
  aRule,
  aStage,
  divya,
  emil,
  ines,
  martin,
  now,
  sha256,
  standingOf,
} from '../../fakes/facts';
import { chainFaults } from '../../../services/restore/evidence-chain';
import { entryOf, type JournalRow } from '../../../services/store/journal';
import { evidenceCrypto } from '../../../services/evidence/keys';
import { hashOf } from '../../../services/restore/evidence-entry';
import { migrate } from '../../../services/store/migrate';
import { renderMessage } from '../../../cards/render';
import { sayRequest } from '../../../services/restore/say-request';
import { transition } from '../../../services/restore/transition';
import type { Person } from '../../../services/restore/person';
import type { RequestMessage } from '../../../services/restore/messages';
import type { RestoreRequest } from '../../../services/restore/request';
import { startTestCluster, type TestCluster } from '../../fakes/state-database';

jest.setTimeout(60_000);
let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster();
});
afterAll(() => cluster?.stop());

const columns = () =>
  cluster.ask(
    `select table_name, column_name, data_type from information_schema.columns where table_schema = 'public' order by 1, 2`,
  );

/** Tries a statement as the role that the running product has; answers the SQLSTATE, or 'done'. */
async function asApplication(sql: string): Promise<string> {
  const client = new Client({ connectionString: cluster.ownerUrl, options: '-c role=restore_desk_app' });
  await client.connect();
  try {
    await client.query(sql);
    return 'done';
  } catch (error) {
    return (error as { code: string }).code;
  } finally {
    await client.end();
  }
}

test('from nothing, several replicas at once bring the database to the same schema once', async () => {
  await Promise.all([migrate(cluster.ownerUrl), migrate(cluster.ownerUrl), migrate(cluster.ownerUrl)]);
  const applied = await cluster.ask<{ name: string }>('select name from applied_migration');
  expect(applied.length).toBeGreaterThanOrEqual(3);
  expect(new Set(applied.map(({ name }) => name)).size).toBe(applied.length);
});

test('a second start changes nothing', async () => {
  const before = await columns();
  const applied = await cluster.ask('select * from applied_migration order by name');
  await migrate(cluster.ownerUrl);
  expect(await columns()).toEqual(before);
  expect(await cluster.ask('select * from applied_migration order by name')).toEqual(applied);
});

test('the application role writes into the journal, and can never take back or change what stands there', async () => {
  const insert = `insert into journal (seq, at, kind, actor, body, prev_hash, hash) values (1, now(), 'k', '"a"', '{}', 'p', 'h')`;
  expect(await asApplication(insert)).toBe('done');
  for (const sql of [
    'update journal set kind = kind',
    'delete from journal',
    'truncate journal',
    'drop table journal',
    'alter table journal disable trigger all',
    'create trigger t before insert on journal for each row execute function suppress_redundant_updates_trigger()',
  ])
    expect([sql, await asApplication(sql)]).toEqual([sql, '42501']);
  expect(await cluster.ask('select count(*)::int as n from journal')).toEqual([{ n: 1 }]);
});

test('the application role cannot touch the migrations or make tables of its own', async () => {
  for (const sql of [
    'delete from applied_migration',
    'update applied_migration set name = name',
    `insert into applied_migration (name) values ('x')`,
    'create table public.mine (a int)',
    'drop schema pgboss cascade',
    'truncate restore_request cascade',
  ])
    expect([sql, await asApplication(sql)]).toEqual([sql, '42501']);
});

test('what an earlier version stored is read by this one: its fields, its outcomes and its undelivered cards', async () => {
  const older = await startTestCluster();
  try {
    await migrate(older.ownerUrl);
    const file = join(__dirname, '../../../services/store/migrations/0004_vaults.sql');
    await older.ask('alter table start_intent drop column job_id');
    const draft = { inputs: { source: 'orders-pg' }, state: { phase: 'open' } };
    const ended = {
      inputs: { source: 'orders-pg' },
      state: {
        phase: 'completed',
        ...{ hostName: 'a.b', address: { host: 'a.b', port: 5432 }, got: { location: 'canadacentral' } },
      },
    };
    await older.ask(`insert into draft (id, phase, body, created_at) values ('d', 'open', $1, now())`, [
      draft,
    ]);
    await older.ask(
      `insert into restore_request (id, number, phase, is_open, target_name, body, created_at) values ('R-1', 1, 'completed', false, 't', $1, now())`,
      [ended],
    );
    await older.ask(
      `insert into outbox (slot, destination, message, pace) values ('s', '{}', '{"kind":"request"}', 'at-once')`,
    );
    await older.ask(readFileSync(file, 'utf8'));
    const [read] = await older.ask<{ inputs: object; state: object; message: object }>(
      `select d.body -> 'inputs' as inputs, r.body -> 'state' as state, o.message
         from draft d, restore_request r, outbox o`,
    );
    expect(read?.inputs).toMatchObject({ source: 'orders-pg', container: '', rehydrationDays: '' });
    expect(read?.state).toEqual({
      phase: 'completed',
      got: {
        ...{ kind: 'server', hostName: 'a.b', address: { host: 'a.b', port: 5432 } },
        location: 'canadacentral',
      },
    });
    expect(read?.message).toEqual({ kind: 'request', warnings: [] });
  } finally {
    await older.stop();
  }
});

/** A journal row as it was written before entries were signed. */
function oldRow(
  seq: number,
  prevHash: string,
  requestId: string | null,
): { hash: string; values: unknown[] } {
  const entry = { requestId, kind: 'requested', actor: ines, at: now, body: { planHash: 'h' } };
  const hash = hashOf({ ...entry, seq, prevHash, hash: '', own: null, format: 1 }, sha256);
  return {
    hash,
    values: [
      seq,
      now,
      requestId,
      entry.kind,
      JSON.stringify(ines),
      JSON.stringify(entry.body),
      prevHash,
      hash,
    ],
  };
}

test('a request, its card and its journal from before sign-off had stages are decided, shown and checked by this version', async () => {
  const older = await startTestCluster();
  try {
    await migrate(older.ownerUrl);
    await older.ask(`alter table restore_request drop column next_clock_at, drop column review_owed_by;
      drop index journal_glass; drop table evidence_key, evidence_anchored; drop index journal_within_request;
      alter table journal drop constraint linked_within_its_request, drop constraint signed, drop column format,
        drop column request_seq, drop column request_prev_hash, drop column key_id, drop column signature;
      create index journal_request on journal (request_id, seq)`);
    const current = aRequest({ rule: aRule({ stages: [aStage([martin, divya], 2)] }) });
    const { stages: _stages, aliases: _aliases, ...kept } = current.rule;
    const rule = { ...kept, needed: 2, approvers: [martin, divya] };
    const { clocks: _clocks, ...message } = sayRequest(current, 'approval', { kind: 'none' });
    await older.ask(
      `insert into restore_request (id, number, phase, is_open, target_name, body, created_at)
       values ('R-1', 1, 'awaiting-approval', true, 't', $1, now())`,
      [{ ...current, rule }],
    );
    await older.ask(
      `insert into outbox (slot, destination, message, pace) values ('s', '{"kind":"approvals"}', $1, 'at-once')`,
      [{ ...message, rule: { name: rule.name, needed: 2, approvers: rule.approvers } }],
    );
    let prevHash = '0'.repeat(64);
    for (const [index, requestId] of ['R-1', null, 'R-2', 'R-1'].entries()) {
      const { hash, values } = oldRow(index + 1, prevHash, requestId);
      await older.ask(
        `insert into journal (seq, at, request_id, kind, actor, body, prev_hash, hash) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
        values,
      );
      prevHash = hash;
    }
    for (const name of ['0005_sign_off.sql', '0006_evidence.sql'])
      await older.ask(readFileSync(join(__dirname, '../../../services/store/migrations', name), 'utf8'));
    const [row] = await older.ask<{
      body: RestoreRequest;
      message: RequestMessage;
      clock: Date;
      version: number;
    }>(
      'select r.body, o.message, r.next_clock_at as clock, r.version from restore_request r, outbox o where r.id = $1',
      ['R-1'],
    );
    if (!row) throw new Error('it is gone');
    expect(row.body).toEqual(current);
    // Whoever had read it as it was before must not write it back.
    expect(row.version).toBe(2);
    expect(row.clock.toISOString()).toBe('expiresAt' in current.state && current.state.expiresAt);
    const approvedBy = (by: Person) =>
      ({ kind: 'approved-by', approval: { by, at: now, comment: '' }, standing: standingOf(by) }) as const;
    expect(transition(row.body, approvedBy(emil))).toMatchObject({ because: { code: 'NOT_AN_APPROVER' } });
    expect(transition(row.body, approvedBy(divya))).toMatchObject({ state: { phase: 'awaiting-approval' } });
    const card = JSON.stringify(renderMessage(row.message, 'approver', { teamsId: () => undefined }));
    expect(card).toContain('2 of 2 approvers');
    const entries = (await older.ask<JournalRow>('select * from journal order by seq')).map(entryOf);
    expect(chainFaults(entries, [], evidenceCrypto)).toEqual([]);
    expect(entries.map(({ own }) => own?.seq)).toEqual([1, undefined, 1, 2]);
  } finally {
    await older.stop();
  }
});

import { judgeProof, type Verdict } from '../../../services/restore/proof';
import { whyClosed } from '../../../services/restore/proof-access';
import type {
  Commits,
  DatabaseFindings,
  FoundTable,
  Origin,
  ProofFindings,
  ServerFindings,
} from '../../../services/restore/proof-findings';
import { aServer, proofFindings, serverFindings } from '../../fakes/facts';

const moment = '2026-11-19T13:05:00.000Z';
const before = '2026-11-19T13:04:59.800Z';
const after = '2026-11-19T13:05:00.001Z';
const expected = { mode: 'point-in-time', moment, toleranceSeconds: 5 } as const;

const older: Origin = { committedAt: '2026-11-19T13:00:00.000Z' };
const younger: Origin = { committedAt: after };

const table = (name: string, oid: number, changes: Partial<FoundTable> = {}): FoundTable => ({
  ...{ oid, name, schema: 'public', holds: 'rows', bytes: 8192, estimatedRows: 100 },
  ...changes,
});
const shop = (changes: Partial<DatabaseFindings> = {}): DatabaseFindings => ({
  ...{ oid: 16_400, name: 'shop', bytes: 8_000_000 },
  ...{ tables: [table('orders', 16_500)], extensions: [], indexes: [], behind: [], sequences: [] },
  ...changes,
});
const tracked = (newest = before, next?: string): Commits => ({
  kind: 'tracked',
  newest,
  ...(next === undefined ? {} : { next }),
});
const server = (database: DatabaseFindings, changes: Partial<ServerFindings> = {}): ServerFindings =>
  serverFindings({ commits: tracked(), databases: [database], ...changes });
const between = (copy: ServerFindings, source: ServerFindings): ProofFindings =>
  proofFindings({ copy, source: { kind: 'looked-at', server: source } });

const said = (verdict: Verdict): string => (verdict.kind === 'contradicted' ? verdict.finding : verdict.kind);
const judged = (copy: ServerFindings, source: ServerFindings): string =>
  said(judgeProof(between(copy, source), expected));

test('a copy like its source is proven by its commit times', () => {
  expect(judgeProof(between(server(shop()), server(shop())), expected)).toEqual({
    kind: 'proven',
    newestWrite: before,
    finding: 'newest commit 0.2 s before the asked moment',
    findings: ['1 of 1 tables · as many rows · roles, extensions, sequences fine'],
    wakes: [],
  });
});

describe('commit times', () => {
  const quiet = '2026-11-19T12:50:00.000Z';
  test.each<[string, Commits, Commits, string]>([
    ['a commit after the moment', tracked(before, after), tracked(), 'contradicted'],
    ['a quiet copy of a quiet source', tracked(quiet), tracked(quiet), 'proven'],
    ['a quiet copy of a busy source', tracked(quiet), tracked(before), 'contradicted'],
    ['a quiet copy of a source without them', tracked(quiet), { kind: 'untracked' }, 'plausible'],
    ['none from before the moment', { kind: 'tracked' }, tracked(), 'plausible'],
    ['none at all', { kind: 'untracked' }, tracked(), 'plausible'],
  ])('%s', (_what, commits, theirs, kind) => {
    const found = between(server(shop(), { commits }), server(shop(), { commits: theirs }));
    expect(judgeProof(found, expected).kind).toBe(kind);
  });

  test('of a backup may end some minutes before it was complete, but not longer', () => {
    const fast = { ...expected, mode: 'fast' } as const;
    const of = (newest: string) =>
      judgeProof(between(server(shop(), { commits: tracked(newest) }), server(shop())), fast).kind;
    expect([of('2026-11-19T12:58:00.000Z'), of('2026-11-19T12:40:00.000Z')]).toEqual([
      'plausible',
      'contradicted',
    ]);
  });

  test('of another region lag, and what had not arrived there is not missing', () => {
    const late = { committedAt: '2026-11-19T13:00:00.000Z', isInCopy: false };
    const source = server(
      shop({ tables: [table('orders', 16_500), table('late', 16_900, { origin: late })] }),
    );
    const copy = server(shop(), { commits: tracked('2026-11-19T12:30:00.000Z') });
    expect(judgeProof(between(copy, source), { ...expected, mode: 'geo' }).kind).toBe('proven');
    expect(judged(copy, source)).not.toBe('proven');
  });

  test('contradict also where the probe of the owner sees nothing wrong', () => {
    const found = {
      ...between(server(shop(), { commits: tracked(before, after) }), server(shop())),
      writes: [{ inCopy: before }],
    };
    expect(said(judgeProof(found, expected))).toMatch(/commit from .*, after the asked moment/);
  });
});

describe('what the source has and the copy has not', () => {
  const lacking = (origin: Origin | undefined): string =>
    judged(
      server(shop()),
      server(shop({ tables: [table('orders', 16_500), table('items', 16_510, origin ? { origin } : {})] })),
    );

  test.each<[string, Origin | undefined, string]>([
    ['was made before the moment', older, 'the table items of shop is missing from the copy'],
    [
      'was made by a transaction that the copy replayed',
      { isInCopy: true },
      'the table items of shop is missing from the copy',
    ],
    ['was made after the moment', younger, 'proven'],
    ['was made by a transaction that the copy does not know', { isInCopy: false }, 'proven'],
    ['is of unknown age', undefined, 'proven'],
    [
      'was committed in the last moment, after the recovery had ended',
      { committedAt: before, isInCopy: false },
      'proven',
    ],
  ])('a table that %s', (_what, origin, verdict) => {
    expect(lacking(origin)).toBe(verdict);
  });

  test('a table under a new name is the same table', () => {
    const renamed = table('orders_2026', 16_500, { origin: older });
    expect(judged(server(shop()), server(shop({ tables: [renamed] })))).toBe('proven');
  });

  test('a table that was dropped by accident is in the copy, and said to be', () => {
    const verdict = judgeProof(between(server(shop()), server(shop({ tables: [] }))), expected);
    expect(verdict).toMatchObject({
      kind: 'proven',
      findings: [expect.anything(), 'the table orders of shop is in the copy and no longer in the source'],
    });
  });

  test('a role that was changed since is known by its number', () => {
    const role = { oid: 16_450, name: 'shop_app', origin: younger };
    const source = server(shop(), { roles: [role] });
    expect(judged(server(shop(), { highestOid: 16_600 }), source)).toBe(
      'the role shop_app is missing from the copy',
    );
    expect(judged(server(shop(), { highestOid: 16_440 }), source)).toBe('proven');
    expect(judged(server(shop()), source)).toBe('proven');
  });

  test('many are named by the first three', () => {
    const tables = ['a', 'b', 'c', 'd', 'e'].map((name, n) => table(name, 17_000 + n, { origin: older }));
    expect(judged(server(shop({ tables: [] })), server(shop({ tables })))).toBe(
      'the tables a of shop, b of shop, c of shop and 2 more are missing from the copy',
    );
  });

  test('lists that were cut off are not compared behind the cut', () => {
    const far = table('far', 99_000, { origin: older });
    const cut = shop({ tablesUpTo: 16_500 });
    expect(judged(server(cut), server(shop({ tables: [table('orders', 16_500), far] })))).toBe('proven');
  });

  test('the worst comes first, and the rest is not lost', () => {
    const source = server(shop({ extensions: [{ oid: 16_600, name: 'citext', origin: older }] }), {
      roles: [{ oid: 16_450, name: 'shop_app', origin: older }],
    });
    const copy = server(shop({ behind: [{ name: 'orders_id_seq', column: 'orders.id' }] }), {
      commits: tracked(before, after),
    });
    const verdict = judgeProof(between(copy, source), expected);
    expect(verdict.kind === 'contradicted' && [verdict.finding, ...(verdict.findings ?? [])]).toEqual([
      expect.stringContaining('holds a commit from'),
      'the role shop_app is missing from the copy',
      'the extension citext of shop is missing from the copy',
      'the sequence orders_id_seq of shop is behind its table',
    ]);
  });
});

describe('an empty table', () => {
  const empty = (changes: Partial<FoundTable>, oldRow?: Origin): string =>
    judged(
      server(shop({ tables: [table('orders', 16_500, changes)] })),
      server(shop({ tables: [table('orders', 16_500, oldRow ? { oldRow } : {})] })),
    );
  const finding = 'the table orders of shop is empty in the copy, and the source holds older rows';

  test.each<[string, Partial<FoundTable>, Origin | undefined, string]>([
    ['without a byte, with an older row in the source', { bytes: 0 }, older, finding],
    ['counted as empty, with an older row in the source', { rows: 0 }, { isInCopy: true }, finding],
    ['with younger rows in the source', { bytes: 0 }, younger, 'proven'],
    ['that is empty in the source too', { bytes: 0 }, undefined, 'proven'],
    [
      'that is unlogged, and so empty after every recovery',
      { bytes: 0, holds: 'unlogged rows' },
      older,
      'proven',
    ],
    ['of partitions, which hold the rows', { bytes: 0, holds: 'partitions' }, older, 'proven'],
    ['with rows', { rows: 1 }, older, 'proven'],
  ])('%s', (_what, changes, oldRow, verdict) => {
    expect(empty(changes, oldRow)).toBe(verdict);
  });
});

describe('faults inside', () => {
  const index = (isValid: boolean, origin?: Origin) => ({
    ...{ oid: 16_700, name: 'orders_at', schema: 'public', table: 'orders', isValid },
    ...(origin ? { origin } : {}),
  });
  const behind = [{ name: 'orders_id_seq', column: 'orders.id' }];

  test.each<[string, DatabaseFindings, DatabaseFindings, string]>([
    [
      'an index that was valid at the moment',
      shop({ indexes: [index(false)] }),
      shop({ indexes: [index(true, older)] }),
      'the index orders_at of shop is invalid in the copy',
    ],
    [
      'an index that was being built at the moment',
      shop({ indexes: [index(false)] }),
      shop({ indexes: [index(true, younger)] }),
      'proven',
    ],
    [
      'an index that is invalid in both',
      shop({ indexes: [index(false)] }),
      shop({ indexes: [index(false)] }),
      'proven',
    ],
    [
      'a sequence behind in the copy alone',
      shop({ behind }),
      shop(),
      'the sequence orders_id_seq of shop is behind its table',
    ],
    ['a sequence behind in both', shop({ behind }), shop({ behind }), 'proven'],
  ])('%s', (_what, copy, source, verdict) => {
    expect(judged(server(copy), server(source))).toBe(verdict);
  });

  test('are told and not held against a copy that has no source to compare with', () => {
    const found = proofFindings({ copy: server(shop({ behind, indexes: [index(false)] })) });
    const verdict = judgeProof(found, expected);
    expect(verdict).toMatchObject({ kind: 'proven' });
    expect(JSON.stringify(verdict)).toMatch(/orders_id_seq of shop is behind.*orders_at of shop is invalid/);
  });
});

describe('what the owner asks for', () => {
  const checked = (expect_: string, value: string | null): string =>
    said(
      judgeProof(
        proofFindings({
          copy: server(shop()),
          checks: [{ name: 'sum', expected: expect_, result: { kind: 'value', value } }],
        }),
        expected,
      ),
    );

  test.each([
    ['5', '5', 'proven'],
    ['5', '5.00', 'proven'],
    ['true', 't', 'proven'],
    ['5', '6', 'the check "sum" gave 6 instead of 5'],
    ['0', '', 'the check "sum" gave  instead of 0'],
    ['5', null, 'the check "sum" gave nothing instead of 5'],
  ])('%s expected and %s given', (wanted, value, verdict) => {
    expect(checked(wanted, value)).toBe(verdict);
  });

  test('a required table is missed without any source', () => {
    const probe = {
      toleranceSeconds: 5,
      requiredTables: ['public.orders', 'sales.items'].map((name) => ({ database: 'shop', table: name })),
    };
    expect(said(judgeProof(proofFindings({ copy: server(shop()) }), expected, probe))).toBe(
      'the required table sales.items of shop is missing from the copy',
    );
  });
});

test('a source that was made again under the old name is not compared, and nothing is proven with it', () => {
  const source = server(shop({ tables: [table('other', 1, { origin: older })] }), { systemIdentifier: '8' });
  expect(judgeProof(between(server(shop()), source), expected)).toMatchObject({
    kind: 'plausible',
    why: 'the source is another cluster now, so the two were not compared',
  });
});

test('a database that let nobody in is named', () => {
  const copy = server(shop(), { closed: [{ name: 'ledger', why: 'it does not let us in' }] });
  expect(JSON.stringify(judgeProof(proofFindings({ copy }), expected))).toContain(
    'not looked into: ledger (it does not let us in)',
  );
});

test('that nobody could look says what is missing and who can change it', () => {
  const failure = (code: string, message: string) => Object.assign(new Error(message), { code });
  const target = aServer('orders-pg-r1');
  expect(whyClosed(target, failure('28P01', 'password authentication failed'))).toMatch(
    /who may change servers in rg-shop can make the identity of Restore Desk an Entra administrator/,
  );
  expect(whyClosed(target, failure('28000', 'no pg_hba.conf entry for host'))).toMatch(/firewall rule/);
  expect(whyClosed(target, failure('ETIMEDOUT', 'timeout'))).toMatch(/firewall rule/);
  const hidden = aServer('x', { network: { kind: 'private', delegatedSubnetId: '/s' } });
  expect(whyClosed(hidden, failure('ENOTFOUND', 'no such host'))).toMatch(/private endpoint or a peering/);
});

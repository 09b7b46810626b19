import { judgeLogical, type LogicalExpectation } from '../../../services/restore/proof-logical';
import type { DatabaseFindings, FoundTable, ProofFindings } from '../../../services/restore/proof-findings';
import { proofFindings, serverFindings } from '../../fakes/facts';

const expectation: LogicalExpectation = {
  moment: '2026-11-19T02:00:00.000Z',
  toleranceSeconds: 60,
  databases: [
    {
      name: 'shop',
      tables: [
        { schema: 'public', name: 'orders' },
        { schema: 'sales', name: 'items' },
      ],
      sequences: [{ schema: 'public', name: 'orders_id_seq' }],
      extensions: ['citext'],
    },
  ],
  roles: ['shop_app'],
};

const named = (name: string, oid: number) => ({ oid, name });
const table = (name: string, schema: string, oid: number): FoundTable => ({
  ...{ oid, name, schema, holds: 'rows', bytes: 8192, rows: 10 },
});
const shop: DatabaseFindings = {
  ...{ oid: 1, name: 'shop', bytes: 1, indexes: [], behind: [], sequences: ['orders_id_seq'] },
  tables: [table('orders', 'public', 2), table('sales.items', 'sales', 3)],
  extensions: [named('citext', 4)],
};

const loaded = (changes: Partial<DatabaseFindings> = {}, rest: Partial<ProofFindings> = {}) =>
  judgeLogical(
    expectation,
    proofFindings({
      copy: serverFindings({ databases: [{ ...shop, ...changes }], roles: [named('shop_app', 5)] }),
      ...rest,
    }),
  );

test('a load of everything that the archive holds is plausible, and proven with a write just before the backup', () => {
  expect(loaded().kind).toBe('plausible');
  expect(loaded({}, { writes: [{ inCopy: '2026-11-19T01:59:30.000Z' }] })).toMatchObject({
    kind: 'proven',
    finding: 'newest write 30.0 s before the backup',
    findings: ['2 of 2 tables of the archives · about 20 rows · roles, extensions, sequences fine'],
  });
  expect(loaded({}, { writes: [{ inCopy: '2026-11-19T01:50:00.000Z' }] }).kind).toBe('plausible');
});

test('writes from long after the backup contradict it; from while it was made they leave its moment open', () => {
  expect(loaded({}, { writes: [{ inCopy: '2026-11-19T06:00:01.000Z' }] })).toMatchObject({
    kind: 'contradicted',
    finding: expect.stringContaining('after the backup'),
  });
  expect(loaded({}, { writes: [{ inCopy: '2026-11-19T02:03:00.000Z' }] })).toMatchObject({
    kind: 'plausible',
    why: expect.stringContaining('after the time of the backup'),
  });
});

test.each<[string, Partial<DatabaseFindings>, string]>([
  [
    'table',
    { tables: [table('orders', 'public', 2)] },
    'the table sales.items of shop is missing from the copy',
  ],
  ['extension', { extensions: [] }, 'the extension citext of shop is missing from the copy'],
  [
    'sequence',
    { behind: [{ name: 'orders_id_seq', column: 'orders.id' }] },
    'the sequence orders_id_seq of shop is behind its table',
  ],
  [
    'index',
    { indexes: [{ oid: 9, name: 'i', schema: 'public', table: 'orders', isValid: false }] },
    'the index i of shop is invalid in the copy',
  ],
  ['database', { name: 'other' }, 'the database shop is missing from the copy'],
])('a fault of a %s is found', (_what, changes, finding) => {
  expect(loaded(changes)).toMatchObject({ kind: 'contradicted', finding });
});

test('a role that was not loaded is missed', () => {
  const copy = serverFindings({ databases: [shop] });
  expect(judgeLogical(expectation, proofFindings({ copy }))).toMatchObject({
    kind: 'contradicted',
    finding: 'the role shop_app is missing from the copy',
  });
});

test('an empty table is only told: an archive does not say how many rows it holds', () => {
  const empty = { ...table('orders', 'public', 2), rows: 0 };
  expect(loaded({ tables: [empty, table('sales.items', 'sales', 3)] })).toMatchObject({
    kind: 'plausible',
    findings: expect.arrayContaining(['empty: orders of shop']),
  });
});

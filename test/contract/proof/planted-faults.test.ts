/** Faults that are planted in a real recovery of a real cluster: each is found and called by its name. */
import { startProofStage, type Look, type LookOptions, type ProofStage } from './proof-stage';
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

describe('an honest copy', () => {
  const looks: Record<string, Look> = {};
  const options: Record<string, LookOptions> = {
    plain: {},
    probed: { probe: heartbeat },
  };
  beforeAll(() =>
    stage().withCopy('', async () => {
      for (const [name, option] of Object.entries(options)) looks[name] = await stage().look(option);
    }),
  );

  test('is proven by its commit times alone', () => {
    console.log(JSON.stringify(looks['plain']?.verdict, null, 1), JSON.stringify(looks['plain']?.findings.copy.commits), JSON.stringify(looks['plain']?.findings.source.kind));
    expect(looks['plain']?.verdict).toMatchObject({ kind: 'proven' });
  });
});

describe('a copy full of faults', () => {
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
    ),
  );

  test.each([
    ['a lost database', 'the database ledger is missing from the copy'],
    ['missing tables', 'the tables customers of shop and sales.items of shop are missing from the copy'],
    ['emptied tables', 'the tables orders of shop and heartbeat of shop are empty in the copy, and the source holds older rows'],
    ['a lost role', 'the role shop_report is missing from the copy'],
    ['a lost extension', 'the extension citext of shop is missing from the copy'],
    ['a lost index', 'the index orders_placed_at of shop is missing from the copy'],
    ['an invalid index', 'the index orders_pkey of shop is invalid in the copy'],
    ['a sequence behind', 'the sequence tickets_id_seq of shop is behind its table'],
  ])('%s is found and named', (_what, finding) => {
    expect(said).toContain(finding);
  });
});

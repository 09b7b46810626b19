/**
 * `npm run bench [-- --write] [-- --only P1]`: measures the figures that are published, prints one table, and with
 * `--write` keeps it in RESULTS.md. Missing a target is a result, not an error.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { repositoryDir } from '../fixtures/supervisor/processes';
import { approvalClicks } from './approval-clicks';
import { blobDownload } from './blob-download';
import { coldStart } from './cold-start';
import { dumpLoad } from './dump-load';
import { dumpMemory } from './dump-memory';
import {
  figureTable,
  megabytes,
  readFigures,
  resultsPage,
  withNew,
  type Circumstances,
  type Figure,
} from './figures';
import { localAnswers } from './local-answers';
import { messageCost } from './message-cost';
import { openStage, type Stage } from './stage';
import { trackedOperations } from './tracked-operations';
import { typeahead } from './typeahead';

const benches: Readonly<Record<string, (stage: Stage) => Promise<Figure[]>>> = {
  P1: messageCost,
  P2: approvalClicks,
  P3: () => trackedOperations(),
  P5: () => dumpLoad(),
  P6: () => blobDownload(),
  dump: () => dumpMemory(),
  P8: coldStart,
  typeahead,
  local: () => localAnswers(),
};

const notes = [
  'Product: `dist/bot/main.js` with a PostgreSQL of its own and durable writes; its CPU is that of its process, read from the kernel, without PostgreSQL.',
  'Bare bot: `bare-bot.cjs`, which loads botbuilder, teams-ai and restify, checks the same tokens and echoes.',
  'P1: five rounds of 400 messages (`help` and `status` in turns) for each, one after the other over kept connections; medians of the rounds.',
  'P2: five rounds of 400 clicks of one approver on requests that need two, sent at fixed times; measured from the time a click was due; median of the rounds’ 99th percentiles.',
  'P3: 500 jobs in 5 vaults and 100 server operations of one subscription that end between 30 and 45 seconds after the start, told to be asked every second and followed with one pace; then the same with one poller each. Each has a stub over https of its own, whose lists have 120 servers and 120 jobs of each vault on two pages. Reads are counted where they arrive. It begins when the servers are listed already; before that every operation is asked itself.',
  'P5: the pipe is `pg_restore -d` fed from the file (`-j` and `-`, as documented, make it fail), into a database that is there; ours makes the database, loads it with 8 workers from the same file and analyzes it, which the pipe does not. Five rounds in turns at 0 ms, three at 2 and 10 ms, through a proxy that delays each direction; durable writes. Schema by pg_dump and sums of rows are compared with the source.',
  'Memory of a load: highest resident size of a Node.js process that loads a 1 GB archive, with the TypeScript loader in it, without the programs of PostgreSQL.',
  'P6: a blob of 96 MB in a blob service of its own (Azurite, in a process of its own) behind a proxy of ours on loopback that lets each connection have 4 MB/s and, for each 4 MB block that goes out, breaks the connection within it in one case of a hundred, by the same seed for both in a round; five rounds in turns, each download in a new process, measured inside it from the first call to the whole file. One stream is `download` of @azure/storage-blob with its own retries; a connection that breaks in the middle ends it with an error, so it is begun again at the byte where it was, which the stock client alone would not do. The real network between Azure and us is not in it. Kills: SIGKILL at a random moment in the second that one block takes, after 1, 4, 7 and so on to 16 of 24 blocks; counted at the proxy is what went out whole before the kill and was asked for again after it. What was cut off in the middle, at most one block for each of the eight connections, has to be fetched again and is told beside it. A block that the proxy had sent whole may still have lain in the connection when the kill came, and counts as fetched again.',
  'P8: five cold starts of each in turns; all 1,000 restores wait at Azure and have lost their queue entries.',
  'Typing: 2,000 different questions of the form’s server field, 25 a second, sent at fixed times and measured from then; the servers come from a stub in pages of 200 over https.',
  'Whole environment: 150 messages through the local Teams, about nine a second, everything on this machine.',
];

async function circumstances(stage: Stage): Promise<Circumstances> {
  const { rows } = await stage.database.query<{ server_version: string }>('show server_version');
  const { dependencies } = JSON.parse(readFileSync(join(repositoryDir, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const packages = ['botbuilder', '@microsoft/teams-ai', 'restify', 'pg-boss'].map(
    (name) => `${name} ${dependencies[name] ?? ''}`,
  );
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${megabytes(totalmem())}; load before the run ${(loadavg()[0] ?? 0).toFixed(1)}`,
    versions: [
      `Node.js ${process.versions.node}`,
      `PostgreSQL ${rows[0]?.server_version ?? ''}`,
      ...packages,
    ],
    notes,
  };
}

/** Of a run of some benches the other rows stay. */
function writeResults(figures: readonly Figure[], around: Circumstances): void {
  const path = join(__dirname, 'RESULTS.md');
  const before = around.only === undefined ? [] : readFigures(readFileSync(path, 'utf8'));
  writeFileSync(path, resultsPage(withNew(before, figures), around));
}

async function main(): Promise<void> {
  const { values: options } = parseArgs({
    options: { write: { type: 'boolean', default: false }, only: { type: 'string' } },
  });
  const built = spawnSync(process.execPath, ['infra/build.mjs'], { cwd: repositoryDir, stdio: 'inherit' });
  if (built.status !== 0) throw new Error('The product was not built.');
  const wanted = options.only?.split(',');
  const figures: Figure[] = [];
  let around: Circumstances | undefined;
  for (const [name, bench] of Object.entries(benches)) {
    if (wanted !== undefined && !wanted.includes(name)) continue;
    const stage = await openStage();
    try {
      around ??= await circumstances(stage);
      figures.push(...(await bench(stage)));
      console.error(`${name} is measured.`);
    } finally {
      await stage.close();
    }
  }
  console.log(`\n${figureTable(figures)}`);
  if (options.write && around)
    writeResults(figures, { ...around, ...(wanted ? { only: wanted.join(', ') } : {}) });
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

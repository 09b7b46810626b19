/**
 * P5: many small objects from a file into a server, by the pipe that the documentation of Azure prints (without the two options
 * that make it fail) and by ours, in turns, over wires of three lengths.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { freePorts, repositoryDir } from '../fixtures/supervisor/processes';
import {
  imprint,
  load,
  loaderFor,
  login,
  loginPassword,
  orderOf,
  startDumpStage,
  type DumpStage,
} from '../contract/dump/dump-stage';
import { ratio, type Figure } from './figures';
import { median, medianRatio } from './statistics';

const tables = 600;
const wires = [
  { roundTripMs: 0, rounds: 5, target: 1.2 },
  { roundTripMs: 2, rounds: 3, target: 6 },
  { roundTripMs: 10, rounds: 3, target: 10 },
] as const;
const cores = 8;

const schema = `set session authorization ${login};
  do $$ begin
    for n in 1..${tables} loop
      execute format('create table t%s (id serial primary key, who text not null, at timestamptz default now(), amount numeric)', n);
      execute format('insert into t%1$s (who, at, amount) select md5(g::text), timestamp ''2026-01-01'' + g * interval ''1 min'', g * 1.5
        from generate_series(1, 50 + %1$s %% 100) g', n);
      execute format('create index on t%s (who)', n);
      execute format('create index on t%s (at, amount)', n);
    end loop;
  end $$`;

async function startProxy(
  toPort: number,
  roundTripMs: number,
): Promise<{ port: number; child?: ChildProcess }> {
  if (roundTripMs === 0) return { port: toPort };
  const [port = 0] = await freePorts(1);
  const args = [
    '--import',
    'tsx',
    join(__dirname, 'latency-proxy.ts'),
    ...[port, toPort, roundTripMs].map(String),
  ];
  const child = spawn(process.execPath, args, { cwd: repositoryDir, stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return { port, child };
}

const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
};

/** Into a database that is there already, as the documentation has it. */
async function documentedPipe(stage: DumpStage, path: string, port: number): Promise<void> {
  const child = spawn(join(stage.pgBin, 'pg_restore'), ['-d', 'piped'], {
    stdio: ['pipe', 'ignore', 'inherit'],
    env: {
      ...{ PGHOST: '127.0.0.1', PGPORT: String(port), PGUSER: login, PGPASSWORD: loginPassword },
      ...{ PGSSLMODE: 'verify-full', PGSSLROOTCERT: stage.caFile },
    },
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  await pipeline(createReadStream(path), child.stdin);
  if ((await ended) !== 0) throw new Error('the documented pipe failed');
}

async function ours(stage: DumpStage, path: string, port: number): Promise<void> {
  const order = orderOf({ port }, [{ path, database: 'loaded' }]);
  const { ended } = await load(loaderFor(stage), { ...order, server: { ...order.server, cores } });
  if (ended['database loaded']?.kind !== 'loaded') throw new Error(`not loaded: ${JSON.stringify(ended)}`);
}

export async function dumpLoad(): Promise<Figure[]> {
  const stage = await startDumpStage(['fsync = on', 'max_wal_size = 2GB']);
  try {
    await stage.sql('postgres', `create database source owner ${login}`);
    await stage.sql('source', schema);
    const path = stage.dump('source', 'source.dump');
    const wanted = await imprint(stage, 'source');
    const figures: Figure[] = [];
    for (const wire of wires) figures.push(await measure(stage, path, wanted, wire));
    return figures;
  } finally {
    await stage.stop();
  }
}

async function measure(
  stage: DumpStage,
  path: string,
  wanted: string,
  { roundTripMs, rounds, target }: (typeof wires)[number],
): Promise<Figure> {
  const { port, child } = await startProxy(stage.port, roundTripMs);
  const [piped, loaded]: [number[], number[]] = [[], []];
  try {
    for (let round = 0; round < rounds; round++) {
      await stage.sql('postgres', 'drop database if exists piped');
      await stage.sql('postgres', 'drop database if exists loaded');
      await stage.sql('postgres', `create database piped owner ${login} template template0`);
      piped.push(await seconds(() => documentedPipe(stage, path, port)));
      loaded.push(await seconds(() => ours(stage, path, port)));
      console.error(
        `P5 ${roundTripMs} ms: ${piped.at(-1)?.toFixed(2)} s piped, ${loaded.at(-1)?.toFixed(2)} s ours`,
      );
    }
    for (const database of ['piped', 'loaded']) {
      if ((await imprint(stage, database)) !== wanted) throw new Error(`${database} is not what was dumped`);
    }
  } finally {
    child?.kill();
  }
  const times = medianRatio(piped, loaded);
  return {
    id: 'P5',
    what: `Loading ${tables} tables and ${tables * 2} more indexes at ${roundTripMs} ms round trip, documented pipe over ours`,
    measured: `${ratio(times)} (${median(piped).toFixed(1)} over ${median(loaded).toFixed(1)} s)`,
    ...{ target: `>= ${target}x`, met: times >= target },
  };
}

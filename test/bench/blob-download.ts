/** P6: fetching a dump file over a line that limits each connection and breaks some, against one stream of the stock client. */
import { createHash } from 'node:crypto';
import { createReadStream, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { BlobFacts } from '../../services/restore/vaults';
import { startBlobProxy, type BlobProxy, type ProxiedRead } from '../fixtures/blob-proxy';
import { plantBlob, startTestBlobService, type TestBlobService } from '../fixtures/blob-service';
import type { Fetching } from '../fixtures/fetching-main';
import { start, until, type Started } from '../fixtures/supervisor/processes';
import type { Figure } from './figures';
import { median, medianRatio } from './statistics';

const MiB = 1024 * 1024;
const blockBytes = 4 * MiB;
const fileBlocks = 24;
/** Eight of them have to be little for a machine that does everything at once. */
const bytesPerSecond = 4 * MiB;
const rounds = 5;
const kills = 6;
/** A run can be repeated: with this one two of the five rounds have a reset. */
const firstSeed = 10_000;
const blockMillis = (blockBytes / bytesPerSecond) * 1_000;
const name = 'shop/orders.dump';
/** Of the blocks that go out, however many of them one answer holds. */
const resetShare = 0.01;

/** The same resets for both in one round, and others in the next: numbers that look random from a seed. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Where an answer of so many bytes is broken off, if it is. */
const breaking = (random: () => number) => (bytes: number) => {
  for (let at = 0; at < bytes; at += blockBytes)
    if (random() < resetShare) return Math.floor(at + random() * Math.min(blockBytes, bytes - at));
  return undefined;
};

async function md5Of(file: string): Promise<string> {
  const hash = createHash('md5');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

interface Ground {
  readonly service: TestBlobService;
  readonly blob: BlobFacts;
  readonly md5: string;
}

function run({ service, blob }: Ground, how: Fetching['how'], proxy: BlobProxy, spoolDir: string): Started {
  const { account, container } = service;
  const fetching: Fetching = { how, url: proxy.url, account, container, blob, spoolDir, blockBytes };
  return start(
    [process.execPath, '--import', 'tsx', 'test/fixtures/fetching-main.ts', JSON.stringify(fetching)],
    service.signIn,
  );
}

/** The last line of a process that fetched, once its file has been looked over. */
async function endOf(ground: Ground, fetching: Started): Promise<number> {
  const { code } = await fetching.closed;
  if (code !== 0) throw new Error(`A download failed:\n${fetching.output()}`);
  const { path, millis } = JSON.parse(fetching.output().trim().split('\n').at(-1) ?? '') as {
    path: string;
    millis: number;
  };
  if ((await md5Of(path)) !== ground.md5) throw new Error('A download is not what lies in the container.');
  return millis;
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'restore-desk-bench-spool-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function timed(ground: Ground, how: Fetching['how'], seed: number) {
  const { url, tls } = ground.service;
  const proxy = await startBlobProxy({
    ...{ to: url, tls, bytesPerSecond, breakAfter: breaking(seeded(seed)) },
  });
  try {
    const millis = await inFolder((folder) => endOf(ground, run(ground, how, proxy, folder)));
    return { millis, resets: proxy.reads.filter(({ wasBroken }) => wasBroken).length };
  } finally {
    await proxy.end();
  }
}

const wereSent = (reads: readonly ProxiedRead[]): number[] =>
  reads.flatMap(({ offset, sentAt }) => (sentAt === undefined ? [] : [offset]));

/** Kills a download at any moment and lets another go on; what it asked for although it had gone out whole before. */
async function killed(ground: Ground, afterBlocks: number, thenMillis: number) {
  const { url, tls } = ground.service;
  const proxy = await startBlobProxy({ to: url, tls, bytesPerSecond });
  try {
    return await inFolder(async (folder) => {
      const first = run(ground, 'ours', proxy, folder);
      await until('enough blocks are sent', () => wereSent(proxy.reads).length >= afterBlocks, 60);
      await pause(thenMillis);
      first.process.kill('SIGKILL');
      await first.exited;
      const before = new Set(wereSent(proxy.reads));
      const begun = proxy.reads.length - before.size;
      proxy.forget();
      await endOf(ground, run(ground, 'ours', proxy, folder));
      const again = proxy.reads.filter(({ offset }) => before.has(offset)).length;
      return { again, begun, asked: proxy.reads.length };
    });
  } finally {
    await proxy.end();
  }
}

const list = (values: readonly number[]): string => values.join(', ');

export async function blobDownload(): Promise<Figure[]> {
  const service = await startTestBlobService();
  try {
    const content = await plantBlob(service, name, fileBlocks * blockBytes);
    const md5 = createHash('md5').update(content).digest('hex');
    const etag = await service.etagOf(name);
    const ground: Ground = { service, md5, blob: { name, etag, bytes: content.length } };
    const [ours, stream]: { millis: number; resets: number }[][] = [[], []];
    for (let round = 0; round < rounds; round++) {
      stream?.push(await timed(ground, 'one-stream', firstSeed + round));
      ours?.push(await timed(ground, 'ours', firstSeed + round));
    }
    const repeats = [];
    for (let kill = 0; kill < kills; kill++)
      repeats.push(await killed(ground, 1 + 3 * kill, Math.random() * blockMillis));
    return figures(ours ?? [], stream ?? [], repeats);
  } finally {
    await service.end();
  }
}

type Timed = Awaited<ReturnType<typeof timed>>;
type Repeated = Awaited<ReturnType<typeof killed>>;

function figures(ours: readonly Timed[], stream: readonly Timed[], repeats: readonly Repeated[]): Figure[] {
  const seconds = (all: readonly Timed[]): string =>
    (median(all.map(({ millis }) => millis)) / 1_000).toFixed(1);
  const faster = medianRatio(
    stream.map(({ millis }) => millis),
    ours.map(({ millis }) => millis),
  );
  const most = Math.max(...repeats.map(({ again }) => again));
  return [
    {
      id: 'P6',
      what: 'Download of 96 MB, each connection limited to 4 MB/s and 1 % of blocks reset, one stream over ours',
      measured: `${faster.toFixed(2)}x (${seconds(stream)} s over ${seconds(ours)} s; resets ${list(stream.map(({ resets }) => resets))} and ${list(ours.map(({ resets }) => resets))})`,
      target: '>= 3x',
      met: faster >= 3,
    },
    {
      id: 'P6',
      what: 'Blocks that had gone out whole and were fetched again after a kill, at most',
      measured: `${most} (of ${kills} kills: ${list(repeats.map(({ again }) => again))}; begun and cut off by them: ${list(repeats.map(({ begun }) => begun))})`,
      target: '<= 1',
      met: most <= 1,
    },
  ];
}

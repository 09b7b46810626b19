/** Dump files on their way from a real blob service into the spool, with everything that happens to connections. */
import { readFileSync, rmSync, readdirSync, statSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BlobServiceClient } from '@azure/storage-blob';
import { productIdentity } from '../../../infra/local/identities';
import { createBlobParts } from '../../../services/azure/blob-parts';
import { createBlobReader } from '../../../services/azure/blob-reader';
import { productCredential } from '../../../services/azure/credential';
import { createReadPace } from '../../../services/azure/read-pace';
import { createFetcher, type FetcherDeps, type FetchOrder } from '../../../services/dump/fetch-files';
import { forgetOrder, sweepSpool } from '../../../services/dump/spool';
import type { BlobParts } from '../../../services/restore/dump-ports';
import type { BlobFacts } from '../../../services/restore/vaults';
import { trustLocalCa } from '../../fakes/trust-local-ca';
import { startBlobProxy, type BlobProxy, type BlobProxyOptions } from '../../fixtures/blob-proxy';
import { plantBlob, startTestBlobService, type TestBlobService } from '../../fixtures/blob-service';
import type { Fetching } from '../../fixtures/fetching-main';
import { start, until, type Started } from '../../fixtures/supervisor/processes';
import { codeOf } from '../azure/adapter-stage';

const MiB = 1024 * 1024;
const key = 'order-1';
let service: TestBlobService;
let spoolDir: string;
const proxies: BlobProxy[] = [];

beforeAll(async () => {
  service = await startTestBlobService();
  trustLocalCa(service.tls.ca);
  Object.assign(process.env, service.signIn);
});
afterAll(async () => {
  for (const name of Object.keys(service.signIn)) delete process.env[name];
  await service.end();
});
beforeEach(() => {
  spoolDir = join(mkdtempSync(join(tmpdir(), 'restore-desk-spool-')), 'spool');
});
afterEach(async () => {
  for (const proxy of proxies.splice(0)) await proxy.end();
  rmSync(join(spoolDir, '..'), { recursive: true, force: true });
});

const settings = () => ({
  credential: productCredential(productIdentity.clientId),
  ...{ endpoint: service.url, subscriptionIds: [], timeoutSeconds: 5, pace: createReadPace() },
});
const withProxy = async (options: Partial<BlobProxyOptions> = {}): Promise<BlobProxy> => {
  const proxy = await startBlobProxy({ to: service.url, tls: service.tls, ...options });
  proxies.push(proxy);
  return proxy;
};
const factsOf = async (name: string): Promise<BlobFacts> => {
  const reader = createBlobReader(settings(), () => `${service.url}/${service.account.name}`);
  const [found] = await reader.blobs(service.account, service.container, name);
  if (!found) throw new Error(`${name} is not there`);
  return found;
};
const warned: object[] = [];
const fetcherOn = (url: string, more: Partial<FetcherDeps> = {}) =>
  createFetcher({
    parts: createBlobParts(settings(), ({ name }) => `${url}/${name}`),
    ...{ spoolDir, blockBytes: MiB, firstPauseMillis: 5, log: { warn: (facts) => void warned.push(facts) } },
    ...more,
  });
const order = (): FetchOrder => ({ key, account: service.account, container: service.container });
const watch = (seen: number[] = [], signal = new AbortController().signal) => ({
  signal,
  onBytes: (bytes: number) => void seen.push(bytes),
});
const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

test('a file that is fetched over several connections is the same byte for byte, and only its owner may read it', async () => {
  const content = await plantBlob(service, 'shop/whole.sql', 9 * MiB + 12_345);
  const proxy = await withProxy();
  const seen: number[] = [];
  const blob = await factsOf('shop/whole.sql');
  const path = await fetcherOn(proxy.url)(order())(blob, watch(seen));
  expect(readFileSync(path).equals(content)).toBe(true);
  expect([seen[0], seen.at(-1)]).toEqual([0, content.length]);
  expect(proxy.reads.map(({ offset }) => offset).toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: 10 }, (_, index) => index * MiB),
  );
  expect([path, join(path, '..'), spoolDir].map((each) => statSync(each).mode & 0o777)).toEqual([
    ...[0o600, 0o700, 0o700],
  ]);
  // It is here: nothing is asked for again.
  proxy.forget();
  expect(await fetcherOn(proxy.url)(order())(blob, watch(seen))).toBe(path);
  expect([proxy.reads, seen.at(-1)]).toEqual([[], content.length]);
});

test('a file without any bytes is fetched without asking for any', async () => {
  await plantBlob(service, 'shop/empty.sql', 0);
  const proxy = await withProxy();
  const path = await fetcherOn(proxy.url)(order())(await factsOf('shop/empty.sql'), watch());
  expect([statSync(path).size, proxy.reads]).toEqual([0, []]);
});

test('a blob that is written anew in the middle is told to be another one, and no byte of it is taken', async () => {
  const content = await plantBlob(service, 'shop/replaced.sql', 6 * MiB);
  const blob = await factsOf('shop/replaced.sql');
  let asked = 0;
  const proxy = await withProxy({
    before: async () => {
      if (++asked === 4)
        await service.blobs.write(service.account.name, service.container, blob.name, Buffer.alloc(6 * MiB));
    },
  });
  const fetching = fetcherOn(proxy.url, { connections: 1 })(order())(blob, watch());
  expect(await codeOf(fetching)).toBe('BLOB_CHANGED');
  const [part = ''] = filesBelow(spoolDir).filter((file) => file.endsWith('.part'));
  expect(
    readFileSync(part)
      .subarray(0, 3 * MiB)
      .equals(content.subarray(0, 3 * MiB)),
  ).toBe(true);

  // Who approves the new one gets the new one, and nothing of the old.
  const path = await fetcherOn(proxy.url)(order())(await factsOf(blob.name), watch());
  expect(readFileSync(path).equals(Buffer.alloc(6 * MiB))).toBe(true);
});

test('a blob that is deleted in the middle is told to be gone', async () => {
  await plantBlob(service, 'shop/gone.sql', 4 * MiB);
  const blob = await factsOf('shop/gone.sql');
  const client = new BlobServiceClient(`${service.url}/${service.account.name}`, settings().credential);
  let asked = 0;
  const proxy = await withProxy({
    before: async () => {
      if (++asked === 3) await client.getContainerClient(service.container).deleteBlob(blob.name);
    },
  });
  expect(await codeOf(fetcherOn(proxy.url, { connections: 1 })(order())(blob, watch()))).toBe('BLOB_GONE');
});

test('connections that break are no loss: the block is fetched again, and no other', async () => {
  const content = await plantBlob(service, 'shop/resets.sql', 8 * MiB);
  let answers = 0;
  const proxy = await withProxy({ breakAfter: (bytes) => (++answers % 3 === 1 ? bytes / 2 : undefined) });
  warned.length = 0;
  const path = await fetcherOn(proxy.url)(order())(await factsOf('shop/resets.sql'), watch());
  expect(readFileSync(path).equals(content)).toBe(true);
  const broken = proxy.reads.filter(({ wasBroken }) => wasBroken);
  expect(broken.length).toBeGreaterThanOrEqual(3);
  expect(proxy.reads).toHaveLength(8 + broken.length);
  expect(warned).toHaveLength(broken.length);
});

test('a connection that always breaks is given up with a problem that names the file; what is here stays', async () => {
  await plantBlob(service, 'shop/broken.sql', 3 * MiB);
  const blob = await factsOf('shop/broken.sql');
  let answers = 0;
  const proxy = await withProxy({ breakAfter: (bytes) => (++answers > 1 ? bytes - 1 : undefined) });
  const fetching = fetcherOn(proxy.url, { connections: 1, mostTries: 3 })(order())(blob, watch());
  await expect(fetching).rejects.toMatchObject({
    problem: { code: 'DOWNLOAD_BROKEN', retryable: true, sentence: expect.stringContaining('broken.sql') },
  });
  expect(proxy.reads).toHaveLength(4);
  const steady = await withProxy();
  await fetcherOn(steady.url)(order())(blob, watch());
  expect(steady.reads.map(({ offset }) => offset).toSorted()).toEqual([MiB, 2 * MiB]);
});

test('a fetch that is called off ends at once and goes on later', async () => {
  const content = await plantBlob(service, 'shop/stopped.sql', 5 * MiB);
  const blob = await factsOf('shop/stopped.sql');
  const stop = new AbortController();
  const proxy = await withProxy({
    before: async (_, offset) => {
      // The third block never comes.
      if (offset === 2 * MiB && !stop.signal.aborted) await new Promise(() => stop.abort(new Error('stop')));
    },
  });
  const fetch = fetcherOn(proxy.url, { connections: 1 })(order());
  await expect(fetch(blob, watch([], stop.signal))).rejects.toThrow('stop');
  await expect(fetch(blob, watch([], stop.signal))).rejects.toThrow('stop');
  const seen: number[] = [];
  expect(readFileSync(await fetch(blob, watch(seen))).equals(content)).toBe(true);
  expect(seen[0]).toBe(2 * MiB);
});

test('a process that is killed in the middle leaves what its successor goes on with', async () => {
  const content = await plantBlob(service, 'shop/killed.sql', 48 * MiB);
  const proxy = await withProxy({ bytesPerSecond: 10 * MiB });
  const fetching: Fetching = {
    ...{ how: 'ours', url: proxy.url, account: service.account, container: service.container, spoolDir },
    ...{ blob: await factsOf('shop/killed.sql'), blockBytes: MiB },
  };
  const run = (): Started =>
    start(
      [process.execPath, '--import', 'tsx', 'test/fixtures/fetching-main.ts', JSON.stringify(fetching)],
      service.signIn,
    );
  const first = run();
  const marksOf = (): number =>
    filesBelow(spoolDir).flatMap((file) =>
      file.endsWith('.blocks') ? (/\n(.*)$/.exec(readFileSync(file, 'utf8'))?.[1]?.match(/[wx]/g) ?? []) : [],
    ).length;
  await until(
    'a dozen blocks are sent',
    () => proxy.reads.filter(({ sentAt }) => sentAt !== undefined).length >= 12,
  );
  first.process.kill('SIGKILL');
  await first.exited;
  const kept = marksOf();
  const sent = new Set(proxy.reads.flatMap(({ offset, sentAt }) => (sentAt === undefined ? [] : [offset])));
  proxy.forget();

  const second = run();
  expect(await second.exited).toEqual({ code: 0, signal: null });
  await second.closed;
  const [path = ''] = filesBelow(spoolDir).filter((file) => /\.[0-9a-f]{32}$/.test(file));
  expect(readFileSync(path).equals(content)).toBe(true);
  expect(kept).toBeGreaterThan(0);
  // What counted as fetched is not asked for again; beside it there was only what was on its way.
  expect(proxy.reads).toHaveLength(48 - kept);
  expect(sent.size - kept).toBeLessThanOrEqual(8);
});

test('too little room is told before anything is fetched, for all files of the order together', async () => {
  await plantBlob(service, 'shop/room-a.sql', 2 * MiB);
  await plantBlob(service, 'shop/room-b.sql', 3 * MiB);
  const [a, b] = [await factsOf('shop/room-a.sql'), await factsOf('shop/room-b.sql')];
  const both: FetchOrder = {
    ...order(),
    ended: [],
    parts: [
      { kind: 'roles', file: a },
      { kind: 'database', file: b, database: 'shop' },
    ],
  };
  const proxy = await withProxy();
  let free = (64 + 4) * MiB;
  const fetcher = fetcherOn(proxy.url, { freeBytes: async () => free });
  await expect(fetcher(both)(a, watch())).rejects.toMatchObject({
    problem: {
      ...{ code: 'SPOOL_FULL', retryable: true },
      sentence: `The dump files need 69 MB in ${spoolDir} of Restore Desk, and 68 MB are free there.`,
    },
  });
  expect(proxy.reads).toEqual([]);
  // Room for what has not ended, and for what is not here yet.
  await fetcher({ ...both, ended: ['database shop'] })(a, watch());
  free = (64 + 3) * MiB;
  await fetcher(both)(b, watch());
  free = 0;
  await fetcher(both)(a, watch());
});

test('names that try to lead out of the spool stay in it, and only what is ours is swept', async () => {
  const names = [
    '../../outside.sql',
    'a/../../b',
    '"; rm -rf $HOME #',
    'größe 大きさ.sql',
    '..',
    'x'.repeat(900),
  ];
  const proxy = await withProxy();
  const parts: BlobParts = { read: async (...asked) => Buffer.alloc(asked[4]) };
  const fetcher = fetcherOn(proxy.url, { parts });
  for (const name of names)
    await fetcher({ ...order(), key: `../${key}` })({ name, bytes: 10, etag: '"1"' }, watch());
  expect(new Set(filesBelow(join(spoolDir, '..')).filter((file) => !file.endsWith('.blocks'))).size).toBe(6);
  expect(filesBelow(join(spoolDir, '..')).every((file) => file.startsWith(`${spoolDir}/`))).toBe(true);
  await fetcher(order())({ name: 'kept', bytes: 10, etag: '"1"' }, watch());
  await sweepSpool(spoolDir, [key]);
  expect(filesBelow(spoolDir)).toHaveLength(2);
  await forgetOrder(spoolDir, key);
  await forgetOrder(spoolDir, key);
  expect(readdirSync(spoolDir)).toEqual([]);
});

/**
 * One file that is being fetched into the spool: its blocks come in any order and are written where they belong. A block counts
 * as fetched when its bytes and, after them, its mark in the map are written; what counts is never fetched again.
 */
import { constants } from 'node:fs';
import { lstat, open, readFile, rename, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import {
  fetchedBytes,
  mapText,
  marks,
  nothingFetched,
  readMap,
  type BlockMap,
  type FetchedFile,
} from './block-map';
import { safeName } from './spool-names';
import { syncFolder } from './spool';

export interface SpooledFile {
  /** Blocks that were not there when it was opened. */
  readonly missing: readonly number[];
  /** Bytes that were. */
  readonly fetchedBytes: number;
  /** Resolves when the block counts as fetched. */
  keep(index: number, bytes: Uint8Array): Promise<void>;
  /** When nothing is missing any more: gives the file its name and resolves to its path. */
  finish(): Promise<string>;
  close(): Promise<void>;
}

interface Paths {
  readonly folder: string;
  readonly whole: string;
  readonly part: string;
  readonly map: string;
}

function pathsOf(folder: string, name: string): Paths {
  const whole = join(folder, safeName(name));
  return { folder, whole, part: `${whole}.part`, map: `${whole}.blocks` };
}

type Kept =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'part'; readonly map: BlockMap }
  | { readonly kind: 'whole'; readonly map: BlockMap };

const absent = (error: NodeJS.ErrnoException): undefined => {
  if (error.code !== 'ENOENT') throw error;
};

const sizeOf = async (path: string): Promise<number | undefined> => {
  const found = await lstat(path).catch(absent);
  return found?.isFile() === true ? found.size : undefined;
};

/** Linux names each of its runs; elsewhere only what the disk has confirmed counts after a death. */
const thisRun = (): Promise<string> =>
  readFile('/proc/sys/kernel/random/boot_id', 'utf8').then(
    (id) => id.trim(),
    () => '',
  );

/** What an earlier fetch of just this file has left that can be trusted. */
async function findKept(paths: Paths, file: FetchedFile): Promise<Kept> {
  const text = await readFile(paths.map, 'utf8').catch(absent);
  const map = text === undefined ? undefined : readMap(text, file, await thisRun());
  if (map === undefined) return { kind: 'nothing' };
  if (map.fetched.every(Boolean) && (await sizeOf(paths.whole)) === file.bytes) return { kind: 'whole', map };
  return (await sizeOf(paths.part)) === file.bytes ? { kind: 'part', map } : { kind: 'nothing' };
}

/** Bytes of the file that are still to be fetched. */
export async function bytesToCome(folder: string, file: FetchedFile): Promise<number> {
  const kept = await findKept(pathsOf(folder, file.name), file);
  return kept.kind === 'nothing' ? file.bytes : file.bytes - fetchedBytes(file, kept.map);
}

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDWR } = constants;
const create = (path: string): Promise<FileHandle> =>
  open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
const reopen = (path: string): Promise<FileHandle> => open(path, O_RDWR | O_NOFOLLOW);

async function writeWhole(path: string, fill: (to: FileHandle) => Promise<unknown>): Promise<void> {
  const handle = await create(path);
  try {
    await fill(handle);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function writeMap(paths: Paths, file: FetchedFile, fetched: readonly boolean[]): Promise<BlockMap> {
  const draft = `${paths.map}.draft`;
  const run = await thisRun();
  const text = mapText(file, run, fetched);
  await rm(draft, { force: true });
  await writeWhole(draft, (to) => to.writeFile(text));
  await rename(draft, paths.map);
  await syncFolder(paths.folder);
  return readMap(text, file, run) ?? { fetched: [], marksAt: 0, isOfThisRun: true };
}

/** Throws away what is there. The map goes first, so that it never speaks of a file that has been emptied. */
async function begin(paths: Paths, file: FetchedFile): Promise<BlockMap> {
  await rm(paths.map, { force: true });
  await syncFolder(paths.folder);
  for (const path of [paths.part, paths.whole]) await rm(path, { force: true });
  await writeWhole(paths.part, (to) => to.truncate(file.bytes));
  return writeMap(paths, file, nothingFetched(file));
}

async function goOn(paths: Paths, file: FetchedFile, map: BlockMap): Promise<BlockMap> {
  if (map.isOfThisRun) return map;
  // The marks of another run say less than the ones that are made from now on.
  return writeMap(paths, file, map.fetched);
}

async function writeAll(to: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let written = 0; written < bytes.length;)
    written += (await to.write(bytes, written, bytes.length - written, at + written)).bytesWritten;
}

/** Marks blocks at once, and in the background once more when the disk has confirmed them, several at a time. */
function createMarking(part: FileHandle, map: FileHandle, marksAt: number) {
  const unconfirmed = new Set<number>();
  let failure: Error | undefined;
  let turn = Promise.resolve();
  const write = (index: number, mark: string) => writeAll(map, Buffer.from(mark), marksAt + index);
  const confirm = async (): Promise<void> => {
    const batch = [...unconfirmed];
    unconfirmed.clear();
    if (batch.length === 0) return;
    try {
      await part.datasync();
      for (const index of batch) await write(index, marks.confirmed);
      await map.datasync();
    } catch (error) {
      failure ??= error as Error;
      for (const index of batch) await write(index, marks.missing).catch(() => undefined);
    }
  };
  const settled = async (): Promise<void> => {
    await turn;
    if (failure !== undefined) throw failure;
  };
  return {
    mark: async (index: number): Promise<void> => {
      if (failure !== undefined) throw failure;
      await write(index, marks.written);
      unconfirmed.add(index);
      turn = turn.then(confirm);
    },
    /** Rejects when the disk has not taken something. */
    settled,
  };
}

export async function openSpooledFile(folder: string, file: FetchedFile): Promise<SpooledFile> {
  const paths = pathsOf(folder, file.name);
  const kept = await findKept(paths, file);
  if (kept.kind === 'whole') return wholeFile(paths, file);
  const map = kept.kind === 'part' ? await goOn(paths, file, kept.map) : await begin(paths, file);
  const part = await reopen(paths.part);
  const marked = await reopen(paths.map);
  const { mark, settled } = createMarking(part, marked, map.marksAt);
  return {
    missing: map.fetched.flatMap((done, index) => (done ? [] : [index])),
    fetchedBytes: fetchedBytes(file, map),
    keep: async (index, bytes) => {
      await writeAll(part, bytes, index * file.blockBytes);
      await mark(index);
    },
    finish: async () => {
      await settled();
      await part.sync();
      await rename(paths.part, paths.whole);
      await syncFolder(paths.folder);
      return paths.whole;
    },
    close: async () => {
      await settled().catch(() => undefined);
      await part.close();
      await marked.close();
    },
  };
}

const wholeFile = ({ whole }: Paths, { bytes }: FetchedFile): SpooledFile => ({
  missing: [],
  fetchedBytes: bytes,
  keep: async () => undefined,
  finish: async () => whole,
  close: async () => undefined,
});

/**
 * One file that is being fetched into the spool: its blocks come in any order and are written where they belong. A block counts
 * as fetched when its bytes and, after them, its mark in the map are on disk; what counts is never fetched again.
 */
import { constants } from 'node:fs';
import { lstat, open, readFile, rename, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { emptyMap, fetchedBytes, fetchedMark, readMap, type BlockMap, type FetchedFile } from './block-map';
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

/** What an earlier fetch of just this file has left that can be trusted. */
async function findKept(paths: Paths, file: FetchedFile): Promise<Kept> {
  const text = await readFile(paths.map, 'utf8').catch(absent);
  const map = text === undefined ? undefined : readMap(text, file);
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

/** Throws away what is there. The map goes first, so that it never speaks of a file that has been emptied. */
async function begin(paths: Paths, file: FetchedFile): Promise<BlockMap> {
  const draft = `${paths.map}.draft`;
  await rm(paths.map, { force: true });
  await syncFolder(paths.folder);
  for (const path of [paths.part, paths.whole, draft]) await rm(path, { force: true });
  const part = await create(paths.part);
  try {
    await part.truncate(file.bytes);
    await part.sync();
  } finally {
    await part.close();
  }
  const text = emptyMap(file);
  const map = await create(draft);
  try {
    await map.writeFile(text);
    await map.sync();
  } finally {
    await map.close();
  }
  await rename(draft, paths.map);
  await syncFolder(paths.folder);
  return readMap(text, file) ?? { fetched: [], marksAt: 0 };
}

async function writeAll(to: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let written = 0; written < bytes.length;)
    written += (await to.write(bytes, written, bytes.length - written, at + written)).bytesWritten;
}

/** Marks blocks, several at once when they come at once: what costs time is that the disk has to confirm twice. */
function createMarking(part: FileHandle, map: FileHandle, marksAt: number) {
  const unmarked = new Set<number>();
  let turn = Promise.resolve();
  const markAll = async (): Promise<void> => {
    const batch = [...unmarked];
    if (batch.length === 0) return;
    await part.datasync();
    for (const index of batch) await writeAll(map, Buffer.from(fetchedMark), marksAt + index);
    await map.datasync();
    // Only now: whoever waits for one of them tries by itself when this has failed.
    for (const index of batch) unmarked.delete(index);
  };
  return (index: number): Promise<void> => {
    unmarked.add(index);
    turn = turn.catch(() => undefined).then(markAll);
    return turn;
  };
}

export async function openSpooledFile(folder: string, file: FetchedFile): Promise<SpooledFile> {
  const paths = pathsOf(folder, file.name);
  const kept = await findKept(paths, file);
  if (kept.kind === 'whole') return wholeFile(paths, file);
  const map = kept.kind === 'part' ? kept.map : await begin(paths, file);
  const part = await reopen(paths.part);
  const marks = await reopen(paths.map);
  const mark = createMarking(part, marks, map.marksAt);
  return {
    missing: map.fetched.flatMap((done, index) => (done ? [] : [index])),
    fetchedBytes: fetchedBytes(file, map),
    keep: async (index, bytes) => {
      await writeAll(part, bytes, index * file.blockBytes);
      await mark(index);
    },
    finish: async () => {
      await part.sync();
      await rename(paths.part, paths.whole);
      await syncFolder(paths.folder);
      return paths.whole;
    },
    close: async () => {
      await part.close();
      await marks.close();
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

/**
 * Fetches dump files into the spool: in blocks, several at a time, each checked and put in its place, so that a fetch that died
 * goes on where it was.
 */
import { partKey, type BlobParts, type LoadOrder } from '../restore/dump-ports';
import { DeskError, problem } from '../restore/errors';
import type { BlobFacts } from '../restore/vaults';
import { blockLength, type FetchedFile } from './block-map';
import { tryBlock, unlessAborted } from './fetch-block';
import { freeBytes, requireSpace, spoolFull, type FreeBytes } from './free-space';
import { createSlots, type Slots } from './slots';
import { openOrderFolder } from './spool';
import { bytesToCome, openSpooledFile, type SpooledFile } from './spooled-file';

export interface FetchWatch {
  /** Once it is given the fetch rejects with its reason; what has been fetched stays for the next time. */
  readonly signal: AbortSignal;
  /** Bytes of the file that are here for good, those of earlier fetches included. */
  onBytes(downloaded: number): void;
}

/**
 * Resolves to the path of the whole file, at once when it is here already. Throws BLOB_CHANGED, BLOB_GONE and what else
 * BlobParts throws; DOWNLOAD_BROKEN after several tries; SPOOL_FULL and SPOOL_UNUSABLE. After any of them it may be called again.
 */
export type FetchFile = (file: BlobFacts, watch: FetchWatch) => Promise<string>;

/** With its parts, room is required for all files that have not ended and not for one after the other. */
export type FetchOrder = Pick<LoadOrder, 'key' | 'account' | 'container'> &
  Partial<Pick<LoadOrder, 'parts' | 'ended'>>;

export interface FetcherDeps {
  readonly parts: BlobParts;
  readonly spoolDir: string;
  /** Up to 4 MiB the blob service sums blocks up, and the sum is checked. */
  readonly blockBytes?: number;
  /** At most so many at a time, for all files together. */
  readonly connections?: number;
  readonly mostTries?: number;
  readonly firstPauseMillis?: number;
  readonly freeBytes?: FreeBytes;
  readonly log: { warn(facts: object, words: string): void };
}

const defaults = {
  blockBytes: 4 * 1024 * 1024,
  connections: 8,
  mostTries: 6,
  firstPauseMillis: 250,
  freeBytes,
} as const;

type Fetcher = Required<FetcherDeps> & { readonly slots: Slots };

const fetchedFile = ({ name, etag, bytes }: BlobFacts, { blockBytes }: Fetcher): FetchedFile => ({
  ...{ name, etag, bytes, blockBytes },
});

async function toCome(fetcher: Fetcher, order: FetchOrder, folder: string, file: BlobFacts): Promise<number> {
  const others = (order.parts ?? []).filter((part) => !(order.ended ?? []).includes(partKey(part)));
  const files = new Map([file, ...others.map((part) => part.file)].map((each) => [each.name, each]));
  let bytes = 0;
  for (const each of files.values()) bytes += await bytesToCome(folder, fetchedFile(each, fetcher));
  return bytes;
}

/** Fetches blocks until none is missing or one cannot be had: then the others end as well, and that one's error is told. */
async function fetchMissing(
  fetcher: Fetcher,
  order: FetchOrder,
  { file, spooled, watch }: { file: FetchedFile; spooled: SpooledFile; watch: FetchWatch },
): Promise<void> {
  const failing = new AbortController();
  const signal = AbortSignal.any([watch.signal, failing.signal]);
  const blob: BlobFacts = { name: file.name, bytes: file.bytes, etag: file.etag };
  let downloaded = spooled.fetchedBytes;
  watch.onBytes(downloaded);
  const fetchBlock = async (index: number): Promise<void> => {
    const [offset, length] = [index * file.blockBytes, blockLength(file, index)];
    signal.throwIfAborted();
    const read = fetcher.parts.read(order.account, order.container, blob, offset, length);
    const bytes = await unlessAborted(signal, read);
    if (bytes.length !== length) throw new DeskError(problem('AZURE_UNREACHABLE'));
    await spooled.keep(index, bytes);
    downloaded += length;
    watch.onBytes(downloaded);
  };
  const missing = spooled.missing.values();
  const worker = async (): Promise<void> => {
    for (const index of missing) {
      const onRetry = (tried: number, { problem: because }: DeskError): void =>
        fetcher.log.warn({ file: file.name, block: index, tried, code: because.code }, 'block fetched again');
      const tries = { ...fetcher, name: file.name, signal, onRetry };
      await tryBlock(tries, () => fetcher.slots(() => fetchBlock(index)));
    }
  };
  const workers = Array.from({ length: Math.min(fetcher.connections, spooled.missing.length) }, () =>
    worker().catch((error: unknown) => failing.abort(error)),
  );
  // All of them: nobody may write any more when the file is closed.
  await Promise.all(workers);
  watch.signal.throwIfAborted();
  failing.signal.throwIfAborted();
}

/** What the file system said no to, in the words of the catalogue. */
async function spoolFailure({ spoolDir, freeBytes: free }: Fetcher, neededBytes: number, error: unknown) {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof DeskError || typeof code !== 'string' || !('syscall' in (error as object)))
    return error;
  if (!/^(ENOSPC|EDQUOT)$/.test(code))
    return new DeskError(problem('SPOOL_UNUSABLE', { folder: spoolDir, what: code }), error);
  return spoolFull(spoolDir, neededBytes, await free(spoolDir).catch(() => 0), error);
}

async function fetchFile(
  fetcher: Fetcher,
  order: FetchOrder,
  blob: BlobFacts,
  watch: FetchWatch,
): Promise<string> {
  watch.signal.throwIfAborted();
  let coming = blob.bytes;
  try {
    const folder = await openOrderFolder(fetcher.spoolDir, order.key);
    coming = await toCome(fetcher, order, folder, blob);
    await requireSpace(fetcher.spoolDir, coming, fetcher.freeBytes);
    const file = fetchedFile(blob, fetcher);
    const spooled = await openSpooledFile(folder, file);
    try {
      await fetchMissing(fetcher, order, { file, spooled, watch });
      return await spooled.finish();
    } finally {
      await spooled.close();
    }
  } catch (error) {
    throw await spoolFailure(fetcher, coming, error);
  }
}

/** One for the process: its connections are shared by all that fetch with it. */
export function createFetcher(deps: FetcherDeps): (order: FetchOrder) => FetchFile {
  const connections = deps.connections ?? defaults.connections;
  const fetcher: Fetcher = { ...defaults, ...deps, slots: createSlots(connections) };
  return (order) => (file, watch) => fetchFile(fetcher, order, file, watch);
}

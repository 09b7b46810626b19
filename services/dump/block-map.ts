/**
 * Which blocks of a file have been fetched, as it stands on disk beside the file: a line that says what is being fetched, a line
 * that names the run of the system, then one character for each block. A block is marked by writing its one character, which
 * no death can do by halves. What is written outlives the death of our process at once, but that of the system only when the
 * disk has confirmed it: until then the mark counts for this run of the system alone.
 */

export interface FetchedFile {
  /** Of the blob, with its whole path. */
  readonly name: string;
  readonly etag: string;
  readonly bytes: number;
  readonly blockBytes: number;
}

export interface BlockMap {
  /** One for each block, in their order. */
  readonly fetched: readonly boolean[];
  /** Where in the map the character of the first block stands. */
  readonly marksAt: number;
  /** Marks that are made in it count for this run of the system. */
  readonly isOfThisRun: boolean;
}

const version = 1;
export const marks = { missing: '.', written: 'w', confirmed: 'x' } as const;

export const blockCount = ({ bytes, blockBytes }: FetchedFile): number => Math.ceil(bytes / blockBytes);

/** Bytes of one block: the last one is what is left. */
export const blockLength = ({ bytes, blockBytes }: FetchedFile, index: number): number =>
  Math.min(blockBytes, bytes - index * blockBytes);

const headOf = ({ name, etag, bytes, blockBytes }: FetchedFile): string =>
  `${JSON.stringify({ version, name, etag, bytes, blockBytes })}\n`;

/** `run` is a name of this run of the system without spaces; empty where it has none. */
export const mapText = (file: FetchedFile, run: string, fetched: readonly boolean[]): string =>
  `${headOf(file)}${run}\n${fetched.map((done) => (done ? marks.confirmed : marks.missing)).join('')}`;

export const nothingFetched = (file: FetchedFile): readonly boolean[] =>
  Array.from({ length: blockCount(file) }, () => false);

/** Undefined when the map is of something else than this file in just this state, or damaged: then nothing in it counts. */
export function readMap(text: string, file: FetchedFile, run: string): BlockMap | undefined {
  const head = headOf(file);
  const [, runThen, marked = ''] = /^(\S*)\n([.wx]*)$/.exec(text.slice(head.length)) ?? [];
  if (!text.startsWith(head) || runThen === undefined || marked.length !== blockCount(file)) return undefined;
  const isOfThisRun = runThen === run && run !== '';
  const counts = (mark: string): boolean =>
    mark === marks.confirmed || (mark === marks.written && isOfThisRun);
  return { fetched: [...marked].map(counts), marksAt: Buffer.byteLength(head + runThen) + 1, isOfThisRun };
}

export const fetchedBytes = (file: FetchedFile, { fetched }: Pick<BlockMap, 'fetched'>): number =>
  fetched.reduce((sum, done, index) => sum + (done ? blockLength(file, index) : 0), 0);

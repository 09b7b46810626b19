/**
 * Which blocks of a file have been fetched, as it stands on disk beside the file: a line that says what is being fetched, then
 * one character for each block. A block is marked by writing its one character, which no death can do by halves.
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
}

const version = 1;
const missing = '.';
export const fetchedMark = 'x';

export const blockCount = ({ bytes, blockBytes }: FetchedFile): number => Math.ceil(bytes / blockBytes);

/** Bytes of one block: the last one is what is left. */
export const blockLength = ({ bytes, blockBytes }: FetchedFile, index: number): number =>
  Math.min(blockBytes, bytes - index * blockBytes);

const headOf = ({ name, etag, bytes, blockBytes }: FetchedFile): string =>
  `${JSON.stringify({ version, name, etag, bytes, blockBytes })}\n`;

/** The map of a file of which nothing has been fetched. */
export const emptyMap = (file: FetchedFile): string => headOf(file) + missing.repeat(blockCount(file));

/** Undefined when the map is of something else than this file in just this state, or damaged: then nothing in it counts. */
export function readMap(text: string, file: FetchedFile): BlockMap | undefined {
  const head = headOf(file);
  const marks = text.slice(head.length);
  const isWhole = marks.length === blockCount(file) && /^[.x]*$/.test(marks);
  if (!text.startsWith(head) || !isWhole) return undefined;
  return { fetched: [...marks].map((mark) => mark === fetchedMark), marksAt: Buffer.byteLength(head) };
}

export const fetchedBytes = (file: FetchedFile, { fetched }: Pick<BlockMap, 'fetched'>): number =>
  fetched.reduce((sum, done, index) => sum + (done ? blockLength(file, index) : 0), 0);

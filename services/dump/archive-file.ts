/** An archive that lies complete on this machine: its table of contents, and how many bytes the data of each table takes. */
import { open, type FileHandle } from 'node:fs/promises';
import { readToc, type Toc, type TocEntry } from './archive-toc';

export interface ArchiveFile {
  readonly path: string;
  readonly bytes: number;
  readonly toc: Toc;
  /** Where the data of an entry lies, by its id. */
  readonly data: ReadonlyMap<number, DataRange>;
  readonly entriesById: ReadonlyMap<number, TocEntry>;
  /** Bytes of data in the archive, by the id of the table. */
  readonly tableBytes: ReadonlyMap<number, number>;
}

export interface DataRange {
  readonly from: number;
  readonly bytes: number;
}

/** Undefined when it is no archive that can be read; what is wrong with it is for `readContents` to say. */
export async function openArchive(path: string): Promise<ArchiveFile | undefined> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    for (let length = 1024 * 1024; ; length *= 4) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(length, size)), 0, undefined, 0);
      const reading = readToc(buffer.subarray(0, bytesRead));
      if (reading.kind === 'whole') {
        const { toc } = reading;
        const data = rangesByOffsets(toc, size) ?? (await rangesByBlocks(file, toc, size));
        return { path, bytes: size, toc, data, ...weigh(toc, data) };
      }
      if (reading.kind === 'foreign' || length >= size) return undefined;
    }
  } finally {
    await file.close();
  }
}

function weigh(toc: Toc, data: ReadonlyMap<number, DataRange>) {
  const entriesById = new Map(toc.entries.map((entry) => [entry.id, entry]));
  const tableBytes = new Map<number, number>();
  for (const [id, { bytes }] of data) {
    const entry = entriesById.get(id);
    const table = entry && tableOf(entriesById, entry);
    if (table !== undefined) tableBytes.set(table.id, (tableBytes.get(table.id) ?? 0) + bytes);
  }
  return { entriesById, tableBytes };
}

/** Undefined where the archive was written into a pipe: then nobody went back to fill the offsets in. */
function rangesByOffsets(toc: Toc, size: number): Map<number, DataRange> | undefined {
  const withData = toc.entries.filter(({ hasData }) => hasData);
  const known = withData.flatMap(({ id, dataOffset }) =>
    dataOffset === undefined ? [] : [{ id, from: dataOffset }],
  );
  if (known.length < withData.length) return undefined;
  known.sort((a, b) => a.from - b.from);
  return new Map(
    known.map(({ id, from }, index) => [
      id,
      { from, bytes: Math.max(0, (known[index + 1]?.from ?? size) - from) },
    ]),
  );
}

const blockOfLargeObjects = 3;

/** Follows the lengths that stand before every piece of data. */
async function rangesByBlocks(file: FileHandle, toc: Toc, size: number): Promise<Map<number, DataRange>> {
  const ranges = new Map<number, DataRange>();
  const reader = forwardReader(file, toc.intSize);
  let at = toc.endsAt;
  while (at < size) {
    const from = at;
    const kind = await reader.byte(at);
    const id = await reader.int(at + 1);
    at += 1 + reader.intBytes;
    if (kind === undefined || id === undefined) break;
    for (let objects = kind === blockOfLargeObjects ? Number.POSITIVE_INFINITY : 1; objects > 0; objects--) {
      if (kind === blockOfLargeObjects) {
        const oid = await reader.int(at);
        at += reader.intBytes;
        if (oid === undefined || oid === 0) break;
      }
      for (;;) {
        const length = await reader.int(at);
        at += reader.intBytes;
        if (length === undefined || length <= 0) break;
        at += length;
      }
      if (at >= size) break;
    }
    ranges.set(id, { from, bytes: at - from });
  }
  return ranges;
}

function forwardReader(file: FileHandle, intSize: number) {
  const window = Buffer.alloc(256 * 1024);
  let start = 0;
  let length = 0;
  const at = async (position: number, count: number): Promise<Buffer | undefined> => {
    if (position < start || position + count > start + length) {
      length = (await file.read(window, 0, window.length, position)).bytesRead;
      start = position;
    }
    return length < count ? undefined : window.subarray(position - start, position - start + count);
  };
  return {
    intBytes: intSize + 1,
    byte: async (position: number) => (await at(position, 1))?.[0],
    int: async (position: number) => {
      const bytes = await at(position, intSize + 1);
      if (bytes === undefined) return undefined;
      const value = bytes.readUIntLE(1, Math.min(intSize, 6));
      return bytes[0] === 0 ? value : -value;
    },
  };
}

const tableKinds = ['TABLE', 'MATERIALIZED VIEW', 'FOREIGN TABLE'];

/** The table that an index, a constraint or data belongs to; undefined for what belongs to none. */
export function tableOf(byId: ReadonlyMap<number, TocEntry>, entry: TocEntry): TocEntry | undefined {
  return entry.dependsOn
    .map((id) => byId.get(id))
    .find((other) => other !== undefined && tableKinds.includes(other.kind));
}

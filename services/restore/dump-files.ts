/** Which of the files in a container belong to a dump set, by their names. What is in them is looked at elsewhere. */
import { describeFiles } from './restored-files';
import type { BlobFacts } from './vaults';
import type { DumpFile } from './load-plan';

/** Those that a load knows what to do with. */
export function dumpFiles(blobs: readonly BlobFacts[], prefix: string): DumpFile[] {
  const etags = new Map(blobs.map(({ name, etag }) => [name, etag]));
  return describeFiles(blobs, prefix).flatMap(({ kind, ...file }) =>
    kind === 'other' ? [] : [{ ...file, kind, etag: etags.get(file.name) ?? '' }],
  );
}

/**
 * The EvidenceAnchor port: lines at the end of append blobs, one blob a day. Nothing that stands there is ever written over
 * from here; that nobody else can either is the container's immutability policy, which lets append blobs grow.
 */
import { anchorBlob } from '../restore/evidence-anchors';
import type { EvidenceAnchor } from '../restore/evidence-ports';
import type { ArmSettings } from './arm';
import { blobOptions } from './blob-reader';
import { isRestError, readFailure } from './errors';

type AnchorSettings = Pick<ArmSettings, 'credential' | 'timeoutSeconds'>;

async function blobClient({ credential, timeoutSeconds }: AnchorSettings, url: string) {
  const { AppendBlobClient } = await import('@azure/storage-blob');
  return new AppendBlobClient(url, credential, blobOptions(timeoutSeconds));
}

type BlobClient = Awaited<ReturnType<typeof blobClient>>;

const hasStatus = (error: unknown, status: number): boolean =>
  isRestError(error) && error.statusCode === status;

/** Where the next line goes; a blob that is not there is made, and one that is there is left as it is. */
async function endOf(blob: BlobClient): Promise<number> {
  try {
    return (await blob.getProperties()).contentLength ?? 0;
  } catch (error) {
    if (!hasStatus(error, 404)) throw error;
  }
  try {
    await blob.create({
      conditions: { ifNoneMatch: '*' },
      blobHTTPHeaders: { blobContentType: 'application/x-ndjson' },
    });
    return 0;
  } catch (error) {
    if (!hasStatus(error, 409)) throw error;
    return (await blob.getProperties()).contentLength ?? 0;
  }
}

async function append(blob: BlobClient, line: string): Promise<void> {
  const body = Buffer.from(line);
  const appendPosition = await endOf(blob);
  await blob.appendBlock(body, body.length, { conditions: { appendPosition } });
}

/** `container` is its address, with a folder or without, and no slash at the end. */
export function createBlobAnchor(settings: AnchorSettings, container: string): EvidenceAnchor {
  return {
    write: async (line) => {
      const blob = await blobClient(settings, `${container}/${anchorBlob(line.writtenAt)}`);
      try {
        await append(blob, `${JSON.stringify(line)}\n`);
      } catch (error) {
        throw readFailure(error);
      }
    },
  };
}

/** Bytes out of the middle of a blob, of no other blob than the one that was looked at. Read with the product's own identity. */
import { createHash } from 'node:crypto';
import type { BlobParts } from '../restore/dump-ports';
import { DeskError, problem } from '../restore/errors';
import type { AccountFacts, BlobFacts } from '../restore/vaults';
import type { ArmSettings } from './arm';
import { blobFailure, containerClient, type BlobEndpointOf } from './blob-reader';
import { isNotFound, isRestError, unreadableAnswer } from './errors';

type ContainerClient = Awaited<ReturnType<typeof containerClient>>;

/** The service sums up no longer range than this. */
const summedBytes = 4 * 1024 * 1024;

/** Lists tell an ETag without its quotes, headers with them. */
const bare = (etag: string): string => etag.replace(/^"(.*)"$/, '$1');

const changed = (blob: BlobFacts, cause?: unknown): DeskError =>
  new DeskError(problem('BLOB_CHANGED', { name: blob.name }), cause);

/** A condition fails for a blob that is not there as well, and not every service says which. */
const isThere = (client: ContainerClient, { name }: BlobFacts): Promise<boolean> =>
  client
    .getBlobClient(name)
    .exists()
    .catch(() => true);

async function failureOf(
  client: ContainerClient,
  account: AccountFacts,
  blob: BlobFacts,
  error: unknown,
): Promise<DeskError> {
  if (error instanceof DeskError) return error;
  // 416: not as long any more as it was.
  const isAnother = isRestError(error) && (error.statusCode === 412 || error.statusCode === 416);
  if (isNotFound(error) || (isAnother && !(await isThere(client, blob))))
    return new DeskError(problem('BLOB_GONE', { name: blob.name }), error);
  return isAnother ? changed(blob, error) : blobFailure(account, error);
}

/**
 * Copies a body to where it belongs, no more than the range has room for and no less; resolves to its sum, which is made on the
 * way: what is late at the end of a block is lost to whoever dies there.
 */
async function fill(
  body: NodeJS.ReadableStream | undefined,
  bytes: Uint8Array,
  alive: () => void,
): Promise<Buffer> {
  const sum = createHash('md5');
  let filled = 0;
  for await (const chunk of body ?? []) {
    alive();
    const part = chunk as unknown as Uint8Array;
    if (filled + part.length > bytes.length) throw unreadableAnswer();
    bytes.set(part, filled);
    sum.update(part);
    filled += part.length;
  }
  if (filled < bytes.length) throw unreadableAnswer();
  return sum.digest();
}

interface Range {
  readonly blob: BlobFacts;
  readonly offset: number;
  readonly bytes: number;
}

async function readRange(
  client: ContainerClient,
  { blob, offset, bytes }: Range,
  silenceSeconds: number,
): Promise<Uint8Array> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), silenceSeconds * 1_000);
  try {
    const answer = await client.getBlobClient(blob.name).download(offset, bytes, {
      abortSignal: limit.signal,
      conditions: { ifMatch: `"${bare(blob.etag)}"` },
      // One that broke off is asked for again by who wanted it, who knows for how long that makes sense.
      maxRetryRequests: 0,
      ...(bytes <= summedBytes ? { rangeGetContentMD5: true } : {}),
    });
    if (answer.etag !== undefined && bare(answer.etag) !== bare(blob.etag)) throw changed(blob);
    const range = Buffer.allocUnsafeSlow(bytes);
    const sum = await fill(answer.readableStreamBody, range, () => timer.refresh());
    if (answer.contentMD5 !== undefined && bytes <= summedBytes && !sum.equals(answer.contentMD5))
      throw unreadableAnswer();
    return range;
  } finally {
    clearTimeout(timer);
  }
}

/** A connection that carries nothing for the timeout of the settings counts as broken; a slow one does not. */
export function createBlobParts(settings: ArmSettings, endpointOf: BlobEndpointOf): BlobParts {
  const clients = new Map<string, Promise<ContainerClient>>();
  const clientOf = (endpoint: string, container: string): Promise<ContainerClient> => {
    const key = `${endpoint} ${container}`;
    const known = clients.get(key) ?? containerClient(settings, endpoint, container);
    clients.set(key, known);
    return known;
  };
  return {
    read: async (account, container, blob, offset, count) => {
      const bytes = Math.min(count, blob.bytes - offset);
      if (bytes <= 0) return new Uint8Array();
      const client = await clientOf(endpointOf(account), container);
      try {
        return await readRange(client, { blob, offset, bytes }, settings.timeoutSeconds);
      } catch (error) {
        throw await failureOf(client, account, blob, error);
      }
    },
  };
}

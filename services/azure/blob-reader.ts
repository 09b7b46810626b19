/** Blobs of a container: their names and sizes, and how one begins. Read with the product's own identity. */
import { DeskError, problem, withVendor } from '../restore/errors';
import type { AccountFacts, BlobFacts } from '../restore/vaults';
import type { ArmSettings } from './arm';
import { faultOf, isNotFound, isRestError, readFailure } from './errors';

/** Where the blobs of an account are reached; Azure's own address unless said otherwise. */
export type BlobEndpointOf = (account: AccountFacts) => string;

/** Of every client that reaches blobs. */
export const blobOptions = (timeoutSeconds: number) => ({
  retryOptions: {
    maxTries: 3,
    tryTimeoutInMs: timeoutSeconds * 1_000,
    retryDelayInMs: 300,
    maxRetryDelayInMs: 2_000,
  },
  // Whoever says that the blobs have moved does not get our token.
  redirectOptions: { maxRetries: 0 },
  userAgentOptions: { userAgentPrefix: 'restore-desk' },
});

/** Loaded when it is needed for the first time: most processes never look into a container, and all have to start. */
export async function containerClient(
  { credential, timeoutSeconds }: ArmSettings,
  endpoint: string,
  container: string,
) {
  const { BlobServiceClient } = await import('@azure/storage-blob');
  const url = endpoint.replace(/\/*$/, '/');
  return new BlobServiceClient(url, credential, blobOptions(timeoutSeconds)).getContainerClient(container);
}

const statusOf = (error: unknown): number | undefined => (isRestError(error) ? error.statusCode : undefined);

/** What a failed read of blobs means, told of the account that they are in. */
export function blobFailure(account: AccountFacts, error: unknown): DeskError {
  if (statusOf(error) !== 403 || !isRestError(error)) return readFailure(error);
  const forbidden = problem('AZURE_BLOBS_FORBIDDEN', { account: account.name });
  return new DeskError(withVendor(forbidden, faultOf(error).code, undefined), error);
}

/** What is not there is `nothing`; whatever else goes wrong becomes a problem of the catalogue. */
async function readingBlobs<T>(account: AccountFacts, nothing: T, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    // 416: a range of something that has no bytes at all.
    if (isNotFound(error) || statusOf(error) === 416) return nothing;
    throw blobFailure(account, error);
  }
}

async function bytesOf(stream: NodeJS.ReadableStream | undefined, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream ?? []) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks).subarray(0, most);
}

export interface BlobReader {
  blobs(account: AccountFacts, container: string, prefix: string): Promise<readonly BlobFacts[]>;
  beginning(account: AccountFacts, container: string, blob: string, bytes: number): Promise<string>;
}

export function createBlobReader(settings: ArmSettings, endpointOf: BlobEndpointOf): BlobReader {
  const clientOf = (account: AccountFacts, container: string) =>
    containerClient(settings, endpointOf(account), container);
  return {
    blobs: (account, container, prefix) =>
      readingBlobs(account, [], async () => {
        const found: BlobFacts[] = [];
        const client = await clientOf(account, container);
        for await (const { name, properties } of client.listBlobsFlat(prefix === '' ? {} : { prefix }))
          found.push({ name, bytes: properties.contentLength ?? 0, etag: properties.etag });
        return found;
      }),
    beginning: (account, container, blob, bytes) =>
      readingBlobs(account, '', async () => {
        const client = (await clientOf(account, container)).getBlobClient(blob);
        const { readableStreamBody } = await client.download(0, bytes);
        return (await bytesOf(readableStreamBody, bytes)).toString('latin1');
      }),
  };
}

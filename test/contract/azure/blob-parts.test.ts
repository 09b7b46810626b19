/** Parts of blobs, from the product's adapter, as the wire of the blob service has them. */
import { createHash } from 'node:crypto';
import { createBlobParts } from '../../../services/azure/blob-parts';
import type { AccountFacts, BlobFacts } from '../../../services/restore/vaults';
import { codeOf } from './adapter-stage';
import { failing, startVaultWire, subscriptionId, type VaultWire } from './vault-wire';

let wire: VaultWire;
beforeAll(async () => {
  wire = await startVaultWire();
});
afterAll(() => wire.end());
beforeEach(() => wire.clear());

const account: AccountFacts = {
  ...{ id: 'x', name: 'shoprestores', subscriptionId, resourceGroup: 'rg-shop', location: 'canadacentral' },
  ...{ blobEndpoint: 'https://nowhere/', allowsCrossTenantReplication: true, keepsAzureOut: false },
  containers: ['restores'],
};
const blob: BlobFacts = { name: 'r1/a.sql', bytes: 12, etag: '0x8D1' };
const path = /^\/shoprestores\/restores\/r1\/a\.sql$/;
const read = (offset: number, count: number, timeoutSeconds = 5): Promise<Uint8Array> =>
  createBlobParts({ ...wire.settings, timeoutSeconds }, ({ name }) => `${wire.url}/${name}`).read(
    ...[account, 'restores', blob, offset, count],
  );
const md5 = (text: string): string => createHash('md5').update(text).digest('base64');
const bytes = (body: string, headers: Record<string, string> = {}) => ({
  ...{ status: 206, body },
  headers: {
    ...{ 'content-type': 'application/octet-stream', 'content-length': String(body.length), etag: '"0x8D1"' },
    ...headers,
  },
});

test('are asked for by range, under the ETag that was pinned, with a sum', async () => {
  wire.on('GET', path, bytes('llo', { 'content-md5': md5('llo') }));
  expect(Buffer.from(await read(2, 3)).toString()).toBe('llo');
  expect(wire.heard[0]?.headers).toMatchObject({
    ...{ 'x-ms-range': 'bytes=2-4', 'if-match': '"0x8D1"', 'x-ms-range-get-content-md5': 'true' },
    authorization: `Bearer ${Buffer.from('https://storage.azure.com/.default').toString('base64')}`,
  });
});

test('end where the blob ends, and beyond it there is nothing to ask for', async () => {
  wire.on('GET', path, bytes('cd'));
  expect(Buffer.from(await read(10, 100)).toString()).toBe('cd');
  expect(wire.heard[0]?.headers).toMatchObject({ 'x-ms-range': 'bytes=10-11' });
  expect(await read(12, 5)).toHaveLength(0);
  expect(wire.heard).toHaveLength(1);
});

test.each([
  ['fewer bytes than were asked for', bytes('ll')],
  ['more bytes than were asked for', bytes('llo!')],
  ['bytes with another sum', bytes('llo', { 'content-md5': md5('other') })],
  ['an answer that is cut off', 'truncate' as const],
  ['an answer that stands still', 'stall' as const],
])('%s are no answer', async (_, answer) => {
  wire.on('GET', path, answer);
  expect(await codeOf(read(2, 3, 0.3))).toBe('AZURE_UNREACHABLE');
});

test('of a blob that was written anew, was deleted, or is not ours to read, are refused by name', async () => {
  wire.on('HEAD', path, { status: 200 });
  wire.on('GET', path, failing(412, 'ConditionNotMet'));
  expect(await codeOf(read(2, 3))).toBe('BLOB_CHANGED');
  wire.on('GET', path, bytes('llo', { etag: '"0x8D2"' }));
  expect(await codeOf(read(2, 3))).toBe('BLOB_CHANGED');
  wire.on('GET', path, failing(404, 'BlobNotFound'));
  expect(await codeOf(read(2, 3))).toBe('BLOB_GONE');
  wire.on('HEAD', path, { status: 404, headers: { 'x-ms-error-code': 'BlobNotFound' } });
  wire.on('GET', path, failing(412, 'ConditionNotMet'));
  expect(await codeOf(read(2, 3))).toBe('BLOB_GONE');
  wire.on('GET', path, failing(403, 'AuthorizationPermissionMismatch'));
  expect(await codeOf(read(2, 3))).toBe('AZURE_BLOBS_FORBIDDEN');
});

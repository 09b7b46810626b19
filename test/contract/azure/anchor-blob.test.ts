/** Heads of the journal at the end of append blobs, in a real blob service. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppendBlobClient, ContainerClient } from '@azure/storage-blob';
import { createBlobAnchor } from '../../../services/azure/anchor-blob';
import { readAnchors } from '../../../services/restore/evidence-anchors';
import { startTestBlobService, type TestBlobService } from '../../fixtures/blob-service';
import { trustLocalCa } from '../../fakes/trust-local-ca';
import { codeOf } from './adapter-stage';
import type { AnchorLine } from '../../../services/restore/evidence-ports';

jest.setTimeout(60_000);
let service: TestBlobService;
beforeAll(async () => {
  service = await startTestBlobService();
  trustLocalCa(service.tls.ca);
});
afterAll(() => service?.end());

const settings = () => ({ credential: service.credential, timeoutSeconds: 10 });
const place = (folder: string): string =>
  `${service.url}/${service.account.name}/${service.container}/${folder}`;
const line = (seq: number, day = '2026-11-19'): AnchorLine => ({
  ...{ seq, at: `${day}T13:00:00.000Z`, hash: 'a'.repeat(64), keyId: 'b'.repeat(32) },
  ...{ signature: 'c', writtenAt: `${day}T13:01:00.000Z` },
});

async function written(folder: string, day = '2026-11-19') {
  const file = join(service.folder, 'read.jsonl');
  const blob = new AppendBlobClient(`${place(folder)}/anchors-${day}.jsonl`, service.credential);
  await blob.downloadToFile(file);
  return readAnchors(readFileSync(file, 'utf8')).map(({ anchor }) => anchor);
}

test('each line goes to the end of the blob of its day, and nothing before it changes', async () => {
  const anchor = createBlobAnchor(settings(), place('heads'));
  await anchor.write(line(1));
  await anchor.write(line(5));
  await anchor.write(line(9, '2026-11-20'));
  expect(await written('heads')).toEqual([line(1), line(5)]);
  expect(await written('heads', '2026-11-20')).toEqual([line(9, '2026-11-20')]);
  const container = new ContainerClient(
    `${service.url}/${service.account.name}/${service.container}`,
    service.credential,
  );
  const kinds: (string | undefined)[] = [];
  for await (const { properties } of container.listBlobsFlat({ prefix: 'heads/' }))
    kinds.push(properties.blobType);
  expect(kinds).toEqual(['AppendBlob', 'AppendBlob']);
});

test('of two that write at once neither writes over the other: both stand there, or one is told no', async () => {
  const write = (seq: number) => createBlobAnchor(settings(), place('races')).write(line(seq));
  const outcomes = await Promise.allSettled([write(1), write(2), write(3)]);
  const done = outcomes.filter(({ status }) => status === 'fulfilled').length;
  expect(done).toBeGreaterThan(0);
  expect(await written('races')).toHaveLength(done);
});

test('a place that is not there, and a service that does not answer, are told', async () => {
  const missing = `${service.url}/${service.account.name}/no-such-container`;
  expect(await codeOf(createBlobAnchor(settings(), missing).write(line(1)))).toMatch(/^AZURE_/);
  const silent = { ...settings(), timeoutSeconds: 1 };
  expect(await codeOf(createBlobAnchor(silent, 'https://127.0.0.1:9/x/y').write(line(1)))).toBe(
    'AZURE_UNREACHABLE',
  );
});

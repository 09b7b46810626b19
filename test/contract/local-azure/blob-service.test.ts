/** Local Azure beside a blob service that somebody else runs, as the supervisor does: it waits for it, and mends it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { blobServiceArguments, blobServiceEnvironment } from '../../../infra/local/blob-service';
import { ensureCertificates } from '../../../infra/local/certificates';
import { freePorts, repositoryDir, start, until, type Started } from '../../fixtures/supervisor/processes';
import { arm, rgShop } from './arm-client';
import { startTestAzure, type TestAzure } from './start-local-azure';

jest.setTimeout(180_000);
let stateDir: string;
let ports: number[];
let startService: () => Started;
let azure: TestAzure | undefined;
const running: Started[] = [];

beforeAll(async () => {
  stateDir = mkdtempSync(join(tmpdir(), 'restore-desk-blobs-'));
  ports = await freePorts(40);
  const { certFile, keyFile } = await ensureCertificates(stateDir);
  const env = await blobServiceEnvironment(stateDir);
  startService = () => {
    const place = { repositoryDir, stateDir, port: Number(ports[2]), certFile, keyFile };
    const started = start([process.execPath, ...blobServiceArguments(place)], env);
    running.push(started);
    return started;
  };
});
afterAll(async () => {
  await azure?.remove();
  for (const { process: child, exited } of running) {
    child.kill('SIGKILL');
    await exited;
  }
  rmSync(stateDir, { recursive: true, force: true });
});

async function waitingFor(): Promise<readonly string[]> {
  const response = await fetch(`http://127.0.0.1:${ports[0]}/local/ready`);
  return ((await response.json()) as { waitingFor?: string[] }).waitingFor ?? [];
}

test('is not ready before the service answers, and makes the containers again that a killed service forgot', async () => {
  const starting = startTestAzure({
    LOCAL_STATE_DIR: stateDir,
    LOCAL_AZURE_HTTP_PORT: String(ports[0]),
    LOCAL_AZURE_HTTPS_PORT: String(ports[1]),
    LOCAL_BLOB_PORT: String(ports[2]),
    LOCAL_SERVERS_PORT: String(ports[3]),
    LOCAL_HISTORY_SECONDS: '120',
  });
  await until(
    'only the blobs are missing',
    async () => (await waitingFor().catch(() => [])).toSorted().join() === 'blobs,servers',
    100,
  );
  const first = startService();
  const started = await starting;
  azure = started;
  const container = `${rgShop}/providers/Microsoft.Storage/storageAccounts/shoprestores/blobServices/default/containers/made-late`;
  const statuses = async (): Promise<string> => {
    const ask = (name: string) => started.control('GET', `/blobs?account=shoprestores&container=${name}`);
    return `${(await ask('restores')).status} ${(await ask('made-late')).status}`;
  };
  expect((await arm(started, 'PUT', container, { body: {}, version: '2023-05-01' })).status).toBe(201);
  expect(await statuses()).toBe('200 200');

  first.process.kill('SIGKILL');
  await first.exited;
  expect(await statuses()).toBe('503 503');
  const away = await arm(started, 'GET', container, { version: '2023-05-01' });
  expect([away.status, away.body.error.code]).toEqual([503, 'ServiceUnavailable']);
  // More than a kill would lose: everything.
  rmSync(join(stateDir, 'blobs'), { recursive: true });
  startService();
  await until('the containers are there again', async () => (await statuses()) === '200 200', 60);
});

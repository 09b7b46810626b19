/** P3, the part of server operations: what it takes to follow a hundred restores, against one poller for each. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ensureCertificates } from '../../infra/local/certificates';
import { createReadPace } from '../../services/azure/read-pace';
import { createRestoreOrders } from '../../services/azure/restore-orders';
import { trustLocalCa } from '../fakes/trust-local-ca';
import { operationPathOf, serverIdOf, startArmStub, type ArmStub, type MadeServer } from './arm-stub';
import type { Figure } from './figures';

const operations = 100;
/** Servers of the subscription that nothing happens to; they make the list longer. */
const others = 20;
const pageSize = 100;
const retryAfterMillis = 500;
/** The operations end evenly between these. */
const [firstEndMillis, lastEndMillis] = [20_000, 32_000];

const [shared, single] = ['aaaaaaaa-1111-4111-8111-111111111111', 'bbbbbbbb-2222-4222-8222-222222222222'];

/** Asks once; the milliseconds until the next time, or undefined when the operation has ended. */
type Poll = (server: MadeServer) => Promise<number | undefined>;

/** Follows all to their end; how long each end took to be seen, in milliseconds. */
async function follow(servers: readonly MadeServer[], poll: Poll): Promise<number[]> {
  return Promise.all(
    servers.map(async (server, index) => {
      await pause((index / servers.length) * retryAfterMillis);
      for (;;) {
        const waitMillis = await poll(server);
        if (waitMillis === undefined) return performance.now() - server.readyAt;
        await pause(waitMillis);
      }
    }),
  );
}

function sharedPoll(stub: ArmStub): Poll {
  const orders = createRestoreOrders({
    credential: { getToken: async () => ({ token: 'bench', expiresOnTimestamp: Date.now() + 3_600_000 }) },
    endpoint: stub.url,
    subscriptionIds: [shared],
    timeoutSeconds: 10,
    pace: createReadPace(),
  });
  return async ({ name }) => {
    const status = await orders.poll(`${stub.url}${operationPathOf(shared, name)}`, serverIdOf(shared, name));
    if (status.kind === 'running') return status.retryAfterSeconds * 1_000;
    if (status.kind === 'succeeded') return undefined;
    throw new Error(`The operation of ${name} ended as ${status.kind}.`);
  };
}

/** What a client does that knows of one operation only: asks its address as often as it is told to. */
function singlePoll(stub: ArmStub, ca: string): Poll {
  const agent = new Agent({ keepAlive: true, ca });
  const ask = (name: string): Promise<{ status: string; waitMillis: number }> =>
    new Promise((resolve, reject) => {
      get(`${stub.url}${operationPathOf(single, name)}`, { agent }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () => {
          const { status } = JSON.parse(Buffer.concat(chunks).toString()) as { status: string };
          resolve({ status, waitMillis: Number(response.headers['x-ms-retry-after-ms']) });
        });
      }).once('error', reject);
    });
  return async ({ name }) => {
    const { status, waitMillis } = await ask(name);
    return status === 'InProgress' ? waitMillis : undefined;
  };
}

/** The most of these moments that any second holds. */
function busiestSecond(moments: readonly number[]): number {
  const counts = moments.map((from) => moments.filter((at) => at >= from && at < from + 1_000).length);
  return Math.max(0, ...counts);
}

function figures(stub: ArmStub, staleness: readonly number[]): Figure[] {
  const [few, many] = [stub.reads(shared), stub.reads(single)];
  const fewer = many.length / few.length;
  const peak = busiestSecond(few);
  const worst = Math.max(...staleness) / retryAfterMillis;
  return [
    {
      id: 'P3',
      what: 'Reads of 100 running server operations, one poller each over ours',
      measured: `${fewer.toFixed(0)}x fewer (${few.length} instead of ${many.length})`,
      target: '>= 20x',
      met: fewer >= 20,
    },
    {
      id: 'P3',
      what: 'Reads of server operations in the busiest second',
      measured: `${peak} (one poller each: ${busiestSecond(many)})`,
      target: '<= 25',
      met: peak <= 25,
    },
    {
      id: 'P3',
      what: 'End of a server operation until it is seen, at worst, in Retry-Afters',
      measured: worst.toFixed(2),
      target: '<= 2',
      met: worst <= 2,
    },
  ];
}

export async function trackedOperations(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'restore-desk-bench-arm-'));
  const { caFile, certFile, keyFile } = await ensureCertificates(folder);
  const [ca, cert, key] = [caFile, certFile, keyFile].map((file) => readFileSync(file, 'utf8'));
  trustLocalCa(ca ?? '');
  const startedAt = performance.now();
  const made = Array.from({ length: operations }, (_, index) => ({
    name: `restored-${index}`,
    readyAt: startedAt + firstEndMillis + ((lastEndMillis - firstEndMillis) * index) / (operations - 1),
  }));
  const idle = Array.from({ length: others }, (_, index) => ({ name: `other-${index}`, readyAt: 0 }));
  const stub = await startArmStub({
    tls: { cert: cert ?? '', key: key ?? '' },
    servers: [...made, ...idle],
    ...{ pageSize, retryAfterMillis },
  });
  try {
    const [staleness] = await Promise.all([
      follow(made, sharedPoll(stub)),
      follow(made, singlePoll(stub, ca ?? '')),
    ]);
    return figures(stub, staleness);
  } finally {
    await stub.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

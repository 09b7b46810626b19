/** P3: what it takes to follow 500 vault jobs and a hundred restores of servers, against one poller for each. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ensureCertificates } from '../../infra/local/certificates';
import type { ArmSettings } from '../../services/azure/arm';
import { createReadPace } from '../../services/azure/read-pace';
import { createRestoreOrders } from '../../services/azure/restore-orders';
import { createVaultOrders } from '../../services/azure/vault-orders';
import { trustLocalCa } from '../fakes/trust-local-ca';
import {
  jobPathOf,
  operationPathOf,
  serverIdOf,
  startArmStub,
  vaultIdOf,
  type ArmStub,
  type MadeServer,
  type VaultJob,
} from './arm-stub';
import type { Figure } from './figures';

const operations = 100;
const vaults = 5;
const jobsOfVault = 100;
/** Servers of the subscription and old jobs of each vault that nothing happens to; they make the lists longer. */
const others = 20;
const pageSize = 100;
const retryAfterMillis = 1_000;
/** Everything ends evenly between these, counted from the start of its following. */
const [firstEndMillis, lastEndMillis] = [30_000, 45_000];

const [shared, single] = ['aaaaaaaa-1111-4111-8111-111111111111', 'bbbbbbbb-2222-4222-8222-222222222222'];

/** Something that ends at a monotonic moment, and a way to ask about it. */
interface Running {
  readonly endsAt: number;
  /** Asks once; the milliseconds until the next time, or undefined when it has ended. */
  readonly poll: () => Promise<number | undefined>;
}

/** Follows all to their end; how long each end took to be seen, in milliseconds. */
async function follow(all: readonly Running[]): Promise<number[]> {
  return Promise.all(
    all.map(async ({ endsAt, poll }, index) => {
      await pause((index / all.length) * retryAfterMillis);
      for (;;) {
        const waitMillis = await poll();
        if (waitMillis === undefined) return performance.now() - endsAt;
        await pause(waitMillis);
      }
    }),
  );
}

interface Work {
  readonly servers: readonly MadeServer[];
  readonly jobs: readonly VaultJob[];
}

const evenly = (index: number, count: number): number =>
  performance.now() + firstEndMillis + ((lastEndMillis - firstEndMillis) * index) / (count - 1);

const jobIdOf = (vault: number, index: number): string =>
  `00000000-0000-4000-8000-${String(vault * 1_000 + index).padStart(12, '0')}`;

const newWork = (): Work => ({
  servers: Array.from({ length: operations }, (_, index) => ({
    ...{ name: `restored-${index}`, readyAt: evenly(index, operations) },
  })),
  jobs: Array.from({ length: vaults * jobsOfVault }, (_, index) => ({
    vault: `vault-${index % vaults}`,
    id: jobIdOf(index % vaults, Math.floor(index / vaults)),
    endsAt: evenly(index, vaults * jobsOfVault),
  })),
});

const idleServers = Array.from({ length: others }, (_, index) => ({ name: `other-${index}`, readyAt: 0 }));
const oldJobs = Array.from({ length: others * vaults }, (_, index) => ({
  ...{ vault: `vault-${index % vaults}`, id: jobIdOf(index % vaults, jobsOfVault + index), endsAt: 0 },
}));

/** The product's own following, with one pace for everything that it reads. */
function ours(url: string, { servers, jobs }: Work): { servers: Running[]; jobs: Running[] } {
  const settings: ArmSettings = {
    credential: { getToken: async () => ({ token: 'bench', expiresOnTimestamp: Date.now() + 3_600_000 }) },
    endpoint: url,
    subscriptionIds: [shared],
    timeoutSeconds: 10,
    pace: createReadPace(),
  };
  const [orders, vaultOrders] = [createRestoreOrders(settings), createVaultOrders(settings)];
  const pollServer = async (name: string): Promise<number | undefined> => {
    const status = await orders.poll(`${url}${operationPathOf(shared, name)}`, serverIdOf(shared, name));
    if (status.kind === 'running') return status.retryAfterSeconds * 1_000;
    if (status.kind === 'succeeded') return undefined;
    throw new Error(`The operation of ${name} ended as ${status.kind}.`);
  };
  const pollJob = async ({ vault, id }: VaultJob): Promise<number | undefined> => {
    const place = { vaultId: vaultIdOf(shared, vault), vaultLocation: 'westeurope' };
    const job = await vaultOrders.job(place, id);
    if (!job) throw new Error(`The job ${id} is not known.`);
    return job.status === 'running' ? retryAfterMillis : undefined;
  };
  return {
    servers: servers.map(({ name, readyAt }) => ({ endsAt: readyAt, poll: () => pollServer(name) })),
    jobs: jobs.map((job) => ({ endsAt: job.endsAt, poll: () => pollJob(job) })),
  };
}

interface Told {
  readonly status?: string;
  readonly properties?: { readonly status?: string };
}

/** What a client does that knows of one thing only: asks its address as often as it is told to. */
function onePollerEach(url: string, ca: string, { servers, jobs }: Work): Running[] {
  const agent = new Agent({ keepAlive: true, ca });
  const ask = (path: string): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      get(`${url}${path}`, { agent }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () => {
          const { status, properties } = JSON.parse(Buffer.concat(chunks).toString()) as Told;
          const isRunning = (properties?.status ?? status) === 'InProgress';
          resolve(isRunning ? Number(response.headers['x-ms-retry-after-ms']) : undefined);
        });
      }).once('error', reject);
    });
  return [
    ...servers.map(({ name, readyAt }) => ({
      ...{ endsAt: readyAt, poll: () => ask(operationPathOf(single, name)) },
    })),
    ...jobs.map((job) => ({ endsAt: job.endsAt, poll: () => ask(jobPathOf(single, job)) })),
  ];
}

/** The most of these moments, which come in their order, that any second holds. */
function busiestSecond(moments: readonly number[]): number {
  let first = 0;
  let most = 0;
  moments.forEach((at, index) => {
    while ((moments[first] ?? at) <= at - 1_000) first++;
    most = Math.max(most, index - first + 1);
  });
  return most;
}

interface Staleness {
  readonly servers: readonly number[];
  readonly jobs: readonly number[];
}

const staleFigure = (what: string, millis: readonly number[]): Figure => {
  const worst = Math.max(...millis) / retryAfterMillis;
  return {
    id: 'P3',
    what: `End of a ${what} until it is seen, at worst, in Retry-Afters`,
    measured: worst.toFixed(2),
    target: '<= 2',
    met: worst <= 2,
  };
};

function figures(few: readonly number[], many: readonly number[], { servers, jobs }: Staleness): Figure[] {
  const fewer = many.length / few.length;
  const peak = busiestSecond(few);
  return [
    {
      id: 'P3',
      what: 'Reads of 500 vault jobs and 100 server operations, one poller each over ours',
      measured: `${fewer.toFixed(0)}x fewer (${few.length} instead of ${many.length})`,
      target: '>= 20x',
      met: fewer >= 20,
    },
    {
      id: 'P3',
      what: 'Reads of jobs and operations in the busiest second',
      measured: `${peak} (one poller each: ${busiestSecond(many)})`,
      target: '<= 25',
      met: peak <= 25,
    },
    staleFigure('server operation', servers),
    staleFigure('vault job', jobs),
  ];
}

/** Runs one way of following against a stub of its own, so that neither makes the other late. */
async function withStub<T>(
  tls: { readonly cert: string; readonly key: string },
  run: (stub: ArmStub, work: Work) => Promise<T>,
): Promise<T> {
  const work = newWork();
  const stub = await startArmStub({
    ...{ tls, pageSize, retryAfterMillis },
    servers: [...work.servers, ...idleServers],
    jobs: [...work.jobs, ...oldJobs],
  });
  try {
    return await run(stub, work);
  } finally {
    await stub.close();
  }
}

export async function trackedOperations(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'restore-desk-bench-arm-'));
  const { caFile, certFile, keyFile } = await ensureCertificates(folder);
  const [ca = '', cert = '', key = ''] = [caFile, certFile, keyFile].map((file) =>
    readFileSync(file, 'utf8'),
  );
  trustLocalCa(ca);
  try {
    const { few, stale } = await withStub({ cert, key }, async (stub, work) => {
      const running = ours(stub.url, work);
      const [servers, jobs] = await Promise.all([follow(running.servers), follow(running.jobs)]);
      return { few: stub.reads(shared), stale: { servers, jobs } };
    });
    const many = await withStub({ cert, key }, async (stub, work) => {
      await follow(onePollerEach(stub.url, ca, work));
      return stub.reads(single);
    });
    return figures(few, many, stale);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

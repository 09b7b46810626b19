/**
 * An Azure in which many servers are being made and many vault jobs run, each for its own time; every read is counted by
 * subscription.
 */
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface ArmStub {
  readonly url: string;
  /** Monotonic milliseconds at which each read of the subscription came in. */
  reads(subscriptionId: string): readonly number[];
  close(): Promise<void>;
}

export interface MadeServer {
  readonly name: string;
  /** Monotonic milliseconds; until then the server is Provisioning and its operation InProgress. */
  readonly readyAt: number;
}

export interface VaultJob {
  readonly vault: string;
  readonly id: string;
  /** Monotonic milliseconds; until then it is InProgress. */
  readonly endsAt: number;
}

export interface ArmStubOptions {
  readonly tls: { readonly cert: string; readonly key: string };
  readonly servers: readonly MadeServer[];
  readonly jobs: readonly VaultJob[];
  readonly pageSize: number;
  readonly retryAfterMillis: number;
}

export const serverIdOf = (subscriptionId: string, name: string): string =>
  `/subscriptions/${subscriptionId}/resourceGroups/rg-bench/providers/Microsoft.DBforPostgreSQL/flexibleServers/${name}`;

export const operationPathOf = (subscriptionId: string, name: string): string =>
  `/subscriptions/${subscriptionId}/providers/Microsoft.DBforPostgreSQL/locations/westeurope/azureAsyncOperation/${name}?api-version=2025-08-01`;

export const vaultIdOf = (subscriptionId: string, vault: string): string =>
  `/subscriptions/${subscriptionId}/resourceGroups/rg-bench/providers/Microsoft.DataProtection/backupVaults/${vault}`;

export const jobPathOf = (subscriptionId: string, { vault, id }: VaultJob): string =>
  `${vaultIdOf(subscriptionId, vault)}/backupJobs/${id}?api-version=2025-07-01`;

const listPattern = /^\/subscriptions\/[^/]+\/providers\/Microsoft\.DBforPostgreSQL\/flexibleServers$/;
const operationPattern = /\/azureAsyncOperation\/([^/]+)$/;
const jobsPattern = /\/backupVaults\/([^/]+)\/backupJobs(?:\/([^/]+))?$/;

function pageOf<T>(all: readonly T[], url: URL, pageSize: number, json: (item: T) => object): object {
  const from = Number(url.searchParams.get('$skiptoken') ?? 0);
  const value = all.slice(from, from + pageSize).map(json);
  if (from + pageSize >= all.length) return { value };
  const next = new URL(url);
  next.searchParams.set('$skiptoken', String(from + pageSize));
  return { value, nextLink: next.href };
}

const serverJson = (subscriptionId: string, { name, readyAt }: MadeServer): object => ({
  ...{ id: serverIdOf(subscriptionId, name), name, location: 'West Europe' },
  properties: { state: performance.now() < readyAt ? 'Provisioning' : 'Ready' },
});

const jobJson = (subscriptionId: string, job: VaultJob): object => ({
  ...{ id: new URL(jobPathOf(subscriptionId, job), 'https://x').pathname, name: job.id },
  properties: {
    ...{ operationCategory: 'Restore', dataSourceType: 'Microsoft.DBforPostgreSQL/flexibleServers' },
    status: performance.now() < job.endsAt ? 'InProgress' : 'Completed',
  },
});

function operation(name: string, { servers }: ArmStubOptions): object | undefined {
  const server = servers.find((known) => known.name === name);
  return server && { name, status: performance.now() < server.readyAt ? 'InProgress' : 'Succeeded' };
}

function answerTo(url: URL, subscriptionId: string, options: ArmStubOptions): object | undefined {
  const { pageSize, servers } = options;
  if (listPattern.test(url.pathname))
    return pageOf(servers, url, pageSize, (server) => serverJson(subscriptionId, server));
  const [, vault, id] = jobsPattern.exec(url.pathname) ?? [];
  if (vault === undefined) return operation(operationPattern.exec(url.pathname)?.[1] ?? '', options);
  const jobs = options.jobs.filter((job) => job.vault === vault);
  if (id === undefined) return pageOf(jobs, url, pageSize, (job) => jobJson(subscriptionId, job));
  const job = jobs.find((known) => known.id === id);
  return job && jobJson(subscriptionId, job);
}

export async function startArmStub(options: ArmStubOptions): Promise<ArmStub> {
  const counted = new Map<string, number[]>();
  const answers: RequestListener = (request, response) => {
    const url = new URL(request.url ?? '', `https://${request.headers.host ?? ''}`);
    const subscriptionId = url.pathname.split('/')[2] ?? '';
    const reads = counted.get(subscriptionId) ?? [];
    reads.push(performance.now());
    counted.set(subscriptionId, reads);
    const body = answerTo(url, subscriptionId, options);
    response.writeHead(body ? 200 : 404, {
      'content-type': 'application/json',
      'x-ms-retry-after-ms': String(options.retryAfterMillis),
    });
    response.end(JSON.stringify(body ?? {}));
  };
  const server = createServer(options.tls, answers);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    reads: (subscriptionId) => counted.get(subscriptionId) ?? [],
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

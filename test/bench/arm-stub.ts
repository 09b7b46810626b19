/** An Azure in which many servers are being made, each for its own time; every read is counted by subscription. */
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

export interface ArmStubOptions {
  readonly tls: { readonly cert: string; readonly key: string };
  readonly servers: readonly MadeServer[];
  readonly pageSize: number;
  readonly retryAfterMillis: number;
}

export const serverIdOf = (subscriptionId: string, name: string): string =>
  `/subscriptions/${subscriptionId}/resourceGroups/rg-bench/providers/Microsoft.DBforPostgreSQL/flexibleServers/${name}`;

export const operationPathOf = (subscriptionId: string, name: string): string =>
  `/subscriptions/${subscriptionId}/providers/Microsoft.DBforPostgreSQL/locations/westeurope/azureAsyncOperation/${name}?api-version=2025-08-01`;

const listPattern = /^\/subscriptions\/[^/]+\/providers\/Microsoft\.DBforPostgreSQL\/flexibleServers$/;
const operationPattern = /\/azureAsyncOperation\/([^/]+)$/;

function serverPage(url: URL, subscriptionId: string, { servers, pageSize }: ArmStubOptions): object {
  const from = Number(url.searchParams.get('$skiptoken') ?? 0);
  const now = performance.now();
  const value = servers.slice(from, from + pageSize).map(({ name, readyAt }) => ({
    ...{ id: serverIdOf(subscriptionId, name), name, location: 'West Europe' },
    properties: { state: now < readyAt ? 'Provisioning' : 'Ready' },
  }));
  if (from + pageSize >= servers.length) return { value };
  const next = new URL(url);
  next.searchParams.set('$skiptoken', String(from + pageSize));
  return { value, nextLink: next.href };
}

function operation(name: string, { servers }: ArmStubOptions): object | undefined {
  const server = servers.find((known) => known.name === name);
  return server && { name, status: performance.now() < server.readyAt ? 'InProgress' : 'Succeeded' };
}

export async function startArmStub(options: ArmStubOptions): Promise<ArmStub> {
  const counted = new Map<string, number[]>();
  const answers: RequestListener = (request, response) => {
    const url = new URL(request.url ?? '', `https://${request.headers.host ?? ''}`);
    const subscriptionId = url.pathname.split('/')[2] ?? '';
    counted.set(subscriptionId, [...(counted.get(subscriptionId) ?? []), performance.now()]);
    const asked = operationPattern.exec(url.pathname)?.[1];
    const body = listPattern.test(url.pathname)
      ? serverPage(url, subscriptionId, options)
      : operation(asked ?? '', options);
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

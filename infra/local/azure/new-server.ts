/** What every accepted PUT of a new server has in common, whatever the server is made from. */
import { randomUUID } from 'node:crypto';
import type { ArmCall } from './arm-route';
import { part } from './json-parts';
import type { ServerRecord } from './model';

export interface NewServer {
  readonly server: ServerRecord;
  readonly operation: string;
  readonly work: { readonly kind: string; readonly server: string; readonly [detail: string]: unknown };
}

export type ServerBase = Omit<
  ServerRecord,
  'administratorLogin' | 'administratorPassword' | 'superuserPassword' | 'shape'
>;

/** How long a just accepted server stays invisible, in Azure's seconds. */
const invisibleAzureSeconds = 60;

export function serverBase(call: ArmCall, name: string, location: string, timeScale: number): ServerBase {
  const nowMs = Date.now();
  const tags = Object.entries(part(call.body, 'tags')).map(([key, value]) => [key, String(value)] as const);
  return {
    name,
    folder: `${name.toLowerCase()}-${randomUUID().slice(0, 8)}`,
    subscriptionId: (call.params['subscriptionId'] ?? '').toLowerCase(),
    resourceGroup: call.params['resourceGroup'] ?? '',
    location,
    createdAt: new Date(nowMs).toISOString(),
    visibleAtMs: nowMs + (invisibleAzureSeconds * 1000) / timeScale,
    tags: Object.fromEntries(tags),
    state: 'Provisioning',
    port: 0,
    backups: [],
    firewallRules: [],
  };
}

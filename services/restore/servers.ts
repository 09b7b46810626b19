/** What the desk knows of a flexible server. Times are instants in UTC, ids are full ARM ids. */
import { distance } from './name-distance';
import type { Instant } from './instant';

export type Network =
  | { readonly kind: 'public' }
  | { readonly kind: 'private'; readonly delegatedSubnetId: string; readonly privateDnsZoneId?: string };

export interface ServerFacts {
  readonly id: string;
  readonly name: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  /** Normalised region, for example canadacentral. */
  readonly location: string;
  readonly state: string;
  readonly version: string;
  readonly sku: string;
  readonly storageGb: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly network: Network;
  readonly geoRedundantBackup: boolean;
  readonly retentionDays: number;
  /** Absent until the first backup is complete. */
  readonly earliestRestoreAt?: Instant;
  readonly createdAt?: Instant;
  readonly hostName?: string;
}

/** Where a server is really reached; its own name on port 5432 unless the configuration maps it elsewhere. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

export interface BackupFacts {
  readonly name: string;
  readonly kind: 'automatic' | 'on-demand';
  readonly completedAt: Instant;
}

export type NameCheck =
  | { readonly kind: 'free' }
  | { readonly kind: 'taken' }
  | { readonly kind: 'invalid'; readonly message: string };

export type SourceMatch =
  | { readonly kind: 'one'; readonly server: ServerFacts }
  | { readonly kind: 'several'; readonly names: readonly string[] }
  | { readonly kind: 'none'; readonly nearest: readonly string[] };

/** Finds a server by full id, name or unique prefix; otherwise says what was nearest. */
export function matchServer(asked: string, servers: readonly ServerFacts[]): SourceMatch {
  const wanted = asked.trim().toLowerCase();
  const exact = servers.filter(
    (server) => server.id.toLowerCase() === wanted || server.name.toLowerCase() === wanted,
  );
  const found =
    exact.length > 0
      ? exact
      : servers.filter((server) => wanted !== '' && server.name.toLowerCase().startsWith(wanted));
  const [only, ...others] = found;
  if (only && others.length === 0) return { kind: 'one', server: only };
  if (only) return { kind: 'several', names: found.map((server) => server.name).slice(0, 5) };
  return {
    kind: 'none',
    nearest: nearestNames(
      wanted,
      servers.map((server) => server.name),
    ),
  };
}

/** At most three names that a person could have meant, nearest first. */
export function nearestNames(wanted: string, names: readonly string[]): string[] {
  return [...new Set(names)]
    .map((name) => ({ name, far: distance(wanted, name.toLowerCase()) }))
    .filter(({ name, far }) => far <= Math.max(2, Math.floor(name.length / 2)))
    .sort((a, b) => a.far - b.far || a.name.localeCompare(b.name))
    .slice(0, 3)
    .map(({ name }) => name);
}

const targetNamePattern = /^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$/;

/** Azure's rule for server names: 3 to 63 lower-case letters, digits and single inner hyphens. */
export const isServerName = (name: string): boolean => targetNamePattern.test(name);

/** `orders-pg` -> `orders-pg-r1` -> `orders-pg-r2`, kept within 63 characters. */
export function nextName(name: string): string {
  const numbered = /^(.*)-r(\d+)$/.exec(name);
  const stem = numbered?.[1] ?? name;
  const suffix = `-r${Number(numbered?.[2] ?? 0) + 1}`;
  return `${stem.slice(0, 63 - suffix.length).replace(/-+$/, '')}${suffix}`;
}

/** The ARM id that a target will have; fixed in the plan, so that a repeated order always names the same thing. */
export const serverId = (subscriptionId: string, resourceGroup: string, name: string): string =>
  `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.DBforPostgreSQL/flexibleServers/${name}`;

/** What the desk knows of a flexible server. Times are instants in UTC, ids are full ARM ids. */
import { distance } from './name-distance';
import type { Instant } from './instant';

export type Network =
  | { readonly kind: 'public' }
  | { readonly kind: 'private'; readonly delegatedSubnetId: string; readonly privateDnsZoneId?: string };

export type StorageType = 'Premium_LRS' | 'PremiumV2_LRS' | 'UltraSSD_LRS';
export type HighAvailability = 'SameZone' | 'ZoneRedundant';

/** Customer-managed keys: key URIs and full ids of the user-assigned identities that may use them. */
export interface Encryption {
  readonly primaryKeyUri: string;
  readonly primaryIdentityId: string;
  /** The key in the paired region that its backup copy is encrypted with. */
  readonly geoBackup?: { readonly keyUri: string; readonly identityId: string };
}

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
  /** Burstable, GeneralPurpose or MemoryOptimized. */
  readonly tier: string;
  readonly storageGb: number;
  /** Absent for the ordinary managed disk. */
  readonly storageType?: StorageType;
  readonly availabilityZone?: string;
  readonly highAvailability?: HighAvailability;
  readonly encryption?: Encryption;
  readonly tags: Readonly<Record<string, string>>;
  readonly network: Network;
  readonly geoRedundantBackup: boolean;
  readonly retentionDays: number;
  /** Absent until the first backup is complete. */
  readonly earliestRestoreAt?: Instant;
  readonly createdAt?: Instant;
  readonly hostName?: string;
  /** `Disabled`: nobody signs in with a password, only by Entra. Absent where passwords are taken. */
  readonly passwordSignIn?: 'Disabled';
}

/** A server as the desk last saw it. `reachable` is false when Azure did not tell of it any more but has not said that it is gone. */
export interface KnownServer {
  readonly server: ServerFacts;
  readonly seenAt: Instant;
  readonly reachable: boolean;
}

/** A deletion that the activity log tells of. What the log does not say is known only if the desk saw the server before. */
export interface DeletedServer {
  readonly id: string;
  readonly name: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly deletedAt: Instant;
  /** When the log took the event: the moment that a revival is asked with. */
  readonly submittedAt: Instant;
  /** As the desk saw the server last. */
  readonly before?: ServerFacts;
}

/** Where the data of a restore comes from. */
export type Source =
  | { readonly kind: 'live'; readonly server: ServerFacts }
  /** Azure does not answer for it; this is what the desk saw last. */
  | { readonly kind: 'remembered'; readonly server: ServerFacts; readonly seenAt: Instant }
  | { readonly kind: 'deleted'; readonly server: DeletedServer };

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

export type Match<T> =
  | { readonly kind: 'one'; readonly server: T }
  | { readonly kind: 'several'; readonly names: readonly string[] }
  | { readonly kind: 'none'; readonly nearest: readonly string[] };
export type SourceMatch = Match<Source>;

/** Finds a server by full id, name or unique prefix; otherwise says what was nearest. */
export function matchServer<T extends { readonly id: string; readonly name: string }>(
  asked: string,
  servers: readonly T[],
): Match<T> {
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

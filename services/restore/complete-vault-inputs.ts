/** What stands in the fields of a form for a restore from a vault before anybody typed, as values that a reader sees. */
import { choosePoint } from './choose-point';
import { modeOf } from './judge-moment';
import { needsRehydration } from './judge-vault';
import type { AccountFacts, InstanceFacts, RecoveryPoint, VaultFacts } from './vaults';
import type { FormInputs } from './form-inputs';
import type { Instant } from './instant';
import type { RestoreMode } from './plan';

export interface KnownForVaultDefaults {
  readonly instance?: InstanceFacts;
  readonly vault?: VaultFacts;
  readonly points: readonly RecoveryPoint[];
  readonly accounts: readonly AccountFacts[];
  /** Secrets that the owner has named for a server. */
  readonly loginsFor: (server: string) => readonly string[];
  /** Where the restore runs. */
  readonly location?: string;
  /** Unguessable: makes the names of the files ours alone. */
  readonly mark: string;
  readonly now: Instant;
}

const or = (typed: string, fallback: string | undefined): string =>
  typed.trim() === '' ? (fallback ?? '') : typed;

/** `orders-pg-20261120-0310-7f3a19`: what it is, of when, and a mark that nobody else has. */
function usualPrefix(title: string, time: Instant, mark: string): string {
  const stamp = time.replace(/[-:]/g, '').replace('T', '-').slice(0, 13);
  return `${title.replace(/[^\w.-]+/g, '-')}-${stamp}-${mark.replace(/[^0-9a-z]/gi, '').slice(0, 6)}`.slice(
    0,
    100,
  );
}

const only = <T>(all: readonly T[]): T | undefined => (all.length === 1 ? all[0] : undefined);

const containersOf = (accounts: readonly AccountFacts[]): string[] =>
  accounts.flatMap(({ name, containers }) => containers.map((container) => `${name}/${container}`));

/** Where files are only on their way to a server, those beside the vault are preferred: nobody has to look for them there. */
function usualContainer(mode: RestoreMode, known: KnownForVaultDefaults): string | undefined {
  const { accounts, location, vault } = known;
  const near = accounts.filter((account) => location === undefined || account.location === location);
  const beside = near.filter(
    ({ subscriptionId, resourceGroup }) =>
      subscriptionId === vault?.subscriptionId && resourceGroup === vault.resourceGroup,
  );
  const usual = only(containersOf(near));
  return mode === 'vault-to-server' ? (usual ?? only(containersOf(beside))) : usual;
}

/**
 * How an archived point is fetched back. While no point is chosen the wish stays, since it says that one of the archive is
 * meant; beside a point of the vault tier it would be a leftover that nobody sees.
 */
function fetching(
  { rehydration, rehydrationDays }: FormInputs,
  point: RecoveryPoint | undefined,
  now: Instant,
): Pick<FormInputs, 'rehydration' | 'rehydrationDays'> {
  if (point && point.store !== 'archive') return { rehydration: '', rehydrationDays: '' };
  return point && needsRehydration(point, now)
    ? { rehydration: or(rehydration, 'Standard'), rehydrationDays: or(rehydrationDays, '15') }
    : { rehydration, rehydrationDays };
}

export function completeVaultInputs(inputs: FormInputs, known: KnownForVaultDefaults): FormInputs {
  const { instance, points, now } = known;
  if (!instance) return inputs;
  const chosen = choosePoint(instance.title, points, inputs);
  const point = chosen.kind === 'one' ? chosen.point : undefined;
  const isDatabase = modeOf(inputs) === 'vault-database';
  const common: FormInputs = {
    ...inputs,
    // Whoever gave an id may have had to: two can have one title.
    source: inputs.source.trim().startsWith('/') ? inputs.source : instance.title,
    backup: point?.id ?? inputs.backup,
    region: or(inputs.region, known.location),
    ...fetching(inputs, point, now),
  };
  const server = or(inputs.target, instance.server.name);
  return isDatabase
    ? {
        ...common,
        target: server,
        database: or(inputs.database, instance.database === undefined ? '' : `${instance.database}_r1`),
        secret: or(inputs.secret, known.loginsFor(server)[0]),
      }
    : {
        ...common,
        container: or(inputs.container, usualContainer(modeOf(inputs), known)),
        prefix: or(inputs.prefix, point && usualPrefix(instance.title, point.time, known.mark)),
      };
}

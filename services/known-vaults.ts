/**
 * What a form offers of vaults: what they protect, recovery points, places to restore to. A form must not wait, so what was
 * read once is shown at once and read anew behind it. Preflight asks Azure itself, always.
 */
import { remembering } from './remembering';
import type { AccountFacts, InstanceFacts, RecoveryPoint, VaultFacts } from './restore/vaults';
import type { Clock } from './restore/ports';
import type { VaultReader, VaultTargetReader } from './restore/vault-ports';

/** What Azure did not tell in time is left out: an empty list, or undefined. */
export interface KnownVaults {
  /** Undefined while nobody knows: that is not the same as none. */
  instances(): Promise<readonly InstanceFacts[] | undefined>;
  vault(id: string): Promise<VaultFacts | undefined>;
  points(instance: InstanceFacts, secondary?: string): Promise<readonly RecoveryPoint[]>;
  accounts(): Promise<readonly AccountFacts[]>;
}

/** A form is answered within a second, and several things are read for it one after the other. */
const patienceMillis = 600;
/** Points come daily at most, but a new one is what somebody waits for. */
const freshMillis = 60_000;

export function createKnownVaults(
  vaults: VaultReader,
  targets: VaultTargetReader,
  clock: Clock,
): KnownVaults {
  const pace = { clock, freshMillis, patienceMillis };
  const instances = new Map<string, InstanceFacts>();
  const points = remembering(
    pace,
    async (id: string, secondary: string): Promise<readonly RecoveryPoint[]> => {
      const instance = instances.get(id);
      return instance ? vaults.points(instance, secondary === '' ? undefined : secondary) : [];
    },
    [],
  );
  return {
    instances: remembering(
      pace,
      async (): Promise<readonly InstanceFacts[] | undefined> => (await vaults.instances()).instances,
      undefined,
    ),
    vault: remembering(pace, (id: string): Promise<VaultFacts | undefined> => vaults.vault(id), undefined),
    points: (instance, secondary = '') => {
      const id = instance.id.toLowerCase();
      instances.set(id, instance);
      return points(id, secondary);
    },
    accounts: remembering(pace, () => targets.accounts(), []),
  };
}

/** What the restore service is made of: ports, the policy, and a few settings. */
import type { DifferenceApplier, ServerDetailsReader } from './restore/difference-ports';
import type { Directory } from './restore/directory-ports';
import type { Digest } from './restore/digest';
import type { Policy } from './restore/policy';
import type {
  Clock,
  FaultPoint,
  Ids,
  PlaceReader,
  RestoreOrders,
  ServerReader,
  ServerLocator,
  Store,
} from './restore/ports';
import type { CopyProver, LossReader } from './restore/proof-ports';
import type { KnownPlaces } from './known-places';
import type { KnownDumps } from './known-dumps';
import type { KnownServers } from './known-servers';
import type { KnownVaults } from './known-vaults';
import type { BlobParts, DumpLoader, DumpReader, LoadTargetReader } from './restore/dump-ports';
import type { VaultOrders, VaultReader, VaultTargetReader } from './restore/vault-ports';

export interface Log {
  info(facts: object, words: string): void;
  warn(facts: object, words: string): void;
  error(facts: object, words: string): void;
}

export interface DeskSettings {
  /** After an unclear answer nothing is sent again until the target was absent, unbroken, for this long. */
  readonly unclearGraceSeconds: number;
  /** Pause between look-ups while the world is unclear or a server is not Ready yet. */
  readonly lookAgainSeconds: number;
  /** A restore of which Azure tells nothing new is called stalled after this long. */
  readonly stalledAfterSeconds: number;
  /** A server that is Ready while its operation goes on is used after it has been Ready for this long. */
  readonly readyGraceSeconds: number;
  /** After this long nothing more is expected of an accepted order. */
  readonly giveUpAfterSeconds: number;
  /** Pause between two orders of a geo restore whose first copy is not there yet, and for how long it is tried. */
  readonly geoCopyPauseSeconds: number;
  readonly geoCopyPatienceSeconds: number;
  /** How long a finished restore waits to learn what its copy lacks besides the data. */
  readonly comparePatienceSeconds: number;
  /** Of our own identity. */
  readonly azureClientId: string;
  /** Subscriptions that the desk works in, in lower case. */
  readonly subscriptionIds: readonly string[];
  /** Databases of single servers, a retired service, may be restored. */
  readonly allowsSingleServers: boolean;
  /** ARM ids of the requests that the owner's resource guards want to see. */
  readonly guardRequests: readonly string[];
}

export interface Deps {
  readonly store: Store;
  readonly reader: ServerReader;
  readonly places: PlaceReader;
  readonly knownPlaces: KnownPlaces;
  readonly orders: RestoreOrders;
  readonly vaults: VaultReader;
  readonly vaultTargets: VaultTargetReader;
  readonly vaultOrders: VaultOrders;
  readonly knownVaults: KnownVaults;
  readonly knownDumps: KnownDumps;
  readonly blobParts: BlobParts;
  readonly dumpReader: DumpReader;
  readonly dumpLoader: DumpLoader;
  readonly loadTargets: LoadTargetReader;
  readonly details: ServerDetailsReader;
  readonly differences: DifferenceApplier;
  readonly prover: CopyProver;
  readonly losses: LossReader;
  readonly locator: ServerLocator;
  readonly servers: KnownServers;
  readonly policy: Policy;
  readonly directory: Directory;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly digest: Digest;
  readonly faultPoint: FaultPoint;
  readonly settings: DeskSettings;
  readonly log: Log;
}

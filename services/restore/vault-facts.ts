/** What had to be read from Azure to judge a restore from a vault; absent where something before it is missing already. */
import type { ChosenPoint } from './choose-point';
import type { Instant } from './instant';
import type { LoadTargetSeen } from './load-facts';
import type { Match } from './servers';
import type { MissingRights } from './judge-place';
import type { PolicySubject } from './policy';
import type {
  AccountFacts,
  InstanceFacts,
  RecoveryPoint,
  SecretFacts,
  SingleServerFacts,
  VaultFacts,
} from './vaults';

/** `several`: protected in several vaults, or several names begin so. */
export type InstanceMatch = Match<InstanceFacts>;

export interface VaultPreflightFacts {
  readonly instance: InstanceMatch;
  /** What the policy looks at: the server, with its tags where it is known. */
  readonly subject?: PolicySubject;
  readonly vault?: VaultFacts;
  /** The region whose copies are restored, where that is not the vault's own. */
  readonly secondary?: string;
  /** A vault stands in that region. */
  readonly hasVaultThere: boolean;
  readonly points: readonly RecoveryPoint[];
  readonly point?: ChosenPoint;
  readonly files?: FilesPlace;
  readonly database?: DatabasePlace;
  /** Of a chain: the server that the files are loaded into. */
  readonly loadTarget?: LoadTargetSeen;
  /** Roles (ids) that the vault's identity has on the protected server. */
  readonly rolesOnSource: readonly string[];
  /** The protected server is gone: nobody can have a role on it, and none is missed. Its copies in the vault are there. */
  readonly isSourceGone?: boolean;
  /** Of our own identity. */
  readonly missingRights: readonly MissingRights[];
  /** An open request of the desk for the same destination. */
  readonly openForTarget?: string;
  /** Subscriptions that the desk works in, in lower case. */
  readonly subscriptions: readonly string[];
  /** Restores of databases of single servers are turned on. */
  readonly allowsSingleServers: boolean;
  readonly guardRequests: readonly string[];
  readonly now: Instant;
}

export interface FilesPlace {
  readonly account?: AccountFacts;
  /** Some blob begins with the prefix already. */
  readonly isPrefixUsed: boolean;
  /** Of the vault's identity on the container. */
  readonly roles: readonly string[];
}

export interface DatabasePlace {
  readonly server?: SingleServerFacts;
  readonly secret?: SecretFacts;
  /** Of the vault's identity on the key vault. */
  readonly rolesOnSecret: readonly string[];
  /** Of the vault's identity on the server. */
  readonly rolesOnServer: readonly string[];
}

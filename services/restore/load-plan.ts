/** Plans that load dump files into a server: which files, into which server, and with which choices. */
import type { Instant } from './instant';
import type { LoadChoices } from './dump-ports';
import type { ProofProbe } from './proof-probe';

/** A file of a dump set as it lies in its container. */
export interface DumpFile {
  /** With its whole path inside the container. */
  readonly name: string;
  readonly bytes: number;
  /** Pins it: another file under the same name is not loaded. */
  readonly etag: string;
  readonly kind: 'database' | 'roles' | 'schemas' | 'tablespaces' | 'time mark';
  /** Of a database file: the database that it came from. */
  readonly database?: string;
}

/** The server that is loaded into. It stands already; nothing in it is overwritten. */
export interface LoadServer {
  readonly id: string;
  readonly name: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly location: string;
}

/** What is loaded only where somebody asks for it. */
export type LoadExtra = 'schemas' | 'tablespaces';

export interface LoadTerms {
  readonly server: LoadServer;
  /** Names of the databases to take; empty for every one that is there, those of Azure's own left out. */
  readonly databases: readonly string[];
  readonly choices: LoadChoices;
  readonly extras: readonly LoadExtra[];
}

/** Files that lie in a container already. */
export interface FilesToServerPlan {
  readonly version: 1;
  readonly mode: 'files-to-server';
  /** `id` is the container's; `name` is `shoprestores/restores/<prefix>`. */
  readonly source: { readonly id: string; readonly name: string; readonly location: string };
  readonly target: LoadServer;
  readonly account: string;
  readonly container: string;
  readonly prefix: string;
  /** Exactly these files, as they were when the plan was made. */
  readonly files: readonly DumpFile[];
  /** The time of the backup, as the set's own mark tells it. */
  readonly markedAt?: Instant;
  readonly load: LoadTerms;
  readonly policy: { readonly version: string; readonly rule: string };
  readonly proof?: ProofProbe;
}

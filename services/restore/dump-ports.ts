/** What the core needs to look into dump files that lie in a container, and to load them into a server. */
import type { AccountFacts, BlobFacts } from './vaults';
import type { Instant } from './instant';
import type { Problem } from './errors';
import type { ServerAddress } from './servers';

/** Reads bytes of blobs with our own identity. Throws as VaultReader does, and BLOB_CHANGED. */
export interface BlobParts {
  /**
   * `count` bytes from `offset` on, fewer at the end of the blob. Only of the blob that is meant: one that has another ETag
   * now is refused with BLOB_CHANGED, one that is gone with BLOB_GONE.
   */
  read(
    account: AccountFacts,
    container: string,
    blob: BlobFacts,
    offset: number,
    count: number,
  ): Promise<Uint8Array>;
}

export type RangeReader = (offset: number, count: number) => Promise<Uint8Array>;

/** Looks into a dump file: by its bytes, never by its name. Reads no more of it than its table of contents. */
export interface DumpReader {
  contents(bytes: number, read: RangeReader): Promise<DumpContents>;
}

export interface TableName {
  readonly schema: string;
  readonly name: string;
}

export type DumpContents =
  | ArchiveContents
  /** Plain SQL, for psql. */
  | { readonly kind: 'sql' }
  | { readonly kind: 'empty' }
  /** Cut off inside its table of contents, of another program, or of a newer format than the tools here can read. */
  | { readonly kind: 'unreadable'; readonly why: string };

/** An archive of pg_dump in its custom format. */
export interface ArchiveContents {
  readonly kind: 'archive';
  /** Name of the dumped database. */
  readonly database: string;
  /** Of the dumped server, for example 15.18. */
  readonly postgresVersion: string;
  /** Of the pg_dump that wrote it. */
  readonly dumpVersion: string;
  /** Number of objects in its table of contents. */
  readonly entries: number;
  readonly tables: readonly TableName[];
  readonly sequences: readonly TableName[];
  readonly extensions: readonly string[];
  /** Roles that own something in it; empty where the dump was made without owners. */
  readonly owners: readonly string[];
  /** Whether it carries grants. */
  readonly hasGrants: boolean;
}

/** What a file is loaded as. */
export type LoadPart =
  | { readonly kind: 'roles'; readonly file: BlobFacts }
  | { readonly kind: 'tablespaces'; readonly file: BlobFacts }
  | { readonly kind: 'schemas'; readonly file: BlobFacts }
  /** `database` is its name on the target. */
  | { readonly kind: 'database'; readonly file: BlobFacts; readonly database: string };

/** `roles`, `database shop`: the same for the same part of an order. */
export const partKey = (part: LoadPart): string =>
  part.kind === 'database' ? `database ${part.database}` : part.kind;

export interface LoadChoices {
  /** `drop`: everything belongs to a role without rights, one for each database. */
  readonly owners: 'keep' | 'drop';
  /** `drop`: nobody but owners may use what was loaded. */
  readonly grants: 'keep' | 'drop';
  /** Role of the dump to role of the target. */
  readonly ownerMap: Readonly<Record<string, string>>;
}

export interface LoadOrder {
  /** Unguessable, and the same through all tries and rounds of one request: names the spool folder and the sessions on the server. */
  readonly key: string;
  readonly account: AccountFacts;
  readonly container: string;
  /** In the order in which they are loaded; databases may be loaded side by side. */
  readonly parts: readonly LoadPart[];
  readonly server: {
    readonly name: string;
    readonly address: ServerAddress;
    /** All workers together never exceed it. */
    readonly cores: number;
    readonly postgresMajor: number;
  };
  readonly choices: LoadChoices;
  /** Roles of the source as it is now, where it could be asked: a roles file that gives more than they have is stopped. */
  readonly rolesOfSource?: readonly RoleFacts[];
  /** What an earlier try began, by key of the part: it may have died at any moment after. */
  readonly begun: Readonly<Record<string, BegunPart>>;
  /** Keys of the parts that have ended; they are left alone. */
  readonly ended: readonly string[];
}

export interface RoleFacts {
  readonly name: string;
  /** Lower-case words of CREATE ROLE that it has: login, createdb, createrole, replication, bypassrls, superuser. */
  readonly attributes: readonly string[];
  readonly memberOf: readonly string[];
}

export interface BegunPart {
  /** The database was there, and empty, before the first try. False: whatever is there now was made by a try of this order. */
  readonly existed: boolean;
}

/** What one part came to. Names and messages are the server's; never a password. */
export type PartResult =
  | {
      readonly kind: 'loaded';
      /** One short sentence each: `role shop_app was there already and is kept`. */
      readonly notes: readonly string[];
      /** Of roles: the names of those that were made. */
      readonly made?: readonly string[];
      /** Of a database. */
      readonly tables?: number;
      readonly bytes?: number;
    }
  | {
      readonly kind: 'failed';
      readonly because: Problem;
      /** The object and what the server said of it, the first 20. */
      readonly failures: readonly ObjectFailure[];
    };

export interface ObjectFailure {
  /** `INDEX public orders_placed_at`. */
  readonly object: string;
  readonly message: string;
}

export interface LoadProgress {
  /** 0 to 100, of the whole order: bytes that were fetched and bytes and objects that were loaded. */
  readonly percent: number;
  readonly downloadedBytes: number;
  readonly downloadBytes: number;
  readonly loadedObjects: number;
  readonly objects: number;
  /** `data of shop (3 of 14 tables)`. */
  readonly doing: string;
}

export interface LoadWatch {
  /** Awaited before anything is done on the server: what it stores outlives us. */
  begun(part: LoadPart, how: BegunPart): Promise<void>;
  ended(part: LoadPart, result: PartResult): Promise<void>;
  progress(progress: LoadProgress): void;
  /** Once it is aborted the load ends as soon as it can, with what it has begun left as it is. */
  readonly signal: AbortSignal;
}

export interface DumpLoader {
  /**
   * Fetches and loads what has not ended yet. Safe to call again after any death, also while child processes or sessions of
   * the dead one still work: they are ended first. Never two calls for one key at a time: the caller sees to that. Resolves
   * when every part has ended or the signal was given; throws a DeskError only when nothing can go on (no server, no space
   * for the files): it may be called again later.
   */
  load(order: LoadOrder, watch: LoadWatch): Promise<void>;
  /** Removes databases that tries of this order made and did not finish. Nothing else. Resolves to their names. */
  removeUnfinished(order: LoadOrder): Promise<readonly string[]>;
  /** Removes what was fetched. */
  forget(key: string): Promise<void>;
}

/** What has to be known of a target before anybody is asked. Throws LOAD_TARGET_CLOSED when it cannot be opened. */
export interface LoadTargetReader {
  /** A database that tries under `key` left unfinished counts as empty: it is made anew. */
  look(name: string, address: ServerAddress, key?: string): Promise<LoadTargetFacts>;
  /** Roles of a server as they are now. Throws as `look` does. */
  roles(name: string, address: ServerAddress): Promise<readonly RoleFacts[]>;
}

export interface LoadTargetFacts {
  /** Of our login there. */
  readonly mayCreateDatabases: boolean;
  readonly mayCreateRoles: boolean;
  readonly postgresVersion: string;
  readonly databases: readonly { readonly name: string; readonly isEmpty: boolean }[];
  readonly roles: readonly string[];
  readonly availableExtensions: readonly string[];
  readonly lookedAt: Instant;
}

/** The list of servers, kept in memory so that a form opens at once; at most a minute old while Azure answers. */
import type { Clock, ServerReader } from './restore/ports';
import { millisBetween, type Instant } from './restore/instant';
import type { BackupFacts, ServerFacts } from './restore/servers';

export interface KnownServers {
  /** The newest list there is; waits for Azure only when nothing is known yet or what is known is old. */
  list(): Promise<ServerList>;
  /** Backups of a server for a form, newest first; none when Azure takes too long: the form must not wait for it. */
  backups(id: string): Promise<readonly BackupFacts[]>;
  /** Reads the list anew in the background; failures are kept silent until somebody asks. */
  refresh(): Promise<void>;
}

export interface ServerList {
  readonly servers: readonly ServerFacts[];
  readonly readAt: Instant;
}

const freshMillis = 60_000;
/** How long a question waits for a newer list before it is answered with the old one. */
const patienceMillis = 1_500;
const backupPatienceMillis = 700;

export function createKnownServers(reader: ServerReader, clock: Clock): KnownServers {
  let known: ServerList | undefined;
  let reading: Promise<ServerList> | undefined;
  const read = (): Promise<ServerList> => {
    reading ??= reader
      .list()
      .then((servers) => (known = { servers, readAt: clock.now() }))
      .finally(() => (reading = undefined));
    return reading;
  };
  return {
    list: async () => {
      if (known && millisBetween(known.readAt, clock.now()) < freshMillis) {
        if (millisBetween(known.readAt, clock.now()) > freshMillis / 4) void read().catch(() => undefined);
        return known;
      }
      const newer = read();
      if (!known) return newer;
      const old = known;
      const timeout = new Promise<ServerList>((resolve) => setTimeout(resolve, patienceMillis, old).unref());
      return Promise.race([newer.catch(() => old), timeout]);
    },
    backups: (id) => {
      const nothing = new Promise<readonly BackupFacts[]>((resolve) =>
        setTimeout(resolve, backupPatienceMillis, []).unref(),
      );
      return Promise.race([reader.backups(id).catch(() => []), nothing]);
    },
    refresh: async () => {
      await read().catch(() => undefined);
    },
  };
}

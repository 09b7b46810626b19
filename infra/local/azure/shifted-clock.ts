/**
 * Runs a postmaster under a clock that we set: libfaketime adds an offset to the real time, and reads it from a file at
 * every look at the clock. The offset only ever grows towards zero, so PostgreSQL never sees time go backwards, not
 * even at the end, when it is started again under the real clock.
 */
import { closeSync, existsSync, openSync, readdirSync, writeSync } from 'node:fs';
import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { shellWord } from './server-folders';

export interface ShiftedClock {
  /** Stands in for PG_BIN when the cluster is started. */
  readonly binDir: string;
  /** Lets the cluster believe that it is this moment (milliseconds since 1970), or a little later. */
  set(atMs: number): void;
  remove(): Promise<void>;
}

export function findFaketime(): string | undefined {
  return readdirSync('/usr/lib')
    .map((folder) => join('/usr/lib', folder, 'faketime', 'libfaketime.so.1'))
    .find((file) => existsSync(file));
}

export async function createShiftedClock(options: {
  readonly folder: string;
  readonly pgBin: string;
  readonly library: string;
  readonly startMs: number;
}): Promise<ShiftedClock> {
  const { folder, pgBin } = options;
  await mkdir(folder, { recursive: true, mode: 0o755 });
  const offsetFile = join(folder, 'offset');
  const file = openSync(offsetFile, 'w', 0o644);
  let offsetSeconds = -Infinity;
  const set = (atMs: number): void => {
    offsetSeconds = Math.min(0, Math.max(offsetSeconds, (atMs - Date.now()) / 1000));
    // One write of one length: a reader sees the old number or the new one, never half of it.
    writeSync(file, `-${Math.abs(offsetSeconds).toFixed(6).padStart(16, '0')}\n`, 0);
  };
  set(options.startMs);
  const preload = [
    `LD_PRELOAD=${shellWord(options.library)}`,
    `FAKETIME_TIMESTAMP_FILE=${shellWord(offsetFile)}`,
    'FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1 NO_FAKE_STAT=1',
  ].join(' ');
  // The library must come in after the change of user: what it shares belongs to whoever loads it first.
  const wrapper = join(folder, 'postgres');
  await writeFile(wrapper, `#!/bin/sh\nexport ${preload}\nexec ${shellWord(join(pgBin, 'postgres'))} "$@"\n`);
  await chmod(wrapper, 0o755);
  await rm(join(folder, 'pg_isready'), { force: true });
  await symlink(join(pgBin, 'pg_isready'), join(folder, 'pg_isready'));
  return {
    binDir: folder,
    set,
    remove: async () => {
      closeSync(file);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

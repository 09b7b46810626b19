/** The stock programs of PostgreSQL that are run here, and what their version allows. */
import { execFile } from 'node:child_process';
import { accessSync, constants, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Tools {
  readonly psql: string;
  readonly pgRestore: string;
  readonly major: number;
  readonly minor: number;
  /** Newest archive format that this pg_restore reads, the number after `1.`. */
  readonly newestFormat: number;
}

const debianFolder = '/usr/lib/postgresql';

/** The newest of Debian's folders: what lies on the path there is a script that looks for one of them each time. */
function findFolder(): string | undefined {
  try {
    return readdirSync(debianFolder)
      .sort((a, b) => Number(b) - Number(a))
      .map((version) => join(debianFolder, version, 'bin'))
      .find((folder) => isThere(join(folder, 'psql')) && isThere(join(folder, 'pg_restore')));
  } catch {
    return undefined;
  }
}

export const isThere = (program: string): boolean => {
  try {
    accessSync(program, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

const formatOf = (major: number): number => (major >= 17 ? 16 : major === 16 ? 15 : 14);

/** Finds the programs in `folder`, else in the usual places, and asks their version. */
export async function findTools(folder: string | undefined): Promise<Tools> {
  const found = folder ?? findFolder();
  const program = (name: string) => (found === undefined ? name : join(found, name));
  const { stdout } = await run(program('pg_restore'), ['--version'], {
    env: { PATH: toolsPath, LC_ALL: 'C' },
  });
  const [, major = '0', minor = '0'] = /(\d+)(?:\.(\d+))?/.exec(stdout) ?? [];
  return {
    ...{ psql: program('psql'), pgRestore: program('pg_restore') },
    ...{ major: Number(major), minor: Number(minor), newestFormat: formatOf(Number(major)) },
  };
}

export const toolsPath = '/usr/local/bin:/usr/bin:/bin';

const firstRestricting: Readonly<Record<number, number>> = { 13: 22, 14: 19, 15: 14, 16: 10, 17: 6 };

/** Whether psql knows `\restrict`, after which a script cannot run commands on the machine of psql. */
export const canRestrict = ({ major, minor }: Pick<Tools, 'major' | 'minor'>): boolean =>
  major >= 18 || minor >= (firstRestricting[major] ?? Number.POSITIVE_INFINITY);

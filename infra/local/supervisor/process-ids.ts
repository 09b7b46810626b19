/** `pids.json`: who runs, for tests and people who want to see what happens when one of them is killed. */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KeptChild } from './child';

export interface ProcessIdFile {
  update(children: readonly KeptChild[]): void;
  remove(): void;
}

/** Written whole and moved into place, so that a reader never sees half of it. */
export function processIdFile(stateDir: string): ProcessIdFile {
  const file = join(stateDir, 'pids.json');
  return {
    update: (children) => {
      const ids: Record<string, number | null> = {
        ...{ product: null, localAzure: null, localTeams: null, blobs: null, stateDatabase: null },
        ...Object.fromEntries(children.map((child) => [child.spec.name, child.pid() ?? null])),
      };
      writeFileSync(`${file}.new`, `${JSON.stringify(ids, null, 2)}\n`);
      renameSync(`${file}.new`, file);
    },
    remove: () => rmSync(file, { force: true }),
  };
}

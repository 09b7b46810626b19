/** What a form tells of dump files: looked into once, shown at once, and read anew behind it. Preflight looks itself, always. */
import { listedSet, readContents, type DumpSetPorts } from './dump-sets';
import { noInputs } from './restore/form-inputs';
import { remembering } from './remembering';
import { readContainer } from './restore/judge-vault-target';
import type { Clock } from './restore/ports';
import type { DumpSet } from './restore/load-facts';

export interface KnownDumps {
  /** Undefined while nobody knows, or where it cannot be looked at. */
  set(container: string, prefix: string): Promise<DumpSet | undefined>;
}

/** A form is answered within a second, and several things are read for it one after the other. */
const patienceMillis = 600;
const freshMillis = 20_000;
/** A form has room for so many; the others are looked into when it is submitted. */
const mostLookedInto = 12;

export function createKnownDumps(deps: DumpSetPorts & { readonly clock: Clock }): KnownDumps {
  const set = remembering(
    { clock: deps.clock, freshMillis, patienceMillis },
    async (container: string, prefix: string): Promise<DumpSet | undefined> => {
      const listed = await listedSet(deps, { ...noInputs, container, prefix });
      const asked = readContainer(container);
      if (!listed.account || !asked) return listed;
      const databases = listed.files.filter(({ kind }) => kind === 'database').slice(0, mostLookedInto);
      return { ...listed, contents: await readContents(deps, listed.account, asked.container, databases) };
    },
    undefined,
  );
  return { set: (container, prefix) => set(container.trim(), prefix.trim()) };
}

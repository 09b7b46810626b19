/** What a proven copy lacks that its source has besides the data. Nothing of it may fail the proof or hold it up for long. */
import { differencesOf } from './restore/differences';
import { within } from './patience';
import type { Deps } from './deps';
import type { ServerGot } from './restore/state';
import type { ServerPlan } from './restore/plan';

type Compared = Pick<ServerGot, 'differences' | 'notCompared'>;

async function readBoth(deps: Deps, { source, target }: ServerPlan): Promise<Compared> {
  // Azure not answering is no sign that the source is gone: what cannot be read then is said kind by kind.
  const isGone = await deps.reader.get(source.id).then(
    (server) => server === undefined,
    () => false,
  );
  if (isGone) return { notCompared: sourceGone(source.name) };
  const [of, copy] = await Promise.all([deps.details.details(source.id), deps.details.details(target.id)]);
  return { differences: differencesOf(of, copy) };
}

const sourceGone = (name: string): string => `${name} is gone, so its settings could not be compared`;

export async function compareWithSource(deps: Deps, plan: ServerPlan): Promise<Compared> {
  const { name } = plan.source;
  if (plan.mode === 'dropped') return { notCompared: sourceGone(name) };
  const { comparePatienceSeconds } = deps.settings;
  const late = (): Compared => ({
    notCompared: `Azure did not tell the settings of ${name} and its copy within ${comparePatienceSeconds} s`,
  });
  try {
    return await within(comparePatienceSeconds * 1_000, readBoth(deps, plan), late);
  } catch (error) {
    deps.log.warn({ source: name, error }, 'a copy could not be compared with its source');
    return { notCompared: `The settings of ${name} and its copy could not be compared` };
  }
}

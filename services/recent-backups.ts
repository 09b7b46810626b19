/** Backups for a form: asked for as somebody fills it in, and remembered while they do. */
import { millisBetween, type Instant } from './restore/instant';
import { within } from './patience';
import type { Clock, ServerReader } from './restore/ports';
import type { BackupFacts } from './restore/servers';

const patienceMillis = 700;
const keptMillis = 10_000;

interface Answer {
  readonly askedAt: Instant;
  readonly backups: Promise<readonly BackupFacts[]>;
}

const newestFirst = (backups: readonly BackupFacts[]): readonly BackupFacts[] =>
  [...backups].sort((a, b) => millisBetween(a.completedAt, b.completedAt));

export function createRecentBackups(
  reader: Pick<ServerReader, 'backups'>,
  clock: Clock,
): (id: string) => Promise<readonly BackupFacts[]> {
  const answers = new Map<string, Answer>();
  const isKept = ({ askedAt }: Answer): boolean => millisBetween(askedAt, clock.now()) < keptMillis;
  const ask = (key: string, id: string): Answer => {
    for (const [old, answer] of answers) if (!isKept(answer)) answers.delete(old);
    const answer = { askedAt: clock.now(), backups: reader.backups(id).then(newestFirst) };
    answers.set(key, answer);
    // A failure is nothing to remember.
    answer.backups.catch(() => answers.get(key) === answer && answers.delete(key));
    return answer;
  };
  return (id) => {
    const key = id.toLowerCase();
    const kept = answers.get(key);
    const { backups } = kept && isKept(kept) ? kept : ask(key, id);
    const none = (): readonly BackupFacts[] => [];
    return within(patienceMillis, backups, none).catch(none);
  };
}

/**
 * Puts heads of the journal down outside: every few minutes while it grows, and soon after a request has ended. One replica
 * at a time; what does not succeed is logged and tried again, and nothing waits for it.
 */
import { millisBetween } from './restore/instant';
import type { Clock, Store } from './restore/ports';
import type { EvidenceAnchor } from './restore/evidence-ports';
import type { Heads } from './store/heads';
import type { Log } from './deps';

export interface Anchoring {
  /** One look: is there a head to put down, and is it time? */
  look(): Promise<void>;
  start(): void;
  stop(): Promise<void>;
}

interface AnchoringDeps {
  readonly anchor: EvidenceAnchor;
  readonly heads: Heads;
  readonly store: Pick<Store, 'exclusively'>;
  readonly clock: Clock;
  readonly everySeconds: number;
  readonly log: Log;
}

/** So many looks are there in one pause between anchors. */
const looksPerPause = 20;

async function anchorNewest({ anchor, heads, clock, everySeconds }: AnchoringDeps): Promise<void> {
  const [head, last] = await Promise.all([heads.newest(), heads.anchored()]);
  if (!head || head.seq <= last.seq) return;
  const now = clock.now();
  const isDue = millisBetween(last.at, now) >= everySeconds * 1_000;
  if (!isDue && !(await heads.hasEnding(last.seq))) return;
  await anchor.write({ ...head, writtenAt: now });
  await heads.noteAnchored(head.seq, now);
}

export function createAnchoring(deps: AnchoringDeps): Anchoring {
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> | undefined;
  const look = async (): Promise<void> => {
    try {
      await deps.store.exclusively('evidence-anchor', () => anchorNewest(deps));
    } catch (error) {
      deps.log.warn({ error }, 'the head of the journal could not be put down outside; it is tried again');
    }
  };
  const lookAlone = (): void => {
    looking ??= look().finally(() => (looking = undefined));
  };
  return {
    look,
    start: () => {
      timer = setInterval(lookAlone, (deps.everySeconds * 1_000) / looksPerPause);
    },
    stop: async () => {
      clearInterval(timer);
      await looking;
    },
  };
}

/**
 * How far an order is, in percent. Everything is weighed by the seconds that it likely takes, so that a dump of few large
 * tables and one of thousands of small objects both come near the truth; what was seen of the download corrects its weight.
 */
import type { LoadProgress } from '../restore/dump-ports';

/** Rates on a small server; only their relation to each other matters. */
export const seconds = {
  dataBytes: (bytes: number): number => bytes / 15e6,
  indexBytes: (bytes: number): number => bytes / 60e6,
  analyzeBytes: (bytes: number): number => bytes / 400e6,
  object: 0.002,
} as const;

const guessedDownloadRate = 60e6;

export interface PartMeter {
  downloaded(bytes: number): void;
  /** Known once the table of contents is read. */
  planned(objects: number, cost: number): void;
  /** Of this try: how many objects and seconds of cost are behind. */
  reached(objects: number, cost: number, doing: string): void;
  /** Whatever it came to. */
  over(): void;
}

export interface Meter {
  part(bytes: number, isEnded: boolean): PartMeter;
  /** Tells at once, whatever was told before. */
  tell(): void;
}

interface PartState {
  readonly bytes: number;
  downloaded: number;
  objects: number;
  objectsDone: number;
  cost: number;
  done: number;
}

const tellEveryMs = 90;

export function createMeter(now: () => number, tellTo: (progress: LoadProgress) => void): Meter {
  const parts: PartState[] = [];
  let doing = 'beginning';
  let highest = 0;
  let toldAt = Number.NEGATIVE_INFINITY;
  let downloadingSince: number | undefined;
  let downloadSeconds = 0;
  const loading = new Set<PartState>();
  const sum = (of: (part: PartState) => number): number => parts.reduce((total, part) => total + of(part), 0);
  const tell = (): void => {
    toldAt = now();
    const [downloaded, bytes] = [sum((part) => part.downloaded), sum((part) => part.bytes)];
    // Too few bytes tell nothing of a rate.
    const rate = downloaded > 1e6 ? downloaded / Math.max(downloadSeconds, 0.001) : guessedDownloadRate;
    const [whole, behind] = [
      bytes / rate + sum(({ cost }) => cost),
      downloaded / rate + sum(({ done }) => done),
    ];
    const isOver = parts.every((part) => part.done >= part.cost && part.downloaded >= part.bytes);
    highest = Math.max(highest, isOver ? 100 : Math.min(99, whole === 0 ? 0 : (100 * behind) / whole));
    tellTo({
      ...{ percent: Math.round(highest * 10) / 10, downloadedBytes: downloaded, downloadBytes: bytes, doing },
      ...{ loadedObjects: sum((part) => part.objectsDone), objects: sum((part) => part.objects) },
    });
  };
  const changed = (): void => {
    if (now() - toldAt >= tellEveryMs) tell();
  };
  return {
    tell,
    part: (bytes, isEnded) => {
      const cost = seconds.dataBytes(bytes);
      const state: PartState = { bytes, downloaded: 0, objects: 0, objectsDone: 0, cost, done: 0 };
      if (isEnded) Object.assign(state, { downloaded: bytes, done: cost });
      parts.push(state);
      return {
        downloaded: (count) => {
          if (downloadingSince !== undefined)
            downloadSeconds += Math.max(0, (now() - downloadingSince) / 1000);
          state.downloaded = Math.min(bytes, Math.max(state.downloaded, count));
          if (state.downloaded < bytes) loading.add(state);
          else loading.delete(state);
          downloadingSince = loading.size === 0 ? undefined : now();
          changed();
        },
        planned: (objects, newCost) => Object.assign(state, { objects, cost: Math.max(newCost, 0.01) }),
        reached: (objects, done, what) => {
          state.objectsDone = Math.min(objects, state.objects);
          state.done = Math.min(done, state.cost * 0.999);
          doing = what;
          changed();
        },
        over: () => {
          Object.assign(state, { done: state.cost, objectsDone: state.objects, downloaded: bytes });
          tell();
        },
      };
    },
  };
}

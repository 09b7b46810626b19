/**
 * Many jobs of one vault, followed with few reads: one list answers for all of them until it is nearly an interval old. Who
 * asks once in an interval knows of an end within two, and that holds with the time that the next list takes to arrive.
 */
import type { JobFacts } from '../restore/vaults';

export interface FollowedJobs {
  /** Undefined where neither the list nor the job's own address knows it. Throws what the reads throw. */
  job(jobId: string): Promise<JobFacts | undefined>;
}

/** Where the jobs of one place are read. */
export interface JobSource {
  /** `onRetryAfter` hears how long Azure asks to wait, where it says so. */
  pages(onRetryAfter: (seconds: number) => void): AsyncIterable<readonly JobFacts[]>;
  single(jobId: string): Promise<JobFacts | undefined>;
}

export interface FollowedJobsTime {
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Where Azure does not say how long to wait. */
  readonly usualSeconds: number;
}

/** A long wait that one answer tells, as when Azure throttles, does not make everything known older than this. */
const longestSharedSeconds = 60;
/** An answer is kept for this part of the interval; the rest is for the way of the next one. */
const keptPart = 0.9;
/** After a failed read the next one is made when this part of the interval has passed. */
const failurePart = 1 / 3;
/** One that was not asked for during so many intervals is followed by nobody any more. */
const forgottenAfter = 4;

/** One read for all who ask while it runs, and for a while after that. */
function createShared<T>(read: () => Promise<T>, now: () => number): (millis: number) => Promise<T> {
  let kept: { answer: Promise<T>; askedAt: number; state: 'underway' | 'answered' | 'failed' } | undefined;
  return (millis) => {
    const keptMillis = millis * (kept?.state === 'failed' ? failurePart : keptPart);
    if (kept && (kept.state === 'underway' || now() - kept.askedAt < keptMillis)) return kept.answer;
    const asked = { answer: read(), askedAt: now(), state: 'underway' as 'underway' | 'answered' | 'failed' };
    asked.answer.then(
      () => (asked.state = 'answered'),
      () => (asked.state = 'failed'),
    );
    kept = asked;
    return asked.answer;
  };
}

interface Followed {
  readonly askedAt: number;
  /** Reads the job itself: for one that the list does not hold. */
  readonly single: (millis: number) => Promise<JobFacts | undefined>;
}

export function createFollowedJobs(source: JobSource, { now, usualSeconds }: FollowedJobsTime): FollowedJobs {
  const followed = new Map<string, Followed>();
  let intervalMillis = usualSeconds * 1_000;
  let pagesRead = 1;

  const readList = async (): Promise<ReadonlyMap<string, JobFacts>> => {
    const listed = new Map<string, JobFacts>();
    intervalMillis = usualSeconds * 1_000;
    const noteRetryAfter = (seconds: number): void => {
      intervalMillis = Math.min(seconds, longestSharedSeconds) * 1_000;
    };
    let pages = 0;
    for await (const page of source.pages(noteRetryAfter)) {
      pages++;
      for (const job of page) listed.set(job.id, job);
      // A job stands in the list once, so what comes after the last of ours tells nothing new.
      if ([...followed.keys()].every((id) => listed.has(id))) break;
    }
    pagesRead = Math.max(1, pages);
    return listed;
  };
  const list = createShared(readList, now);

  const forget = (): void => {
    const oldest = now() - forgottenAfter * intervalMillis;
    for (const [id, { askedAt }] of followed) if (askedAt < oldest) followed.delete(id);
  };
  return {
    job: async (jobId) => {
      const id = jobId.toLowerCase();
      forget();
      const single = followed.get(id)?.single ?? createShared(() => source.single(id), now);
      followed.set(id, { askedAt: now(), single });
      // For fewer jobs than the list has pages the jobs themselves are the smaller reading.
      const listed = followed.size < pagesRead ? undefined : (await list(intervalMillis)).get(id);
      const job = listed ?? (await single(intervalMillis));
      if (job !== undefined && job.status !== 'running') followed.delete(id);
      return job;
    },
  };
}

/**
 * From which moment the data of a copy is, by the times at which it was written: of commits where the server kept them, and
 * of what the owner named. Missing evidence proves nothing; evidence against the moment outweighs everything else.
 */
import { millisBetween, span, utcExact, type Instant } from './instant';
import type { Commits, NewestWrite, ProofFindings } from './proof-findings';
import type { ServerMode } from './plan';

/** What the copy should hold: everything up to `moment`, the tolerance in seconds allowed. */
export interface Expected {
  /** `load`: a dump was loaded; its moment is the time of the backup. */
  readonly mode: ServerMode | 'load';
  /** The moment that was asked for; of a geo restore the moment of its order, of a deleted server that of its deletion. */
  readonly moment: Instant;
  readonly toleranceSeconds: number;
}

export type MomentJudgement =
  | { readonly kind: 'shown'; readonly newestWrite: Instant; readonly finding: string }
  | { readonly kind: 'open'; readonly newestWrite?: Instant; readonly why: string }
  | { readonly kind: 'against'; readonly newestWrite?: Instant; readonly finding: string };

/** Azure promises that the copy in the paired region is at most an hour behind. */
const replicationLagSeconds = 3600;

/** A backup is called complete when its upload is: the data may be from some minutes before. */
const backupSeconds = 900;

/** A dump is read after its backup was marked with a time; the next backup is a day away. */
const backupMillis = 4 * 3_600_000;

const names: Readonly<Record<Expected['mode'], string>> = {
  latest: 'the asked moment',
  'point-in-time': 'the asked moment',
  fast: 'the asked moment',
  geo: 'the order',
  dropped: 'the deletion',
  load: 'the backup',
};

/** Seconds with one decimal below a minute: "0.2 s" is what makes a proof believable. */
const exactSpan = (millis: number): string =>
  millis < 60_000 ? `${(millis / 1000).toFixed(1)} s` : span(millis);

/** The first judgement of the kind that weighs most. */
export function judgeMoment({ copy, source, writes }: ProofFindings, expected: Expected): MomentJudgement {
  const inSource = source.kind === 'looked-at' ? source.server.commits : undefined;
  const all = [
    ...(expected.mode === 'load' ? [] : judgeCommits(copy.commits, inSource, expected)),
    ...writes.map((write) => judgeWrite(write, expected)),
  ];
  const first = (kind: MomentJudgement['kind']) => all.find((judgement) => judgement.kind === kind);
  return (
    first('against') ??
    first('shown') ??
    // What the owner named is said before what the server happens to keep.
    all.filter(({ kind }) => kind === 'open').at(copy.commits.kind === 'tracked' ? 0 : -1) ?? {
      kind: 'open',
      why: 'the policy names no proof of the moment for this server, and it keeps no commit times',
    }
  );
}

/** Of a physical copy: the numbers of its transactions are those of the source, and so are their commit times. */
function judgeCommits(
  commits: Commits,
  inSource: Commits | undefined,
  expected: Expected,
): MomentJudgement[] {
  if (commits.kind === 'untracked') return [];
  const { newest, next } = commits;
  const { mode, moment } = expected;
  if (next !== undefined)
    return [
      {
        kind: 'against',
        newestWrite: next,
        finding: `the copy holds a commit from ${utcExact(next)}, after ${names[mode]}`,
      },
    ];
  if (newest === undefined)
    return [{ kind: 'open', why: 'the copy keeps commit times, but has none from before the moment' }];
  const behind = millisBetween(newest, moment);
  const shown = `newest commit ${exactSpan(behind)} before ${names[mode]}`;
  if (behind <= expected.toleranceSeconds * 1000)
    return [{ kind: 'shown', newestWrite: newest, finding: shown }];
  if (mode === 'geo') return [lagging(newest, behind, expected, 'commit')];
  const compared = inSource?.kind === 'tracked' ? inSource.newest : undefined;
  return [compareCommits(newest, compared, expected, shown)];
}

function compareCommits(
  newest: Instant,
  inSource: Instant | undefined,
  { mode, toleranceSeconds }: Expected,
  shown: string,
): MomentJudgement {
  if (inSource === undefined)
    return { kind: 'open', newestWrite: newest, why: `the ${shown}, and the source could not be compared` };
  const missing = millisBetween(newest, inSource);
  const allowed = (mode === 'fast' ? Math.max(backupSeconds, toleranceSeconds) : toleranceSeconds) * 1000;
  if (missing > allowed)
    return {
      kind: 'against',
      newestWrite: newest,
      finding: `the ${shown}; the source holds a later one from ${utcExact(inSource)}`,
    };
  if (missing > toleranceSeconds * 1000)
    return {
      kind: 'open',
      newestWrite: newest,
      why: `the ${shown}: a backup may be called complete some minutes after its data was read`,
    };
  return {
    kind: 'shown',
    newestWrite: newest,
    finding: `${shown}, and the source holds none between the two`,
  };
}

function lagging(
  newest: Instant,
  behind: number,
  { toleranceSeconds }: Expected,
  what: string,
): MomentJudgement {
  const finding = `newest ${what} ${exactSpan(behind)} before the order: the last data that had reached the region`;
  return behind <= (replicationLagSeconds + toleranceSeconds) * 1000
    ? { kind: 'shown', newestWrite: newest, finding }
    : {
        kind: 'open',
        newestWrite: newest,
        why: `the newest ${what} in the copy is ${exactSpan(behind)} before the order, more than the hour that Azure promises`,
      };
}

function judgeWrite(write: NewestWrite, expected: Expected): MomentJudgement {
  const { inCopy, inSource, column, failed } = write;
  const { moment, toleranceSeconds, mode } = expected;
  const what = column === undefined ? 'write' : `time in ${column}`;
  if (failed !== undefined) return { kind: 'open', why: `the newest ${what} could not be read (${failed})` };
  if (inCopy === null) return judgeEmpty(write);
  const behind = millisBetween(inCopy, moment);
  if (mode === 'load' && behind < 0 && -behind <= backupMillis)
    return {
      kind: 'open',
      newestWrite: inCopy,
      why: `the newest ${what} is ${exactSpan(-behind)} after the time of the backup, which takes a while: its data may be from any moment of it`,
    };
  if (behind < 0)
    return {
      kind: 'against',
      newestWrite: inCopy,
      finding: `the copy holds a ${what} from ${utcExact(inCopy)}, after ${names[mode]}`,
    };
  if (behind <= toleranceSeconds * 1000)
    return {
      kind: 'shown',
      newestWrite: inCopy,
      finding: `newest ${what} ${exactSpan(behind)} before ${names[mode]}`,
    };
  if (mode === 'geo') return lagging(inCopy, behind, expected, what);
  return judgeGap(inCopy, inSource, behind, `newest ${what} in the copy`, expected);
}

function judgeEmpty({ inSource, column }: NewestWrite): MomentJudgement {
  if (column !== undefined)
    return inSource === undefined || inSource === null
      ? { kind: 'open', why: `the copy holds nothing in ${column}` }
      : {
          kind: 'against',
          finding: `the copy holds nothing in ${column}; the source holds a time from ${utcExact(inSource)}`,
        };
  return inSource === null
    ? { kind: 'open', why: 'neither the copy nor the source holds a write to compare with' }
    : { kind: 'against', finding: 'the table that the proof looks at is empty in the copy' };
}

/** The copy is quieter than expected just before the moment: only the source can tell whether something is missing. */
function judgeGap(
  inCopy: Instant,
  inSource: Instant | null | undefined,
  behind: number,
  what: string,
  { mode, moment }: Expected,
): MomentJudgement {
  const gap = `${what} is ${exactSpan(behind)} before ${names[mode]}`;
  if (inSource === undefined || inSource === null)
    return { kind: 'open', newestWrite: inCopy, why: `the ${gap}, and the source could not be compared` };
  if (millisBetween(inCopy, inSource) > 0)
    return {
      kind: 'against',
      newestWrite: inCopy,
      finding: `the ${gap}; the source holds a later one from ${utcExact(inSource)}`,
    };
  return {
    kind: 'shown',
    newestWrite: inCopy,
    finding: `${gap}, and the source holds none between the two (${span(millisBetween(inCopy, moment))} without writes)`,
  };
}

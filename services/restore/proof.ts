/**
 * What was found in the new server, and what it means. "Proven" needs evidence of the asked moment; missing evidence is
 * "unproven", never "proven"; evidence against it is "contradicted".
 */
import { millisBetween, span, utcExact, type Instant } from './instant';
import type { ServerMode } from './plan';

export interface ProofFindings {
  /** Newest write found in the copy; null when the probed table is empty. */
  readonly newestInCopy: Instant | null;
  /** Newest write that the source holds at or before the asked moment; absent when it was not or could not be asked. */
  readonly newestInSource?: Instant | null;
}

export type Verdict =
  | { readonly kind: 'proven'; readonly newestWrite: Instant; readonly finding: string }
  | { readonly kind: 'unproven'; readonly why: string }
  | { readonly kind: 'contradicted'; readonly newestWrite?: Instant; readonly finding: string };

/** What the copy should hold: everything up to `moment`, the owner's tolerance in seconds allowed. */
export interface Expected {
  readonly mode: ServerMode;
  /** The moment that was asked for; of a geo restore the moment of its order, of a deleted server that of its deletion. */
  readonly moment: Instant;
  readonly toleranceSeconds: number;
}

/** Azure promises that the copy in the paired region is at most an hour behind. */
const replicationLagSeconds = 3600;

export function judgeProof(findings: ProofFindings, expected: Expected): Verdict {
  const { newestInCopy, newestInSource } = findings;
  const { moment: asked, toleranceSeconds, mode } = expected;
  if (newestInCopy === null) {
    if (newestInSource === null)
      return { kind: 'unproven', why: 'neither the copy nor the source holds a write to compare with' };
    return { kind: 'contradicted', finding: 'the table that the proof looks at is empty in the copy' };
  }
  const behind = millisBetween(newestInCopy, asked);
  if (behind < 0) {
    return {
      kind: 'contradicted',
      newestWrite: newestInCopy,
      finding: `the copy holds a write from ${utcExact(newestInCopy)}, after ${names[mode]}`,
    };
  }
  if (behind <= toleranceSeconds * 1000) {
    return {
      kind: 'proven',
      newestWrite: newestInCopy,
      finding: `newest write ${exactSpan(behind)} before ${names[mode]}`,
    };
  }
  return mode === 'geo'
    ? judgeLag(newestInCopy, behind, toleranceSeconds)
    : judgeGap(findings, expected, behind);
}

const names: Readonly<Record<ServerMode, string>> = {
  latest: 'the asked moment',
  'point-in-time': 'the asked moment',
  fast: 'the asked moment',
  geo: 'the order',
  dropped: 'the deletion',
};

/** Later writes of the source are missing in a geo copy by its nature: only its age can be judged. */
function judgeLag(newestInCopy: Instant, behind: number, toleranceSeconds: number): Verdict {
  const finding = `newest write ${exactSpan(behind)} before the order: the last data that had reached the region`;
  return behind <= (replicationLagSeconds + toleranceSeconds) * 1000
    ? { kind: 'proven', newestWrite: newestInCopy, finding }
    : {
        kind: 'unproven',
        why: `the newest write in the copy is ${exactSpan(behind)} before the order, more than the hour that Azure promises`,
      };
}

/** The copy is quieter than expected just before the moment: only the source can tell whether something is missing. */
function judgeGap(
  { newestInCopy, newestInSource }: ProofFindings,
  { moment: asked, mode }: Expected,
  behind: number,
): Verdict {
  const gap = `newest write in the copy is ${exactSpan(behind)} before ${names[mode]}`;
  if (newestInCopy === null || newestInSource === undefined || newestInSource === null) {
    return { kind: 'unproven', why: `the ${gap}, and the source could not be compared` };
  }
  if (millisBetween(newestInCopy, newestInSource) > 0) {
    const missing = utcExact(newestInSource);
    return {
      kind: 'contradicted',
      newestWrite: newestInCopy,
      finding: `the ${gap}; the source holds a later one from ${missing}`,
    };
  }
  return {
    kind: 'proven',
    newestWrite: newestInCopy,
    finding: `${gap}, and the source holds none between the two (${span(millisBetween(newestInCopy, asked))} without writes)`,
  };
}

/** Seconds with one decimal below a minute: "0.2 s" is what makes a proof believable. */
const exactSpan = (millis: number): string =>
  millis < 60_000 ? `${(millis / 1000).toFixed(1)} s` : span(millis);

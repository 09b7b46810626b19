/**
 * What the findings in a copy mean. "Proven" needs evidence of the asked moment and nothing against it; where nothing
 * contradicts but the moment cannot be shown it is "plausible"; where nobody could look, "unproven".
 */
import { judgeAlone, judgeEmptyTables, judgeParts } from './proof-inside';
import { judgeLost } from './proof-lost';
import { judgeMoment, type Expected } from './proof-moment';
import { summaryLine, wakingWords } from './proof-summary';
import type { Instant } from './instant';
import type { ProofFindings } from './proof-findings';
import type { ProofProbe } from './proof-probe';

/** What a look brought up besides; absent in what was stored before this was looked for. */
export interface LookedAt {
  /** One short line each; further findings against the copy first. */
  readonly findings?: readonly string[];
  /** What acts by itself in the copy. */
  readonly wakes?: readonly string[];
}

export type Verdict =
  | ({ readonly kind: 'proven'; readonly newestWrite: Instant; readonly finding: string } & LookedAt)
  /** Nothing contradicts; `why` says why it is not proven. */
  | ({ readonly kind: 'plausible'; readonly newestWrite?: Instant; readonly why: string } & LookedAt)
  /** Nobody could look. */
  | { readonly kind: 'unproven'; readonly why: string }
  | ({ readonly kind: 'contradicted'; readonly newestWrite?: Instant; readonly finding: string } & LookedAt);

/** A recovery that aims at a moment takes every commit before it: a few seconds are what clocks may differ. */
export const usualToleranceSeconds = 5;

export type { Expected };

export function judgeProof(found: ProofFindings, expected: Expected, probe?: ProofProbe): Verdict {
  const { copy, checks } = found;
  const source = found.source.kind === 'looked-at' ? found.source.server : undefined;
  const isAnother = source !== undefined && !isOneHistory(found);
  const comparable = isAnother ? undefined : source;
  const { mode, moment, toleranceSeconds } = expected;
  const asOf = { moment, toleranceSeconds, lags: mode === 'geo' || mode === 'fast' };
  const told = isAnother
    ? { ...found, source: { kind: 'not-looked-at', why: anotherCluster } as const }
    : found;
  const parts = [
    ...(comparable ? [judgeLost(copy, comparable, asOf), judgeEmptyTables(copy, comparable, asOf)] : []),
    judgeAlone(copy, checks, probe),
    judgeParts(copy, comparable, asOf),
  ];
  return conclude(
    judgeMoment(told, expected),
    parts.flatMap(({ against }) => against),
    {
      findings: [summaryLine(told, asOf), ...parts.flatMap((each) => each.told)],
      wakes: copy.wakes.map(wakingWords),
    },
    isAnother ? `the source ${anotherCluster}` : undefined,
  );
}

const anotherCluster = 'is another cluster now, so the two were not compared';

/** Servers that were made again under an old name, or upgraded, share no numbers with their copies. */
function isOneHistory({ copy, source }: ProofFindings): boolean {
  if (source.kind === 'not-looked-at') return false;
  const { systemIdentifier } = source.server;
  return (
    systemIdentifier === undefined ||
    copy.systemIdentifier === undefined ||
    systemIdentifier === copy.systemIdentifier
  );
}

/** From the judgement of the moment and everything that speaks against the copy to one verdict. */
export function conclude(
  moment: ReturnType<typeof judgeMoment>,
  against: readonly string[],
  { findings = [], wakes = [] }: LookedAt,
  doubt?: string,
): Verdict {
  const written = moment.newestWrite === undefined ? {} : { newestWrite: moment.newestWrite };
  const [finding, ...further] = [...(moment.kind === 'against' ? [moment.finding] : []), ...against];
  if (finding !== undefined)
    // What is fine besides is no comfort, and would bury what is not.
    return { kind: 'contradicted', ...written, finding, findings: [...further, ...findings.slice(1)], wakes };
  if (moment.kind === 'shown' && doubt === undefined)
    return { kind: 'proven', newestWrite: moment.newestWrite, finding: moment.finding, findings, wakes };
  const why = doubt ?? (moment.kind === 'open' ? moment.why : moment.finding);
  return { kind: 'plausible', ...written, why, findings, wakes };
}

/** What a verdict says in one sentence. */
export const verdictWords = (verdict: Verdict): string =>
  verdict.kind === 'proven' || verdict.kind === 'contradicted' ? verdict.finding : verdict.why;

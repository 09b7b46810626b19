/** View model of how a load ended: each part, what failed of it and why, and what the proof found. Pure. */
import { failedParts } from './load-run';
import { partKey } from './dump-ports';
import { partsRetryableUntil } from './load-moves';
import { promised } from './plan';
import { verdictWords } from './proof';
import { requestKey, type RestoreRequest } from './request';
import { statusWord, type LoadedGot, type RequestState } from './state';
import type { Instant } from './instant';
import type { LoadedMessage, LoadedPartLine } from './messages';
import type { PartRun } from './load-run';

type Completed = Extract<RequestState, { phase: 'completed' }>;

function line({ part, ended }: PartRun): LoadedPartLine[] {
  if (!ended) return [];
  const name = partKey(part);
  const { result } = ended;
  if (result.kind === 'failed')
    return [{ name, outcome: 'failed', because: result.because, failures: result.failures }];
  const { notes, tables, bytes } = result;
  return [
    {
      name,
      outcome: 'loaded',
      notes,
      ...(tables === undefined ? {} : { tables }),
      ...(bytes === undefined ? {} : { bytes }),
    },
  ];
}

/** `retriedAt` is set once somebody tried the failed parts again: the button is gone then. */
export function sayLoaded(
  request: RestoreRequest,
  state: Completed,
  got: LoadedGot,
  retriedAt?: Instant,
): LoadedMessage {
  const { plan } = request;
  const { verdict, run } = state;
  const until = partsRetryableUntil(request);
  return {
    kind: 'loaded',
    version: 1,
    key: requestKey(request),
    status: statusWord(state),
    requester: request.requester,
    source: plan.source.name,
    target: promised(plan).name,
    hostName: got.hostName,
    address: got.address,
    verdict: verdict.kind,
    finding: verdictWords(verdict),
    findings: 'findings' in verdict ? (verdict.findings ?? []) : [],
    wakes: 'wakes' in verdict ? (verdict.wakes ?? []) : [],
    parts: (run.load?.parts ?? []).flatMap(line),
    warnings: got.job?.warnings ?? [],
    tookMillis: Date.parse(state.endedAt) - Date.parse(run.startedAt),
    endedAt: state.endedAt,
    zone: request.zone,
    canRetry: retriedAt === undefined && run.load !== undefined && failedParts(run.load).length > 0,
    ...(until === undefined ? {} : { retryUntil: until }),
    ...(retriedAt === undefined ? {} : { retriedAt }),
    ...(run.load?.markedAt === undefined ? {} : { backupTime: run.load.markedAt }),
    ...(got.job ? { jobId: got.job.jobId } : {}),
  };
}

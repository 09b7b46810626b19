/**
 * The steps that load dump files into a server:
 *
 *   1 checked again before the start   preflight once more; the plan must come out the same, each file with its ETag
 *   2 files loaded into the server     fetched and loaded part by part; a real percentage
 *   3 proof of the data                the server is opened and held against the files and the time of their backup
 *
 * A chain has the same last two after those of its restore from the vault.
 */
import type { LoadProgress } from './dump-ports';
import type { LoadTerms } from './load-plan';
import type { RequestState, Run } from './state';
import type { StepOf } from './step-of';

export const loadingSteps = ({ server }: LoadTerms, from: StepOf['from']): readonly StepOf[] => [
  { name: `files loaded into ${server.name}`, from, to: (run) => run.readyAt, isLong: true },
  { name: 'proof of the data', from: (run) => run.readyAt, to: () => undefined },
];

export const filesToServerSteps = (terms: LoadTerms): readonly StepOf[] => [
  { name: 'checked again before the start', from: (run) => run.startedAt, to: (run) => run.checkedAt },
  ...loadingSteps(terms, (run) => run.checkedAt),
];

const megabytes = (bytes: number): string => (bytes / 1_000_000).toFixed(bytes < 10_000_000 ? 1 : 0);

/** `43 % · data of shop · 120 of 600 objects · 12 of 38 MB fetched`. */
function loadWords(progress: LoadProgress): string {
  const { percent, doing, loadedObjects, objects, downloadedBytes, downloadBytes } = progress;
  return [
    `${Math.floor(percent)} %`,
    ...(doing === '' ? [] : [doing]),
    ...(objects > 0 ? [`${loadedObjects} of ${objects} objects`] : []),
    ...(downloadBytes > 0 ? [`${megabytes(downloadedBytes)} of ${megabytes(downloadBytes)} MB fetched`] : []),
  ].join(' · ');
}

const ended = ({ load }: Run): string => {
  const parts = load?.parts ?? [];
  const over = parts.filter((part) => part.ended !== undefined).length;
  return `${over} of ${parts.length} parts done`;
};

type Running = Extract<RequestState, { run: unknown }>;

export function loadNote(state: Running, progress: LoadProgress | undefined): string {
  switch (state.phase) {
    case 'approved':
      return 'The plan is compared with what is in the container and on the server now';
    case 'loading':
      if (!state.run.load) return 'The files that Azure has written are looked at';
      return progress ? `${loadWords(progress)} · ${ended(state.run)}` : ended(state.run);
    case 'proving':
      return 'Server usable, proof running';
    case 'stopping':
      return `${state.by.name} stopped it; what is half loaded is being removed`;
    case 'ordering':
    case 'restoring':
    case 'waiting-for-copy':
    case 'stopped':
    case 'completed':
    case 'failed':
      return '';
  }
}

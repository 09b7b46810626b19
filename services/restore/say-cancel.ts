/** The question whether a started restore shall be stopped: what can be undone then and what cannot. */
import { canBeStopped, type RequestState, type Run } from './state';
import { isBeyondRecall, outcomeSentence } from './transition';
import { isVaultPlan, loadTerms, promised } from './plan';
import { requestKey, type RestoreRequest } from './request';
import type { CancelMessage } from './messages';
import type { Person } from './person';

/** Nothing is on its way to Azure. */
const isUnordered = ({ phase }: RequestState): boolean =>
  phase === 'approved' || phase === 'waiting-for-copy';

/** Honest about Azure: an accepted order cannot be called back, only what it makes can be taken away. */
function whatHappens({ plan, state }: RestoreRequest): string[] {
  const { name } = plan.target;
  if ('run' in state && state.run.load)
    return [
      'A database that is half loaded is removed again; what is loaded already stays, and roles do too.',
      `The files stay where they are, and ${plan.source.name} is not touched.`,
    ];
  if (loadTerms(plan) && !isVaultPlan(plan))
    return ['Nothing has been loaded yet: nothing will be.', 'The files are not touched.'];
  if (isVaultPlan(plan))
    return ['No restore job has been started yet: none will be.', `${plan.source.name} is not touched.`];
  const untouched =
    plan.mode === 'dropped'
      ? `What is left of ${plan.source.name} stays until five days after its deletion.`
      : `${plan.source.name} is not touched.`;
  if (isUnordered(state))
    return ['No server has come into being yet: nothing more will be ordered.', untouched];
  return [
    'Azure cannot call back a restore that it has accepted: it may go on working for a while.',
    `${name} is deleted as soon as Azure lets it, once it is proven to be the server that this request ordered. Its data is lost then.`,
    untouched,
    'The approval is used up: a new restore needs a new request.',
  ];
}

function phaseOf(request: RestoreRequest): CancelMessage['state'] {
  const { state } = request;
  if (canBeStopped(state) && !isBeyondRecall(request))
    return {
      phase: 'open',
      what: whatHappens(request),
      // A server that files are loaded into was there before, and stays.
      removes: !isUnordered(state) && loadTerms(request.plan) === undefined,
    };
  if (state.phase === 'stopping') return { phase: 'confirmed', by: state.by, at: state.askedAt };
  return { phase: 'over', outcome: outcomeSentence(request) };
}

export const stopQuestion = (state: RequestState): Run['stopQuestion'] =>
  'run' in state ? state.run.stopQuestion : undefined;

/** Undefined when nobody asked. */
export function sayCancel(request: RestoreRequest): CancelMessage | undefined {
  const question = stopQuestion(request.state);
  if (!question) return undefined;
  return {
    kind: 'cancel',
    version: 1,
    key: requestKey(request),
    askedBy: question.by,
    source: request.plan.source.name,
    target: promised(request.plan).name,
    zone: request.zone,
    state: phaseOf(request),
  };
}

/** The same card once somebody said no. */
export const sayKept = (question: CancelMessage, by: Person): CancelMessage => ({
  ...question,
  state: { phase: 'over', outcome: `${by.name} lets it go on` },
});

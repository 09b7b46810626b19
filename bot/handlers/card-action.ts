/**
 * A button. The card's data says which request and which revision it was about; who may do what is decided from the
 * authenticated sender and the store, whatever the card showed.
 */
import { appliedBy, type ApplyVerb, type CardVerb } from '../../cards/actions';
import { readFormInputs } from '../../cards/form-input';
import { problem, type Problem } from '../../services/restore/errors';
import { askedToStopWords } from './stop-words';
import type { BotEvent } from '../activity';
import type { Decided } from '../../services/decided';
import type { FormAnswer } from '../../services/drafting';
import type { Message, RequestMessage, Viewer } from '../../services/restore/messages';
import type { RestoreService, SeenCard } from '../../services/restore-service';

type CardEvent = Extract<BotEvent, { kind: 'card-action' }>;

export type CardAnswer =
  | { readonly kind: 'card'; readonly message: Message; readonly viewer: Viewer }
  /** The card stays as it is; the person reads a sentence. */
  | { readonly kind: 'said'; readonly sentence: string }
  | { readonly kind: 'refused'; readonly because: Problem }
  /** Not something that one of our cards could have sent. */
  | { readonly kind: 'forged' };

const commentOf = (inputs: unknown): string => {
  const comment: unknown =
    typeof inputs === 'object' && inputs !== null && Object.hasOwn(inputs, 'comment')
      ? (inputs as { comment: unknown }).comment
      : '';
  return typeof comment === 'string' ? comment : '';
};

const seen = ({ key, card, by: { person } }: CardEvent, place: SeenCard['place']): SeenCard => ({
  ...{ key, place, card, person },
});

/** A form that was pressed is there, whether or not its post was written down before a process died. */
async function formAnswer(desk: RestoreService, event: CardEvent, answer: FormAnswer): Promise<CardAnswer> {
  if (answer.kind === 'refused') return answer;
  await desk.noteSeen(seen(event, 'receipt'));
  return { kind: 'card', message: answer.message, viewer: 'requester' };
}

async function view(
  desk: RestoreService,
  event: CardEvent,
  place: RequestMessage['place'],
): Promise<CardAnswer> {
  const seen = await desk.view(event.key.id, place, event.by.person);
  return seen
    ? { kind: 'card', ...seen }
    : { kind: 'refused', because: problem('REQUEST_UNKNOWN', { id: event.key.id.slice(0, 20) }) };
}

/** After a decision the person sees the request as it is now; a refusal says why and changes nothing. */
async function afterDecision(
  desk: RestoreService,
  event: CardEvent,
  place: RequestMessage['place'],
  decided: Decided,
): Promise<CardAnswer> {
  // In a chat of one person no card asks for a view of its own: that it is there shows when it is pressed.
  if (place === 'direct') await desk.noteSeen(seen(event, place)).catch(() => undefined);
  if (decided.kind === 'refused') return { kind: 'refused', because: decided.because };
  const shown = async (): Promise<CardAnswer> => view(desk, event, (await desk.placeOf(event.card)) ?? place);
  // It is done: a look that fails now must not tell who pressed that it is not.
  return shown().catch(() => ({
    kind: 'said',
    sentence: `It is recorded. The cards of ${event.key.id} will show it.`,
  }));
}

/** The form is a message of its own; the card that was pressed stays what it is until the form is submitted. */
const editing = (decided: Decided, id: string): CardAnswer =>
  decided.kind === 'refused'
    ? { kind: 'refused', because: decided.because }
    : {
        kind: 'said',
        sentence: `The form of ${id} stands in its thread. Nothing changes until you send it.`,
      };

/** Stopping is asked about in a message of its own, so the progress card that was pressed stays what it is. */
const askedToStop = (decided: Decided, id: string): CardAnswer =>
  decided.kind === 'refused'
    ? { kind: 'refused', because: decided.because }
    : { kind: 'said', sentence: askedToStopWords(id) };

/** After an answer to it the question shows what came of it. */
async function afterStopAnswer(
  desk: RestoreService,
  event: CardEvent,
  decided: Decided,
  said: string,
): Promise<CardAnswer> {
  if (decided.kind === 'refused') return { kind: 'refused', because: decided.because };
  const message = await desk.cancelling.view(event.key.id);
  return message ? { kind: 'card', message, viewer: 'reader' } : { kind: 'said', sentence: said };
}

/** Opening a chat asks for the personal view; a card that is seen, and is one of ours, is also known from then on. */
async function refresh(
  desk: RestoreService,
  event: CardEvent,
  place: RequestMessage['place'],
): Promise<CardAnswer> {
  const answer = await view(desk, event, place);
  const shown = answer.kind === 'card' && answer.message.kind === 'request' ? answer.message.key : undefined;
  // Anybody can make up a key: what carries another than this request's has never been a card of it.
  if (shown?.nonce === event.key.nonce) await desk.noteSeen(seen(event, place));
  return answer;
}

/** The card that was pressed shows that it is at work, and what came of it once it is edited. */
async function apply(desk: RestoreService, event: CardEvent, verb: ApplyVerb): Promise<CardAnswer> {
  const { key, by } = event;
  const decided = await desk.applying.ask(key.id, by.person, appliedBy(verb), { kind: 'card', key });
  if (decided.kind === 'refused') return { kind: 'refused', because: decided.because };
  const message = await desk.applying.view(key.id);
  return message
    ? { kind: 'card', message, viewer: 'reader' }
    : { kind: 'said', sentence: `It is being applied to what ${key.id} made.` };
}

type DraftVerb = Extract<CardVerb, `draft.${string}`>;
type DecisionVerb =
  | 'request.approve'
  | 'request.reject'
  | 'request.ask'
  | 'request.answer'
  | 'request.glass'
  | 'request.review.approve'
  | 'request.review.report'
  | 'request.withdraw'
  | 'request.retry';

async function answerForm(desk: RestoreService, event: CardEvent, verb: DraftVerb): Promise<CardAnswer> {
  const { key, by, inputs } = event;
  const { drafting } = desk;
  switch (verb) {
    case 'draft.submit':
      return formAnswer(desk, event, await drafting.submit(key, by.person, readFormInputs(inputs)));
    case 'draft.update':
      return formAnswer(desk, event, await drafting.update(key, by.person, readFormInputs(inputs)));
    case 'draft.cancel':
      return formAnswer(desk, event, await drafting.cancel(key, by.person));
  }
}

/**
 * What is decided, and on which card it is seen then where the card that was pressed is not known: those of approvers stand in the
 * channel or in a chat with one of them, the requester's in their thread.
 */
function decide(
  desk: RestoreService,
  { key, by: { person }, inputs, in: where }: CardEvent,
  verb: DecisionVerb,
): readonly [RequestMessage['place'], Promise<Decided>] {
  const { decisions } = desk;
  const approvers = where.kind === 'chat' ? 'direct' : 'approval';
  const comment = commentOf(inputs);
  const reference = { kind: 'card', key } as const;
  switch (verb) {
    case 'request.approve':
      return [approvers, decisions.approve(key.id, person, comment, reference)];
    case 'request.reject':
      return [approvers, decisions.reject(key.id, person, comment, reference)];
    case 'request.ask':
      return [approvers, decisions.ask(key.id, person, comment, reference)];
    case 'request.review.approve':
      return [approvers, decisions.review(key.id, person, { verdict: 'approved', comment }, reference)];
    case 'request.review.report':
      return [approvers, decisions.review(key.id, person, { verdict: 'reported', comment }, reference)];
    case 'request.answer':
      return ['receipt', decisions.answer(key.id, person, comment, reference)];
    case 'request.glass':
      return ['receipt', decisions.breakGlass(key.id, person, comment, reference)];
    case 'request.withdraw':
      return ['receipt', decisions.withdraw(key.id, person, reference)];
    case 'request.retry':
      return ['receipt', decisions.retry(key.id, person, reference)];
  }
}

/** Delivered again these would have their effect again; the others find what they did before. */
const anew: readonly CardVerb[] = ['request.ask', 'request.edit', 'request.retry', 'request.cancel'];
export const actsAnew = (verb: CardVerb): boolean => anew.includes(verb);

/** For a press that is delivered once more: whatever came of it the first time, if anything did, stands on the cards. */
export const takenAlready = ({ key }: CardEvent): CardAnswer => ({
  kind: 'said',
  sentence: `This press came once before. The cards of ${key.id} show how it stands.`,
});

export async function handleCardAction(desk: RestoreService, event: CardEvent): Promise<CardAnswer> {
  const { verb, key, by } = event;
  const { person } = by;
  const reference = { kind: 'card', key } as const;
  if (verb.startsWith('draft.') !== (key.about === 'draft')) return { kind: 'forged' };
  switch (verb) {
    case 'draft.submit':
    case 'draft.update':
    case 'draft.cancel':
      return answerForm(desk, event, verb);
    case 'request.view.approval':
      return refresh(desk, event, 'approval');
    case 'request.view.receipt':
      return refresh(desk, event, 'receipt');
    case 'request.approve':
    case 'request.reject':
    case 'request.ask':
    case 'request.answer':
    case 'request.glass':
    case 'request.review.approve':
    case 'request.review.report':
    case 'request.withdraw':
    case 'request.retry': {
      const [place, decided] = decide(desk, event, verb);
      return afterDecision(desk, event, place, await decided);
    }
    case 'request.edit':
      return editing(await desk.drafting.edit(key.id, person, reference), key.id);
    case 'request.cancel':
      return askedToStop(await desk.cancelling.ask(key.id, person, reference), key.id);
    case 'request.cancel.confirm': {
      const decided = await desk.cancelling.confirm(key.id, person, reference);
      return afterStopAnswer(desk, event, decided, `${key.id} is being stopped.`);
    }
    case 'request.cancel.keep': {
      const decided = await desk.cancelling.keep(key.id, person, reference);
      return afterStopAnswer(desk, event, decided, `${key.id} keeps running.`);
    }
    case 'request.apply.parameters':
    case 'request.apply.firewall-rules':
    case 'request.apply.administrators':
    case 'request.apply.diagnostic-settings':
    case 'request.apply.locks':
      return apply(desk, event, verb);
  }
}

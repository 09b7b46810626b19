/** A message that names the bot: a restore opens a form, everything else is answered at once. */
import { parseCommand, type Command } from '../../services/restore/parse-request';
import { askedToStopWords } from './stop-words';
import { sayProblem } from '../../services/answering';
import type { AnswerMessage } from '../../services/restore/messages';
import type { BotEvent } from '../activity';
import type { Decided } from '../../services/decided';
import type { RestoreService } from '../../services/restore-service';

type MessageEvent = Extract<BotEvent, { kind: 'message' }>;
type DecisionCommand = Extract<
  Command,
  { kind: 'approve' | 'reject' | 'withdraw' | 'ask' | 'answer' | 'break-glass' | 'review' | 'edit' }
>;

const decisionKinds: readonly Command['kind'][] = [
  'approve',
  'reject',
  'withdraw',
  'ask',
  'answer',
  'break-glass',
  'review',
  'edit',
] satisfies DecisionCommand['kind'][];

const isDecision = (command: Command): command is DecisionCommand => decisionKinds.includes(command.kind);

const doneWords: Readonly<Record<DecisionCommand['kind'], (id: string) => string>> = {
  approve: (id) => `Your approval of ${id} is recorded.`,
  reject: (id) => `Your rejection of ${id} is recorded.`,
  withdraw: (id) => `You have withdrawn ${id}.`,
  ask: (id) => `Your question about ${id} is asked in its thread.`,
  answer: (id) => `Your answer about ${id} is recorded.`,
  'break-glass': (id) => `${id} starts without approval.`,
  review: (id) => `Your review of ${id} is recorded.`,
  edit: (id) => `The form of ${id} stands in its thread; nothing changes until you send it.`,
};

async function decide(
  desk: RestoreService,
  event: MessageEvent,
  command: DecisionCommand,
): Promise<AnswerMessage> {
  const { person } = event.by;
  const decided = await takeDecision(desk, event, command);
  if (decided.kind === 'refused') return sayProblem(decided.because);
  const title = doneWords[command.kind](command.requestId);
  // It is done: whatever else cannot be read now must not tell its sender otherwise.
  const status = await desk.answering
    .answer({ kind: 'status', requestId: command.requestId }, person)
    .catch((): AnswerMessage => ({ kind: 'answer', version: 1, title, lines: [] }));
  return { ...status, title, lines: status.lines.slice(0, 1), hint: `Recorded for ${person.name}.` };
}

function takeDecision(desk: RestoreService, event: MessageEvent, command: DecisionCommand): Promise<Decided> {
  const { person } = event.by;
  switch (command.kind) {
    case 'approve':
      return desk.decisions.approve(command.requestId, person, '', { kind: 'typed', hash: command.hash });
    case 'reject':
      return desk.decisions.reject(command.requestId, person, command.reason, { kind: 'none' });
    case 'withdraw':
      return desk.decisions.withdraw(command.requestId, person, { kind: 'none' });
    case 'ask':
      return desk.decisions.ask(command.requestId, person, command.question, { kind: 'none' });
    case 'answer':
      return desk.decisions.answer(command.requestId, person, command.words, { kind: 'none' });
    case 'break-glass':
      return desk.decisions.breakGlass(command.requestId, person, command.reason, {
        kind: 'typed',
        hash: command.hash,
      });
    case 'review':
      return desk.decisions.review(command.requestId, person, command, { kind: 'none' });
    case 'edit':
      return desk.drafting.edit(command.requestId, person, { kind: 'none' });
  }
}

/** Words alone stop nothing: they bring the same question that the button on the progress card brings. */
async function askToStop(
  desk: RestoreService,
  { by }: MessageEvent,
  requestId: string,
): Promise<AnswerMessage> {
  const decided = await desk.cancelling.ask(requestId, by.person, { kind: 'none' });
  if (decided.kind === 'refused') return sayProblem(decided.because);
  return { kind: 'answer', version: 1, title: askedToStopWords(requestId), lines: [] };
}

/** Undefined when nothing is to be answered in the turn: the form goes out through the outbox, repeats stay silent. */
export async function handleMessage(
  desk: RestoreService,
  event: MessageEvent,
): Promise<AnswerMessage | undefined> {
  const command = parseCommand(event.text);
  if (command.kind === 'restore' || command.kind === 'validate') {
    const { by, in: place, deliveryKey } = event;
    const asked = {
      by: by.person,
      zone: by.zone,
      sentence: command.sentence,
      thread: place.thread,
      deliveryKey,
    };
    await (command.kind === 'restore' ? desk.drafting.open(asked) : desk.drafting.validate(asked));
    return undefined;
  }
  if (!(await desk.isFirstDelivery(event.deliveryKey))) return undefined;
  if (isDecision(command)) return decide(desk, event, command);
  if (command.kind === 'cancel') return askToStop(desk, event, command.requestId);
  return desk.answering.answer(command, event.by.person);
}

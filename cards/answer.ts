/** The answer to a text command. */
import { fill } from './template';
import { inert } from './escape';
import { statusLook } from './status';
import type { AnswerMessage } from '../services/restore/messages';

/** More would not fit into a message; whoever writes a longer answer has to choose. */
const lineLimit = 25;

export function answerCard(message: AnswerMessage): object {
  const look = message.status === undefined ? undefined : statusLook(message.status);
  return fill('answer', {
    title: inert(message.title),
    status: message.status ?? '',
    color: look?.color ?? 'default',
    struck: look?.struck ?? false,
    lines: message.lines.slice(0, lineLimit).map(({ text, detail, code }) => ({
      text: inert(text),
      detail: detail === undefined ? '' : inert(detail),
      font: code === true ? 'Monospace' : 'Default',
    })),
    hint: message.hint === undefined ? '' : inert(message.hint),
  });
}

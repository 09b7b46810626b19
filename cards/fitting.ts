/** A card has to fit into a message whatever people typed: where it does not, long words are cut shorter before anything is left out. */
import type { ApprovalLine, RequestEnding, RequestMessage } from '../services/restore/messages';

/** Bytes of JSON: a quarter of what a message may have, which leaves room for what clients and the service add. */
export const mostBytes = 25 * 1024;

export const bytesOf = (card: object): number => new TextEncoder().encode(JSON.stringify(card)).length;

function cut(text: string, limit: number): string {
  const characters = [...text];
  return characters.length > limit ? `${characters.slice(0, limit).join('')}…` : text;
}

const shortLine = (line: ApprovalLine): ApprovalLine => ({ ...line, comment: cut(line.comment, 60) });

function shortEnding(ending: RequestEnding): RequestEnding {
  switch (ending.kind) {
    case 'approved':
      return { ...ending, approvals: ending.approvals.map(shortLine) };
    case 'started':
      return { ...ending, glass: { ...ending.glass, reason: cut(ending.glass.reason, 120) } };
    case 'rejected':
      return { ...ending, reason: cut(ending.reason, 120) };
    default:
      return ending;
  }
}

function shortReview({ review }: RequestMessage): Pick<RequestMessage, 'review'> {
  if (!review) return {};
  return { review: 'comment' in review ? { ...review, comment: cut(review.comment, 60) } : review };
}

/** The same request in fewer words; the thread and the evidence hold all of them. */
export function shortened(message: RequestMessage): RequestMessage {
  return {
    ...message,
    ...shortReview(message),
    reason: cut(message.reason, 120),
    approvals: message.approvals.map(shortLine),
    ending: shortEnding(message.ending),
    warnings: message.warnings.map((line) => cut(line, 120)),
    options: message.options.map((line) => cut(line, 50)),
    exactRequest: message.exactRequest
      .split('\n')
      .map((line) => cut(line, 160))
      .join('\n'),
    ...(message.edited ? { edited: message.edited.map((line) => cut(line, 40)) } : {}),
    ...(message.questions
      ? {
          questions: message.questions.map((question) => ({
            ...question,
            text: cut(question.text, 60),
            ...(question.answer
              ? { answer: { ...question.answer, text: cut(question.answer.text, 60) } }
              : {}),
          })),
        }
      : {}),
  };
}

/** The message of a form, or of a check that was asked for in its place: it stands in the thread where it was asked for. */
import { slots } from './slots';
import type { Draft } from './restore/request';
import type { AnswerMessage, FormMessage } from './restore/messages';
import type { OutboxMessage } from './restore/ports';

export const formCard = (draft: Draft, message: FormMessage | AnswerMessage): OutboxMessage => ({
  slot: slots.draft(draft.id),
  requestId: null,
  destination: { kind: 'thread', thread: draft.thread },
  message,
  pace: 'at-once',
});

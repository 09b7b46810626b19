/** The names of the messages of a request: one slot is one message in chat, whatever version it is edited to. */
import { stopQuestion } from './restore/say-cancel';
import type { OutboxMessage } from './restore/ports';
import type { RequestMessage } from './restore/messages';
import type { Person } from './restore/person';
import type { RestoreRequest } from './restore/request';
import type { Run } from './restore/state';

export const thread = (request: RestoreRequest): OutboxMessage['destination'] => ({
  kind: 'thread',
  thread: request.thread,
});

/** Attempts that only went on after a pause share their cards with the one before. */
const cardNumber = ({ attempt, resumed = 0 }: Run): number => attempt - resumed;

export const slots = {
  /** The form's message in the thread; it becomes the receipt of the request. */
  direct: (request: RestoreRequest, { aadObjectId }: Person): string =>
    `${request.id}/direct/${request.revision}/${aadObjectId}`,
  draft: (draftId: string): string => `draft/${draftId}`,
  approval: (request: RestoreRequest): string => `${request.id}/approval/${request.revision}`,
  run: (request: RestoreRequest, kind: 'progress' | 'outcome' | 'failure'): string =>
    `${request.id}/${kind}/${request.revision}.${'run' in request.state ? cardNumber(request.state.run) : 0}`,
  /** One message for every time that somebody asks. */
  stopQuestion: (request: RestoreRequest): string =>
    `${request.id}/stop/${request.revision}/${stopQuestion(request.state)?.at ?? ''}`,
  notice: (request: RestoreRequest, what: string): string =>
    `${request.id}/notice/${request.revision}/${what}`,
};

/** Where a card of a request stands, by the name of its message; undefined for messages of another kind. */
export function placeOf(slot: string): RequestMessage['place'] | undefined {
  if (slot.startsWith('draft/')) return 'receipt';
  const [, what] = slot.split('/');
  return what === 'approval' || what === 'direct' ? what : undefined;
}

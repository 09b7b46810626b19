/** Who a message is about: the people whose Teams ids it needs for mentions and personal views. */
import { approversOf } from '../services/restore/sealed-rule';
import type { Message, RequestMessage } from '../services/restore/messages';
import type { Person } from '../services/restore/person';

/** They are not named on any card: only the one in the channel has a view of their own for them. */
const onCall = ({ place, mayBreakGlass = [] }: RequestMessage): readonly Person[] =>
  place === 'approval' ? mayBreakGlass : [];

export function peopleIn(message: Message): readonly Person[] {
  switch (message.kind) {
    case 'request':
      return [message.requester, ...approversOf(message.rule), ...onCall(message)];
    case 'notice':
      return message.mentions;
    case 'outcome':
    case 'delivery':
    case 'loaded':
    case 'failure':
    case 'form':
      return [message.requester];
    case 'cancel':
      return [message.askedBy];
    case 'progress':
      return message.opening.mentions;
    case 'answer':
      return [];
  }
}

/** What an edit changed, in words of the card. */
import { planChanges } from './plan-changes';
import type { RestoreRequest } from './request';

type Asked = Pick<RestoreRequest, 'plan' | 'inputs'>;

const written = (name: string, was: string, is: string): string[] =>
  was.trim() === is.trim() ? [] : [`${name} (${quoted(was)}, now ${quoted(is)})`];

const quoted = (text: string): string => (text.trim() === '' ? 'none' : `"${text.trim()}"`);

/** Empty when the edit changed nothing that anybody decides by. */
export const editedWords = (before: Asked, after: Asked): string[] => [
  ...planChanges(before.plan, after.plan),
  ...written('the reason', before.inputs.reason, after.inputs.reason),
  ...written('the ticket', before.inputs.ticket, after.inputs.ticket),
];

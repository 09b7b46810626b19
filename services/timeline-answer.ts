/** `timeline R-1`: what became of a request, from its journal, short enough for a phone. */
import { isMessageEntry, timelineLine } from './restore/evidence-words';
import { readRequest } from './moving';
import { statusWord } from './restore/state';
import { utcExact } from './restore/instant';
import type { AnswerLine, AnswerMessage } from './restore/messages';
import type { Deps } from './deps';
import type { JournalEntry } from './restore/ports';

/** More than this nobody reads in a chat; the exported evidence holds all of it. */
const mostLines = 24;
const longestLine = 160;

const cut = (text: string): string =>
  text.length > longestLine ? `${text.slice(0, longestLine - 1)}…` : text;

function lineOf(entry: JournalEntry): AnswerLine {
  const { at, what, who } = timelineLine(entry);
  return { text: cut(what), detail: `${utcExact(at)} · ${who}` };
}

/** What was said in chat stands there; here it is counted. */
function messageLines(history: readonly JournalEntry[]): AnswerLine[] {
  const posted = history.filter(({ kind }) => kind === 'message-posted').length;
  const edited = history.filter(({ kind }) => kind === 'message-edited').length;
  return posted + edited === 0 ? [] : [{ text: `${posted} messages posted, edited ${edited} times` }];
}

export function sayTimeline(id: string, history: readonly JournalEntry[]): Omit<AnswerMessage, 'status'> {
  const steps = history.filter((entry) => !isMessageEntry(entry));
  // How it began is always told; what is left out is between that and the newest.
  const [first, ...others] = steps;
  const newest = others.slice(-(mostLines - 1));
  const left = others.length - newest.length;
  return {
    ...{ kind: 'answer', version: 1, title: `Timeline of ${id}` },
    lines: [
      ...(first ? [lineOf(first)] : []),
      ...(left > 0 ? [{ text: `${left} more steps`, detail: 'they are in the exported evidence' }] : []),
      ...newest.map(lineOf),
      ...messageLines(history),
    ],
    hint: `Times are UTC. For an auditor the owner exports it: evidence export ${id}.`,
  };
}

/** Shows a request to whom `status` shows it. */
export async function answerTimeline(deps: Deps, id: string): Promise<AnswerMessage> {
  const { request } = await readRequest(deps, id);
  return { ...sayTimeline(request.id, await deps.store.history(id)), status: statusWord(request.state) };
}

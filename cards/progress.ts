/** The progress card: edited in place, never personal. */
import { execute } from './actions';
import { fill } from './template';
import { inert } from './escape';
import { span } from '../services/restore/instant';
import { statusLook, type CardColor } from './status';
import type { ProgressMessage, ProgressStep } from '../services/restore/messages';

const stepColor = { done: 'good', running: 'accent', next: 'default', failed: 'attention' } as const;

interface StepWord {
  readonly word: string;
  readonly color: CardColor;
}

/** The proof is over in all three cases, but only one of them is good news. */
function stepWord(step: ProgressStep, isLast: boolean, { status, verdict }: ProgressMessage): StepWord {
  if (isLast && step.state === 'done') {
    if (verdict === 'proven') return { word: 'proven', color: 'good' };
    if (status === 'contradicted') return { word: 'contradicted', color: 'attention' };
    if (verdict === 'plausible') return { word: 'plausible', color: 'warning' };
    if (status === 'completed with warnings') return { word: 'not proven', color: 'warning' };
    if (status === 'proven') return { word: 'proven', color: 'good' };
  }
  return { word: step.state, color: stepColor[step.state] };
}

/** What took less than a second needs no time behind it. */
const timed = (word: string, between: string, millis = 0): string =>
  millis < 1_000 ? word : `${word}${between}${span(millis)}`;

function stepRow(step: ProgressStep, index: number, message: ProgressMessage): object {
  const { word, color } = stepWord(step, index === message.steps.length - 1, message);
  return {
    name: `${index + 1}  ${inert(step.name)}`,
    state: timed(word, ' ', step.millis),
    color,
    isSubtle: step.state === 'next',
    weight: step.state === 'running' || step.state === 'failed' ? 'Bolder' : 'Default',
    note: step.note === undefined ? '' : inert(step.note),
  };
}

function lifeLine({ now, lastSignOfLife, note }: ProgressMessage): string {
  const quietMillis = Date.parse(now) - Date.parse(lastSignOfLife);
  const life =
    quietMillis < 1_000 ? 'Last sign of life just now' : `Last sign of life ${span(quietMillis)} ago`;
  return note === '' ? life : `${life} · ${inert(note)}`;
}

export function progressCard(message: ProgressMessage): object {
  const actions =
    message.cancelKey === undefined
      ? []
      : [execute('Cancel', 'request.cancel', message.cancelKey, { withInputs: false })];
  const data = {
    headline: `${message.requestId} · ${inert(message.source)} → ${inert(message.target)}`,
    status: timed(message.status, ' · ', message.elapsedMillis),
    ...statusLook(message.status),
    steps: message.steps.map((step, index) => stepRow(step, index, message)),
    // `waiting` is a pause of a restore that has started; what has ended shows no sign of life any more, only how it ended.
    life: ['running', 'waiting'].includes(message.status) ? lifeLine(message) : inert(message.note),
  };
  return fill('progress', data, { actions });
}

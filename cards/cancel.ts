/** Asked before a restore that has started is stopped: what a yes does, what it cannot undo, and what came of it. */
import { execute } from './actions';
import { fill } from './template';
import { inert, oneLine } from './escape';
import { inZone, utc } from '../services/restore/instant';
import type { CancelMessage } from '../services/restore/messages';

const nameLimit = 80;
/** Sentences on the card; nobody reads more before a decision. */
const whatLimit = 8;

function headline({ key, state }: CancelMessage): string {
  switch (state.phase) {
    case 'open':
      return `${key.id} · stop this restore?`;
    case 'confirmed':
      return `${key.id} · the restore is being stopped`;
    case 'over':
      return `${key.id} · this question is closed`;
  }
}

function lines({ state, zone }: CancelMessage): string[] {
  switch (state.phase) {
    case 'open':
      return state.what.slice(0, whatLimit).map((sentence) => inert(sentence));
    case 'confirmed': {
      const there = zone === 'UTC' || zone === 'Etc/UTC' ? '' : ` · ${inZone(state.at, zone)}`;
      return [`Stopping: asked by ${inert(state.by.name, nameLimit)} at ${utc(state.at)}${there}`];
    }
    case 'over':
      return [inert(state.outcome)];
  }
}

const stopTitle = ({ target }: CancelMessage, removes: boolean): string =>
  removes ? `Stop and delete ${oneLine(target, nameLimit)}` : 'Stop';

export function cancelCard(message: CancelMessage): object {
  const { key, state } = message;
  const data = {
    headline: headline(message),
    names: `${inert(message.source, nameLimit)} → ${inert(message.target, nameLimit)}`,
    lines: lines(message).map((line) => ({ line })),
    askedBy: state.phase === 'open' ? `Asked by ${inert(message.askedBy.name, nameLimit)}.` : '',
  };
  const actions =
    state.phase === 'open'
      ? [
          execute(stopTitle(message, state.removes), 'request.cancel.confirm', key, {
            style: 'destructive',
            withInputs: false,
          }),
          execute('Keep it running', 'request.cancel.keep', key, { withInputs: false }),
        ]
      : [];
  return fill('cancel', data, { actions });
}

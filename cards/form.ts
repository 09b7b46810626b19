/** The request form, in the thread of the sentence. */
import { execute } from './actions';
import { fieldValue, inert } from './escape';
import { fill } from './template';
import { fieldLimits } from '../services/restore/form-inputs';
import { millisBetween, momentLine, span, utc, utcFrom } from '../services/restore/instant';
import type { BackupFacts } from '../services/restore/servers';
import type { FormInputs } from '../services/restore/form-inputs';
import type { FormMessage } from '../services/restore/messages';

const stateWord = { open: 'draft', checking: 'checking', cancelled: 'cancelled' } as const;

function momentEcho(message: FormMessage): string {
  if (message.inputs.mode === 'latest') return 'The latest moment is fixed when the restore starts.';
  return message.moment === undefined ? '' : `= ${momentLine(message.moment, message.zone, message.now)}`;
}

function windowLine({ window }: FormMessage): string {
  if (!window) return '';
  if (window.earliest === undefined) return `${window.server} has no backup yet.`;
  return `Restorable from ${utcFrom(window.earliest)} until now; the last minutes may not be archived yet (up to about 5 min).`;
}

const stateLine = (message: FormMessage): string =>
  message.state === 'checking'
    ? 'Checking with Azure. Nothing typed is lost; this card changes by itself.'
    : message.state === 'cancelled'
      ? 'Cancelled. Nothing was requested.'
      : '';

/** A card has room for a few dozen choices; the one that is set is always among them. */
const choiceLimit = 40;

const choices = (names: readonly string[], chosen: string): { title: string; value: string }[] =>
  [...names.filter((name) => name === chosen), ...names.filter((name) => name !== chosen)]
    .slice(0, choiceLimit)
    .map((name) => ({ title: name, value: name }));

/** Quoted parts one after the other; a sentence of a thousand words does not fill the card. */
function quoted(parts: readonly string[], quote: '"' | ''): string {
  const said = parts.slice(0, 12).map((part) => `${quote}${inert(part, 120)}${quote}`);
  return [...said, ...(parts.length > 12 ? ['…'] : [])].join(quote === '' ? ' · ' : ', ');
}

/** `2026-11-20 03:10:18 UTC · full · loses 6 h 12 min of writes against the moment`, or its age where no moment is given. */
function backupChoice(
  backup: BackupFacts,
  { moment, inputs, now }: FormMessage,
): { title: string; value: string } {
  const against = inputs.mode === 'point-in-time' && moment !== undefined && backup.completedAt <= moment;
  const lost = against
    ? `loses ${span(millisBetween(backup.completedAt, moment))} of writes against the moment`
    : `loses ${span(millisBetween(backup.completedAt, now))} of writes until now`;
  return {
    title: `${utc(backup.completedAt)} · ${backup.kind === 'automatic' ? 'full' : 'on demand'} · ${lost}`,
    value: backup.name,
  };
}

const field = (inputs: FormInputs, name: keyof FormInputs): string =>
  fieldValue(inputs[name], fieldLimits[name]);

export function formCard(message: FormMessage): object {
  const { inputs, key } = message;
  const open = message.state === 'open';
  const data = {
    state: stateWord[message.state],
    struck: message.state === 'cancelled',
    isOpen: open,
    stateLine: stateLine(message),
    requester: inert(message.requester.name, 80),
    understood: quoted(message.understood, '') || 'nothing yet',
    notUnderstood: quoted(message.notUnderstood, '"'),
    problems: message.problems.slice(0, 10).map(({ sentence, hint }) => ({
      sentence: inert(sentence),
      hint: inert(hint),
    })),
    hasProblems: message.problems.length > 0,
    servers: message.servers.map(({ name, label }) => ({ title: label, value: name })),
    backups: message.backups.slice(0, choiceLimit).map((backup) => backupChoice(backup, message)),
    hasBackups: message.backups.length > 0,
    backup: field(inputs, 'backup'),
    groups: choices(message.resourceGroups, inputs.resourceGroup),
    zones: choices(message.zones, inputs.zone),
    source: field(inputs, 'source'),
    mode: field(inputs, 'mode'),
    moment: field(inputs, 'moment'),
    zone: field(inputs, 'zone'),
    target: field(inputs, 'target'),
    resourceGroup: field(inputs, 'resourceGroup'),
    reason: field(inputs, 'reason'),
    ticket: field(inputs, 'ticket'),
    momentEcho: momentEcho(message),
    windowLine: windowLine(message),
    follows:
      message.follows === undefined ? '' : `Follows the source and cannot be chosen: ${message.follows}.`,
  };
  const actions = open
    ? [
        execute('Request restore', 'draft.submit', key, { style: 'positive' }),
        execute('Cancel', 'draft.cancel', key, { withInputs: false }),
      ]
    : [];
  return fill('form', data, { actions });
}

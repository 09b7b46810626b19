/**
 * One input of the request form: what can be chosen is a list, everything else is typed; what somebody has set is always
 * among the choices.
 */
import { fieldValue, oneLine } from './escape';
import { fieldLimits, type FormField } from '../services/restore/form-inputs';
import type { Choice, FormMessage, SearchedList } from '../services/restore/messages';

/** Stands on the card for "nothing": a choice must have a value, and clients leave out inputs that hold none. */
const unset = '(unset)';

/** What a form sent, with nothing where nothing was chosen. */
export function readFormInputs(data: unknown): unknown {
  if (typeof data !== 'object' || data === null) return data;
  return Object.fromEntries(
    Object.entries(data).map(([name, value]: [string, unknown]) => [name, value === unset ? '' : value]),
  );
}

interface FieldWords {
  readonly label: string;
  readonly placeholder?: string;
}

const words: Readonly<Record<FormField, FieldWords>> = {
  source: { label: 'Source', placeholder: 'Type the name of a server' },
  mode: { label: 'Restore to' },
  moment: { label: 'Moment', placeholder: '2026-11-19 14:05:00' },
  zone: { label: 'Zone', placeholder: 'Europe/Berlin' },
  backup: { label: 'Full backup', placeholder: 'Choose one' },
  region: { label: 'Region', placeholder: 'canadacentral' },
  target: { label: 'New server', placeholder: 'orders-pg-r1' },
  resourceGroup: { label: 'Resource group', placeholder: 'as the source' },
  reason: { label: 'Reason', placeholder: 'What happened, in a few words' },
  ticket: { label: 'Ticket', placeholder: 'INC-4711' },
  subscription: { label: 'Subscription', placeholder: 'as the source' },
  availabilityZone: { label: 'Availability zone', placeholder: 'Azure chooses' },
  storageType: { label: 'Storage type', placeholder: 'as the source' },
  geoRedundancy: { label: 'Backup redundancy', placeholder: 'as the source' },
  subnet: { label: 'Subnet', placeholder: 'Full id of a delegated subnet' },
  dnsZone: { label: 'Private DNS zone', placeholder: 'Full id of the zone' },
  highAvailability: { label: 'High availability (afterwards)', placeholder: 'none' },
  tags: { label: 'Tags', placeholder: 'team=shop, purpose=check' },
  expires: { label: 'Expires (UTC day)', placeholder: '2026-12-03' },
  vault: { label: 'Vault', placeholder: 'vault-shop' },
  container: { label: 'Container (account/container)', placeholder: 'shoprestores/restores' },
  prefix: { label: 'File names begin with', placeholder: 'orders-pg-20261120' },
  database: { label: 'New database', placeholder: 'orders_r1' },
  secret: { label: 'Key vault secret with the login', placeholder: 'vault/secret' },
  rehydration: { label: 'Fetch from the archive', placeholder: 'Standard' },
  rehydrationDays: { label: 'Keep it fetched (days, 10 to 30)', placeholder: '15' },
  owners: { label: 'Owners' },
  grants: { label: 'Grants' },
  ownerMap: { label: 'Owner mapping', placeholder: 'old=new' },
  extras: { label: 'Load schemas and tablespaces files', placeholder: 'none' },
};

const deletedSource: FieldWords = {
  label: 'Deleted server',
  placeholder: 'Type the name of a deleted server',
};
const ofVaults: Readonly<Partial<Record<FormField, FieldWords>>> = {
  source: { label: 'Source (protected by a vault)', placeholder: 'Type the name of a server' },
  backup: { label: 'Recovery point', placeholder: 'Choose one' },
  region: { label: 'Copies in', placeholder: 'the region of the vault' },
  target: { label: 'Single server', placeholder: 'legacy-srv' },
};

const ofLoads: Readonly<Partial<Record<FormField, FieldWords>>> = {
  target: { label: 'Load into server', placeholder: 'orders-pg-dr' },
  database: { label: 'Databases to take', placeholder: 'empty for all, or shop, ledger' },
};

const isOfVault = ({ inputs }: FormMessage): boolean =>
  ['vault-files', 'vault-to-server', 'vault-database'].includes(inputs.mode);

const isLoad = ({ inputs }: FormMessage): boolean =>
  inputs.mode === 'vault-to-server' || inputs.mode === 'files-to-server';

/** How much a card holds: choices in a list, and characters of a text that the desk itself wrote. */
export interface Room {
  readonly choices: number;
  readonly text: number;
}

const titleLimit = 120;

function offered(message: FormMessage, field: FormField, room: Room): Choice[] {
  const chosen = message.inputs[field];
  const known = message.choices[field] ?? [];
  const within = known.slice(0, room.choices);
  const own = known.find(({ value }) => value === chosen) ?? { title: chosen, value: chosen };
  // The list keeps its order; only what is chosen and would be cut off comes to the front.
  const isMissing = chosen !== '' && !within.some(({ value }) => value === chosen);
  return (isMissing ? [own, ...within] : within).slice(0, room.choices).map(({ title, value }) => ({
    title: oneLine(title, Math.min(titleLimit, room.text)) || '–',
    value: value === '' ? unset : fieldValue(value, fieldLimits[field]),
  }));
}

const valueOf = ({ inputs }: FormMessage, field: FormField): string =>
  fieldValue(inputs[field], fieldLimits[field]);

function wordsFor(message: FormMessage, field: FormField): FieldWords {
  if (field === 'source' && message.inputs.mode === 'dropped') return deletedSource;
  const ofLoad = isLoad(message) ? ofLoads[field] : undefined;
  return ofLoad ?? (isOfVault(message) ? ofVaults[field] : undefined) ?? words[field];
}

const common = (message: FormMessage, field: FormField): object => ({
  id: field,
  ...wordsFor(message, field),
  value: valueOf(message, field),
});

function dropdown(message: FormMessage, field: FormField, room: Room): object {
  const choices = offered(message, field, room);
  const isUnset = message.inputs[field] === '' && choices.some(({ value }) => value === unset);
  return {
    type: 'Input.ChoiceSet',
    ...common(message, field),
    ...(isUnset ? { value: unset } : {}),
    placeholder: 'Choose one',
    style: 'compact',
    wrap: true,
    choices,
  };
}

/** What fits into one line of a field on a phone. */
const lineLength = 34;

/** A field shows one line and cuts it off, so what it holds is called by the first parts of its title. */
function shortTitle(title: string): string {
  const parts = title.split(/(?= · | \()/);
  const fitting = parts.filter((_, index) => parts.slice(0, index + 1).join('').length <= lineLength);
  return title.length <= lineLength || fitting.length === 0 ? title : fitting.join('');
}

/** The chosen backup in full, where the field shows only the beginning. */
export function backupLine(message: FormMessage): string {
  const chosen = message.choices.backup?.find(({ value }) => value === message.inputs.backup);
  const isCut = chosen !== undefined && shortTitle(chosen.title) !== chosen.title;
  return isCut && message.fields.includes('backup') ? chosen.title : '';
}

/** A list that is searched while somebody types; its first entries are on the card already. */
const searched = (message: FormMessage, field: FormField, list: SearchedList, room: Room): object => ({
  type: 'Input.ChoiceSet',
  ...common(message, field),
  style: 'filtered',
  choices: offered(message, field, room).map((choice) =>
    choice.value === message.inputs[field] ? { ...choice, title: shortTitle(choice.title) } : choice,
  ),
  'choices.data': {
    type: 'Data.Query',
    dataset: list,
    // Which backups there are depends on the server, the vault and the region that stand in the form at that moment.
    ...(list === 'backups' || list === 'recovery-points' ? { associatedInputs: 'auto' } : {}),
  },
});

const typed = (message: FormMessage, field: FormField): object => ({
  type: 'Input.Text',
  ...common(message, field),
  ...(field === 'reason' || field === 'tags' ? { isMultiline: true } : {}),
  maxLength: fieldLimits[field],
});

const isDay = (text: string): boolean => text === '' || /^\d{4}-\d{2}-\d{2}$/.test(text);

export function inputFor(message: FormMessage, field: FormField, room: Room): object {
  if (room.choices > 0) {
    if (field === 'source') return searched(message, field, serverList(message), room);
    if (field === 'backup')
      return searched(message, field, isOfVault(message) ? 'recovery-points' : 'backups', room);
    if (message.choices[field] !== undefined) return dropdown(message, field, room);
  }
  // A calendar shows nothing of "in two weeks"; what was typed has to stay readable.
  if (field === 'expires' && isDay(message.inputs.expires))
    return { type: 'Input.Date', ...common(message, field) };
  return typed(message, field);
}

const serverList = (message: FormMessage): SearchedList =>
  isOfVault(message) ? 'protected' : message.inputs.mode === 'dropped' ? 'deleted-servers' : 'servers';

/** All of them are on the screen at once. */
const mostModes = 8;

export const modeInput = (message: FormMessage): object => ({
  type: 'Input.ChoiceSet',
  ...common(message, 'mode'),
  style: 'expanded',
  wrap: true,
  choices: (message.choices.mode ?? []).slice(0, mostModes).map(({ title, value }) => ({
    title: oneLine(title, 60),
    value: fieldValue(value, fieldLimits.mode),
  })),
});

/** Which fields a form asks for, in which order, and which of them stand behind its fold. */
import { inputFor, modeInput, type Room } from './form-input';
import { oneLine } from './escape';
import type { FormField } from '../services/restore/form-inputs';
import type { FormMessage } from '../services/restore/messages';
import type { ProblemCode } from '../services/restore/errors';

/** How a folded field is called in the lines beside the fold. */
const foldNames: Readonly<Partial<Record<FormField, string>>> = {
  subscription: 'subscription',
  subnet: 'subnet',
  dnsZone: 'DNS zone',
  availabilityZone: 'availability zone',
  storageType: 'storage',
  geoRedundancy: 'redundancy',
  highAvailability: 'high availability',
  tags: 'tags',
  expires: 'expiry',
  owners: 'owners',
  grants: 'grants',
  ownerMap: 'owner mapping',
  extras: 'schemas and tablespaces',
};
const foldable = Object.keys(foldNames) as readonly FormField[];

/** In the order in which they are asked for; `source` and `mode` stand before them on every form. */
const whatFields: readonly FormField[] = [
  ...(['vault', 'region', 'subnet', 'dnsZone', 'rehydration', 'rehydrationDays'] as const),
  ...(['container', 'prefix', 'target', 'database', 'secret', 'resourceGroup'] as const),
];
const whyFields: readonly FormField[] = ['reason', 'ticket'];

/** A copy in another region has no network to follow, so there its network is asked for in plain sight. */
const isFolded = ({ inputs }: FormMessage, field: FormField): boolean =>
  foldable.includes(field) && !(inputs.mode === 'geo' && (field === 'subnet' || field === 'dnsZone'));

const drawn = (message: FormMessage, fields: readonly FormField[], room: Room): object[] =>
  fields.filter((field) => message.fields.includes(field)).map((field) => inputFor(message, field, room));

export const whereInputs = (message: FormMessage, room: Room): object[] => [
  ...drawn(message, ['source'], room),
  modeInput(message),
];

export const whenInputs = (message: FormMessage, room: Room): object[] =>
  drawn(message, ['moment', 'zone'], room);

export const backupInputs = (message: FormMessage, room: Room): object[] => drawn(message, ['backup'], room);

export const mainInputs = (message: FormMessage, room: Room): object[] =>
  drawn(message, [...whatFields.filter((field) => !isFolded(message, field)), ...whyFields], room);

/** Beginnings of the codes of problems, and the folded field that each is about or can solve. */
const foldedProblems: readonly (readonly [beginning: ProblemCode | `${string}_`, field: FormField])[] = [
  ['SUBSCRIPTION_', 'subscription'],
  ['VERSION_NOT_OFFERED', 'subscription'],
  ['SKU_NOT_OFFERED', 'subscription'],
  ['ZONE_NOT_OFFERED', 'availabilityZone'],
  ['STORAGE_TYPE_', 'storageType'],
  ['GEO_REDUNDANCY_', 'geoRedundancy'],
  ['NETWORK_IS_PUBLIC', 'subnet'],
  ['NETWORK_IS_PUBLIC', 'dnsZone'],
  ['SUBNET_', 'subnet'],
  ['DNS_ZONE_', 'dnsZone'],
  ['TAG_', 'tags'],
  ['TAGS_', 'tags'],
  ['EXPIRES_', 'expires'],
  ['LOAD_CHOICE_UNKNOWN', 'owners'],
  ['OWNER_MAP_', 'ownerMap'],
];

/** These say in their sentence which field they are about; it may be any. */
const problemsOfAnyField: readonly ProblemCode[] = ['CHOICE_UNKNOWN', 'TEXT_TOO_LONG'];

const concerns = (fields: readonly FormField[], code: ProblemCode): boolean =>
  problemsOfAnyField.includes(code) ||
  foldedProblems.some(([beginning, field]) => code.startsWith(beginning) && fields.includes(field));

/** What a list holds for what follows the source by itself. */
const nothingChosen: readonly string[] = ['', 'none', 'default', 'keep'];

interface Fold {
  /** What is behind it: too long for the title of a button on a phone. */
  readonly names: string;
  readonly isOpen: boolean;
  readonly inputs: readonly object[];
  /** What is set behind the closed fold, so that nobody asks for something they have not seen. */
  readonly set: string;
}

/** Everything that follows the source unless somebody says otherwise. */
export function foldOf(message: FormMessage, room: Room): Fold {
  const fields = foldable.filter((field) => message.fields.includes(field) && isFolded(message, field));
  const isOpen = message.problems.some(({ code }) => concerns(fields, code));
  const set = fields.filter((field) => !nothingChosen.includes(message.inputs[field]));
  return {
    names: fields.map((field) => foldNames[field]).join(', '),
    isOpen,
    inputs: drawn(message, fields, room),
    set: isOpen
      ? ''
      : set.map((field) => `${foldNames[field]} ${shownValue(message, field, room)}`).join(' · '),
  };
}

function shownValue(message: FormMessage, field: FormField, room: Room): string {
  const value = message.inputs[field];
  const known = message.choices[field]?.find((choice) => choice.value === value);
  return oneLine(known?.title ?? value, Math.min(40, room.text));
}

/** What a copy differs in from its source besides the data, in groups of which each is applied, or done by hand, as one. */
import { changesOf, applicableKinds, type ApplicableKind, type Change } from './difference-changes';
import { sayChange, warningsOf } from './difference-words';
import type { Detail, HighAvailability, PrivateEndpoint, ServerDetails } from './server-details';

export interface DifferenceItem {
  readonly what: string;
  readonly source: string;
  /** `none` where the copy has nothing of the kind. */
  readonly copy: string;
}

export type DifferenceKind = ApplicableKind | 'high-availability' | 'replicas' | 'private-endpoints';

interface Titled {
  readonly kind: DifferenceKind;
  readonly title: string;
}

export type DifferenceGroup =
  | (Titled & {
      readonly found: 'differs';
      readonly canApply: true;
      readonly items: readonly DifferenceItem[];
      /** What applying wakes, opens or shuts: to be read before anybody presses. */
      readonly warnings: readonly string[];
      /** Some of it takes effect only with a restart of the copy, which nobody does by itself. */
      readonly needsRestart: boolean;
    })
  | (Titled & {
      readonly found: 'differs';
      readonly canApply: false;
      readonly items: readonly DifferenceItem[];
      /** For a shell; what stands in angle brackets has to be chosen. */
      readonly commands: readonly string[];
    })
  /** Nobody could tell whether it differs. */
  | (Titled & { readonly found: 'unknown'; readonly why: string });

const titles: Readonly<Record<DifferenceKind, string>> = {
  parameters: 'Server parameters',
  'firewall-rules': 'Firewall rules',
  administrators: 'Entra administrators',
  'diagnostic-settings': 'Diagnostic settings',
  locks: 'Locks',
  'high-availability': 'High availability',
  replicas: 'Read replicas',
  'private-endpoints': 'Private endpoints',
};

const isByRestart = (change: Change): boolean => change.kind === 'parameters' && change.wanted.needsRestart;

function applicable(kind: ApplicableKind, source: ServerDetails, copy: ServerDetails): DifferenceGroup[] {
  const titled = { kind, title: titles[kind] };
  const changes = changesOf(kind, source, copy);
  if (changes.kind === 'unknown') return [{ ...titled, found: 'unknown', why: changes.why }];
  if (changes.value.length === 0) return [];
  return [
    {
      ...{ ...titled, found: 'differs', canApply: true },
      items: changes.value.map(sayChange),
      warnings: warningsOf(changes.value),
      needsRestart: changes.value.some(isByRestart),
    },
  ];
}

const quoted = (word: string): string =>
  /^[\w./:@-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

/** `--resource-group rg-shop --subscription 1111...`, as an id has them. */
function placeOf(id: string): string {
  const [, subscription = '', group = ''] =
    /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)/i.exec(id) ?? [];
  return `--resource-group ${quoted(group)} --subscription ${quoted(subscription)}`;
}

interface ByHand {
  readonly kind: Exclude<DifferenceKind, ApplicableKind>;
  readonly items: readonly DifferenceItem[];
  readonly commands: readonly string[];
}

function byHand<T>(
  kind: ByHand['kind'],
  [source, copy]: readonly [Detail<T>, Detail<T>],
  compare: (source: T, copy: T) => Omit<ByHand, 'kind'>,
): DifferenceGroup[] {
  const titled = { kind, title: titles[kind] };
  if (source.kind === 'unknown') return [{ ...titled, found: 'unknown', why: `source: ${source.why}` }];
  if (copy.kind === 'unknown') return [{ ...titled, found: 'unknown', why: `copy: ${copy.why}` }];
  const { items, commands } = compare(source.value, copy.value);
  return items.length === 0 ? [] : [{ ...titled, found: 'differs', canApply: false, items, commands }];
}

const sayMode = ({ mode, standbyZone }: HighAvailability): string =>
  mode === 'Disabled' ? 'none' : standbyZone === undefined ? mode : `${mode}, standby in zone ${standbyZone}`;

function highAvailability(source: ServerDetails, copy: ServerDetails): DifferenceGroup[] {
  return byHand('high-availability', [source.highAvailability, copy.highAvailability], (wanted, there) => {
    if (wanted.mode === 'Disabled' || wanted.mode === there.mode) return { items: [], commands: [] };
    const zone = wanted.standbyZone === undefined ? '' : ` --standby-zone ${quoted(wanted.standbyZone)}`;
    return {
      items: [{ what: 'standby server', source: sayMode(wanted), copy: sayMode(there) }],
      commands: [
        `az postgres flexible-server update ${placeOf(copy.id)} --name ${quoted(copy.name)} --high-availability ${quoted(wanted.mode)}${zone}`,
      ],
    };
  });
}

/** Replicas and endpoints get names of their own, so that only how many there are can be compared. */
const fewer = <T>(source: readonly T[], copy: readonly T[]): readonly T[] =>
  source.slice(0, Math.max(0, source.length - copy.length));

const replicas = (source: ServerDetails, copy: ServerDetails): DifferenceGroup[] =>
  byHand('replicas', [source.replicas, copy.replicas], (wanted, there) => {
    const lacked = fewer(wanted, there);
    return {
      items: lacked.map((name) => ({ what: 'read replica', source: name, copy: 'none' })),
      commands: lacked.map(
        (name) =>
          `az postgres flexible-server replica create ${placeOf(copy.id)} --source-server ${quoted(copy.id)} --name '<new name for ${name.replaceAll("'", '')}>'`,
      ),
    };
  });

const endpointCommand = (copy: ServerDetails, { endpointId }: PrivateEndpoint): string =>
  `az network private-endpoint create ${placeOf(endpointId)} --name '<new name>' --connection-name ${quoted(copy.name)} --private-connection-resource-id ${quoted(copy.id)} --group-id postgresqlServer --subnet '<id of the subnet>'`;

const privateEndpoints = (source: ServerDetails, copy: ServerDetails): DifferenceGroup[] =>
  byHand('private-endpoints', [source.privateEndpoints, copy.privateEndpoints], (wanted, there) => {
    const lacked = fewer(wanted, there);
    return {
      items: lacked.map(({ name, status }) => ({ what: name, source: status, copy: 'none' })),
      commands: lacked.map((endpoint) => endpointCommand(copy, endpoint)),
    };
  });

/** Only what the source has and the copy lacks or has otherwise; nothing for what is the same. */
export const differencesOf = (source: ServerDetails, copy: ServerDetails): readonly DifferenceGroup[] => [
  ...applicableKinds.flatMap((kind) => applicable(kind, source, copy)),
  ...highAvailability(source, copy),
  ...replicas(source, copy),
  ...privateEndpoints(source, copy),
];

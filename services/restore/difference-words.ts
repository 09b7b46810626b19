/** How a change of a copy is said, and what has to be known before it is made. */
import type { Change } from './difference-changes';
import type { AddressRange, ChangedParameter, DiagnosticSetting } from './server-details';

export interface SaidChange {
  readonly what: string;
  readonly source: string;
  readonly copy: string;
}

const none = 'none';

const sayValue = ({ value, unit }: ChangedParameter): string => {
  const shown = value === '' ? 'empty' : value;
  // `8kB` is a unit of which the value is a number: "128 x 8kB" and not "1288kB".
  return unit === undefined ? shown : /^\d/.test(unit) ? `${shown} x ${unit}` : `${shown} ${unit}`;
};

const sayRange = ({ start, end }: AddressRange): string => (start === end ? start : `${start} to ${end}`);

/** The last part of an id is its name. */
const sayDestinations = ({ destinations }: DiagnosticSetting): string =>
  Object.values(destinations)
    .map((id) => id.split('/').at(-1) ?? id)
    .join(', ');

const sayOr = <T>(value: T | undefined, say: (value: T) => string, otherwise = none): string =>
  value === undefined ? otherwise : say(value);

export function sayChange(change: Change): SaidChange {
  switch (change.kind) {
    case 'parameters': {
      const { wanted, present } = change;
      const what = wanted.needsRestart ? `${wanted.name} (needs a restart)` : wanted.name;
      return { what, source: sayValue(wanted), copy: sayOr(present, sayValue, 'default') };
    }
    case 'firewall-rules':
      return {
        ...{ what: change.wanted.name, source: sayRange(change.wanted) },
        copy: sayOr(change.present, sayRange),
      };
    case 'administrators':
      return {
        ...{ what: change.wanted.name, source: change.wanted.type },
        copy: sayOr(change.present, ({ type }) => type),
      };
    case 'diagnostic-settings':
      return {
        ...{ what: change.wanted.name, source: `to ${sayDestinations(change.wanted)}` },
        copy: sayOr(change.present, (setting) => `to ${sayDestinations(setting)}`),
      };
    case 'locks':
      return {
        ...{ what: change.wanted.name, source: change.wanted.level },
        copy: sayOr(change.present, ({ level }) => level),
      };
  }
}

const preloaded = (value: string): readonly string[] =>
  value.split(',').map((library) => library.trim().toLowerCase());

/** Libraries that begin to work by themselves as soon as the server runs with them. */
const waking: Readonly<Record<string, string>> = {
  pg_cron: 'the scheduled jobs that came along with the data begin to run',
  pglogical: 'its subscriptions begin to fetch changes',
  pg_partman_bgw: 'it begins to make and drop partitions',
  timescaledb: 'its background jobs begin to run',
};

function parameterWarnings({ name, value }: ChangedParameter): readonly string[] {
  switch (name.toLowerCase()) {
    case 'shared_preload_libraries':
      return preloaded(value).map(
        (library) =>
          `${name}: after a restart ${library} is loaded${waking[library] === undefined ? '' : `, and ${waking[library]}`}.`,
      );
    case 'azure.extensions':
      return [`${name}: ${value} may be created in the copy; those that are there may begin to work.`];
    case 'cron.database_name':
      return [`${name}: pg_cron looks for its jobs in ${value} of the copy, and runs them.`];
    case 'wal_level':
    case 'max_logical_replication_workers':
    case 'max_replication_slots':
      return [`${name}: subscriptions and slots that came along with the data may begin to work.`];
    case 'event_triggers':
    case 'session_replication_role':
      return [`${name}: changes whether triggers fire in the copy.`];
    default:
      return [];
  }
}

function rangeWarnings({ name, start, end }: AddressRange): readonly string[] {
  if (start === '0.0.0.0' && end === '0.0.0.0')
    return [`${name}: lets everything in that runs in Azure, also of other customers.`];
  if (start.startsWith('0.') && end.startsWith('255.')) return [`${name}: lets the whole internet in.`];
  return [];
}

const lockWarning = ({ name, level }: { readonly name: string; readonly level: string }): string =>
  level === 'ReadOnly'
    ? `${name}: nothing of the copy can be changed or deleted any more while it is there, by Restore Desk neither.`
    : `${name}: the copy cannot be deleted any more while it is there, by Restore Desk neither.`;

function warningsOfOne(change: Change): readonly string[] {
  switch (change.kind) {
    case 'parameters':
      return parameterWarnings(change.wanted);
    case 'firewall-rules':
      return rangeWarnings(change.wanted);
    case 'locks':
      return [lockWarning(change.wanted)];
    case 'administrators':
    case 'diagnostic-settings':
      return [];
  }
}

export const warningsOf = (changes: readonly Change[]): readonly string[] => changes.flatMap(warningsOfOne);

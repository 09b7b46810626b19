/** Server parameters: what they are, and how one is changed. */
import { escapeLiteral } from 'pg';
import { ArmError, invalidValue } from './arm-error';
import type { ServerRecord } from './model';
import { onServer, type Child, type DetailRouteDeps } from './server-detail';
import type { ServerClusters } from './server-clusters';
import { withSession } from './server-session';

const shownSettings = [
  ...[
    'work_mem',
    'maintenance_work_mem',
    'shared_buffers',
    'max_connections',
    'max_wal_size',
    'statement_timeout',
  ],
  ...[
    'log_min_duration_statement',
    'shared_preload_libraries',
    'wal_level',
    'idle_in_transaction_session_timeout',
  ],
  ...['autovacuum', 'timezone'],
];

interface SettingRow {
  readonly name: string;
  readonly value: string;
  readonly description: string;
  readonly initial: string | null;
  readonly type: string;
  readonly context: string;
  readonly pending: boolean;
  readonly isOwn: boolean;
  readonly unit: string | null;
  readonly allowed: string;
}

export async function readConfigurations(
  deps: DetailRouteDeps,
  server: ServerRecord,
): Promise<readonly Child[]> {
  const { rows } = await onServer(deps, server, (client) =>
    client.query<SettingRow>(
      `select lower(name) as name, case when pending_restart then coalesce(waiting.setting, s.setting) else s.setting end as value,
              sourcefile like '%postgresql.auto.conf' or waiting.setting is not null as "isOwn", short_desc as description, boot_val as initial, vartype as type,
              context, pending_restart as pending, unit,
              coalesce(array_to_string(enumvals, ','), min_val || '-' || max_val, '') as allowed
       from pg_settings s left join lateral (
         select file.setting from pg_file_settings file
         where lower(file.name) = lower(s.name) and file.sourcefile like '%postgresql.auto.conf' order by seqno desc limit 1
       ) waiting on true
       where lower(name) = any($1) order by 1`,
      [shownSettings],
    ),
  );
  return rows.map((row) => ({
    name: row.name,
    properties: {
      value: row.value,
      description: row.description,
      defaultValue: row.initial ?? '',
      dataType:
        { bool: 'Boolean', integer: 'Integer', real: 'Numeric', enum: 'Enumeration' }[row.type] ?? 'String',
      allowedValues: allowedHere[row.name] ?? row.allowed,
      source: row.isOwn ? 'user-override' : 'system-default',
      isDynamicConfig: row.context !== 'postmaster' && row.context !== 'internal',
      isReadOnly: row.context === 'internal',
      isConfigPendingRestart: row.pending,
      ...(row.unit === null ? {} : { unit: row.unit }),
    },
  }));
}

/** Parameters that PostgreSQL would take more for than Azure does, or than this machine has. */
const allowedHere: Readonly<Record<string, string>> = {
  wal_level: 'replica,logical',
  shared_preload_libraries: 'auto_explain,pg_stat_statements',
};

/** Refuses what can be told at once; what PostgreSQL itself has against a value is found out later. */
export function requireSettable({ name, properties }: Child, value: string): void {
  if (properties['isReadOnly'] === true) throw invalidValue(`The parameter '${name}' is read-only.`);
  const allowed = allowedHere[name]?.split(',');
  const asked = value.split(',').filter((word) => word !== '');
  if (allowed && !asked.every((word) => allowed.includes(word.trim())))
    throw invalidValue(`The value '${value}' is not allowed for '${name}': ${allowed.join(', ')}.`);
}

/** `undefined` goes back to the default. What needs a restart waits for one. */
export async function setConfiguration(
  clusters: ServerClusters,
  server: ServerRecord,
  name: string,
  value: string | undefined,
): Promise<void> {
  // A list is given word by word, or PostgreSQL takes it for one long word.
  const words = name === 'shared_preload_libraries' ? (value ?? '').split(',') : [value ?? ''];
  const setting = words.map((word) => escapeLiteral(word.trim())).join(', ');
  try {
    await withSession(clusters.asSuperuser(server), async (client) => {
      await client.query(
        value === undefined ? `alter system reset ${name}` : `alter system set ${name} = ${setting}`,
      );
      await client.query('select pg_reload_conf()');
    });
  } catch (error) {
    throw new ArmError(400, 'InvalidParameterValue', error instanceof Error ? error.message : String(error));
  }
}

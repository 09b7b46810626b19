/**
 * The files that a vault restore leaves in a container. Azure names them after the backup: one archive per database, three
 * files of SQL for what belongs to the whole server, and a mark with the time of the backup.
 */
export interface RestoredFile {
  /** Without the path of its prefix, where that is one. */
  readonly name: string;
  readonly bytes: number;
  readonly kind: 'database' | 'roles' | 'schemas' | 'tablespaces' | 'time mark' | 'other';
  /** Of a database file. */
  readonly database?: string;
}

/** `files` with their full names; `prefix` is what the restore was told to begin them with. */
export function describeFiles(
  files: readonly { readonly name: string; readonly bytes: number }[],
  prefix: string,
): RestoredFile[] {
  return files
    .map(({ name, bytes }) => ({ name, bytes, ...kindOf(name.slice(prefix.length)) }))
    .sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind) || a.name.localeCompare(b.name));
}

const order: readonly RestoredFile['kind'][] = [
  'time mark',
  'database',
  'roles',
  'schemas',
  'tablespaces',
  'other',
];

function kindOf(rest: string): Pick<RestoredFile, 'kind' | 'database'> {
  const database = /_database_(.+?)(?:\.sql)?$/i.exec(rest)?.[1];
  if (database !== undefined) return { kind: 'database', database };
  const part = /_(roles|schemas|tablespaces)(?:\.sql)?$/i.exec(rest)?.[1]?.toLowerCase();
  if (part === 'roles' || part === 'schemas' || part === 'tablespaces') return { kind: part };
  return { kind: /(marker|timestamp|time)/i.test(rest) ? 'time mark' : 'other' };
}

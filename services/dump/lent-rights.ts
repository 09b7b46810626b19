/**
 * Only who may create in a schema can be given something there, unless a superuser gives it. Owners in a dump often may not,
 * or get that right only at the end of the load: it is lent to them for as long as the load lasts.
 */
import { escapeIdentifier, type Client } from 'pg';
import type { TocEntry } from './archive-toc';
import type { LoadChoices } from '../restore/dump-ports';
import { isLost, serverMessage } from './sessions';
import type { Stages } from './stages';

export interface Grant {
  /** `schema "a b"`, as SQL has it. */
  readonly on: string;
  readonly to: string;
}

interface Lending {
  readonly database: string;
  readonly order: { readonly choices: LoadChoices };
  readonly context: { readonly ownersLeft: ReadonlySet<string> };
}

const unique = (pairs: readonly (readonly [string, string])[]): [string, string][] => [
  ...new Map(pairs.map(([a, b]) => [JSON.stringify([a, b]), [a, b] as [string, string]])).values(),
];

const lacking = `
  select 'schema' as kind, n.nspname::text as name, w.owner from unnest($1::text[], $2::text[]) w(name, owner)
    join pg_namespace n on n.nspname = w.name join pg_roles r on r.rolname = w.owner
    where not has_schema_privilege(r.oid, n.oid, 'create')
  union all
  select 'database', current_database(), w.owner from unnest($3::text[]) w(owner) join pg_roles r on r.rolname = w.owner
    where not has_database_privilege(r.oid, current_database(), 'create')`;

export async function lendCreate(client: Client, lending: Lending, stages: Stages): Promise<Grant[]> {
  if (lending.order.choices.owners === 'drop') return [];
  const isKept = ({ owner }: TocEntry) => owner !== '' && !lending.context.ownersLeft.has(owner);
  const all = [...stages.schemas, ...stages.before, ...stages.after].filter(isKept);
  const inSchemas = unique(
    all.filter(({ schema }) => schema !== '').map(({ schema, owner }) => [schema, owner]),
  );
  const inDatabase = [...new Set(all.filter(({ schema }) => schema === '').map(({ owner }) => owner))];
  const { rows } = await client.query<{ kind: string; name: string; owner: string }>(lacking, [
    inSchemas.map(([schema]) => schema),
    inSchemas.map(([, owner]) => owner),
    inDatabase,
  ]);
  const lent: Grant[] = [];
  for (const { kind, name, owner } of rows) {
    const grant = { on: `${kind} ${escapeIdentifier(name)}`, to: escapeIdentifier(owner) };
    try {
      await client.query(`grant create on ${grant.on} to ${grant.to}`);
      lent.push(grant);
    } catch (error) {
      // What needs it says so when it is made.
      if (isLost(error)) throw error;
    }
  }
  return lent;
}

/** Before the grants of the dump itself. Answers notes of what did not go. */
export async function takeBack(client: Client, lent: readonly Grant[]): Promise<string[]> {
  const notes: string[] = [];
  for (const { on, to } of lent) {
    await client.query(`revoke create on ${on} from ${to}`).catch((error: unknown) => {
      if (isLost(error)) throw error;
      notes.push(`${to} may still create in ${on}: ${serverMessage(error)}`);
    });
  }
  return notes;
}

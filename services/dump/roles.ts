/** Makes the roles of a roles file: all of it in one transaction, so that a death leaves either all or nothing. */
import { readFile, stat } from 'node:fs/promises';
import { escapeIdentifier, escapeLiteral, type Client } from 'pg';
import type { LoadOrder, ObjectFailure, PartResult } from '../restore/dump-ports';
import { problem } from '../restore/errors';
import { readRolesFile } from './roles-file';
import { judgeRoles, type RolesJudgement, type RoleToMake } from './roles-judgement';
import { isLost, serverMessage, type Target } from './sessions';
import { orderLoginName, readStandingRoles, rolesMade, rolesMadeComment } from './standing-roles';

/** A million roles would fit. */
const mostBytes = 128 * 1024 * 1024;

export async function loadRoles(target: Target, order: LoadOrder, path: string): Promise<PartResult> {
  const name = order.parts.find(({ kind }) => kind === 'roles')?.file.name ?? 'the roles file';
  if ((await stat(path)).size > mostBytes) {
    return {
      kind: 'failed',
      because: problem('ROLES_UNREADABLE', { name, why: 'it is too large' }),
      failures: [],
    };
  }
  const text = await readFile(path, 'utf8');
  if (text.startsWith('PGDMP') || text.includes('\0')) {
    const why = 'it is not text';
    return { kind: 'failed', because: problem('ROLES_UNREADABLE', { name, why }), failures: [] };
  }
  return target.asAdmin((client) => carryOut(client, target, order, { name, text }));
}

async function carryOut(
  client: Client,
  target: Target,
  order: LoadOrder,
  { name, text }: { readonly name: string; readonly text: string },
): Promise<PartResult> {
  const standing = await readStandingRoles(client, order.key);
  const judgement = judgeRoles(readRolesFile(text), {
    ...{ standing, login: target.login, postgresMajor: order.server.postgresMajor },
    ...(order.rolesOfSource === undefined ? {} : { ofSource: order.rolesOfSource }),
  });
  if (judgement.kind === 'stopped') return stopped(name, judgement.excesses);
  const before = rolesMade(standing, order.key);
  if (before.failures.length > 0) return incomplete(name, before.failures);
  if (before.made.length > 0)
    return { kind: 'loaded', notes: before.made.map((role) => `role ${role} was made`), made: before.made };
  const failures = await make(client, order, judgement);
  if (failures.length > 0) return incomplete(name, failures);
  return {
    kind: 'loaded',
    notes: [...judgement.make.map((role) => `role ${role.name} was made`), ...judgement.notes],
    made: judgement.make.map((role) => role.name),
  };
}

const incomplete = (name: string, failures: readonly ObjectFailure[]): PartResult => ({
  kind: 'failed',
  because: problem('ROLES_INCOMPLETE', { name, count: failures.length }),
  failures: failures.slice(0, 20),
});

function stopped(
  name: string,
  excesses: readonly { readonly role: string; readonly excess: string }[],
): PartResult {
  const [first = { role: '', excess: '' }] = excesses;
  return {
    kind: 'failed',
    because: problem('ROLES_GIVE_MORE', { name, ...first, others: excesses.length - 1 }),
    failures: excesses
      .slice(0, 20)
      .map(({ role, excess }) => ({ object: `ROLE ${role}`, message: `would get ${excess}` })),
  };
}

/**
 * Without the right to make databases: those that it is for get it when nothing of the dumps runs any more, as the login of the
 * order acts as them meanwhile.
 */
const createSql = ({ name, attributes, connectionLimit, validUntil }: RoleToMake): string =>
  [
    `create role ${escapeIdentifier(name)}`,
    ...['inherit', 'login', 'createrole'].map((one) =>
      (attributes as readonly string[]).includes(one) ? one : `no${one}`,
    ),
    ...(connectionLimit === undefined ? [] : [`connection limit ${connectionLimit}`]),
    ...(validUntil === undefined ? [] : [`valid until ${escapeLiteral(validUntil)}`]),
  ].join(' ');

type ToCarryOut = Extract<RolesJudgement, { kind: 'carry-out' }>;

function memberSql({ of, role, options }: ToCarryOut['memberships'][number], major: number): string {
  const wanted = major >= 16 ? (['admin', 'inherit', 'set'] as const) : (['admin'] as const);
  const said = wanted.flatMap((word) => {
    const value = options[word];
    return value === undefined ? [] : [`${word} ${value}`];
  });
  const rest = major >= 16 ? ` with ${said.join(', ')}` : options.admin ? ' with admin option' : '';
  return `grant ${escapeIdentifier(of)} to ${escapeIdentifier(role)}${rest}`;
}

/** Names of lists of schemas and the like must stay lists; they are the only settings whose values hold several words. */
const settingSql = ({ role, name, values }: ToCarryOut['settings'][number]): string =>
  `alter role ${escapeIdentifier(role)} set ${escapeIdentifier(name)} to ${values.map((one) => escapeLiteral(one)).join(', ')}`;

const statementsFor = (judgement: ToCarryOut, major: number): (readonly [object: string, sql: string])[] => [
  ...judgement.make.map((role) => [`ROLE ${role.name}`, createSql(role)] as const),
  ...judgement.settings.map((one) => [`SETTING ${one.name} of role ${one.role}`, settingSql(one)] as const),
  ...judgement.memberships.map(
    (one) => [`MEMBERSHIP of ${one.role} in ${one.of}`, memberSql(one, major)] as const,
  ),
  ...judgement.comments.map(
    ({ role, text }) =>
      [
        `COMMENT on role ${role}`,
        `comment on role ${escapeIdentifier(role)} is ${escapeLiteral(text)}`,
      ] as const,
  ),
];

async function make(client: Client, order: LoadOrder, judgement: ToCarryOut): Promise<ObjectFailure[]> {
  const failures: ObjectFailure[] = [];
  await client.query('begin');
  for (const [object, sql] of statementsFor(judgement, order.server.postgresMajor)) {
    try {
      await client.query(`savepoint one; ${sql}; release savepoint one`);
    } catch (error) {
      if (isLost(error)) throw error;
      await client.query('rollback to savepoint one');
      failures.push({ object, message: serverMessage(error) });
    }
  }
  const made = judgement.make.map(({ name }) => name);
  await giveToAdministrators(client, made);
  const createdb = judgement.make
    .filter(({ attributes }) => attributes.includes('createdb'))
    .map(({ name }) => name);
  const comment = escapeLiteral(rolesMadeComment({ made, createdb, failures: failures.slice(0, 1000) }));
  await client.query(`comment on role ${escapeIdentifier(orderLoginName(order.key))} is ${comment}`);
  await client.query('commit');
  return failures;
}

/** Azure's group of those who administrate a server. */
const administrators = 'azure_pg_admin';

/**
 * Whoever administrates the server has to set passwords for what was made, and may look into it. On PostgreSQL 16 and newer
 * only the maker of a role could, and that is our login.
 */
export async function giveToAdministrators(client: Client, roles: readonly string[]): Promise<void> {
  const { rowCount } = await client.query('select 1 from pg_roles where rolname = $1', [administrators]);
  if (rowCount === 0) return;
  for (const name of roles) {
    const sql = `grant ${escapeIdentifier(name)} to ${administrators} with admin option`;
    try {
      await client.query(`savepoint one; ${sql}; release savepoint one`);
    } catch (error) {
      if (isLost(error)) throw error;
      // The load does without: they can still be made members by hand.
      await client.query('rollback to savepoint one');
    }
  }
}

/**
 * Resource Graph: what all subscriptions hold, told from a copy that lags behind. A row shows only some time after its
 * resource came to be, only in the subscriptions that were asked for, and only to callers who may read the resource.
 */
import { ArmError } from './arm-error';
import type { Row } from './graph-expression';
import { readQuery, type GraphQuery } from './graph-query';
import { QueryRefused } from './graph-tokens';
import { text, type Json } from './json-parts';
import type { RoleAssignment } from './model';
import { isAllowed } from './roles';
import { tenantId } from '../identities';

export type GraphTable = 'resources' | 'recoveryservicesresources';

export interface ResourceRow {
  readonly id: string;
  readonly name: string;
  /** With its namespace, in any letter case. */
  readonly type: string;
  readonly location: string;
  readonly resourceGroup: string;
  readonly subscriptionId: string;
  readonly properties: object;
  /** When the resource came to be, in milliseconds since 1970. */
  readonly since: number;
  readonly kind?: string;
  readonly sku?: object;
  readonly tags?: object;
  readonly identity?: object;
}

/** All rows that somebody has to add to a table. */
export type ResourceRows = (table: GraphTable) => readonly ResourceRow[];

export interface GraphDeps {
  readonly rows: readonly ResourceRows[];
  readonly assignments: () => readonly RoleAssignment[];
  readonly lagMs: number;
  readonly nowMs: () => number;
}

export interface GraphQuestion {
  readonly query: string;
  /** Undefined: every subscription the caller may read in. */
  readonly subscriptionIds: readonly string[] | undefined;
  readonly principalId: string;
}

const tables: readonly GraphTable[] = ['resources', 'recoveryservicesresources'];

/** The whole answer to a question, before it is cut into pages; throws an ArmError about a query it cannot follow. */
export function answerQuestion(deps: GraphDeps, question: GraphQuestion): readonly Row[] {
  return refusingBadQueries(() => {
    const query = readQuery(question.query);
    const seen = rowsOf(deps, query).filter((row) => isSeen(deps, question, row));
    return query.run(seen.map(toColumns));
  });
}

function rowsOf(deps: GraphDeps, { table }: GraphQuery): ResourceRow[] {
  const known = tables.find((name) => name === table);
  if (!known) throw new QueryRefused(`Table ${table} was not found.`);
  return deps.rows.flatMap((rows) => rows(known));
}

function isSeen(deps: GraphDeps, { subscriptionIds, principalId }: GraphQuestion, row: ResourceRow): boolean {
  return (
    row.since + deps.lagMs <= deps.nowMs() &&
    (subscriptionIds === undefined || subscriptionIds.includes(row.subscriptionId.toLowerCase())) &&
    isAllowed(deps.assignments(), principalId, `${row.type}/read`, row.id)
  );
}

function toColumns(row: ResourceRow): Row {
  const { id, name, type, location, resourceGroup, subscriptionId, properties } = row;
  const { kind = '', sku = null, tags = null, identity = null } = row;
  return {
    ...{ id, name, type: type.toLowerCase(), tenantId, kind, location },
    ...{ resourceGroup: resourceGroup.toLowerCase(), subscriptionId, managedBy: '' },
    ...{ sku, plan: null, properties, tags, identity, zones: null, extendedLocation: null },
  };
}

function refusingBadQueries<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof QueryRefused)) throw error;
    throw invalidQuestion('InvalidQuery', `Query is invalid. ${error.message}`);
  }
}

const invalidQuestion = (code: string, message: string): ArmError =>
  new ArmError(400, 'BadRequest', `${code}: ${message}`, { cause: 'service' });

export interface GraphPage {
  readonly totalRecords: number;
  readonly count: number;
  readonly data: readonly Row[];
  readonly facets: readonly never[];
  /** A word, as Azure sends it. */
  readonly resultTruncated: 'true' | 'false';
  readonly $skipToken?: string;
}

const largestPage = 1000;

/** Cuts an answer by the `options` of the request: `$top`, `$skip` and the `$skipToken` of the page before. */
export function pageOf(rows: readonly Row[], options: Json): GraphPage {
  if ((text(options['resultFormat']) ?? 'objectArray').toLowerCase() !== 'objectarray')
    throw invalidQuestion('InvalidResultFormat', 'Only objectArray is answered here.');
  const top = readNumber(options, '$top', 1) ?? largestPage;
  if (top > largestPage) throw invalidQuestion('InvalidTop', `$top is ${largestPage} at most.`);
  const start = readToken(options['$skipToken']) ?? readNumber(options, '$skip', 0) ?? 0;
  const data = rows.slice(start, start + top);
  const more = start + top < rows.length;
  return {
    ...{ totalRecords: rows.length, count: data.length, data, facets: [] },
    resultTruncated: more ? 'true' : 'false',
    ...(more ? { $skipToken: Buffer.from(`graph:${start + top}`).toString('base64') } : {}),
  };
}

function readNumber(options: Json, name: string, lowest: number): number | undefined {
  const value = options[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= lowest) return value;
  throw invalidQuestion('InvalidOptions', `${name} is a whole number from ${lowest} on.`);
}

function readToken(token: unknown): number | undefined {
  if (token === undefined || token === null || token === '') return undefined;
  const text = typeof token === 'string' ? Buffer.from(token, 'base64').toString() : '';
  const start = /^graph:(\d+)$/.exec(text)?.[1];
  if (start === undefined) throw invalidQuestion('InvalidSkipToken', 'The $skipToken is not one of ours.');
  return Number(start);
}

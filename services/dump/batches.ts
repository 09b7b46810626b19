/**
 * Carries out entries of a table of contents that are SQL: many in one message, because on a far server round trips are what
 * takes time. A message is one transaction; when it fails, halves of it are tried, until the entry to blame is alone.
 */
import { writeFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from 'pg';
import type { LoadChoices, ObjectFailure } from '../restore/dump-ports';
import { objectName, type TocEntry } from './archive-toc';
import type { ArchiveFile } from './archive-file';
import { runChild } from './child';
import { isDiskFull, isLost, serverMessage } from './sessions';
import type { Tools } from './tools';

export interface BatchContext {
  readonly tools: Tools;
  readonly archive: ArchiveFile;
  readonly choices: LoadChoices;
  /** Roles that get nothing of what they owned. */
  readonly ownersLeft: ReadonlySet<string>;
  /** For lists; emptied by whoever made it. */
  readonly workFolder: string;
  readonly signal: AbortSignal;
  readonly onDone: (entries: readonly TocEntry[]) => void;
}

export interface LoadFailure extends ObjectFailure {
  readonly isServerFull: boolean;
}

const mostEntries = 600;
const mostText = 2 * 1024 * 1024;
const mostOutput = 256 * 1024 * 1024;

/** A batch keeps the owners of all that is in it, or of nothing. */
export function intoBatches(
  entries: readonly TocEntry[],
  { ownersLeft }: Pick<BatchContext, 'ownersLeft'>,
  most = mostEntries,
): TocEntry[][] {
  const batches: TocEntry[][] = [];
  let text = 0;
  for (const entry of entries) {
    const last = batches.at(-1);
    text += entry.definition.length;
    const isOtherWay =
      last?.[0] !== undefined && ownersLeft.has(last[0].owner) !== ownersLeft.has(entry.owner);
    if (last === undefined || isOtherWay || last.length >= most || text > mostText) {
      batches.push([entry]);
      text = entry.definition.length;
    } else last.push(entry);
  }
  return batches;
}

let lists = 0;

export async function writeList(folder: string, entries: readonly TocEntry[]): Promise<string> {
  const file = join(folder, `${process.pid}-${++lists}.list`);
  await writeFile(file, entries.map(({ id }) => `${id};\n`).join(''), { mode: 0o600 });
  return file;
}

export const choiceArguments = (choices: LoadChoices): string[] => [
  // Servers in Azure have none of their own; what was told apart by them lies together.
  '--no-tablespaces',
  ...(choices.owners === 'drop' ? ['--no-owner'] : []),
  ...(choices.grants === 'drop' ? ['--no-acl'] : []),
];

/** The program brackets what it prints for psql with a key that nobody can guess; the server does not know these lines. */
function withoutBrackets(sql: string): string {
  const key = /^\\restrict ([A-Za-z0-9]+)$/m.exec(sql)?.[1];
  if (key === undefined) return sql;
  return sql.replace(`\\restrict ${key}\n`, '').replace(new RegExp(`^\\\\unrestrict ${key}$`, 'm'), '');
}

/** What stock pg_restore prints for these is their definition and nothing else: it need not be asked. */
const definedAlone = [
  'INDEX',
  'CONSTRAINT',
  'CHECK CONSTRAINT',
  'FK CONSTRAINT',
  'INDEX ATTACH',
  'SEQUENCE SET',
];
const settingKinds = ['ENCODING', 'STDSTRINGS', 'SEARCHPATH'];

/** Settings of the session that pg_restore begins everything with. */
const preamble = (archive: ArchiveFile): string =>
  [
    'set statement_timeout = 0; set lock_timeout = 0; set idle_in_transaction_session_timeout = 0;',
    ...archive.toc.entries
      .filter(({ kind }) => settingKinds.includes(kind))
      .map(({ definition }) => definition),
    'set check_function_bodies = false; set xmloption = content; set client_min_messages = warning;',
    'set row_security = off;',
  ].join('\n');

/** What stock pg_restore would run for these entries. */
async function sqlFor(context: BatchContext, entries: readonly TocEntry[]): Promise<string> {
  if (entries.every(({ kind }) => definedAlone.includes(kind))) {
    return [preamble(context.archive), ...entries.map(({ definition }) => definition)].join('\n');
  }
  const list = await writeList(context.workFolder, entries);
  const withoutOwners = entries.some(({ owner }) => context.ownersLeft.has(owner)) ? ['--no-owner'] : [];
  let said = '';
  const { code, output } = await runChild({
    program: context.tools.pgRestore,
    args: [
      ...choiceArguments(context.choices),
      ...withoutOwners,
      '-L',
      list,
      '-f',
      '-',
      context.archive.path,
    ],
    ...{ signal: context.signal, mostOutput },
    onLine: (line) => (said ||= line),
  });
  await rm(list, { force: true });
  context.signal.throwIfAborted();
  if (code !== 0) throw new UnreadableArchive(said.replace(/^pg_restore: (error: )?/, '').slice(0, 200));
  return withoutBrackets(output);
}

/** pg_restore cannot read what it is given. */
export class UnreadableArchive extends Error {}

/** In this order, over one session. */
export async function runBatches(
  context: BatchContext,
  client: Client,
  batches: readonly (readonly TocEntry[])[],
): Promise<LoadFailure[]> {
  const failures: LoadFailure[] = [];
  let next = prepare(context, batches[0]);
  for (const [index, batch] of batches.entries()) {
    const sql = await next;
    // Printed while the server works on the one before.
    next = prepare(context, batches[index + 1]);
    failures.push(...(await runBatch(context, client, batch, sql)));
  }
  return failures;
}

function prepare(context: BatchContext, batch: readonly TocEntry[] | undefined): Promise<string> {
  const sql = batch === undefined ? Promise.resolve('') : sqlFor(context, batch);
  // It is waited for later; until then its failure is nobody's.
  sql.catch(() => undefined);
  return sql;
}

async function runBatch(
  context: BatchContext,
  client: Client,
  batch: readonly TocEntry[],
  sql: string,
  isAgain = false,
): Promise<LoadFailure[]> {
  try {
    context.signal.throwIfAborted();
    await client.query(sql);
    context.onDone(batch);
    return [];
  } catch (error) {
    if (context.signal.aborted || isLost(error)) throw error;
    await client.query('rollback');
    const { code = '' } = error as { code?: string };
    if (code === deadlock && !isAgain) return runBatch(context, client, batch, sql, true);
    const [only] = batch;
    if (batch.length === 1 && only !== undefined) {
      context.onDone(batch);
      const message = serverMessage(error);
      return [{ object: objectName(only), message, isServerFull: isDiskFull(code, message) }];
    }
    const middle = Math.ceil(batch.length / 2);
    return runBatches(context, client, [batch.slice(0, middle), batch.slice(middle)]);
  }
}

const deadlock = '40P01';

/** Side by side over several sessions of their own; a session takes the next batch when it is free. */
export async function runSideBySide(
  context: BatchContext,
  clients: readonly Client[],
  batches: readonly (readonly TocEntry[])[],
): Promise<LoadFailure[]> {
  const waiting = [...batches];
  const results = await Promise.all(
    clients.map(async (client) => {
      const failures: LoadFailure[] = [];
      for (let batch = waiting.shift(); batch !== undefined; batch = waiting.shift()) {
        failures.push(...(await runBatches(context, client, [batch])));
      }
      return failures;
    }),
  );
  return results.flat();
}

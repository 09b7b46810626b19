/**
 * The part of S6 about programs that the product runs: stock pg_restore and psql, started by its own loader, on databases and
 * files whose names want to be more than names. What each was started with is written down by a program that stands before it.
 */
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { escapeIdentifier } from 'pg';
import {
  load,
  loaderFor,
  loginPassword,
  orderOf,
  startDumpStage,
  type DumpStage,
} from '../../contract/dump/dump-stage';
import type { Violation } from '../row';

const mostBytes = 63;

/** As a database can be called: of what was typed the door leaves no NUL and no halves, and the server cuts the rest. */
function asName(text: string): string {
  let name = '';
  for (const character of text.replace(/\0|\p{Surrogate}/gu, '\ufffd')) {
    if (Buffer.byteLength(name + character) > mostBytes) break;
    name += character;
  }
  return name;
}

interface Recorded {
  readonly folder: string;
  /** What was started since the last time, each with its arguments. */
  readonly taken: () => string[][];
}

/** A folder of programs that write down their arguments, and then are the real ones. */
function recordingTools({ folder, pgBin }: DumpStage): Recorded {
  const [tools, records] = [join(folder, 'tools'), join(folder, 'records')];
  for (const each of [tools, records]) mkdirSync(each, { mode: 0o777 });
  for (const program of ['pg_restore', 'psql']) {
    const script = `#!/bin/sh\nprintf '%s\\0' ${program} "$@" > '${records}'/$$\nexec '${join(pgBin, program)}' "$@"\n`;
    writeFileSync(join(tools, program), script);
    chmodSync(join(tools, program), 0o755);
  }
  return {
    folder: tools,
    taken: () =>
      readdirSync(records).map((name) => {
        const path = join(records, name);
        const words = readFileSync(path, 'utf8').split('\0').slice(0, -1);
        rmSync(path);
        return words;
      }),
  };
}

/** As libpq reads the one argument that has a name in it; undefined where it is anything but a database. */
const databaseIn = (argument: string): string | undefined =>
  /^dbname='((?:[^'\\]|\\.)*)'$/s.exec(argument)?.[1]?.replace(/\\(.)/gs, '$1');

/** What is wrong with the arguments: beside our own words, paths of ours, and the database as one argument there is nothing. */
function argumentProblems(words: readonly string[], database: string, path: string): string[] {
  const ours =
    /^(pg_restore|psql|--version|-[lLfdjvXq]|-|\d+|--section=data|--no-(owner|privileges|acl|comments|publications|subscriptions|security-labels|tablespaces)|ON_ERROR_STOP=1|VERBOSITY=terse|--single-transaction|\/dev\/null)$/;
  return words.flatMap((word, nth) => {
    if (word === path || ours.test(word)) return [];
    if (words[nth - 1] === '-d')
      return databaseIn(word) === database ? [] : [`the database is given as ${word}`];
    // A list of entries, and the beginning of an archive, in folders that the loader made.
    if (words[nth - 1] === '-L' && /^\/[\w/.-]+$/.test(word)) return [];
    if (/^\/[\w/.-]+\/dump-contents-\w+\/beginning$/.test(word)) return [];
    return [`an argument ${word}`];
  });
}

interface Source {
  readonly archive: string;
  readonly script: string;
}

async function sourceOf(stage: DumpStage): Promise<Source> {
  await stage.sql('postgres', 'create database args_source');
  await stage.sql('args_source', 'create table t(id int primary key); insert into t values (1), (2)');
  return {
    archive: stage.dump('args_source', 'args.dump', '--no-owner'),
    script: stage.file('args.sql', stage.run('pg_dump', ['--no-owner'], 'args_source')),
  };
}

const databasesOf = async (stage: DumpStage): Promise<string[]> =>
  (await stage.sql<{ name: string }>('postgres', 'select datname as name from pg_database order by 1')).map(
    ({ name }) => name,
  );

async function tried(stage: DumpStage, tools: Recorded, from: string, database: string): Promise<string[]> {
  // A file that is called the same, as far as a file can be.
  const path = join(stage.folder, `${database.replaceAll('/', '\u2215').slice(0, 60)}.file`);
  cpSync(from, path);
  const before = await databasesOf(stage);
  const { ended } = await load(
    loaderFor({ ...stage, pgBin: tools.folder }),
    orderOf(stage, [{ path, database }]),
  );
  const started = tools.taken();
  const after = await databasesOf(stage);
  const isLoaded = ended[`database ${database}`]?.kind === 'loaded';
  const [rows] = isLoaded ? await stage.sql<{ n: number }>(database, 'select count(*)::int as n from t') : [];
  if (after.includes(database))
    await stage.sql('postgres', `drop database ${escapeIdentifier(database)} with (force)`);
  rmSync(path);
  const made = after.filter((name) => !before.includes(name) && name !== database);
  return [
    ...started.flatMap((words) => argumentProblems(words, database, path)),
    ...(started.length > 1 ? [] : ['no program was seen']),
    ...(started.flat().some((word) => word.includes(loginPassword)) ? ['the token is an argument'] : []),
    ...(made.length === 0 ? [] : [`databases ${made.join(', ')} came into being`]),
    ...(rows?.n === 2 ? [] : [`it is not loaded: ${JSON.stringify(ended).slice(0, 300)}`]),
  ];
}

/** Each text as a name, by pg_restore and by psql. */
export async function argumentViolations(texts: readonly string[]): Promise<[number, Violation[]]> {
  const stage = await startDumpStage();
  try {
    const tools = recordingTools(stage);
    const { archive, script } = await sourceOf(stage);
    const names = [...new Set(texts.map(asName))];
    const violations: Violation[] = [];
    for (const [nth, name] of names.entries()) {
      // psql gets nothing of the name in its arguments; some are enough.
      for (const from of nth % 8 === 0 ? [archive, script] : [archive])
        for (const what of await tried(stage, tools, from, name))
          violations.push({ what: `arguments: ${what}`, case: { database: name, from } });
    }
    return [names.length, violations];
  } finally {
    await stage.stop();
  }
}

/**
 * Runs a script of SQL with stock psql, which would also obey commands to itself: run a program, write a file, go to another
 * server. A `\restrict` with a word that nobody knows is given first; from then on psql refuses every such command.
 */
import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { problem } from '../restore/errors';
import type { PartResult } from '../restore/dump-ports';
import { runChild } from './child';
import { ConnectionLost } from './data';
import { isDiskFull, isLostMessage, withoutValues, type Door } from './sessions';
import { canRestrict, type Tools } from './tools';

export interface Script {
  readonly name: string;
  readonly path: string;
  readonly database: string;
  readonly signal: AbortSignal;
  onFed(bytes: number): void;
}

/** Undefined when all of it went in; nothing of it is kept otherwise. */
export async function runScript(
  tools: Tools,
  door: Door,
  script: Script,
): Promise<Extract<PartResult, { kind: 'failed' }> | undefined> {
  if (!canRestrict(tools)) {
    const version = `${tools.major}.${tools.minor}`;
    return { kind: 'failed', because: problem('SCRIPT_TOOLS_TOO_OLD', { version }), failures: [] };
  }
  const ownKey = await bracketKeyOf(script.path);
  const errors: string[] = [];
  let feeding: Promise<unknown> = Promise.resolve();
  const { code } = await runChild({
    program: tools.psql,
    args: ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-v', 'VERBOSITY=terse', '--single-transaction', '-f', '-'],
    env: await door.childEnv(script.database),
    ...{ signal: script.signal, input: 'pipe', mostOutput: 'none' },
    onLine: (line) => {
      if (line.trim() !== '' && errors.length < 200) errors.push(line);
    },
    onStart: ({ stdin }) => {
      if (stdin === null) return;
      stdin.write(`\\restrict ${randomBytes(32).toString('hex')}\n`);
      // psql closes its input when it stops at an error; that is said by psql.
      feeding = pipeline(
        createReadStream(script.path),
        passedOn(ownKey, (bytes) => script.onFed(bytes)),
        stdin,
      ).catch(() => undefined);
    },
  });
  await feeding;
  script.signal.throwIfAborted();
  if (code === 0) return undefined;
  const line = errors.find((one) => /error|fatal|backslash/i.test(one)) ?? errors[0] ?? '';
  if (code === 2 || isLostMessage(line)) throw new ConnectionLost(line);
  return failure(script, line);
}

function failure(script: Script, line: string): Extract<PartResult, { kind: 'failed' }> {
  const [, number, said = line] = /^psql:<stdin>:(\d+): (.*)$/.exec(line) ?? [];
  // Our own line stands before the first one of the file.
  const where = number === undefined ? 'an unknown line' : `line ${Number(number) - 1}`;
  const message = withoutValues(said.replace(/^error: |^ERROR:\s+/i, '')).slice(0, 300);
  const failures = [{ object: `${script.name} ${where}`, message }];
  const because = /backslash commands are restricted|^error: \\unrestrict/i.test(said)
    ? problem('SCRIPT_COMMANDS', { name: script.name, where })
    : isDiskFull(undefined, message)
      ? problem('LOAD_SERVER_FULL', { database: script.database })
      : problem('SCRIPT_STOPPED', { name: script.name, where, why: message });
  return { kind: 'failed', because, failures };
}

const beginningBytes = 4096;

/** Newer pg_dump brackets its scripts in the same way; psql would take that for one more command. */
async function bracketKeyOf(path: string): Promise<string | undefined> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(beginningBytes), 0, beginningBytes, 0);
    return /^(?:\s|--[^\n]*\n)*\\restrict ([A-Za-z0-9]+)\n/.exec(buffer.toString('utf8', 0, bytesRead))?.[1];
  } finally {
    await file.close();
  }
}

/** The script without its own two brackets, in pieces as they are read; the number of lines stays. */
function passedOn(key: string | undefined, onFed: (bytes: number) => void): Transform {
  const brackets =
    key === undefined ? [] : [Buffer.from(`\n\\restrict ${key}\n`), Buffer.from(`\n\\unrestrict ${key}\n`)];
  const longest = Math.max(0, ...brackets.map(({ length }) => length));
  let rest: Buffer = Buffer.alloc(0);
  const cut = (bytes: Buffer): Buffer => {
    let text = bytes;
    for (const bracket of brackets) {
      const at = text.indexOf(bracket);
      if (at >= 0)
        text = Buffer.concat([text.subarray(0, at), Buffer.from('\n\n'), text.subarray(at + bracket.length)]);
    }
    return text;
  };
  return new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      onFed(chunk.length);
      if (longest === 0) return done(null, chunk);
      const text = cut(Buffer.concat([rest, chunk]));
      const keep = Math.min(longest, text.length);
      rest = text.subarray(text.length - keep);
      done(null, text.subarray(0, text.length - keep));
    },
    flush: (done) => done(null, cut(rest)),
  });
}

/**
 * Faults that somebody ordered: "the next PUT on this path is accepted, then the line goes dead".
 * A fault matches by method and by a case-insensitive expression on the path without query; the first match wins and
 * is used up after `times` uses.
 */
import { randomUUID } from 'node:crypto';

const words = [
  'hang',
  'reset',
  'accept-then-reset',
  'accept-then-500',
  'accept-then-hang',
  'accept-then-bare',
  'truncate',
] as const;
export type FaultWord = (typeof words)[number];

export interface FaultReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export type FaultAnswer = FaultReply | FaultWord;

export interface Fault {
  readonly method?: string;
  readonly path: RegExp;
  readonly times: number;
  readonly answer: FaultAnswer;
}

export interface Faults {
  /** The answer ordered for this call, or undefined; a match uses the fault up by one. */
  match(method: string, path: string): FaultAnswer | undefined;
  /** Takes an order as it came over the wire; throws `FaultRefused` with one clear sentence. */
  add(order: unknown): string;
  clear(): void;
}

export class FaultRefused extends Error {}

export function createFaults(): Faults {
  let standing: { id: string; left: number; fault: Fault }[] = [];
  return {
    match: (method, path) => {
      const hit = standing.find(
        ({ fault }) =>
          (fault.method === undefined || fault.method === method.toUpperCase()) && fault.path.test(path),
      );
      if (!hit) return undefined;
      hit.left -= 1;
      standing = standing.filter(({ left }) => left > 0);
      return hit.fault.answer;
    },
    add: (order) => {
      const fault = readFault(order);
      const id = randomUUID();
      standing.push({ id, left: fault.times, fault });
      return id;
    },
    clear: () => {
      standing = [];
    },
  };
}

function readFault(order: unknown): Fault {
  if (!isRecord(order)) throw new FaultRefused('A fault is a JSON object with at least "path" and "answer".');
  const unknown = Object.keys(order).find((key) => !['method', 'path', 'times', 'answer'].includes(key));
  if (unknown !== undefined)
    throw new FaultRefused(`"${unknown}" is not part of a fault: method, path, times and answer are.`);
  const { method, path, times = 1, answer } = order;
  if (method !== undefined && (typeof method !== 'string' || !/^[a-z]+$/i.test(method)))
    throw new FaultRefused('"method" must be the name of an HTTP method, for example "PUT".');
  if (typeof times !== 'number' || !Number.isInteger(times) || times < 1)
    throw new FaultRefused('"times" must be a whole number of at least 1.');
  return {
    ...(method === undefined ? {} : { method: method.toUpperCase() }),
    path: readExpression(path),
    times,
    answer: readAnswer(answer),
  };
}

function readExpression(path: unknown): RegExp {
  if (typeof path !== 'string' || path === '')
    throw new FaultRefused(
      '"path" must be a regular expression on the path, for example "/flexibleServers/".',
    );
  try {
    return new RegExp(path, 'i');
  } catch {
    throw new FaultRefused(`"path" is not a regular expression: ${path}`);
  }
}

function readAnswer(answer: unknown): FaultAnswer {
  const word = words.find((known) => known === answer);
  if (word !== undefined) return word;
  if (!isRecord(answer))
    throw new FaultRefused(`"answer" must be {status, headers?, body?} or one of ${words.join(', ')}.`);
  const { status, headers, body } = answer;
  if (typeof status !== 'number' || !Number.isInteger(status) || status < 200 || status > 599)
    throw new FaultRefused('"answer.status" must be a whole number from 200 to 599.');
  if (headers !== undefined && !isRecord(headers))
    throw new FaultRefused('"answer.headers" must be an object of header names and values.');
  const named = Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)] as const);
  return {
    status,
    ...(headers === undefined ? {} : { headers: Object.fromEntries(named) }),
    ...(body === undefined ? {} : { body }),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

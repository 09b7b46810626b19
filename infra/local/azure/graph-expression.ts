/** The expressions of a Resource Graph query as far as callers of backups and servers use them, made into functions. */
import { QueryRefused, type TokenReader } from './graph-tokens';

export type Row = Readonly<Record<string, unknown>>;
export type Expression = (row: Row) => unknown;

export function readExpression(reader: TokenReader): Expression {
  const first = readConjunction(reader);
  const others: Expression[] = [];
  while (reader.take('or') !== undefined) others.push(readConjunction(reader));
  return others.length === 0 ? first : (row) => [first, ...others].some((one) => one(row) === true);
}

function readConjunction(reader: TokenReader): Expression {
  const first = readComparison(reader);
  const others: Expression[] = [];
  while (reader.take('and') !== undefined) others.push(readComparison(reader));
  return others.length === 0 ? first : (row) => [first, ...others].every((one) => one(row) === true);
}

type Compare = (a: unknown, b: unknown) => boolean;

const comparisons: Readonly<Record<string, Compare>> = {
  '==': (a, b) => order(a, b) === 0,
  '!=': (a, b) => order(a, b) !== 0,
  '=~': (a, b) => order(lower(a), lower(b)) === 0,
  '!~': (a, b) => order(lower(a), lower(b)) !== 0,
  '<': (a, b) => (order(a, b) ?? 0) < 0,
  '>': (a, b) => (order(a, b) ?? 0) > 0,
  '<=': (a, b) => (order(a, b) ?? 1) <= 0,
  '>=': (a, b) => (order(a, b) ?? -1) >= 0,
  contains: (a, b) => asText(lower(a)).includes(asText(lower(b))),
  has: (a, b) => asText(lower(a)).includes(asText(lower(b))),
  startswith: (a, b) => asText(lower(a)).startsWith(asText(lower(b))),
  endswith: (a, b) => asText(lower(a)).endsWith(asText(lower(b))),
};

function readComparison(reader: TokenReader): Expression {
  const left = readValue(reader);
  const sign = reader.take(...Object.keys(comparisons));
  const compare = sign === undefined ? undefined : comparisons[sign];
  if (compare) {
    const right = readValue(reader);
    return (row) => compare(left(row), right(row));
  }
  const within = reader.take('in~', 'in', '!in~', '!in');
  if (within === undefined) return left;
  reader.expect('(');
  const members = readList(reader);
  const same = comparisons[within.endsWith('~') ? '=~' : '=='] as Compare;
  const wanted = !within.startsWith('!');
  return (row) => {
    const value = left(row);
    return members.some((member) => same(value, member(row))) === wanted;
  };
}

/** What stands between brackets, up to and with the closing one. */
function readList(reader: TokenReader): Expression[] {
  if (reader.take(')') !== undefined) return [];
  const found = [readExpression(reader)];
  while (reader.take(',') !== undefined) found.push(readExpression(reader));
  reader.expect(')');
  return found;
}

function readValue(reader: TokenReader): Expression {
  let value = readPrimary(reader);
  for (;;) {
    if (reader.take('.') !== undefined) {
      const { text } = reader.next();
      value = member(value, () => text);
    } else if (reader.take('[') !== undefined) {
      const index = readExpression(reader);
      reader.expect(']');
      value = member(value, index);
    } else return value;
  }
}

const member =
  (value: Expression, index: Expression): Expression =>
  (row) => {
    const whole = value(row);
    const name = index(row);
    if (typeof whole !== 'object' || whole === null || (typeof name !== 'string' && typeof name !== 'number'))
      return null;
    return Object.hasOwn(whole, name) ? (whole as Readonly<Record<string | number, unknown>>)[name] : null;
  };

const words: Readonly<Record<string, unknown>> = { true: true, false: false, null: null };

function readPrimary(reader: TokenReader): Expression {
  if (reader.take('(') !== undefined) {
    const inner = readExpression(reader);
    reader.expect(')');
    return inner;
  }
  const token = reader.next();
  switch (token.kind) {
    case 'text':
      return () => token.text;
    case 'number':
      return () => Number(token.text);
    case 'moment':
      return constantMoment(token.text);
    case 'sign':
      throw new QueryRefused(`"${token.text}" is out of place.`);
    case 'name': {
      if (reader.take('(') !== undefined) return readCall(token.text, readList(reader));
      const word = token.text.toLowerCase();
      if (Object.hasOwn(words, word)) return () => words[word];
      return (row) => {
        if (Object.hasOwn(row, token.text)) return row[token.text];
        throw new QueryRefused(`Failed to resolve column or scalar expression named '${token.text}'.`);
      };
    }
  }
}

function constantMoment(text: string): Expression {
  const moment = new Date(text);
  if (Number.isNaN(moment.getTime())) throw new QueryRefused(`"${text}" is no datetime.`);
  return () => moment;
}

const isEmpty = (value: unknown): boolean => value === null || value === undefined || value === '';

const functions: Readonly<Record<string, (values: readonly unknown[]) => unknown>> = {
  tostring: ([value]) => asText(value),
  tolower: ([value]) => asText(value).toLowerCase(),
  toupper: ([value]) => asText(value).toUpperCase(),
  todatetime: ([value]) => asMoment(value) ?? null,
  strcat: (values) => values.map(asText).join(''),
  split: ([value, separator]) => asText(value).split(asText(separator)),
  coalesce: (values) => values.find((value) => !isEmpty(value)) ?? null,
  isempty: ([value]) => isEmpty(value),
  isnotempty: ([value]) => !isEmpty(value),
  isnull: ([value]) => value === null || value === undefined,
  isnotnull: ([value]) => value !== null && value !== undefined,
  not: ([value]) => value !== true,
  todynamic: ([value]) => value,
  now: () => new Date(),
};

function readCall(name: string, parts: readonly Expression[]): Expression {
  const word = name.toLowerCase();
  if (word === 'case' || word === 'iff' || word === 'iif') return choice(parts);
  const known = Object.hasOwn(functions, word) ? functions[word] : undefined;
  if (!known) throw new QueryRefused(`Unknown function: '${name}'.`);
  return (row) => known(parts.map((one) => one(row)));
}

/** Conditions and values in turn; the last value stands for everything else. */
const choice =
  (parts: readonly Expression[]): Expression =>
  (row) => {
    for (let at = 0; at + 1 < parts.length; at += 2)
      if (parts[at]?.(row) === true) return parts[at + 1]?.(row) ?? null;
    return parts.length % 2 === 1 ? (parts.at(-1)?.(row) ?? null) : null;
  };

export function asText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const lower = (value: unknown): unknown => (typeof value === 'string' ? value.toLowerCase() : value);

function asMoment(value: unknown): Date | undefined {
  if (value instanceof Date) return value;
  const moment = new Date(asText(value));
  return Number.isNaN(moment.getTime()) ? undefined : moment;
}

/** Negative, zero or positive; undefined when the two cannot be compared, as with a value that is not there. */
export function order(a: unknown, b: unknown): number | undefined {
  if (isMissing(a) || isMissing(b)) return undefined;
  if (a instanceof Date || b instanceof Date) {
    const [one, other] = [asMoment(a), asMoment(b)];
    return one && other ? one.getTime() - other.getTime() : undefined;
  }
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [one, other] = [asText(a), asText(b)];
  return one < other ? -1 : one > other ? 1 : 0;
}

const isMissing = (value: unknown): boolean => value === null || value === undefined;

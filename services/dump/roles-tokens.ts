/** Cuts a roles file into statements of words, names and strings: nothing else may be in one. */

export type Token =
  /** A bare word, lower-case. */
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'name'; readonly text: string }
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'sign'; readonly text: string };

export interface Statement {
  readonly line: number;
  readonly tokens: readonly Token[];
  /** Undefined where every letter was understood. */
  readonly unclear?: string;
}

const patterns: readonly (readonly [kind: Token['kind'] | 'space', pattern: RegExp])[] = [
  ['space', /\s+|--[^\n]*/y],
  ['word', /[\p{L}_][\p{L}\p{N}_$]*/uy],
  ['sign', /[-+]?[0-9]+(?:\.[0-9]+)?|[(),=;]/y],
  ['name', /"(?:[^"\0]|"")+"/y],
  ['string', /[eE]?'(?:[^'\\\0]|'')*'|[eE]'(?:[^'\\\0]|''|\\\\)*'/y],
];

const value = (kind: Token['kind'], raw: string): string => {
  if (kind === 'word') return raw.toLowerCase();
  if (kind === 'name') return raw.slice(1, -1).replaceAll('""', '"');
  if (kind !== 'string') return raw;
  const plain = raw.slice(raw.indexOf("'") + 1, -1).replaceAll("''", "'");
  return /^[eE]/.test(raw) ? plain.replaceAll('\\\\', '\\') : plain;
};

type Piece = { readonly kind: Token['kind'] | 'space'; readonly raw: string };

function nextPiece(text: string, at: number): Piece | undefined {
  // A string that begins with E would else be read as a word.
  const order = /[eE]'/y;
  order.lastIndex = at;
  const candidates = order.test(text) ? patterns.filter(([kind]) => kind === 'string') : patterns;
  for (const [kind, pattern] of candidates) {
    pattern.lastIndex = at;
    const raw = pattern.exec(text)?.[0];
    if (raw !== undefined) return { kind, raw };
  }
  return undefined;
}

/** Lines of psql itself: only those that pg_dumpall writes, and only between statements. */
const psqlLine = /\\(?:un)?restrict [A-Za-z0-9]+[ \t]*(?:\n|$)/y;

export function* statementsOf(text: string): Generator<Statement> {
  let tokens: Token[] = [];
  let startsAt = 0;
  let at = 0;
  const line = () => text.slice(0, startsAt).split('\n').length;
  while (at < text.length) {
    psqlLine.lastIndex = at;
    const noise = tokens.length === 0 ? psqlLine.exec(text)?.[0] : undefined;
    if (noise !== undefined) {
      at += noise.length;
      continue;
    }
    const piece = nextPiece(text, at);
    if (piece === undefined) {
      if (tokens.length === 0) startsAt = at;
      // Nothing after it can be told apart for certain, so nothing after it is read.
      yield { line: line(), tokens, unclear: text.slice(at, at + 40).split('\n')[0] ?? '' };
      return;
    }
    if (piece.kind !== 'space' && tokens.length === 0) startsAt = at;
    at += piece.raw.length;
    if (piece.kind === 'space') continue;
    if (piece.raw === ';') {
      yield { line: line(), tokens };
      tokens = [];
    } else tokens.push({ kind: piece.kind, text: value(piece.kind, piece.raw) });
  }
  if (tokens.length > 0) yield { line: line(), tokens, unclear: 'the end of the file' };
}

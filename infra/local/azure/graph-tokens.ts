/** Cuts a Resource Graph query into words, strings, moments, numbers and signs. */
export type Token =
  | { readonly kind: 'name'; readonly text: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'moment'; readonly text: string }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'sign'; readonly text: string };

/** The query cannot be read or asks for something that is not known here; the message says what. */
export class QueryRefused extends Error {}

const patterns: readonly (readonly [Token['kind'] | 'space', RegExp])[] = [
  ['space', /(?:\s|\/\/[^\n]*)+/y],
  ['moment', /datetime\(\s*['"]?([^)'"]*?)['"]?\s*\)/iy],
  ['text', /'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/y],
  ['number', /\d+(?:\.\d+)?/y],
  ['sign', /!in~|!in\b|in~|=~|!~|==|!=|<=|>=|[<>=()[\],.|]/y],
  ['name', /[a-z_$][\w$]*(?:-(?:away|keep|rename|reorder|expand))?/iy],
];

export function tokensOf(query: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < query.length;) {
    const [kind, match] = matchAt(query, at);
    at += match[0].length;
    const inner = match[1] ?? match[2];
    if (kind === 'text') tokens.push({ kind, text: (inner ?? '').replace(/\\(.)/g, '$1') });
    else if (kind !== 'space') tokens.push({ kind, text: inner ?? match[0] });
  }
  return tokens;
}

function matchAt(query: string, at: number): readonly [Token['kind'] | 'space', RegExpExecArray] {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at;
    const match = pattern.exec(query);
    if (match) return [kind, match];
  }
  throw new QueryRefused(`The query cannot be read from "${query.slice(at, at + 20)}" on.`);
}

/** Reads tokens one after the other. */
export interface TokenReader {
  peek(): Token | undefined;
  next(): Token;
  /** Takes the next token when it is one of these signs or words, in any letter case. */
  take(...texts: readonly string[]): string | undefined;
  /** The same, but the token has to be there. */
  expect(text: string): void;
}

export function readerOf(tokens: readonly Token[]): TokenReader {
  let at = 0;
  const peek = (): Token | undefined => tokens[at];
  const take = (...texts: readonly string[]): string | undefined => {
    const token = peek();
    const isWord = token?.kind === 'sign' || token?.kind === 'name';
    const found = isWord ? texts.find((text) => text === token.text.toLowerCase()) : undefined;
    if (found !== undefined) at++;
    return found;
  };
  return {
    peek,
    take,
    next: () => {
      const token = tokens[at++];
      if (!token) throw new QueryRefused('The query ends too early.');
      return token;
    },
    expect: (text) => {
      if (take(text) === undefined)
        throw new QueryRefused(`Expected "${text}" and found "${peek()?.text ?? 'the end'}".`);
    },
  };
}

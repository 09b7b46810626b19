/**
 * Reads what `pg_dumpall --roles-only` writes, by a grammar of its own: the file is never run. What is run is made anew from
 * what was understood, so that nothing can hide in it; passwords are passed over and never kept.
 */
import { statementsOf, type Statement, type Token } from './roles-tokens';

export const roleAttributes = [
  ...['superuser', 'inherit', 'createrole', 'createdb', 'login', 'replication', 'bypassrls'],
] as const;
export type RoleAttribute = (typeof roleAttributes)[number];

export type RoleStatement =
  | { readonly kind: 'create'; readonly role: string }
  | {
      readonly kind: 'attributes';
      readonly role: string;
      readonly has: readonly RoleAttribute[];
      readonly lacks: readonly RoleAttribute[];
      readonly connectionLimit?: number;
      readonly validUntil?: string;
      readonly hadPassword: boolean;
    }
  /** `values` are joined by commas, as lists of schemas are. */
  | {
      readonly kind: 'setting';
      readonly role: string;
      readonly name: string;
      readonly values: readonly string[];
    }
  | { readonly kind: 'comment'; readonly role: string; readonly text: string }
  | { readonly kind: 'member'; readonly of: string; readonly role: string; readonly options: MemberOptions };

export interface MemberOptions {
  readonly admin: boolean;
  /** Undefined where the file does not say. */
  readonly inherit?: boolean;
  readonly set?: boolean;
}

export interface RolesFile {
  readonly statements: readonly RoleStatement[];
  /** What is in no grammar of a roles file: `line 14: DROP ROLE`. Never run. */
  readonly notUnderstood: readonly string[];
}

export function readRolesFile(text: string): RolesFile {
  const statements: RoleStatement[] = [];
  const notUnderstood: string[] = [];
  for (const statement of statementsOf(text)) {
    const read = statement.unclear === undefined ? readStatement(statement.tokens) : undefined;
    if (read === undefined) notUnderstood.push(`line ${statement.line}: ${beginning(statement)}`);
    else if (read !== 'noise') statements.push(read);
  }
  return { statements, notUnderstood };
}

/** Its first bare words only: the rest may hold a secret. */
function beginning({ tokens, unclear }: Statement): string {
  const firstOther = tokens.findIndex(({ kind }) => kind !== 'word');
  const words = tokens.slice(0, Math.min(3, firstOther < 0 ? tokens.length : firstOther));
  if (words.length > 0) return words.map(({ text }) => text.toUpperCase()).join(' ');
  return unclear?.startsWith('\\') === true ? `${unclear.split(' ')[0]}` : 'something else';
}

/** Walks over the tokens of one statement. */
class Walk {
  private at = 0;
  private readonly tokens: readonly Token[];
  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }
  get isOver(): boolean {
    return this.at >= this.tokens.length;
  }
  words(...expected: readonly string[]): boolean {
    const fits = expected.every((word, index) => {
      const token = this.tokens[this.at + index];
      return token?.kind === 'word' && token.text === word;
    });
    if (fits) this.at += expected.length;
    return fits;
  }
  sign(text: string): boolean {
    const token = this.tokens[this.at];
    const fits = token?.kind === 'sign' && token.text === text;
    if (fits) this.at += 1;
    return fits;
  }
  take(...kinds: readonly Token['kind'][]): string | undefined {
    const token = this.tokens[this.at];
    if (token === undefined || !kinds.includes(token.kind)) return undefined;
    this.at += 1;
    return token.text;
  }
  name = (): string | undefined => this.take('word', 'name');
}

const noiseSettings = ['default_transaction_read_only', 'client_encoding', 'standard_conforming_strings'];

function readStatement(tokens: readonly Token[]): RoleStatement | 'noise' | undefined {
  const walk = new Walk(tokens);
  if (walk.isOver) return 'noise';
  if (walk.words('set')) {
    return noiseSettings.includes(walk.name() ?? '') && walk.sign('=') ? endOfNoise(walk) : undefined;
  }
  if (walk.words('create', 'role')) {
    const role = walk.name();
    return role !== undefined && walk.isOver ? { kind: 'create', role } : undefined;
  }
  if (walk.words('alter', 'role')) return alterRole(walk);
  if (walk.words('grant')) return grant(walk);
  if (!walk.words('comment', 'on', 'role')) return undefined;
  const role = walk.name();
  const text = walk.words('is') ? walk.take('string') : undefined;
  return role !== undefined && text !== undefined && walk.isOver
    ? { kind: 'comment', role, text }
    : undefined;
}

const endOfNoise = (walk: Walk): 'noise' | undefined =>
  walk.take('word', 'string') !== undefined && walk.isOver ? 'noise' : undefined;

function alterRole(walk: Walk): RoleStatement | undefined {
  const role = walk.name();
  if (role === undefined) return undefined;
  if (walk.words('set')) return setting(walk, role);
  return walk.words('with') ? attributes(walk, role) : undefined;
}

function setting(walk: Walk, role: string): RoleStatement | undefined {
  const name = walk.name();
  if (name === undefined || !(walk.words('to') || walk.sign('='))) return undefined;
  const values: string[] = [];
  do {
    const value = walk.take('string', 'word', 'name', 'sign');
    if (value === undefined) return undefined;
    values.push(value);
  } while (walk.sign(','));
  return walk.isOver ? { kind: 'setting', role, name, values } : undefined;
}

function attributes(walk: Walk, role: string): RoleStatement | undefined {
  const [has, lacks]: [RoleAttribute[], RoleAttribute[]] = [[], []];
  let rest: { connectionLimit?: number; validUntil?: string } = {};
  let hadPassword = false;
  while (!walk.isOver) {
    if (walk.words('connection', 'limit')) {
      const limit = Number(walk.take('sign') ?? Number.NaN);
      if (!Number.isInteger(limit)) return undefined;
      rest = { ...rest, connectionLimit: limit };
    } else if (walk.words('valid', 'until')) {
      const until = walk.take('string');
      if (until === undefined) return undefined;
      rest = { ...rest, validUntil: until };
    } else if (walk.words('password')) {
      if (walk.take('string') === undefined && !walk.words('null')) return undefined;
      hadPassword = true;
    } else {
      const yes = roleAttributes.find((word) => walk.words(word));
      const no = yes === undefined ? roleAttributes.find((word) => walk.words(`no${word}`)) : undefined;
      if (yes !== undefined) has.push(yes);
      else if (no !== undefined) lacks.push(no);
      else return undefined;
    }
  }
  return { kind: 'attributes', role, has, lacks, hadPassword, ...rest };
}

function grant(walk: Walk): RoleStatement | undefined {
  const of = walk.name();
  if (of === undefined || !walk.words('to')) return undefined;
  const role = walk.name();
  if (role === undefined) return undefined;
  const options = walk.words('with') ? memberOptions(walk) : { admin: false };
  if (options === undefined) return undefined;
  if (walk.words('granted', 'by') && walk.name() === undefined) return undefined;
  return walk.isOver ? { kind: 'member', of, role, options } : undefined;
}

function memberOptions(walk: Walk): MemberOptions | undefined {
  let options: MemberOptions = { admin: false };
  do {
    const option = (['admin', 'inherit', 'set'] as const).find((word) => walk.words(word));
    if (option === undefined) return undefined;
    const isOn = walk.words('option') || walk.words('true');
    if (!isOn && !walk.words('false')) return undefined;
    options = { ...options, [option]: isOn };
  } while (walk.sign(','));
  return options;
}

/** Reads the text of an exported file. Its values are taken as they stand: what they were parsed from is made again from them. */
import { z } from 'zod/v4';
import { fileFormat, type EvidenceParts } from './evidence-file';
import { readingSections } from './evidence-reading';

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const keyId = z.string().regex(/^[0-9a-f]{32}$/);
const seq = z.int().min(1);
const at = z.iso.datetime({ precision: 3 });
const requestId = z.string().regex(/^R-\d+$/);
const signed = { keyId, signature: z.string() };

const linked = {
  ...{ seq, at, requestId, kind: z.string().min(1), body: z.looseObject({}), prevHash: hash, hash },
  actor: z.union([z.literal('restore-desk'), z.looseObject({ aadObjectId: z.string(), name: z.string() })]),
  own: z.strictObject({ seq, prevHash: hash }),
};

const link = z.union([
  z.strictObject({ ...linked, format: z.literal(1) }),
  z.strictObject({ ...linked, format: z.literal(2), ...signed }),
  z.strictObject({
    ...{ format: z.literal(2), seq, at, keyId, content: hash, hash },
    requestId: z.string().nullable(),
  }),
  z.strictObject({ format: z.literal(1), seq, requestId: z.string().nullable(), hash }),
]);

export const headSchema = z.strictObject({ seq, at, hash, ...signed });

const fileSchema = z.strictObject({
  about: z.strictObject({ format: z.literal(fileFormat), request: requestId, exportedAt: at }),
  keys: z.array(z.strictObject({ keyId, publicKey: z.string() })),
  chain: z.array(link).min(1),
  head: headSchema.nullable(),
  reading: z.looseObject({}),
  sum: hash,
});

export type ReadFile =
  | { readonly kind: 'parts'; readonly parts: EvidenceParts }
  | { readonly kind: 'unreadable'; readonly place: string; readonly what: string };

const unreadable = (place: string, what: string): ReadFile => ({ kind: 'unreadable', place, what });

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

const frames: readonly string[] = ['"keys":[', '"chain":[', '"reading":{', '],', '},'];

const sectionNames = ['keys', 'chain', 'head', 'reading', ...readingSections, 'sum'].join('|');
/** How a line begins that is a section, or the beginning of one. */
const sectionStart = new RegExp(`^(?:\\{"(about)"|"(${sectionNames})"):`);

/** Whether a line alone is what a line of such a file can be. */
function isLine(line: string): boolean {
  if (line === '' || frames.includes(line)) return true;
  const alone = line
    .replace(sectionStart, '')
    .replace(/,$/, '')
    .replace(/^("[0-9a-f]{64}")\}$/, '$1');
  return parsed(alone) !== undefined;
}

/** The first line that is not one, by its number and the entry that it should be. */
export function lineFault(lines: readonly string[]): string {
  const index = lines.findIndex((line) => !isLine(line));
  return index < 0 ? 'the frame around the lines' : placeOfLine(lines, index);
}

/** Where a line stands, as far as its neighbours tell: itself it may be damaged. */
export function placeOfLine(lines: readonly string[], index: number): string {
  const found = lines.slice(0, index + 1).findLast((line) => sectionStart.test(line));
  const [, about, section] = sectionStart.exec(found ?? '') ?? [];
  const name = about ?? section ?? 'the beginning';
  const before = /"seq":(\d+)(?:,"signature":"[^"]*")?\},?$/.exec(lines[index - 1] ?? '')?.[1];
  const entry = name === 'chain' && before !== undefined ? `, entry ${Number(before) + 1}` : '';
  return `line ${index + 1} (${name}${entry})`;
}

function shapePlace(path: readonly PropertyKey[], file: unknown): string {
  const [section, index] = path;
  if (section !== 'chain' || typeof index !== 'number') return String(section ?? 'the whole file');
  const { seq } = (file as { chain: readonly { seq?: unknown }[] }).chain[index] ?? {};
  return typeof seq === 'number' ? `entry ${seq}` : `place ${index + 1} of the chain`;
}

export function readEvidence(text: string): ReadFile {
  const file = parsed(text);
  if (file === undefined) return unreadable(lineFault(text.split('\n')), 'it is not what was written there');
  const read = fileSchema.safeParse(file);
  if (read.success) return { kind: 'parts', parts: file as EvidenceParts };
  const [issue] = read.error.issues;
  return unreadable(shapePlace(issue?.path ?? [], file), 'it is not made as such a file is');
}

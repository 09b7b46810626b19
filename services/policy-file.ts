/** Reads the policy from its YAML file. The version that plans are sealed with covers every byte of it. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isMap, isPair, LineCounter, parseDocument, type Document } from 'yaml';
import { DeskError, problem } from './restore/errors';
import { checkPolicy, problemText } from './restore/policy-reading';
import type { Policy } from './restore/policy-schema';
import type { RuleProblem } from './restore/policy-sign-off';

export type PolicyText =
  | { readonly kind: 'policy'; readonly policy: Policy }
  /** `policy.yaml:14:5 rules.0.needed: ...`, in the order of the file. */
  | { readonly kind: 'wrong'; readonly problems: readonly string[] };

async function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    throw new DeskError(
      problem('CONFIGURATION', { problems: [`The policy file ${file} cannot be read.`] }),
      error,
    );
  });
}

interface Located {
  readonly offset: number;
  readonly text: string;
}

/** Where a key of a map stands; a key that is not allowed is shown itself and not the map around it. */
function keyOffset(node: unknown, key: PropertyKey): number | undefined {
  const pair = isMap(node)
    ? node.items.find((item) => isPair(item) && String(item.key) === String(key))
    : undefined;
  return (pair?.key as { range?: readonly number[] } | undefined)?.range?.[0];
}

/** Of the deepest part of the path that stands in the file: what is missing belongs into what is around it. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const some = path.slice(0, length);
    const parent: unknown = document.getIn(some.slice(0, -1), true);
    const key = keyOffset(parent, some.at(-1) ?? '');
    if (key !== undefined) return key;
    const node = document.getIn(some, true) as { range?: readonly number[] } | undefined;
    if (node?.range?.[0] !== undefined) return node.range[0];
  }
  return document.contents?.range?.[0] ?? 0;
}

/** Every problem of the text, none left for the next time. `name` is what the file is called in them. */
export function checkPolicyText(text: string, name: string): PolicyText {
  const lines = new LineCounter();
  const document = parseDocument(text, { prettyErrors: false, lineCounter: lines });
  const told = (located: readonly Located[]): PolicyText => ({
    kind: 'wrong',
    problems: [...located]
      .sort((a, b) => a.offset - b.offset)
      .map(({ offset, text: what }) => {
        const { line, col } = lines.linePos(offset);
        return `${name}:${line}:${col} ${what}`;
      }),
  });
  if (document.errors.length > 0)
    return told(document.errors.map(({ pos, message }) => ({ offset: pos[0], text: `${message}.` })));
  const reading = checkPolicy(document.toJS());
  if (reading.kind === 'wrong')
    return told(
      reading.problems.map((each: RuleProblem) => ({
        offset: offsetOf(document, each.at ?? each.path),
        text: problemText(each),
      })),
    );
  const content = createHash('sha256').update(text).digest('hex').slice(0, 8);
  const { policy } = reading;
  return { kind: 'policy', policy: { ...policy, version: `${policy.version}+${content}` } };
}

/** Throws CONFIGURATION with every problem. */
export function parsePolicy(text: string, name = 'policy'): Policy {
  const read = checkPolicyText(text, name);
  if (read.kind === 'policy') return read.policy;
  throw new DeskError(problem('CONFIGURATION', { problems: read.problems }));
}

export const loadPolicy = async (file: string): Promise<Policy> => parsePolicy(await readText(file), file);

export const checkPolicyFile = async (file: string): Promise<PolicyText> =>
  checkPolicyText(await readText(file), file);

/** Tags as a person types them: `name=value`, separated by commas or line breaks. */
import { problem, type Problem } from './errors';

/** Azure's limits: 50 tags on a resource, of which the desk sets four; names of 512 and values of 256 characters. */
const mostTags = 46;
const mostNameLength = 512;
const mostValueLength = 256;
const forbiddenInNames = /[<>%&\\?/]/;
const ownPrefix = /^(restore-desk-|microsoft|azure|windows)/i;

export type ReadTags =
  | { readonly kind: 'tags'; readonly tags: Readonly<Record<string, string>> }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] };

function partProblems(part: string): Problem[] {
  const at = part.indexOf('=');
  const name = part.slice(0, at).trim();
  const value = part.slice(at + 1).trim();
  const readable =
    at > 0 &&
    name !== '' &&
    name.length <= mostNameLength &&
    value.length <= mostValueLength &&
    !forbiddenInNames.test(name);
  if (!readable) return [problem('TAGS_UNREADABLE', { text: part.slice(0, 80) })];
  return ownPrefix.test(name) ? [problem('TAG_RESERVED', { name })] : [];
}

export function readTags(text: string): ReadTags {
  const parts = text
    .split(/[,\n]/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const problems = parts.flatMap(partProblems);
  if (parts.length > mostTags) problems.push(problem('TAGS_TOO_MANY', { limit: mostTags }));
  if (problems.length > 0) return { kind: 'refused', problems };
  const pairs = parts.map((part) => {
    const at = part.indexOf('=');
    return [part.slice(0, at).trim(), part.slice(at + 1).trim()] as const;
  });
  return { kind: 'tags', tags: Object.fromEntries(pairs) };
}

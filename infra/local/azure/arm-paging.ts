/** Lists come in pages; `nextLink` is absolute, repeats the caller's query and carries where to go on. */
import { ArmError } from './arm-error';
import type { ArmCall } from './arm-route';

export interface Page<T> {
  readonly value: readonly T[];
  readonly nextLink?: string;
}

export function page<T>(
  items: readonly T[],
  call: Pick<ArmCall, 'query' | 'origin' | 'path'>,
  size: number,
): Page<T> {
  const start = readSkipToken(call.query);
  const value = items.slice(start, start + size);
  if (start + size >= items.length) return { value };
  const query = new URLSearchParams(
    Object.entries(call.query).filter(([name]) => name.toLowerCase() !== '$skiptoken'),
  );
  query.set('$skiptoken', Buffer.from(`from:${start + size}`).toString('base64url'));
  return { value, nextLink: `${call.origin}${call.path}?${query.toString().replaceAll('%24', '$')}` };
}

function readSkipToken(query: Readonly<Record<string, string>>): number {
  const token = Object.entries(query).find(([name]) => name.toLowerCase() === '$skiptoken')?.[1];
  if (token === undefined) return 0;
  const match = /^from:(\d+)$/.exec(Buffer.from(token, 'base64url').toString('utf8'));
  if (!match)
    throw new ArmError(400, 'InvalidSkipToken', 'The value of the query parameter $skiptoken is invalid.');
  return Number(match[1]);
}

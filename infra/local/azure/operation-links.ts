/**
 * The two URLs of a long-running operation. Azure signs them with about four kilobytes of query; ours are signed as
 * well, over the operation's id, so that a client that cuts or rebuilds them is found out.
 */
import { createHash, createHmac } from 'node:crypto';
import { ArmError } from './arm-error';
import type { ArmAnswer, ArmCall } from './arm-route';
import type { OperationRecord } from './model';
import { displayLocation } from './regions';

const certificateLength = 3900;

function certificateLike(seed: string): string {
  let text = '';
  for (let block = 0; text.length < certificateLength; block++)
    text += createHash('sha512').update(`${seed} ${block}`).digest('base64url');
  return text.slice(0, certificateLength);
}

export type Signature = Readonly<Record<'t' | 'c' | 's' | 'h', string>>;

/** What signs the links of an operation; the same as long as it lives. */
export function signature(operation: Pick<OperationRecord, 'id' | 'startTime'>): Signature {
  const c = certificateLike(operation.id);
  const s = createHash('sha512').update(c).digest('base64url').repeat(4);
  const h = createHmac('sha256', operation.startTime).update(`${operation.id} ${c} ${s}`).digest('base64url');
  return { t: String(Date.parse(operation.startTime) * 10_000), c, s, h };
}

function operationLinks(operation: OperationRecord, call: Pick<ArmCall, 'origin' | 'apiVersion'>) {
  const place = `${call.origin}/subscriptions/${operation.subscriptionId}/providers/Microsoft.DBforPostgreSQL/locations/${encodeURIComponent(displayLocation(operation.location))}`;
  const query = new URLSearchParams({ 'api-version': call.apiVersion, ...signature(operation) }).toString();
  return {
    status: `${place}/azureAsyncOperation/${operation.id}?${query}`,
    result: `${place}/operationResults/${operation.id}?${query}`,
  };
}

export const retryAfterSeconds = (timeScale: number): string => String(Math.ceil(60 / timeScale));

/** The 202 of an accepted operation. */
export function accepted(operation: OperationRecord, call: ArmCall, timeScale: number): ArmAnswer {
  const links = operationLinks(operation, call);
  return {
    status: 202,
    headers: {
      'azure-asyncoperation': links.status,
      location: links.result,
      'retry-after': retryAfterSeconds(timeScale),
      'x-ms-operation-identifier': operation.id,
    },
    body: { operation: operation.operation, startTime: operation.startTime },
    operationId: operation.id,
  };
}

export const isSignedBy = (expected: Signature, { query }: Pick<ArmCall, 'query'>): boolean =>
  (['t', 'c', 's', 'h'] as const).every((name) => query[name] === expected[name]);

export function requireIntactLink(operation: OperationRecord, call: ArmCall): void {
  if (!isSignedBy(signature(operation), call))
    throw new ArmError(
      400,
      'InvalidOperationLink',
      'The signature of the operation link is missing or changed.',
    );
}

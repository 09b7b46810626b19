/** How an operation of Azure Backup goes, as its answers say. That one has succeeded means only that a job was made. */
import type { PipelineResponse } from '@azure/core-rest-pipeline';
import type { VaultOperation } from '../restore/vault-ports';
import type { OperationResource } from './data-protection/models';
import { parseAnyCase } from './data-protection/property-names';
import { isRefusal } from './errors';
import { retryAfterSeconds } from './retry-after';
import { lastSegment } from './vault-ids';
import { backupProblem, envelopeFault } from './vault-problems';

/** Where Azure does not say how long to wait: checks take half a minute, orders some seconds. */
export const usualOperationSeconds = 5;

function parsed(text: string | null | undefined): OperationResource | undefined {
  try {
    const body = parseAnyCase(text ?? '');
    return typeof body === 'object' && body !== null && !Array.isArray(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

/** An ARM id or a bare GUID, depending on where the job runs. */
function succeeded({ properties, jobId: atTop }: OperationResource): VaultOperation {
  const jobId = properties?.jobId ?? atTop ?? '';
  return { kind: 'succeeded', ...(jobId === '' ? {} : { jobId: lastSegment(jobId).toLowerCase() }) };
}

/**
 * Terminal words of ARM; every other word means that it still runs. The address of a result, which stands in for that of a
 * status where Azure gives no other, has no word at all when it is done. A refusal is no word on the operation either: its
 * address has run out, or we may not ask any more, and only the jobs tell then. Throttled or broken, it can be asked again.
 */
export function vaultOperation(response: PipelineResponse): VaultOperation {
  const running: VaultOperation = {
    kind: 'running',
    retryAfterSeconds: retryAfterSeconds(response.headers, usualOperationSeconds),
  };
  if (isRefusal(response.status)) return { kind: 'gone' };
  if (response.status === 204) return { kind: 'succeeded' };
  const body = response.status === 200 ? parsed(response.bodyAsText) : undefined;
  if (!body) return running;
  const status = body.status?.toLowerCase() ?? 'succeeded';
  if (status === 'succeeded') return succeeded(body);
  if (status !== 'failed' && status !== 'canceled' && status !== 'cancelled') return running;
  const callId = response.headers.get('x-ms-correlation-request-id');
  return {
    kind: 'failed',
    because: backupProblem(envelopeFault(body.error ?? {}, `operation ${status}`, callId)),
  };
}

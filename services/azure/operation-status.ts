/** How an operation goes, as Azure's answers say. */
import type { PipelineResponse } from '@azure/core-rest-pipeline';
import type { OperationStatus } from '../restore/ports';
import { azureProblem } from './errors';
import { retryAfterSeconds } from './retry-after';

interface OperationBody {
  readonly status?: string;
  readonly error?: { readonly code?: string; readonly message?: string } | null;
}

function parseOperation(text: string | null | undefined): OperationBody | undefined {
  try {
    const body: unknown = JSON.parse(text ?? '');
    return typeof body === 'object' && body !== null ? body : undefined;
  } catch {
    return undefined;
  }
}

/** Where Azure does not say how long to wait. */
export const usualPollSeconds = 15;

/** Terminal words of ARM; every other word means that it still runs. */
export function operationStatus(response: PipelineResponse): OperationStatus {
  const running: OperationStatus = {
    kind: 'running',
    retryAfterSeconds: retryAfterSeconds(response.headers, usualPollSeconds),
  };
  if (response.status === 404 || response.status === 410) return { kind: 'gone' };
  if (response.status === 204) return { kind: 'succeeded' };
  if (response.status !== 200) return running;
  const body = parseOperation(response.bodyAsText);
  const status = String(body?.status ?? '').toLowerCase();
  if (status === 'succeeded') return { kind: 'succeeded' };
  if (status !== 'failed' && status !== 'canceled') return running;
  const correlationId = response.headers.get('x-ms-correlation-request-id');
  const because = azureProblem({
    code: body?.error?.code ?? `operation ${status}`,
    message: body?.error?.message ?? '',
    ...(correlationId === undefined ? {} : { correlationId }),
  });
  return { kind: 'failed', because };
}

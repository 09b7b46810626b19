/** One call that changes the world, and its one answer. */
import { createPipelineRequest, type PipelineResponse } from '@azure/core-rest-pipeline';
import type { OperationUrl } from '../restore/ports';
import type { PlainClient } from './arm';
import { isRestError } from './errors';

export interface OneCall {
  readonly url: string;
  readonly method: 'PUT' | 'POST' | 'DELETE';
  readonly body?: object;
}

/**
 * Undefined when there is no answer. The client throws for a body that it cannot read although the status has arrived, and
 * the status is what counts. `client` must be one that sends nothing twice.
 */
export async function sendOnce(
  client: PlainClient,
  { url, method, body }: OneCall,
): Promise<PipelineResponse | undefined> {
  const request = createPipelineRequest({ url, method });
  // Without parameters: Azure Backup answers some refusals with nothing at all when there are any.
  request.headers.set('accept', 'application/json');
  if (body !== undefined) {
    request.headers.set('content-type', 'application/json; charset=utf-8');
    request.body = JSON.stringify(body);
  }
  try {
    return await client.sendRequest(request);
  } catch (error) {
    return isRestError(error) ? error.response : undefined;
  }
}

export const isSuccess = (status: number): boolean => status >= 200 && status < 300;

/** Where Azure tells how it goes on with what it accepted. */
export const operationUrlOf = ({ headers }: PipelineResponse): OperationUrl | undefined =>
  headers.get('azure-asyncoperation') ?? headers.get('location');

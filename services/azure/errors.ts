/** Azure's errors in the words of the catalogue. The raw code and correlation id stay with them. */
import { RestError, type PipelineResponse } from '@azure/core-rest-pipeline';
import { DeskError, problem, withVendor, type Problem } from '../restore/errors';

export interface AzureFault {
  readonly code: string;
  readonly message: string;
  readonly correlationId?: string;
  readonly location?: string;
  readonly serverName?: string;
}

const busyCodes = /^(ServerIsBusy|ServerBusy|ServerIsNotReady)$/i;
const restrictedCodes = /^(LocationIsOfferRestricted|ParameterOutOfRange)$/i;
const takenCodes = /^(ServerNameAlreadyExists|ServerAlreadyExists|InvalidResourceLocation)$/i;

function explain(fault: AzureFault): Problem {
  const { code, message } = fault;
  if (busyCodes.test(code)) return problem('AZURE_BUSY', { name: fault.serverName ?? 'the source server' });
  if (restrictedCodes.test(code))
    return problem('REGION_RESTRICTED', { location: fault.location ?? 'that region' });
  if (takenCodes.test(code)) return problem('TARGET_FOREIGN', { name: fault.serverName ?? 'that name' });
  if (/^AuthorizationFailed$/i.test(code)) return problem('AZURE_FORBIDDEN');
  if (/^InternalServerError$/i.test(code)) return problem('AZURE_INTERNAL');
  return problem('AZURE_FAILED', { what: message.trim() === '' ? code : message.trim().slice(0, 400) });
}

/** A failure that Azure reported, as a problem for a card. */
export function azureProblem(fault: AzureFault): Problem {
  const trackingId = /Tracking ID: '?([0-9a-f-]{36})/i.exec(fault.message)?.[1];
  return withVendor(explain(fault), fault.code, trackingId ?? fault.correlationId);
}

interface ErrorBody {
  readonly code?: string;
  readonly message?: string;
}

/** Reads the error envelope of an answer, whatever shape it is in. */
export function faultOf(error: RestError): AzureFault {
  const details = error.details as { error?: ErrorBody } & ErrorBody;
  const body = details?.error ?? details;
  const correlationId = error.response?.headers.get('x-ms-correlation-request-id');
  return {
    code: body?.code ?? error.code ?? `HTTP ${error.statusCode ?? '?'}`,
    message: body?.message ?? error.message,
    ...(correlationId === undefined ? {} : { correlationId }),
  };
}

const isRestError = (error: unknown): error is RestError =>
  error instanceof Error && error.name === 'RestError';

/** An answer of a call that was made without the SDK, as the error that the SDK would have made of it. */
export function failedAnswer(response: PipelineResponse): RestError {
  const { status: statusCode, request } = response;
  const failed = new RestError(`HTTP ${statusCode}`, { statusCode, request, response });
  try {
    failed.details = JSON.parse(response.bodyAsText ?? '') as unknown;
  } catch {
    failed.details = undefined;
  }
  return failed;
}

/** What an unanswered or failed read means for the person who waits. */
export function readFailure(error: unknown): DeskError {
  if (error instanceof DeskError) return error;
  if (
    isRestError(error) &&
    error.statusCode !== undefined &&
    error.statusCode < 500 &&
    error.statusCode !== 429 &&
    error.statusCode !== 408
  ) {
    return new DeskError(azureProblem(faultOf(error)), error);
  }
  return new DeskError(problem('AZURE_UNREACHABLE'), error);
}

export const isNotFound = (error: unknown): boolean => isRestError(error) && error.statusCode === 404;

export { isRestError };

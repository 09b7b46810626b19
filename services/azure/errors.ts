/** Azure's errors in the words of the catalogue. The raw code and correlation id stay with them. */
import { RestError, type PipelineResponse } from '@azure/core-rest-pipeline';
import { DeskError, problem, withVendor, type Problem } from '../restore/errors';

export interface AzureFault {
  readonly code: string;
  readonly message: string;
  readonly correlationId?: string;
  /** Region, subscription and name that were asked for, and the server that the data comes from; where it is known. */
  readonly location?: string;
  readonly subscriptionId?: string;
  readonly serverName?: string;
  readonly sourceName?: string;
}

interface Rule {
  readonly codes: RegExp;
  /** Where one code has several meanings, or one meaning several codes: what Azure says in words. */
  readonly says?: RegExp;
  readonly explain: (fault: AzureFault) => Problem;
}

const rule = (codes: RegExp, explain: Rule['explain'], says?: RegExp): Rule => ({
  codes,
  explain,
  ...(says === undefined ? {} : { says }),
});

const anyCode = /^/;
const raw = ({ code, message }: AzureFault): string =>
  message.trim() === '' ? code : message.trim().slice(0, 400);
/** Azure names the server in its sentence, in single quotes. */
const namedServer = ({ message }: AzureFault): string | undefined => /server '([^']+)'/i.exec(message)?.[1];
const taken = ({ serverName }: AzureFault): Problem =>
  problem('TARGET_FOREIGN', { name: serverName ?? 'that name' });
/** Work on the new server itself means that somebody's server of that name is there already. */
const busy = (fault: AzureFault): Problem => {
  const name = namedServer(fault);
  if (name !== undefined && name.toLowerCase() === fault.serverName?.toLowerCase()) return taken(fault);
  return problem('AZURE_BUSY', { name: name ?? fault.sourceName ?? 'the source server' });
};
const restricted = ({ location }: AzureFault): Problem =>
  problem('REGION_RESTRICTED', { location: location ?? 'that region' });
const nameHeld = ({ serverName }: AzureFault): Problem =>
  problem('AZURE_NAME_HELD', { name: serverName ?? 'that was asked for' });

/**
 * The first rule that fits tells the meaning. Codes are those that Azure's resource manager and its PostgreSQL provider
 * were seen with; several are written in more than one way.
 */
const rules: readonly Rule[] = [
  rule(anyCode, nameHeld, /in dropping state/i),
  rule(anyCode, busy, /is busy processing another operation/i),
  rule(/^GeoBackupsNotAvailable$/i, (fault) =>
    problem('GEO_BACKUP_PENDING', {
      name: namedServer(fault) ?? fault.sourceName ?? 'the source server',
      tries: 1,
    }),
  ),
  rule(/^Server(Name)?AlreadyExists$/i, taken),
  rule(/^InvalidResourceLocation$/i, nameHeld),
  rule(/^InternalServerError$/i, () => problem('AZURE_INTERNAL')),
  rule(/^(ServerIsBusy|ServerBusy|ServerIsNotReady)$/i, busy),
  rule(/^ResourceNotFound$/i, (fault) => problem('AZURE_SOURCE_GONE', { what: raw(fault) })),
  rule(/^(ResourceGroupNotFound|SubscriptionNotFound)$/i, (fault) =>
    problem('AZURE_GROUP_GONE', { what: raw(fault) }),
  ),
  // The sentence sounds as if it passed, but it is for good.
  rule(/^LocationIsOfferRestricted$/i, restricted),
  // A list of allowed values without any value is how a restricted region speaks.
  rule(/^ParameterOutOfRange$/i, restricted, /should be in:? ?\[\s*\]/i),
  rule(
    /^(ParameterOutOfRange|InvalidParameterValue|LocationNotAvailableForResourceType|SubnetNotFound)$/i,
    (fault) => problem('AZURE_BAD_VALUE', { what: raw(fault) }),
  ),
  rule(/^(Linked)?AuthorizationFailed$/i, () => problem('AZURE_FORBIDDEN')),
  rule(/^(AuthenticationFailed|ExpiredAuthenticationToken|InvalidAuthenticationToken\w*)$/i, () =>
    problem('AZURE_SIGN_IN'),
  ),
  rule(/^(MissingSubscriptionRegistration|SubscriptionNotRegistered)$/i, (fault) =>
    problem('AZURE_NOT_REGISTERED', {
      subscriptionId: fault.subscriptionId ?? '<id of the target subscription>',
    }),
  ),
  rule(/^\w*Quota(Limit)?Exceeded$/i, (fault) => problem('AZURE_QUOTA', { what: raw(fault) })),
  rule(/^OperationNotAllowed$/i, (fault) => problem('AZURE_QUOTA', { what: raw(fault) }), /quota/i),
  rule(/^(SkuNotAvailable|\w*AllocationFailed|Overconstrained\w*AllocationRequest)$/i, (fault) =>
    problem('AZURE_CAPACITY', { what: raw(fault) }),
  ),
  rule(/^(TooManyRequests|SubscriptionRequestsThrottled|ResourceRequestsThrottled)$/i, () =>
    problem('AZURE_THROTTLED'),
  ),
  rule(
    /^(MissingApiVersionParameter|InvalidApiVersionParameter|NoRegisteredProviderFound|InvalidResourceType|InvalidResourceNamespace)$/i,
    (fault) => problem('AZURE_API_VERSION', { what: raw(fault) }),
  ),
];

function explain(fault: AzureFault): Problem {
  const known = rules.find(
    ({ codes, says }) => codes.test(fault.code) && (says === undefined || says.test(fault.message)),
  );
  return known?.explain(fault) ?? problem('AZURE_FAILED', { what: raw(fault) });
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

/** Azure said no: everything else (throttled, timed out, broken, unreadable) is no answer at all. */
export const isRefusal = (status: number | undefined): boolean =>
  status !== undefined && status >= 400 && status < 500 && status !== 408 && status !== 429;

/** An answer that makes no sense is no answer. */
export const unreadableAnswer = (cause?: unknown): DeskError =>
  new DeskError(problem('AZURE_UNREACHABLE'), cause);

/** What an unanswered or failed read means for the person who waits. */
export function readFailure(error: unknown): DeskError {
  if (error instanceof DeskError) return error;
  if (isRestError(error) && isRefusal(error.statusCode))
    return new DeskError(azureProblem(faultOf(error)), error);
  return unreadableAnswer(error);
}

export const isNotFound = (error: unknown): boolean => isRestError(error) && error.statusCode === 404;
export const isForbidden = (error: unknown): boolean => isRestError(error) && error.statusCode === 403;

export { isRestError };

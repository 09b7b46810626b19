/**
 * What Azure Backup says when something goes wrong, in the words of the catalogue. Its code and its activity id stay, and its
 * advice where that is short. Whether a person caused it is told by the code: Azure's own flag says no for plain mistakes.
 */
import type { PipelineResponse, RestError } from '@azure/core-rest-pipeline';
import { DeskError, problem, withVendor, type Problem, type ProblemCode } from '../restore/errors';
import type { CloudError, UserFacingError } from './data-protection/models';
import { parseAnyCase } from './data-protection/property-names';
import { fitToShow } from './fit-to-show';
import { failedAnswer, faultOf, isRefusal, isRestError, unreadableAnswer, azureProblem } from './errors';

export interface BackupFault {
  readonly code: string;
  readonly message: string;
  readonly actions: readonly string[];
  /** Azure's activity id, or the id of the call. */
  readonly correlationId?: string;
  /** Azure's own view of whether the same could succeed later. */
  readonly isRetryable?: boolean;
}

type Code = Extract<ProblemCode, `AZURE_VAULT_${string}`>;

/** The first rule that fits tells the meaning. */
const rules: readonly (readonly [RegExp, Code])[] = [
  [/ResourceGuard|OperationRequest|MultiUserAuth/i, 'AZURE_VAULT_GUARDED'],
  [/^UserErrorMSIMissingPermissions$|^UserErrorMissingRequiredPermissions$/i, 'AZURE_VAULT_NO_READER'],
  [/^UserErrorBackupUserAuthFailed$/i, 'AZURE_VAULT_BACKUP_LOGIN'],
  [/^UserErrorDBUserAuthFailed$/i, 'AZURE_VAULT_LOGIN'],
  [/^UserErrorMissingDBPermissions$/i, 'AZURE_VAULT_DATABASE_RIGHTS'],
  [/^UserErrorMissingPermissionsOnSecretStore$/i, 'AZURE_VAULT_SECRET_ACCESS'],
  [/^UserError(InvalidSecret(Store)?|SecretValueInUnsupportedFormat)$/i, 'AZURE_VAULT_SECRET'],
  [/^UserErrorMissingNetworkSecurityPermissions$/i, 'AZURE_VAULT_KEPT_OUT'],
  [/^UserErrorContainerNotAccessible$/i, 'AZURE_VAULT_CONTAINER'],
  [/^UserErrorCrossTenantOrsPolicyDisabled$/i, 'AZURE_VAULT_REPLICATION'],
  [/^UserErrorStorageAccountInLockedState$/i, 'AZURE_VAULT_ACCOUNT_LOCKED'],
  [
    /^UserError(DatabaseNameAlreadyInUse|TargetContainersExistOnAccount|\w*Already(Exists|InUse))$/i,
    'AZURE_VAULT_TARGET_TAKEN',
  ],
  [/^UserError(DBNotFound|AzureResourceNotFoundByPlugin)$/i, 'AZURE_VAULT_NOT_FOUND'],
  [/^ResourceNotFound$/i, 'AZURE_VAULT_NOT_FOUND'],
  [/^UserErrorInvalidRecoveryPointInTime$|^UserErrorRecoveryPoint\w+$/i, 'AZURE_VAULT_POINT'],
  [/^UserErrorRestoreToLowerVersion$/i, 'AZURE_VAULT_LOWER_VERSION'],
  [/^UserErrorServerConnectionClosed$/i, 'AZURE_VAULT_CONNECTION'],
  [/^BMSUserErrorInvalidInput$|^CloudInvalidInputError$/i, 'AZURE_VAULT_INPUT'],
  [/^CloudServiceRetryableError$|OperationInProgress$|^Server(Is)?Busy$/i, 'AZURE_VAULT_BUSY'],
  [/^CloudInternalError$|^InternalServerError$/i, 'AZURE_VAULT_INTERNAL'],
  [/^(Linked)?AuthorizationFailed$/i, 'AZURE_VAULT_FORBIDDEN'],
  [/^(BMS)?UserError/i, 'AZURE_VAULT_REFUSED'],
];

const longestAction = 120;
const longestMessage = 180;

const asSentence = (text: string): string => {
  const [flat] = [text.replace(/\s+/g, ' ').trim()];
  return /[.?!]$/.test(flat) ? flat : `${flat}.`;
};

/** As many of Azure's pieces of advice, from the first on, as can be read at a glance. */
function shortAdvice(actions: readonly string[]): string | undefined {
  const fitting = actions
    .map((_, index, all) =>
      all
        .slice(0, index + 1)
        .map(asSentence)
        .join(' '),
    )
    .filter((text) => text.length <= longestAction);
  return fitting.at(-1);
}

function whatOf({ code, message }: BackupFault): string {
  const text = message.trim();
  if (text === '') return asSentence(code);
  return asSentence(text.length <= longestMessage ? text : `${text.slice(0, longestMessage)}...`);
}

function explain(fault: BackupFault): Problem {
  const code = rules.find(([codes]) => codes.test(fault.code))?.[1];
  const action = shortAdvice(fault.actions);
  const told = { what: whatOf(fault), ...(action === undefined ? {} : { action }) };
  if (code === 'AZURE_VAULT_FORBIDDEN') return problem(code);
  if (code !== undefined) return problem(code, told);
  const ofAzure = azureProblem(fault);
  if (ofAzure.code !== 'AZURE_FAILED') return ofAzure;
  return { ...problem('AZURE_VAULT_FAILED', told), retryable: fault.isRetryable ?? true };
}

/** Advice ends before the first piece that may not be shown: what follows it could lean on it. */
function fitting({ message, actions, ...others }: BackupFault): BackupFault {
  const shown = actions.filter((action) => action.trim() !== '').map(fitToShow);
  const hidden = shown.indexOf(undefined);
  return {
    ...others,
    message: fitToShow(message) ?? '',
    actions: (hidden < 0 ? shown : shown.slice(0, hidden)).flatMap((action) => action ?? []),
  };
}

/** A failure that Azure Backup reported, as a problem for a card. */
export const backupProblem = (fault: BackupFault): Problem =>
  withVendor(explain(fitting(fault)), fault.code, fault.correlationId);

/** From what Azure writes for people: in a failed job, and inside the envelope of a failed call. */
export function userFacingFault(error: UserFacingError, usualCode: string): BackupFault {
  const { code, message, recommendedAction, isRetryable, properties } = error;
  const correlationId = properties?.ActivityId;
  return {
    code: code ?? usualCode,
    message: message ?? '',
    actions: (recommendedAction ?? []).filter((action) => typeof action === 'string'),
    ...(correlationId === undefined || correlationId === null ? {} : { correlationId }),
    ...(typeof isRetryable === 'boolean' ? { isRetryable } : {}),
  };
}

/** From the envelope of a failed call or operation; what Azure writes for people wins where it is there. */
export function envelopeFault(error: CloudError, usualCode: string, callId: string | undefined): BackupFault {
  const [told] = (error.additionalInfo ?? []).flatMap(({ info }) => info ?? []);
  const around: UserFacingError = { code: error.code ?? usualCode, message: error.message ?? '' };
  const ofPeople = Object.fromEntries(
    Object.entries(told ?? {}).filter(([, value]) => value !== null && value !== ''),
  );
  const fault = userFacingFault({ ...around, ...ofPeople }, usualCode);
  return { ...(callId === undefined ? {} : { correlationId: callId }), ...fault };
}

/** From an answer that says no, whatever shape it is in. */
export function answerFault(answer: PipelineResponse): BackupFault {
  const callId = answer.headers.get('x-ms-correlation-request-id');
  try {
    const { error } = (parseAnyCase(answer.bodyAsText ?? '') ?? {}) as { error?: CloudError | null };
    if (error) return envelopeFault(error, `HTTP ${answer.status}`, callId);
  } catch {
    // Told below by what every answer has.
  }
  return { actions: [], ...faultOf(failedAnswer(answer)) };
}

const restFault = (error: RestError): BackupFault =>
  error.response ? answerFault(error.response) : { actions: [], ...faultOf(error) };

/** Runs a read of Azure Backup; whatever goes wrong with it becomes a problem of the catalogue. */
export async function readingVaults<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof DeskError) throw error;
    if (isRestError(error) && isRefusal(error.statusCode))
      throw new DeskError(backupProblem(restFault(error)), error);
    throw unreadableAnswer(error);
  }
}

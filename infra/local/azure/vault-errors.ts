/** The errors of Azure Backup: what a person is told, in the envelope that carries it to the caller. */
import { randomUUID } from 'node:crypto';
import { ArmError } from './arm-error';

export interface UserFacingError {
  readonly code: string;
  readonly message: string;
  readonly recommendedAction: readonly string[];
  readonly target: string;
  readonly innerError: {
    readonly code: string;
    readonly additionalInfo: { readonly DetailedNonLocalisedMessage: string };
  };
  readonly isRetryable: boolean;
  /** False even for plain mistakes of the user: Azure is like that. */
  readonly isUserError: false;
  readonly properties: { readonly ActivityId: string };
}

interface Told {
  readonly message: string;
  readonly actions: readonly string[];
  readonly isRetryable?: boolean;
}

const told = {
  BMSUserErrorInvalidInput: {
    message: " The user's input for the call is incorrect",
    actions: ['Please check the required inputs'],
  },
  CloudInternalError: {
    message: 'Microsoft Azure Backup met an internal error.',
    actions: ['Wait a few minutes and try again.', 'When it goes on, ask the support with the activity id.'],
    isRetryable: true,
  },
  UserErrorMSIMissingPermissions: {
    message: "The vault's managed identity has no permission on the server.",
    actions: [
      "Give the vault's identity the Reader role on the server.",
      'Wait until the role has spread, then retry.',
    ],
  },
  UserErrorContainerNotAccessible: {
    message: 'The container of the storage account cannot be reached with the identity of the vault.',
    actions: [
      "Give the vault's identity the Storage Blob Data Contributor role on the storage account.",
      'Check that the container is there and that the network lets Azure services in.',
    ],
  },
  UserErrorTargetContainersExistOnAccount: {
    message: 'The container has files already that begin with the prefix.',
    actions: ['Choose a prefix that no file in the container begins with.'],
  },
  UserErrorCrossTenantOrsPolicyDisabled: {
    message: 'The storage account does not allow replication across tenants.',
    actions: ['Set allowCrossTenantReplication of the storage account to true.'],
  },
  UserErrorAzureResourceNotFoundByPlugin: {
    message: 'A resource that the restore needs was not found.',
    actions: ['Check the id of the resource.'],
  },
  UserErrorInvalidRecoveryPointInTime: {
    message: 'The recovery point has expired or cannot be used any more.',
    actions: ['Choose a recovery point that is still kept.'],
  },
  UserErrorInvalidSecretStore: {
    message: 'The key vault was not found.',
    actions: ['Check the address of the secret.'],
  },
  UserErrorMissingPermissionsOnSecretStore: {
    message: "The vault's managed identity may not read secrets of the key vault.",
    actions: [
      "Give the vault's identity the Key Vault Secrets User role, or an access policy with get and list.",
    ],
  },
  UserErrorInvalidSecret: {
    message: 'The secret was not found or is disabled.',
    actions: ['Make the secret and give its address.'],
  },
  UserErrorSecretValueInUnsupportedFormat: {
    message: 'The value of the secret is no connection string of the form that is needed.',
    actions: ['Store the secret as Server=...;Database=...;Port=...;User Id=...;Password=...;'],
  },
  UserErrorMissingNetworkSecurityPermissions: {
    message: 'The firewall of the server blocks the service.',
    actions: ['Allow access from Azure services on the server.'],
  },
  UserErrorDBUserAuthFailed: {
    message: 'The server rejected the login of the secret.',
    actions: ['Put a login into the secret that the server knows.'],
  },
  UserErrorMissingDBPermissions: {
    message: 'The login of the secret may not make databases.',
    actions: ['Give the login the CREATEDB right.'],
  },
  UserErrorDatabaseNameAlreadyInUse: {
    message: 'A database of this name is on the target server already.',
    actions: ['Choose another name for the database.'],
  },
  UserErrorResourceGuardRequestMissing: {
    message: 'A resource guard protects the vault, and the call carries no request to it.',
    actions: [
      'Ask the owner of the resource guard for access, then send the id of the request with the call.',
    ],
  },
  UserErrorServerConnectionClosed: {
    message: 'The server closed the connection.',
    actions: ['Try again later.'],
    isRetryable: true,
  },
} as const satisfies Readonly<Record<string, Told>>;

export type BackupErrorCode = keyof typeof told;

/** Why a backup or restore cannot be; `detail` is the line for the support that Azure does not translate. */
export class BackupRefused extends Error {
  readonly code: BackupErrorCode;
  readonly innerCode: string;

  constructor(code: BackupErrorCode, detail: string, innerCode = 'InnerErrorCodeUnavailable') {
    super(detail);
    this.code = code;
    this.innerCode = innerCode;
  }
}

export function userFacing(error: BackupRefused, activityId: string): UserFacingError {
  const { message, actions, ...more }: Told = told[error.code];
  return {
    ...{ code: error.code, message, recommendedAction: actions, target: '' },
    innerError: { code: error.innerCode, additionalInfo: { DetailedNonLocalisedMessage: error.message } },
    ...{ isRetryable: more.isRetryable ?? false, isUserError: false, properties: { ActivityId: activityId } },
  };
}

/** An error that a test ordered by its code. */
export function orderedError(
  { code, message }: { readonly code: string; readonly message: string },
  activityId: string,
): UserFacingError {
  const known = userFacing(new BackupRefused('CloudInternalError', 'Ordered for a test.'), activityId);
  return { ...known, code, message, isRetryable: false };
}

/** The error as ARM wraps it, in a failed operation as well as in a refusal. */
export const errorBody = (error: UserFacingError) => ({
  code: error.code,
  message: error.message,
  additionalInfo: [{ type: 'UserFacingError', info: error }],
});

/** The refusal at once of a body that makes no sense. */
export function invalidInput(detail: string): ArmError {
  const error = userFacing(new BackupRefused('BMSUserErrorInvalidInput', detail), randomUUID());
  const { code, message, additionalInfo } = errorBody(error);
  return new ArmError(400, code, message, { cause: 'service', additionalInfo });
}

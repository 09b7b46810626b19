/** The errors of ARM and of the PostgreSQL provider, by the codes and sentences their callers meet. */
export class ArmError extends Error {
  readonly status: number;
  readonly code: string;
  /** Who refused: the front door (`gateway`) or the provider behind it (`service`). */
  override readonly cause: 'gateway' | 'service';
  readonly headers: Readonly<Record<string, string>>;
  /** What a provider adds to the envelope, for example who has to do what. */
  readonly additionalInfo: readonly unknown[] | undefined;

  constructor(
    status: number,
    code: string,
    message: string,
    more: {
      cause?: 'gateway' | 'service';
      headers?: Readonly<Record<string, string>>;
      additionalInfo?: readonly unknown[];
    } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.cause = more.cause ?? 'gateway';
    this.headers = more.headers ?? {};
    this.additionalInfo = more.additionalInfo;
  }
}

const byService = { cause: 'service' } as const;

export const resourceNotFound = (type: string, name: string, resourceGroup: string): ArmError =>
  new ArmError(
    404,
    'ResourceNotFound',
    `The Resource '${type}/${name}' under resource group '${resourceGroup}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
  );

export const resourceGroupNotFound = (resourceGroup: string): ArmError =>
  new ArmError(404, 'ResourceGroupNotFound', `Resource group '${resourceGroup}' could not be found.`);

export const subscriptionNotFound = (subscriptionId: string): ArmError =>
  new ArmError(404, 'SubscriptionNotFound', `The subscription '${subscriptionId}' could not be found.`);

export const serverNameAlreadyExists = (): ArmError =>
  new ArmError(409, 'ServerNameAlreadyExists', 'Specified server name is already used.', byService);

/** About a name whose server was deleted a moment ago. */
export const serverIsDropping = (): ArmError =>
  new ArmError(
    409,
    'InvalidServerState',
    'Operations on a server group in dropping state are not allowed.',
    byService,
  );

export const serverIsBusy = (name: string): ArmError =>
  new ArmError(
    409,
    'ServerIsBusy',
    `Cannot complete operation while server '${name}' is busy processing another operation. Please try again later.`,
    byService,
  );

export const scopeLocked = (scope: string, verb: 'delete' | 'write'): ArmError =>
  new ArmError(
    409,
    'ScopeLocked',
    `The scope '${scope}' cannot perform ${verb} operation because following scope(s) are locked: '${scope}'. Please remove the lock and try again.`,
  );

export const locationIsRestricted = (location: string): ArmError =>
  new ArmError(
    400,
    'LocationIsOfferRestricted',
    `Subscriptions are restricted from provisioning in location '${location}'. Try again in a different location.`,
    byService,
  );

/** How the operation ends that was making a server which somebody deleted meanwhile. */
export const operationCanceled = (server: string): ArmError =>
  new ArmError(
    409,
    'OperationCanceled',
    `The operation was canceled because the server '${server}' is being deleted.`,
    byService,
  );

/** What the front door answers when the provider in a region does not. */
export const regionUnavailable = (location: string): ArmError =>
  new ArmError(
    503,
    'ServiceUnavailable',
    `The service is unavailable in region '${location}' now. Please try again later.`,
  );

export const geoBackupsNotAvailable = (source: string): ArmError =>
  new ArmError(
    409,
    'GeoBackupsNotAvailable',
    `Unable to geo-restore server '${source}' as its geo-backups aren't available yet.`,
    byService,
  );

export const invalidValue = (message: string): ArmError =>
  new ArmError(400, 'InvalidParameterValue', message, byService);

/** What Azure says when it will not say what went wrong, for example about a moment before the first backup. */
export const unexpectedFailure = (trackingId: string): ArmError =>
  new ArmError(
    500,
    'InternalServerError',
    `An unexpected error occured while processing the request. Tracking ID: '${trackingId}'`,
    byService,
  );

export const authorizationFailed = (action: string, scope: string, client: string, oid: string): ArmError =>
  new ArmError(
    403,
    'AuthorizationFailed',
    `The client '${client}' with object id '${oid}' does not have authorization to perform action '${action}' over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
  );

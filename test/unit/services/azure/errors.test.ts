/** Every code that Azure is known to answer with, and what a person reads for it. */
import { RestError } from '@azure/core-rest-pipeline';
import { azureProblem, readFailure } from '../../../../services/azure/errors';
import type { ProblemCode } from '../../../../services/restore/errors';

const asked = {
  location: 'westus3',
  subscriptionId: 'sub-1',
  serverName: 'orders-pg-r1',
  sourceName: 'orders-pg',
};

interface Row {
  readonly code: string;
  readonly message?: string;
  readonly ours: ProblemCode;
  readonly retryable: boolean;
  /** What the sentence or the hint has to name. */
  readonly names?: string;
}

const dropping = 'Operations on a server group in dropping state are not allowed.';
const busy = (name: string) =>
  `Cannot complete operation while server '${name}' is busy processing another operation. Please try again later.`;
const row = (code: string, ours: ProblemCode, retryable: boolean, names?: string, message?: string): Row => ({
  ...{ code, ours, retryable },
  ...(names === undefined ? {} : { names }),
  ...(message === undefined ? {} : { message }),
});

const rows: readonly Row[] = [
  row(
    'GeoBackupsNotAvailable',
    'GEO_BACKUP_PENDING',
    true,
    'orders-pg',
    "Unable to geo-restore server 'orders-pg' as its geo-backups aren't available yet.",
  ),
  row('GeoBackupsNotAvailable', 'GEO_BACKUP_PENDING', true, 'orders-pg'),
  row('ServerNameAlreadyExists', 'TARGET_FOREIGN', false, 'orders-pg-r1'),
  row('ServerAlreadyExists', 'TARGET_FOREIGN', false, 'orders-pg-r1'),
  row('InvalidResourceLocation', 'AZURE_NAME_HELD', false, 'orders-pg-r1'),
  row('InvalidServerState', 'AZURE_NAME_HELD', false, 'orders-pg-r1', dropping),
  row('AnotherCode', 'AZURE_NAME_HELD', false, 'orders-pg-r1', dropping),
  row('InternalServerError', 'AZURE_INTERNAL', true, 'outside the restorable window'),
  row('ServerIsBusy', 'AZURE_BUSY', true, 'orders-pg', busy('orders-pg')),
  row('ServerBusy', 'AZURE_BUSY', true, 'orders-pg'),
  row('AnotherCode', 'AZURE_BUSY', true, 'other-pg', busy('other-pg')),
  // Busy with the very name that was asked for: that server is there.
  row('ServerIsBusy', 'TARGET_FOREIGN', false, 'orders-pg-r1', busy('orders-pg-r1')),
  row('ServerIsNotReady', 'AZURE_BUSY', true, 'orders-pg'),
  row(
    'ResourceNotFound',
    'AZURE_SOURCE_GONE',
    false,
    "flexibleServers/x' under",
    "The Resource 'Microsoft.DBforPostgreSQL/flexibleServers/x' under resource group 'y' was not found.",
  ),
  row('ResourceGroupNotFound', 'AZURE_GROUP_GONE', false, "'y'", "Resource group 'y' could not be found."),
  row('SubscriptionNotFound', 'AZURE_GROUP_GONE', false),
  row(
    'LocationIsOfferRestricted',
    'REGION_RESTRICTED',
    false,
    'westus3',
    "Subscriptions are restricted from provisioning in location 'westus3'. Try again in a different location.",
  ),
  row(
    'ParameterOutOfRange',
    'REGION_RESTRICTED',
    false,
    'westus3',
    "The value of the 'Version' should be in: []",
  ),
  row(
    'ParameterOutOfRange',
    'AZURE_BAD_VALUE',
    false,
    'Version',
    "The value of the 'Version' should be in: [15,16]",
  ),
  row('InvalidParameterValue', 'AZURE_BAD_VALUE', false, 'the zone', 'Because of the zone.'),
  row('LocationNotAvailableForResourceType', 'AZURE_BAD_VALUE', false),
  row('SubnetNotFound', 'AZURE_BAD_VALUE', false),
  row('AuthorizationFailed', 'AZURE_FORBIDDEN', false),
  row('LinkedAuthorizationFailed', 'AZURE_FORBIDDEN', false),
  row('AuthenticationFailed', 'AZURE_SIGN_IN', true),
  row('ExpiredAuthenticationToken', 'AZURE_SIGN_IN', true),
  row('InvalidAuthenticationToken', 'AZURE_SIGN_IN', true),
  row('InvalidAuthenticationTokenTenant', 'AZURE_SIGN_IN', true),
  row('MissingSubscriptionRegistration', 'AZURE_NOT_REGISTERED', false, '--subscription sub-1'),
  row('QuotaExceeded', 'AZURE_QUOTA', true, 'ten cores', 'Only ten cores are allowed.'),
  row('SubscriptionQuotaExceeded', 'AZURE_QUOTA', true),
  row('OperationNotAllowed', 'AZURE_QUOTA', true, undefined, 'It exceeds the approved cores quota.'),
  row('SkuNotAvailable', 'AZURE_CAPACITY', true, 'in zone 1', 'Not in zone 1.'),
  row('ZonalAllocationFailed', 'AZURE_CAPACITY', true),
  row('AllocationFailed', 'AZURE_CAPACITY', true),
  row('OverconstrainedZonalAllocationRequest', 'AZURE_CAPACITY', true),
  row('TooManyRequests', 'AZURE_THROTTLED', true),
  row('SubscriptionRequestsThrottled', 'AZURE_THROTTLED', true),
  row('ResourceRequestsThrottled', 'AZURE_THROTTLED', true),
  row('MissingApiVersionParameter', 'AZURE_API_VERSION', false),
  row('InvalidApiVersionParameter', 'AZURE_API_VERSION', false),
  row('NoRegisteredProviderFound', 'AZURE_API_VERSION', false),
  row('InvalidResourceType', 'AZURE_API_VERSION', false),
  // Whatever is not known is shown as Azure says it.
  row('OperationNotAllowed', 'AZURE_FAILED', true, 'on Sundays', 'Not on Sundays.'),
  row('InvalidServerState', 'AZURE_FAILED', true, 'Stopped', "The server is in state 'Stopped'."),
  row('PreconditionFailed', 'AZURE_FAILED', true),
  row('SomethingNew', 'AZURE_FAILED', true, 'SomethingNew'),
];

test.each(rows)('$code "$message" is $ours', ({ code, message = '', ours, retryable, names = '' }) => {
  const told = azureProblem({ ...asked, code, message, correlationId: 'c-1' });
  expect(told).toMatchObject({ code: ours, retryable, vendorCode: code, correlationId: 'c-1' });
  expect(`${told.sentence} ${told.hint}`).toContain(names);
});

test('codes are the same in any letter case', () => {
  expect(azureProblem({ code: 'serverisbusy', message: '' }).code).toBe('AZURE_BUSY');
});

test('nothing is left open where Azure and the caller name nothing', () => {
  for (const { code, message = '' } of rows) {
    const { sentence, hint } = azureProblem({ code, message });
    expect(`${sentence} ${hint}`).not.toMatch(/undefined|null|\[object/);
  }
});

test("the provider's tracking id is worth more to support than the correlation id", () => {
  const id = '0f8fad5b-d9cb-469f-a165-70867728950e';
  const message = `An unexpected error occured while processing the request. Tracking ID: '${id}'`;
  expect(azureProblem({ code: 'InternalServerError', message, correlationId: 'c-1' })).toMatchObject({
    correlationId: id,
  });
});

test('a long story is cut', () => {
  const { sentence } = azureProblem({ code: 'SomethingNew', message: 'x'.repeat(5_000) });
  expect(sentence.length).toBeLessThan(500);
});

describe('a read', () => {
  const failed = (statusCode?: number): RestError => {
    const error = new RestError('no', statusCode === undefined ? {} : { statusCode });
    error.details = { error: { code: 'AuthorizationFailed', message: 'no' } };
    return error;
  };

  test.each([undefined, 200, 302, 408, 429, 500, 503])('that ends with %s was not answered', (statusCode) => {
    expect(readFailure(failed(statusCode)).problem.code).toBe('AZURE_UNREACHABLE');
  });

  test.each([400, 401, 403, 404, 409])('that ends with %d was refused', (statusCode) => {
    expect(readFailure(failed(statusCode)).problem.code).toBe('AZURE_FORBIDDEN');
  });
});

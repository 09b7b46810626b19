/** Every code that Azure Backup is known to answer with, and what a person reads for it. */
import {
  backupProblem,
  envelopeFault,
  userFacingFault,
  type BackupFault,
} from '../../../../services/azure/vault-problems';
import type { ProblemCode } from '../../../../services/restore/errors';

const fault = (code: string, more: Partial<BackupFault> = {}): BackupFault => ({
  ...{ code, message: 'Because of a reason.', actions: [] },
  ...more,
});

const rows: readonly (readonly [string, ProblemCode, boolean])[] = [
  ['UserErrorMSIMissingPermissions', 'AZURE_VAULT_NO_READER', false],
  ['UserErrorMissingRequiredPermissions', 'AZURE_VAULT_NO_READER', false],
  ['UserErrorBackupUserAuthFailed', 'AZURE_VAULT_BACKUP_LOGIN', false],
  ['UserErrorMissingNetworkSecurityPermissions', 'AZURE_VAULT_KEPT_OUT', false],
  ['UserErrorContainerNotAccessible', 'AZURE_VAULT_CONTAINER', false],
  ['UserErrorDBUserAuthFailed', 'AZURE_VAULT_LOGIN', false],
  ['UserErrorInvalidSecret', 'AZURE_VAULT_SECRET', false],
  ['UserErrorInvalidSecretStore', 'AZURE_VAULT_SECRET', false],
  ['UserErrorSecretValueInUnsupportedFormat', 'AZURE_VAULT_SECRET', false],
  ['UserErrorMissingDBPermissions', 'AZURE_VAULT_DATABASE_RIGHTS', false],
  ['UserErrorMissingPermissionsOnSecretStore', 'AZURE_VAULT_SECRET_ACCESS', false],
  ['UserErrorDBNotFound', 'AZURE_VAULT_NOT_FOUND', false],
  ['UserErrorAzureResourceNotFoundByPlugin', 'AZURE_VAULT_NOT_FOUND', false],
  ['ResourceNotFound', 'AZURE_VAULT_NOT_FOUND', false],
  ['UserErrorDatabaseNameAlreadyInUse', 'AZURE_VAULT_TARGET_TAKEN', false],
  ['UserErrorTargetContainersExistOnAccount', 'AZURE_VAULT_TARGET_TAKEN', false],
  ['UserErrorServerConnectionClosed', 'AZURE_VAULT_CONNECTION', true],
  ['UserErrorRestoreToLowerVersion', 'AZURE_VAULT_LOWER_VERSION', false],
  ['UserErrorCrossTenantOrsPolicyDisabled', 'AZURE_VAULT_REPLICATION', false],
  ['UserErrorStorageAccountInLockedState', 'AZURE_VAULT_ACCOUNT_LOCKED', false],
  ['UserErrorInvalidRecoveryPointInTime', 'AZURE_VAULT_POINT', false],
  ['BMSUserErrorInvalidInput', 'AZURE_VAULT_INPUT', false],
  ['bmsusererrorinvalidinput', 'AZURE_VAULT_INPUT', false],
  ['CloudInvalidInputError', 'AZURE_VAULT_INPUT', false],
  ['CloudServiceRetryableError', 'AZURE_VAULT_BUSY', true],
  ['UserErrorRestoreOperationInProgress', 'AZURE_VAULT_BUSY', true],
  ['CloudInternalError', 'AZURE_VAULT_INTERNAL', true],
  ['InternalServerError', 'AZURE_VAULT_INTERNAL', true],
  ['AuthorizationFailed', 'AZURE_VAULT_FORBIDDEN', false],
  ['LinkedAuthorizationFailed', 'AZURE_VAULT_FORBIDDEN', false],
  ['UserErrorResourceGuardRequestMissing', 'AZURE_VAULT_GUARDED', false],
  ['UserErrorOfTomorrow', 'AZURE_VAULT_REFUSED', false],
  ['BMSUserErrorOfTomorrow', 'AZURE_VAULT_REFUSED', false],
  ['SomethingElse', 'AZURE_VAULT_FAILED', true],
  // What every part of Azure says keeps the words that it has elsewhere.
  ['AuthenticationFailed', 'AZURE_SIGN_IN', true],
  ['TooManyRequests', 'AZURE_THROTTLED', true],
  ['NoRegisteredProviderFound', 'AZURE_API_VERSION', false],
];

test.each(rows)('%s is %s', (code, ours, retryable) => {
  const told = backupProblem(fault(code, { correlationId: 'a-1' }));
  expect(told).toMatchObject({ code: ours, retryable, vendorCode: code, correlationId: 'a-1' });
  expect(told.sentence).toMatch(/\.$/);
});

test('who caused it is told by the code and not by the flags that come with it', () => {
  const isUserError = { code: 'UserErrorNew', isUserError: false, isRetryable: true } as object;
  expect(backupProblem(userFacingFault(isUserError, 'x'))).toMatchObject({
    ...{ code: 'AZURE_VAULT_REFUSED', retryable: false },
  });
  expect(backupProblem(fault('Unheard', { isRetryable: false })).retryable).toBe(false);
});

describe('advice', () => {
  const hint = (...actions: string[]): string =>
    backupProblem(fault('UserErrorContainerNotAccessible', { actions })).hint;

  test('of Azure stands behind our own, as much as can be read at a glance', () => {
    const long = `${'Do this and that, '.repeat(8)}then come back.`;
    expect(hint('Assign the  role', 'Wait.')).toMatch(/rules\. Azure advises: Assign the role\. Wait\.$/);
    expect(hint('Assign the role', long)).toMatch(/Azure advises: Assign the role\.$/);
    for (const none of [hint(), hint(''), hint(long)]) expect(none).not.toContain('Azure advises');
  });

  test.each([
    'Use host=legacy-srv user id=admin password=secret',
    'Open https://x.example/blob?sig=abc',
    'Set AccountKey=abc==',
    'Renew the token.',
  ])('that could hold a secret is shown to nobody: %s', (action) => {
    expect(hint(action)).not.toContain('Azure advises');
  });
});

test("Azure's own sentence is shown where ours does not say it all, cut where it is long, and never with a login", () => {
  const sentence = (message: string): string => backupProblem(fault('UserErrorNew', { message })).sentence;
  expect(sentence(' The disk is full\n ')).toBe('Azure Backup refuses this restore: The disk is full.');
  expect(sentence('a'.repeat(500)).length).toBeLessThan(260);
  expect(sentence('Login failed: password=secret')).toBe('Azure Backup refuses this restore: UserErrorNew.');
  expect(sentence('')).toBe('Azure Backup refuses this restore: UserErrorNew.');
});

describe('logins and addresses of secrets', () => {
  const sentence = (message: string, code = 'UserErrorNew'): string =>
    backupProblem(fault(code, { message })).sentence;

  test.each([
    ['https://kv-shop.vault.azure.net/secrets/pgconn/0a1b.', 'the key vault.'],
    ['https://kv-shop.vault.azure.net:443/secrets/pgconn?api-version=7.4 now', 'the key vault now.'],
    ['kv-shop.vault.usgovcloudapi.net/', 'the key vault.'],
    ["'https://kv-shop.privatelink.vaultcore.azure.net' is shut", "'the key vault' is shut."],
    ["User 'backup_admin' may not", 'User (not shown) may not.'],
    ['the login "backup admin" may not', 'the login (not shown) may not.'],
    ['user name: backup_admin may not', 'user (not shown) may not.'],
    ['role "backup_admin" does not exist', 'role (not shown) does not exist.'],
    ['Login backup_admin@legacy-srv', 'Login (not shown).'],
    ['admin@legacy-srv.example may not', '(not shown) may not.'],
  ])('are cut out of %s', (said, shown) => {
    expect(sentence(said)).toBe(`Azure Backup refuses this restore: ${shown}`);
    // A code that every part of Azure knows takes the same words another way.
    expect(sentence(said, 'NoRegisteredProviderFound')).not.toMatch(/backup.admin|admin@|pgconn|kv-shop/);
    const advised = backupProblem(fault('UserErrorContainerNotAccessible', { actions: [said] })).hint;
    expect(advised).toContain(`Azure advises: ${shown}`);
  });

  test.each([
    "Assign the role 'Storage Blob Data Contributor' on account 'shoprestores'.",
    "The user's input for the call is incorrect.",
    'No user is allowed in the vault vault-shop.',
  ])('are all that is cut out: %s', (said) => {
    expect(sentence(said)).toBe(`Azure Backup refuses this restore: ${said}`);
  });

  test('end the advice where nothing of a piece may be shown', () => {
    const actions = ['Wait.', 'Set the password to x.', 'Then go on.'];
    expect(backupProblem(fault('UserErrorContainerNotAccessible', { actions })).hint).toMatch(
      /Azure advises: Wait\.$/,
    );
  });
});

describe('the envelope of a failure', () => {
  test('is told by what Azure writes for people in it', () => {
    const told = {
      ...{ code: 'UserErrorInner', message: '', recommendedAction: ['Wait.'], isRetryable: false },
      properties: { ActivityId: 'a-1' },
    };
    const error = { code: 'Outer', message: 'Outer words', additionalInfo: [{ type: 'x' }, { info: told }] };
    expect(envelopeFault(error, 'HTTP 400', 'call-1')).toEqual({
      ...{ code: 'UserErrorInner', message: 'Outer words', actions: ['Wait.'] },
      ...{ isRetryable: false, correlationId: 'a-1' },
    });
  });

  test('may hold nothing at all', () => {
    expect(envelopeFault({}, 'HTTP 400', undefined)).toEqual({ code: 'HTTP 400', message: '', actions: [] });
    const empty = { code: null, message: null, additionalInfo: null };
    expect(envelopeFault(empty, 'HTTP 400', 'call-1')).toEqual({
      ...{ code: 'HTTP 400', message: '', actions: [], correlationId: 'call-1' },
    });
  });
});

/** The settings of the bot and of the restore service: every problem at once, and nothing local in production. */
import { DeskError } from '../../../services/restore/errors';
import { readBotConfig } from '../../../bot/config';
import { readServiceConfig } from '../../../services/config';

const guid = '44444444-4444-4444-8444-444444444444';
const botSettings = {
  BOT_ID: guid,
  BOT_TENANT_ID: guid.toUpperCase(),
  BOT_TYPE: 'UserAssignedMSI',
  APPROVALS_CHANNEL_ID: '19:db-approvals@thread.tacv2',
};
const serviceSettings = {
  DATABASE_URL: 'postgresql://desk@db/desk',
  POLICY_FILE: 'policy.yaml',
  AZURE_SUBSCRIPTION_IDS: guid,
  AZURE_CLIENT_ID: guid,
  EVIDENCE_KEY_FILE: '/run/secrets/evidence.pem',
};

const problemsOf = (read: () => unknown): string => {
  try {
    read();
    return '';
  } catch (error) {
    return error instanceof DeskError ? error.problem.sentence : `not a sentence: ${String(error)}`;
  }
};
const botProblems = (changes: Record<string, string | undefined>): string =>
  problemsOf(() => readBotConfig({ ...botSettings, ...changes }));
const serviceProblems = (changes: Record<string, string | undefined>): string =>
  problemsOf(() => readServiceConfig({ ...serviceSettings, ...changes }));

test('production needs only what nobody can guess', () => {
  expect(readBotConfig(botSettings)).toMatchObject({
    mode: 'production',
    tenantId: guid,
    localConnector: undefined,
    serviceUrls: ['https://smba.trafficmanager.net/teams/'],
  });
  expect(readServiceConfig(serviceSettings)).toMatchObject({
    mode: 'production',
    resourceManagerUrl: 'https://management.azure.com',
    unclearGraceSeconds: 180,
    lookAgainSeconds: 15,
    faultFile: undefined,
  });
});

test('everything that is missing is named at once', () => {
  const bot = problemsOf(() => readBotConfig({}));
  for (const name of ['BOT_ID', 'BOT_TENANT_ID', 'BOT_TYPE', 'APPROVALS_CHANNEL_ID'])
    expect(bot).toContain(name);
  const service = problemsOf(() => readServiceConfig({ DATABASE_URL: 'mysql://x', AZURE_CLIENT_ID: 'me' }));
  for (const name of [
    'DATABASE_URL: must be a postgres:// URL',
    'POLICY_FILE',
    'AZURE_SUBSCRIPTION_IDS',
    'AZURE_CLIENT_ID: must be a GUID',
  ])
    expect(service).toContain(name);
});

test.each(['', 'MultiTenant', 'userassignedmsi', ' UserAssignedMSI', 'SingleTenant '])(
  'the app type "%s" is refused',
  (type) => {
    expect(botProblems({ BOT_TYPE: type })).toContain('BOT_TYPE');
  },
);

test('a single-tenant app needs its password, a managed identity does not', () => {
  expect(botProblems({ BOT_TYPE: 'SingleTenant' })).toContain('BOT_PASSWORD');
  expect(botProblems({ BOT_TYPE: 'SingleTenant', BOT_PASSWORD: 'secret' })).toBe('');
});

test.each([
  [{ BOT_OPENID_METADATA_URL: 'http://127.0.0.1/keys', BOT_TOKEN_ISSUER: 'me' }, 'for local mode only'],
  [{ BOT_TOKEN_ISSUER: 'https://api.botframework.com' }, 'for local mode only'],
  [
    { BOT_SERVICE_URLS: 'https://smba.trafficmanager.net/teams/,http://127.0.0.1:3979' },
    'BOT_SERVICE_URLS must be https',
  ],
  [{ RESTORE_DESK_MODE: 'test' }, 'RESTORE_DESK_MODE'],
  [{ PORT: '70000' }, 'PORT'],
  [{ PORT: 'http' }, 'PORT'],
  [{ APPROVALS_CHANNEL_ID: 'db-approvals' }, 'APPROVALS_CHANNEL_ID'],
  [{ BOT_SERVICE_URLS: 'smba' }, 'BOT_SERVICE_URLS'],
  [{ DEFAULT_ZONE: 'Mars/Olympus' }, 'DEFAULT_ZONE'],
])('the bot in production refuses %j', (changes, sentence) => {
  expect(botProblems(changes)).toContain(sentence);
});

test('another connector needs both its keys and its issuer, also in local mode', () => {
  const local = { RESTORE_DESK_MODE: 'local', BOT_OPENID_METADATA_URL: 'http://127.0.0.1:3979/keys' };
  expect(botProblems(local)).toContain('belong together');
  expect(botProblems({ ...local, BOT_TOKEN_ISSUER: 'https://api.botframework.com' })).toBe('');
});

test.each([
  [{ DESK_FAULT_FILE: '/tmp/faults' }, 'DESK_FAULT_FILE is for local mode only'],
  [
    { SERVER_LOCATOR_URL: 'http://127.0.0.1:4080/local/endpoints' },
    'SERVER_LOCATOR_URL is for local mode only',
  ],
  [{ AZURE_WAIT_SCALE: '60' }, 'AZURE_WAIT_SCALE is for local mode only'],
  [
    { AZURE_RESOURCE_MANAGER_URL: 'http://127.0.0.1:4080' },
    'AZURE_RESOURCE_MANAGER_URL must be an https address',
  ],
  [
    { AZURE_RESOURCE_MANAGER_URL: 'https://127.0.0.1:4443' },
    'AZURE_RESOURCE_MANAGER_URL must be an https address',
  ],
  [{ GRAPH_URL: 'http://graph.microsoft.com/v1.0' }, 'GRAPH_URL must be an https address of Microsoft Graph'],
  [{ GRAPH_URL: 'https://graph.example/v1.0' }, 'GRAPH_URL must be an https address of Microsoft Graph'],
  [{ AZURE_UNCLEAR_GRACE_SECONDS: '5' }, 'AZURE_UNCLEAR_GRACE_SECONDS must be at least 60'],
  [{ AZURE_UNCLEAR_GRACE_SECONDS: '-1' }, 'AZURE_UNCLEAR_GRACE_SECONDS'],
  [{ AZURE_TIMEOUT_SECONDS: '180' }, 'AZURE_UNCLEAR_GRACE_SECONDS must be longer than AZURE_TIMEOUT_SECONDS'],
  [{ AZURE_TIMEOUT_SECONDS: 'soon' }, 'AZURE_TIMEOUT_SECONDS'],
  [{ AZURE_SUBSCRIPTION_IDS: ',' }, 'AZURE_SUBSCRIPTION_IDS'],
])('the service in production refuses %j', (changes, sentence) => {
  expect(serviceProblems(changes)).toContain(sentence);
});

test('all that is local about the service is refused together', () => {
  const said = serviceProblems({
    DESK_FAULT_FILE: 'f',
    SERVER_LOCATOR_URL: 'http://127.0.0.1',
    AZURE_WAIT_SCALE: '2',
  });
  for (const name of ['DESK_FAULT_FILE', 'SERVER_LOCATOR_URL', 'AZURE_WAIT_SCALE'])
    expect(said).toContain(name);
});

test('an empty variable counts as not set, and problems never repeat a secret', () => {
  expect(serviceProblems({ DESK_FAULT_FILE: '', SERVER_LOCATOR_URL: '', DATABASE_MIGRATION_URL: '' })).toBe(
    '',
  );
  expect(serviceProblems({ DATABASE_URL: 'mysql://desk:hunter2@db/desk' })).not.toContain('hunter2');
});

test('the key of the journal comes from one place, and a key vault is one of Azure', () => {
  const secret = (EVIDENCE_KEY_SECRET: string) => ({ EVIDENCE_KEY_FILE: undefined, EVIDENCE_KEY_SECRET });
  expect(serviceProblems({ EVIDENCE_KEY_FILE: undefined })).toContain('EVIDENCE_KEY_SECRET');
  expect(serviceProblems({ EVIDENCE_KEY_SECRET: 'kv-desk/evidence' })).toContain('One of EVIDENCE_KEY_FILE');
  expect(serviceProblems(secret('kv-desk/evidence'))).toBe('');
  for (const elsewhere of [
    'https://kv-desk.vault.azure.net.example.org/secrets/evidence',
    'http://kv-desk.vault.azure.net/secrets/evidence',
    'https://example.org/secrets/evidence',
    'kv-desk',
  ])
    expect(serviceProblems(secret(elsewhere))).toContain('EVIDENCE_KEY_SECRET');
  expect(serviceProblems({ EVIDENCE_ANCHOR: 'http://a.blob.core.windows.net/evidence' })).toContain(
    'EVIDENCE_ANCHOR must be an https address',
  );
});

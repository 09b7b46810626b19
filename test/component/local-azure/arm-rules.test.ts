import { ArmError } from '../../../infra/local/azure/arm-error';
import { requireApiVersion, requireSupportedVersion } from '../../../infra/local/azure/arm-api-versions';
import { page } from '../../../infra/local/azure/arm-paging';
import { createThrottle } from '../../../infra/local/azure/arm-throttle';
import { ConfigRefused, readAzureConfig } from '../../../infra/local/azure/config';
import { parseInstant, toBackupTime, toRecoveryTarget } from '../../../infra/local/azure/instants';
import { isAllowed, startingAssignments } from '../../../infra/local/azure/roles';
import { nameProblem } from '../../../infra/local/azure/server-names';
import { backupFor } from '../../../infra/local/azure/server-backups';
import { seedServers } from '../../../infra/local/azure/seed-servers';
import { mainSubscriptionId, productIdentity } from '../../../infra/local/identities';

function refusal(act: () => unknown): ArmError {
  try {
    act();
  } catch (error) {
    if (error instanceof ArmError) return error;
  }
  throw new Error('expected a refusal');
}

describe('throttle', () => {
  test('250 reads pass at once, the next one waits, and a second brings 25 back', () => {
    let nowMs = 0;
    const throttle = createThrottle(() => nowMs);
    const read = () => throttle.take('sub', 'me', 'reads');
    const burst = Array.from({ length: 250 }, read);
    expect(burst.every(({ admitted }) => admitted)).toBe(true);
    expect(read()).toEqual({ admitted: false, remaining: 0, retryAfterSeconds: 1 });
    nowMs += 1000;
    expect(Array.from({ length: 26 }, read).filter(({ admitted }) => admitted)).toHaveLength(25);
  });

  test('writes, deletes, principals and subscriptions have buckets of their own', () => {
    const throttle = createThrottle(() => 0);
    const write = () => throttle.take('SUB', 'me', 'writes');
    expect(Array.from({ length: 201 }, write).filter(({ admitted }) => admitted)).toHaveLength(200);
    expect(throttle.take('sub', 'me', 'writes').admitted).toBe(false);
    expect(throttle.take('sub', 'me', 'deletes').admitted).toBe(true);
    expect(throttle.take('sub', 'you', 'writes').admitted).toBe(true);
    expect(throttle.take('other', 'me', 'writes').admitted).toBe(true);
  });
});

describe('paging', () => {
  const call = { origin: 'https://127.0.0.1:4443', path: '/things' };

  test('pages follow one another by absolute links until all is told', () => {
    const seen: number[] = [];
    let query: Record<string, string> = { 'api-version': '2025-08-01' };
    for (let pages = 0; pages < 3; pages++) {
      const { value, nextLink } = page([1, 2, 3, 4, 5], { ...call, query }, 2);
      seen.push(...value);
      if (nextLink === undefined) break;
      expect(nextLink).toMatch(/^https:\/\/127\.0\.0\.1:4443\/things\?api-version=2025-08-01&\$skiptoken=/);
      query = Object.fromEntries(new URL(nextLink).searchParams);
    }
    expect(seen).toEqual([1, 2, 3, 4, 5]);
  });

  test('a list that fits has no link, and a made-up token is refused', () => {
    expect(page([1, 2], { ...call, query: {} }, 2)).toEqual({ value: [1, 2] });
    expect(refusal(() => page([1], { ...call, query: { $skiptoken: 'zzz' } }, 2)).status).toBe(400);
  });
});

describe('api-version', () => {
  test.each([
    [undefined, 'MissingApiVersionParameter'],
    ['', 'MissingApiVersionParameter'],
    ['latest', 'InvalidApiVersionParameter'],
  ])('%j is refused as %s', (version, code) => {
    expect(refusal(() => requireApiVersion(version))).toMatchObject({ status: 400, code });
  });

  test('a version the provider does not have is refused with the ones it has', () => {
    const error = refusal(() =>
      requireSupportedVersion('2019-01-01', 'Microsoft.DBforPostgreSQL/flexibleServers', ''),
    );
    expect(error).toMatchObject({ status: 400, code: 'NoRegisteredProviderFound' });
    expect(error.message).toContain('2025-08-01');
    requireSupportedVersion('2025-08-01', 'microsoft.dbforpostgresql/FLEXIBLESERVERS', '');
  });
});

test.each([
  ['orders-pg', true],
  ['a1b', true],
  ['ab', false],
  ['Orders', false],
  ['-orders', false],
  ['orders-', false],
  ['orders_pg', false],
  ['x'.repeat(64), false],
])('the server name %s is fine: %s', (name, fine) => {
  expect(nameProblem(name) === undefined).toBe(fine);
});

describe('roles', () => {
  const me = productIdentity.principalId;
  const scope = `/subscriptions/${mainSubscriptionId}/resourceGroups/rg-shop/providers/Microsoft.DBforPostgreSQL/flexibleServers/orders-pg`;
  const reader = (at: string) => [
    { name: 'a', principalId: me, roleDefinitionId: 'acdd72a7-3385-48ef-bd42-f606fba81ae7', scope: at },
  ];

  test('a contributor may write servers but not hand out roles', () => {
    const start = startingAssignments();
    expect(isAllowed(start, me, 'Microsoft.DBforPostgreSQL/flexibleServers/write', scope)).toBe(true);
    expect(isAllowed(start, me, 'Microsoft.Authorization/roleAssignments/write', scope)).toBe(false);
    expect(isAllowed(start, 'somebody', 'Microsoft.DBforPostgreSQL/flexibleServers/read', scope)).toBe(false);
  });

  test('a reader reads at and below the scope, in any spelling, and nowhere else', () => {
    const group = reader(`/subscriptions/${mainSubscriptionId}/resourcegroups/RG-SHOP`);
    expect(isAllowed(group, me, 'microsoft.dbforpostgresql/flexibleservers/read', scope)).toBe(true);
    expect(isAllowed(group, me, 'Microsoft.DBforPostgreSQL/flexibleServers/write', scope)).toBe(false);
    expect(isAllowed(reader(`${scope}y`), me, 'Microsoft.DBforPostgreSQL/flexibleServers/read', scope)).toBe(
      false,
    );
    expect(isAllowed(reader(scope.slice(0, -1)), me, 'a/read', scope)).toBe(false);
  });
});

describe('instants', () => {
  test('microseconds survive reading and writing', () => {
    const at = parseInstant('2026-05-18T03:10:18.126687Z');
    expect(at).toBeDefined();
    expect(toBackupTime(at ?? 0)).toBe('2026-05-18T03:10:18.126687+00:00');
    expect(toRecoveryTarget(at ?? 0)).toBe('2026-05-18 03:10:18.126687+00');
    expect(parseInstant('2026-05-18T05:10:18.126687+02:00')).toBe(at);
    expect(parseInstant('yesterday')).toBeUndefined();
  });

  test('a restore starts from the newest backup that was complete at its moment', () => {
    const [seed] = seedServers(new Date());
    if (!seed) throw new Error('no server');
    const backup = (name: string, completedAt: number) => ({ name, kind: 'Full' as const, completedAt });
    const server = { ...seed, backups: [backup('a', 10), backup('c', 30), backup('b', 20)] };
    expect(backupFor(server, 25)?.name).toBe('b');
    expect(backupFor(server, 30)?.name).toBe('c');
    expect(backupFor(server, 9)).toBeUndefined();
  });
});

test('a bad environment is told in one go', () => {
  const read = () =>
    readAzureConfig({ LOCAL_STATE_DIR: 'relative', LOCAL_BLOB_PORT: 'here', LOCAL_TIME_SCALE: 'fast' });
  expect(read).toThrow(ConfigRefused);
  expect(read).toThrow(
    /absolute[\s\S]*LOCAL_BLOB_PORT[\s\S]*LOCAL_TIME_SCALE[\s\S]*PG_BIN[\s\S]*LOCAL_IDENTITY_HEADER/,
  );
});

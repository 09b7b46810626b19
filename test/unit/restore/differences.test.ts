import { differencesOf, type DifferenceGroup } from '../../../services/restore/differences';
import type { Detail, ServerDetails } from '../../../services/restore/server-details';

const read = <T>(value: T): Detail<T> => ({ kind: 'read', value });
const group = '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-shop';
const idOf = (name: string): string => `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/${name}`;

const bare = (name: string, change: Partial<ServerDetails> = {}): ServerDetails => ({
  ...{ id: idOf(name), name, parameters: read([]), firewallRules: read([]), administrators: read([]) },
  ...{ locks: read([]), diagnosticSettings: read([]), highAvailability: read({ mode: 'Disabled' }) },
  ...{ replicas: read([]), privateEndpoints: read([]), ...change },
});
const copy = bare('orders-pg-r1');
const found = (change: Partial<ServerDetails>, against = copy): readonly DifferenceGroup[] =>
  differencesOf(bare('orders-pg', change), against);
const only = (change: Partial<ServerDetails>, against = copy): DifferenceGroup => {
  const groups = found(change, against);
  expect(groups).toHaveLength(1);
  return groups[0] as DifferenceGroup;
};
const parameter = (name: string, value: string, needsRestart = false) => ({ name, value, needsRestart });
const rule = (name: string, start: string, end = start) => ({ name, start, end });

test('a copy that has everything differs in nothing', () => {
  const same: Partial<ServerDetails> = {
    parameters: read([parameter('work_mem', '8192')]),
    firewallRules: read([rule('office', '203.0.113.0', '203.0.113.63')]),
    highAvailability: read({ mode: 'ZoneRedundant', standbyZone: '2' }),
  };
  expect(differencesOf(bare('a', same), bare('b', same))).toEqual([]);
  // Under another name, and another one beside it: what the source lets in is let in.
  const renamed = read([rule('head-office', '203.0.113.0', '203.0.113.63'), rule('other', '192.0.2.1')]);
  expect(differencesOf(bare('a', same), bare('b', { ...same, firewallRules: renamed }))).toEqual([]);
});

test('parameters are shown with both values, and what needs a restart says so', () => {
  const differing = only(
    {
      parameters: read([
        { ...parameter('maintenance_work_mem', '65536'), unit: 'KB' },
        { ...parameter('shared_buffers', '4096', true), unit: '8KB' },
        parameter('timezone', 'UTC'),
      ]),
    },
    bare('orders-pg-r1', {
      parameters: read([parameter('timezone', 'UTC'), parameter('shared_buffers', '1024', true)]),
    }),
  );
  expect(differing).toEqual({
    ...{ kind: 'parameters', title: 'Server parameters', found: 'differs', canApply: true },
    items: [
      { what: 'maintenance_work_mem', source: '65536 KB', copy: 'default' },
      { what: 'shared_buffers (needs a restart)', source: '4096 x 8KB', copy: '1024' },
    ],
    ...{ warnings: [], needsRestart: true },
  });
});

test.each([
  ['shared_preload_libraries', 'pg_stat_statements,pg_cron', /pg_cron is loaded, and the scheduled jobs/],
  ['azure.extensions', 'PG_CRON', /PG_CRON may be created/],
  ['cron.database_name', 'shop', /looks for its jobs in shop/],
  ['wal_level', 'logical', /subscriptions/],
])('a parameter that wakes something is applied under a warning: %s', (name, value, warning) => {
  expect(only({ parameters: read([parameter(name, value)]) })).toMatchObject({
    warnings: expect.arrayContaining([expect.stringMatching(warning)]),
  });
});

test('parameters that hold secrets are not compared', () => {
  expect(found({ parameters: read([parameter('primary_conninfo', 'password=x')]) })).toEqual([]);
  expect(found({ parameters: read([parameter('password_encryption', 'md5')]) })).toHaveLength(1);
});

test('firewall rules, administrators, settings and locks can be applied; what opens or shuts is warned about', () => {
  const groups = found({
    firewallRules: read([rule('azure', '0.0.0.0'), rule('all', '0.0.0.0', '255.255.255.255')]),
    administrators: read([{ objectId: 'a', name: 'leads', type: 'Group', tenantId: 't' }]),
    diagnosticSettings: read([
      { name: 'to-logs', destinations: { workspaceId: '/x/workspaces/shop-logs' }, logs: [], metrics: [] },
    ]),
    locks: read([{ name: 'keep', level: 'CanNotDelete' }]),
  });
  expect(groups.map((each) => [each.kind, 'canApply' in each && each.canApply])).toEqual([
    ...[
      ['firewall-rules', true],
      ['administrators', true],
      ['diagnostic-settings', true],
    ],
    ['locks', true],
  ]);
  expect(groups.flatMap((each) => ('items' in each ? each.items : []))).toEqual([
    { what: 'azure', source: '0.0.0.0', copy: 'none' },
    { what: 'all', source: '0.0.0.0 to 255.255.255.255', copy: 'none' },
    { what: 'leads', source: 'Group', copy: 'none' },
    { what: 'to-logs', source: 'to shop-logs', copy: 'none' },
    { what: 'keep', source: 'CanNotDelete', copy: 'none' },
  ]);
  const warnings = groups.flatMap((each) => ('warnings' in each ? each.warnings : []));
  expect(warnings.join('\n')).toMatch(/also of other customers[^]*whole internet[^]*cannot be deleted/);
});

test('what has to be done by hand comes with the command for it', () => {
  const groups = found({
    highAvailability: read({ mode: 'ZoneRedundant', standbyZone: '2' }),
    replicas: read(['orders-pg-read']),
    privateEndpoints: read([
      {
        name: 'pe-orders',
        endpointId: `${group}/providers/Microsoft.Network/privateEndpoints/pe`,
        status: 'Approved',
      },
    ]),
  });
  const place = '--resource-group rg-shop --subscription 11111111-1111-4111-8111-111111111111';
  expect(groups.map((each) => ('commands' in each ? each.commands : []))).toEqual([
    [
      `az postgres flexible-server update ${place} --name orders-pg-r1 --high-availability ZoneRedundant --standby-zone 2`,
    ],
    [
      `az postgres flexible-server replica create ${place} --source-server ${copy.id} --name '<new name for orders-pg-read>'`,
    ],
    [expect.stringContaining(`--private-connection-resource-id ${copy.id} --group-id postgresqlServer`)],
  ]);
  expect(groups.every((each) => 'canApply' in each && !each.canApply)).toBe(true);
});

test('what could not be read is said to be unknown, with the side and the reason, and hides nothing else', () => {
  const unknown = { kind: 'unknown', why: 'Azure does not answer.' } as const;
  const groups = differencesOf(
    bare('orders-pg', { locks: unknown, firewallRules: read([rule('office', '203.0.113.1')]) }),
    bare('orders-pg-r1', { replicas: unknown, administrators: unknown }),
  );
  expect(groups.map((each) => [each.kind, 'why' in each ? each.why : each.found])).toEqual([
    ['firewall-rules', 'differs'],
    ['locks', 'source: Azure does not answer.'],
    ['replicas', 'copy: Azure does not answer.'],
  ]);
});

test('settings that send the same in another order are the same', () => {
  const sends = (logs: readonly object[]) =>
    read([{ name: 'a', destinations: { workspaceId: '/X' }, logs, metrics: [] }]);
  const [sql, all] = [
    { category: 'PostgreSQLLogs', enabled: true },
    { enabled: true, category: 'Sessions' },
  ];
  const against = bare('b', {
    diagnosticSettings: read([
      {
        ...{ name: 'A', destinations: { workspaceId: '/x' }, metrics: [] },
        logs: [{ category: 'Sessions', enabled: true }, sql],
      },
    ]),
  });
  expect(found({ diagnosticSettings: sends([sql, all]) }, against)).toEqual([]);
  expect(found({ diagnosticSettings: sends([{ ...sql, enabled: false }, all]) }, against)).toHaveLength(1);
});

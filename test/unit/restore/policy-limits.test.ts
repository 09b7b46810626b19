/** What an owner may write in each field of the policy: up to its limit, and what is said beyond it. */
import { checkPolicy, problemText } from '../../../services/restore/policy-reading';
import { probeFor, readPolicy } from '../../../services/restore/policy';

const id = 'aaaaaaa2-0000-4000-8000-000000000002';
const person = { id, name: 'Martin Hale' };
const group = { group: '66666666-0000-4000-8000-000000000001', name: 'Leads' };
const column = { database: 'shop', table: 'orders', column: 'placed_at' };
const check = { name: 'orders', database: 'shop', sql: 'select 1', expect: 1 };

/** Every field once. */
const whole = () => ({
  version: '7',
  rules: [
    {
      name: 'orders',
      match: {
        ...{
          actions: ['restore'],
          modes: ['latest'],
          server: 'orders-*',
          resourceGroup: 'rg',
          subscription: 's',
        },
        ...{ environment: 'production', dataClass: 'personal', network: 'public', tags: { env: 'prod' } },
        ...{
          regionChange: false,
          hours: { zone: 'Europe/Berlin', days: ['mon'], from: '08:00', to: '18:00' },
        },
        to: {
          ...{
            subscription: 's',
            resourceGroup: 'rg',
            server: 'x',
            region: 'canadaeast',
            network: 'private',
          },
          ...{ container: 'a/c', environment: 'production' },
        },
      },
      approvers: [group, person],
      needed: 1,
      remindAfterMinutes: 10,
      escalate: { afterMinutes: 20, to: [person] },
      breakGlass: {
        ...{ people: [person], modes: ['latest'], targets: ['orders-*'], reviewWithinMinutes: 60 },
        atMost: { times: 1, hours: 24 },
      },
      ...{
        reasonRequired: false,
        ticketPattern: 'INC-\\d+',
        expiresAfterMinutes: 60,
        approvalGoodForMinutes: 30,
      },
    },
    { name: 'staged', match: {}, stages: [{ name: 'leads', approvers: [group], needed: 1 }] },
  ],
  environments: { production: [{ subscription: 's', resourceGroup: 'rg', server: 'orders-*' }] },
  dataClasses: { personal: [{ server: 'orders-*' }] },
  freezes: [{ name: 'Year end', from: '2026-12-20T00:00:00Z', to: '2027-01-03T00:00:00Z', match: {} }],
  visible: [{ server: 'x', resourceGroup: 'rg', subscription: 's', environment: 'production', to: [group] }],
  aliases: [[id, 'bbbbbbb2-0000-4000-8000-000000000002']],
  proof: [
    {
      ...{ server: 'orders-*', database: 'shop', newestWrite: 'select 1', newestWriteUpTo: 'select $1' },
      ...{
        toleranceSeconds: 5,
        timeColumns: [column],
        requiredTables: [{ database: 'shop', table: 'orders' }],
      },
      ...{ checks: [check], exactCountRows: 10, amcheck: true },
    },
  ],
  proofLogins: [{ server: 'orders-*', user: 'prover', secret: 'kv-shop/prover' }],
  prices: { currency: 'USD', perHour: { Standard_D2ds_v5: 0.2 } },
  logins: [{ server: 'legacy-srv', secret: 'kv-shop/pgconn' }],
});

/** The whole policy with another value at one path. */
function changed(path: string, value: unknown): unknown {
  const keys = path.split('.');
  const set = (node: unknown, [key = '', ...rest]: readonly string[]): unknown => {
    const next = (old: unknown): unknown => (rest.length === 0 ? value : set(old, rest));
    if (Array.isArray(node)) return node.map((each, index) => (String(index) === key ? next(each) : each));
    const object = node as Record<string, unknown>;
    return { ...object, [key]: next(object[key]) };
  };
  return set(whole(), keys);
}

const problemsOf = (document: unknown): string[] => {
  const reading = checkPolicy(document);
  return reading.kind === 'wrong' ? reading.problems.map(problemText) : [];
};
const saidOf = (path: string, value: unknown): string[] => problemsOf(changed(path, value));

const text = (length: number): string => 'x'.repeat(length);
const times = <T>(count: number, one: T): T[] => Array.from({ length: count }, () => one);

test('a policy that has everything is taken', () => {
  expect(problemsOf(whole())).toEqual([]);
});

test('what an owner leaves out is what the page of the policy promises', () => {
  const rule = { name: 'orders', match: {}, approvers: [person] };
  const glass = { ...rule, name: 'glass', breakGlass: { people: [person] } };
  const hours = { zone: 'UTC', from: '08:00', to: '18:00' };
  const freeze = { name: 'now', from: '2026-12-20T00:00:00Z', to: '2026-12-21T00:00:00Z' };
  const policy = readPolicy({
    version: '7',
    rules: [rule, glass, { ...rule, name: 'hours', match: { hours } }],
    freezes: [freeze],
  });
  const user = { kind: 'user', id, name: 'Martin Hale' };
  expect(policy).toEqual({
    version: '7',
    rules: [
      {
        ...{
          name: 'orders',
          match: {},
          reasonRequired: true,
          expiresAfterMinutes: 60,
          approvalGoodForMinutes: 30,
        },
        stages: [{ name: 'approval', needed: 1, parties: [user] }],
      },
      expect.objectContaining({
        breakGlass: { people: [user], atMost: { times: 1, hours: 24 }, reviewWithinMinutes: 1_440 },
      }),
      expect.objectContaining({
        match: { hours: { ...hours, days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] } },
      }),
    ],
    freezes: [{ ...freeze, match: {} }],
    ...{
      environments: {},
      dataClasses: {},
      visible: [],
      aliases: [],
      proof: [],
      proofLogins: [],
      logins: [],
    },
  });
});

test('accounts of one person are taken in any spelling', () => {
  const rules = [{ name: 'orders', match: {}, approvers: [person] }];
  const aliases = [[id.toUpperCase(), 'BBBBBBB2-0000-4000-8000-000000000002']];
  expect(readPolicy({ version: '7', rules, aliases }).aliases).toEqual([
    [id, 'bbbbbbb2-0000-4000-8000-000000000002'],
  ]);
});

test('of a proof that is written short nothing is sealed but what is written', () => {
  const rules = [{ name: 'orders', match: {}, approvers: [person] }];
  const sealed = (entry: object) =>
    probeFor(
      readPolicy({ version: '7', rules, proof: [{ server: 'orders-*', toleranceSeconds: 5, ...entry }] }),
      {
        name: 'orders-pg',
      },
    );
  expect(sealed({})).toStrictEqual({ toleranceSeconds: 5 });
  expect(sealed({ amcheck: false, database: undefined })).toStrictEqual({
    toleranceSeconds: 5,
    amcheck: false,
  });
});

test.each<[string, unknown, unknown]>([
  // Texts.
  ['version', text(40), text(41)],
  ['rules.0.name', text(60), text(61)],
  ['rules.0.match.server', text(90), text(91)],
  ['rules.0.approvers.1.name', text(80), text(81)],
  ['rules.1.stages.0.name', text(60), text(61)],
  ['rules.0.breakGlass.targets.0', text(90), text(91)],
  ['freezes.0.name', text(60), text(61)],
  ['proof.0.server', text(90), text(91)],
  ['proof.0.checks.0.database', text(63), text(64)],
  ['proof.0.checks.0.sql', text(10_000), text(10_001)],
  ['proof.0.checks.0.name', text(80), text(81)],
  ['proof.0.checks.0.expect', text(200), text(201)],
  ['proof.0.requiredTables.0.table', `${text(63)}.${text(63)}`, text(64)],
  ['proofLogins.0.user', text(63), text(64)],
  ['logins.0.secret', `a${text(23)}/${text(127)}`, `a${text(24)}/x`],
  ['proofLogins.0.secret', 'abc/x', `abc/${text(128)}`],
  // And none of them empty.
  ...[
    ...[
      'version',
      'rules.0.name',
      'rules.0.match.server',
      'rules.0.approvers.1.name',
      'rules.1.stages.0.name',
    ],
    ...[
      'rules.0.breakGlass.targets.0',
      'proof.0.server',
      'proof.0.checks.0.database',
      'proof.0.checks.0.sql',
    ],
    ...['proof.0.checks.0.name', 'proofLogins.0.user'],
  ].map((path): [string, unknown, unknown] => [path, 'x', '']),
  // Numbers.
  ['rules.0.needed', 20, 21],
  ['rules.0.needed', 1, 0],
  ['rules.1.stages.0.needed', 20, 0],
  ['rules.0.expiresAfterMinutes', 10_080, 10_081],
  ['rules.1.expiresAfterMinutes', 1, 0],
  ['rules.0.approvalGoodForMinutes', 1_440, 1_441],
  ['rules.0.approvalGoodForMinutes', 1, 0],
  ['rules.0.remindAfterMinutes', 59, 0],
  ['rules.0.escalate.afterMinutes', 1, 0],
  ['rules.0.breakGlass.atMost.times', 20, 21],
  ['rules.0.breakGlass.atMost.times', 1, 0],
  ['rules.0.breakGlass.atMost.hours', 720, 721],
  ['rules.0.breakGlass.atMost.hours', 1, 0],
  ['rules.0.breakGlass.reviewWithinMinutes', 10_080, 10_081],
  ['rules.0.breakGlass.reviewWithinMinutes', 1, 1.5],
  ['proof.0.toleranceSeconds', 86_400, 86_401],
  ['proof.0.toleranceSeconds', 0, -1],
  ['proof.0.exactCountRows', 10_000_000, 10_000_001],
  ['proof.0.exactCountRows', 0, -1],
  // Lists.
  ['rules.0.approvers', times(50, group), times(51, group)],
  ['rules.0.escalate.to', [person], []],
  ['rules.0.breakGlass.people', [person], []],
  ['rules.0.breakGlass.modes', ['latest', 'geo', 'fast'], []],
  ['rules.0.breakGlass.targets', ['a', 'b', 'c'], []],
  [
    'rules.1.stages',
    times(5, { name: 's', approvers: [group], needed: 1 }),
    times(6, { name: 's', approvers: [group], needed: 1 }),
  ],
  ['rules.1.stages', times(1, { name: 's', approvers: [group], needed: 1 }), []],
  ['rules.0.match.actions', ['restore', 'apply', 'extend', 'delete', 'salvage'], []],
  ['rules.0.match.modes', ['latest', 'geo'], []],
  ['rules.0.match.hours.days', ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], []],
  ['environments.production', [{ server: 'a' }, { server: 'b' }], []],
  ['dataClasses.personal', [{ server: 'a' }, { server: 'b' }], []],
  ['visible.0.to', times(50, group), times(51, group)],
  ['aliases.0', [id, id, id], [id]],
  ['proof.0.timeColumns', times(50, column), times(51, column)],
  [
    'proof.0.requiredTables',
    times(50, { database: 'shop', table: 'orders' }),
    times(51, { database: 'shop', table: 'orders' }),
  ],
  ['proof.0.checks', times(50, check), times(51, check)],
  // Words.
  ['rules.0.match.network', 'private', 'secret'],
  ['rules.0.match.to.network', 'public', 'open'],
  ['rules.0.match.actions.0', 'salvage', 'steal'],
  ['rules.0.match.hours.days.0', 'sun', 'someday'],
  [
    'rules.0.approvers.0',
    { team: id, name: 'Shop', who: 'members' },
    { team: id, name: 'Shop', who: 'guests' },
  ],
  // Kinds of value.
  ['rules.0.match.tags', {}, { env: 1 }],
  ['rules.0.match.regionChange', true, 'yes'],
  ['rules.0.reasonRequired', true, 'yes'],
  ['proof.0.amcheck', false, 'yes'],
  ['proof.0.checks.0.expect', false, null],
  ['proof.0.checks.0.expect', 0.5, []],
])('%s is taken up to its limit, and beyond it refused at its path', (path, good, bad) => {
  expect(saidOf(path, good)).toEqual([]);
  expect(saidOf(path, bad)).toEqual([expect.stringContaining(`${path}`)]);
});

test.each([
  ...['', 'rules.0', 'rules.0.match', 'rules.0.match.to', 'rules.0.match.hours', 'rules.0.approvers.0'],
  ...['rules.0.escalate', 'rules.0.breakGlass', 'rules.0.breakGlass.atMost', 'rules.1.stages.0'],
  ...[
    'environments.production.0',
    'freezes.0',
    'freezes.0.match',
    'visible.0',
    'proof.0',
    'proof.0.checks.0',
  ],
  ...['proof.0.timeColumns.0', 'proof.0.requiredTables.0', 'proofLogins.0', 'prices', 'logins.0'],
])('a word that nobody knows is refused in %p', (path) => {
  expect(saidOf(path === '' ? 'colour' : `${path}.colour`, 'blue')).toEqual([
    `${path === '' ? '(top)' : path}: does not know the key colour.`,
  ]);
});

describe('what has a form of its own', () => {
  const timeOfDay = 'must be a time such as 08:30.';
  const moment = 'must be a time with its offset, such as 2026-12-20T00:00:00+01:00.';
  const entra = 'must be an Entra object id.';
  const secret = 'must be a key vault and a secret, such as kv-shop/pgconn.';
  const table = 'must be a table, or a schema and a table, such as sales.orders.';
  const forms: [string, string, readonly string[], readonly string[]][] = [
    [
      ...(['rules.0.approvers.1.id', entra] as const),
      [id, id.toUpperCase()],
      [`x${id}`, `${id}x`, id.slice(0, -5), id.replaceAll('-', ''), id.replace('a', 'g'), `${id}-0000`, 'me'],
    ],
    [
      ...(['rules.0.match.hours.from', timeOfDay] as const),
      ['00:00', '07:59', '09:00', '19:59', '20:00', '23:59', '24:00'],
      ['8:30', '08:60', '08:3', '24:01', '25:00', '30:00', '108:30', '08:300', '124:00', '24:000', 'x8:30'],
    ],
    [
      ...(['freezes.0.from', moment] as const),
      ['2026-12-20T00:00:00+01:00', '2026-12-20T00:00:00-0100', '2026-12-20T00:00Z'],
      [
        ...['2026-12-20T00:00:00', '2026-12-20', 'tomorrow', '2026-13-20T00:00:00Z', 'Z', '+01:00'],
        '2026-12-20T00:00:00+01:00[Europe/Berlin]',
      ],
    ],
    [
      ...(['logins.0.secret', secret] as const),
      ['kv-shop/pgconn', 'KV9/a', 'abc/1-2'],
      [
        'ab/x',
        '1kv/x',
        'kv-shop',
        'kv-shop/',
        'kv-shop/a b',
        'kv_shop/x',
        ' kv-shop/x',
        'https://kv-shop/x',
        'kv-shop/x/1',
      ],
    ],
    [
      ...(['proof.0.timeColumns.0.table', table] as const),
      ['orders', 'sales.orders', 'Größe', 'o'],
      ['', 'a b', 'a.b.c', '.orders', 'orders.', 'or"ders', 'sales."orders"', 'sales.or ders'],
    ],
  ];

  test.each(forms.flatMap(([path, , good]) => good.map((value): [string, string] => [path, value])))(
    '%s takes %p',
    (path, value) => {
      expect(saidOf(path, value)).toEqual([]);
    },
  );

  test.each(
    forms.flatMap(([path, sentence, , bad]) =>
      bad.map((value): [string, string, string] => [path, value, sentence]),
    ),
  )('%s does not take %p, and says what it has to look like', (path, value, sentence) => {
    expect(saidOf(path, value)).toEqual([`${path}: ${sentence}`]);
  });
});

test.each([
  ['proof.0.database', text(64)],
  ['proof.0.newestWrite', ''],
])('%s that is wrong in itself is not told to be missing as well', (path, value) => {
  expect(saidOf(path, value)).toEqual([expect.stringMatching(/^proof\.0\.\w+: Too /)]);
});

test('what a proof lacks is told also where something else in it is wrong', () => {
  const proof = [{ server: 'orders-*', toleranceSeconds: -1, newestWrite: 'select 1' }];
  expect(saidOf('proof', proof)).toEqual([
    expect.stringMatching(/^proof\.0\.toleranceSeconds: /),
    'proof.0.database: is needed to ask for the newest write.',
  ]);
});

test.each<[string, string, string]>([
  ['database', 'proof.0.database', 'is needed to ask for the newest write'],
  ['newestWrite', 'proof.0.newestWrite', 'is needed beside newestWriteUpTo'],
])('a proof that needs its %s and has none is refused with a sentence', (_what, path, sentence) => {
  expect(saidOf(path, undefined)).toEqual([`${path}: ${sentence}.`]);
});

test.each<[string, unknown, string]>([
  ['rules.0.match.hours.zone', 'Europe/Berln', 'must be a time zone such as Europe/Berlin'],
  ['rules.0.ticketPattern', '(', 'must be a regular expression'],
  ['environments.production.0', {}, 'must name a subscription, a resource group or a server'],
  ['rules', [], 'must hold at least one rule'],
  ['rules.0.escalate.to', [], 'must name at least one approver'],
  ['visible.0.to', [], 'must name somebody'],
  ['rules.0.match.hours.to', '08:00', 'must not be the same time as from'],
])('%s as %j is refused with a sentence', (path, value, sentence) => {
  expect(saidOf(path, value)).toEqual([`${path}: ${sentence}.`]);
});

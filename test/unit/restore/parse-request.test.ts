/** Sentences as people say them, and what may be taken from them: never more than was said. */
import { parseCommand, parseRestore } from '../../../services/restore/parse-request';
import { sentenceLimit } from '../../../services/restore/sentence-parts';
import { aDeletedServer, aServer, now } from '../../fakes/facts';

const servers = ['orders-pg', 'orders-archive', 'billing-pg', 'db-2026-03-01', 'may-pg', '10min-pg'].map(
  (name) => aServer(name),
);
const zone = 'Europe/Berlin';
const deleted = [aDeletedServer('catalog-pg')];
const protectedTitles = ['orders-pg', 'legacy-srv/orders', 'legacy-srv/reports'];
const parse = (sentence: string) =>
  parseRestore(sentence, { servers, deleted, protectedTitles }, { now, zone });

/** Sentence, source, moment as the form shows it (or `latest`, or '' for an open one), zone. It is 14:27 in Berlin. */
const understood: readonly [string, string, string, string?][] = [
  ['orders-pg to 14:05 Berlin as orders-pg-r1 because INC-4711', 'orders-pg', '2026-11-19 14:05:00'],
  ['orders-pg to 10 min ago', 'orders-pg', '2026-11-19 14:17:00'],
  ['orders-pg ten minutes ago', 'orders-pg', '2026-11-19 14:17:00'],
  ['orders-pg an hour ago', 'orders-pg', '2026-11-19 13:27:00'],
  ['orders-pg half an hour ago', 'orders-pg', '2026-11-19 13:57:00'],
  ['orders-pg 1.5 h ago', 'orders-pg', '2026-11-19 12:57:00'],
  ['orders-pg 1h 30m ago', 'orders-pg', '2026-11-19 12:57:00'],
  ['orders-pg 1 hour and 5 minutes ago', 'orders-pg', '2026-11-19 13:22:00'],
  ['orders-pg 2 days, 3 hours and 5 minutes ago', 'orders-pg', '2026-11-17 11:22:00'],
  ['orders-pg a week ago', 'orders-pg', '2026-11-12 14:27:00'],
  ['orders-pg 10 minutes before 14:05', 'orders-pg', '2026-11-19 13:55:00'],
  ['orders-pg yesterday 14:05 CET', 'orders-pg', '2026-11-18 14:05:00'],
  ['orders-pg to noon yesterday', 'orders-pg', '2026-11-18 12:00:00'],
  ['orders-pg today 14:05', 'orders-pg', '2026-11-19 14:05:00'],
  ['orders-pg 23:00', 'orders-pg', '2026-11-18 23:00:00'],
  ['orders-pg last friday 15:00', 'orders-pg', '2026-11-13 15:00:00'],
  ['orders-pg Nov 18 at 3pm', 'orders-pg', '2026-11-18 15:00:00'],
  ['orders-pg 18.11.2026 15:00', 'orders-pg', '2026-11-18 15:00:00'],
  ['orders-pg 18/11/2026 15:00', 'orders-pg', '2026-11-18 15:00:00'],
  ['orders-pg 11/11/2026 15:00', 'orders-pg', '2026-11-11 15:00:00'],
  ['orders-pg 2026-11-12 3pm', 'orders-pg', '2026-11-12 15:00:00'],
  ['orders-pg to 2026-11-19T13:05:00Z', 'orders-pg', '2026-11-19 14:05:00'],
  ['orders-pg to 2026-11-19T13:05:00.250Z', 'orders-pg', '2026-11-19 14:05:00.250'],
  ['orders-pg 2026-11-19T13:05:00+02:00', 'orders-pg', '2026-11-19 12:05:00'],
  ['orders-pg 2026-11-18 14:05 -05:00', 'orders-pg', '2026-11-18 20:05:00'],
  ['orders-pg 2026-11-18 14:05 UTC', 'orders-pg', '2026-11-18 15:05:00'],
  ['orders-pg yesterday 14:05 UTC+5', 'orders-pg', '2026-11-18 10:05:00'],
  ['orders-pg yesterday 14:05 UTC-5', 'orders-pg', '2026-11-18 20:05:00'],
  ['orders-pg 14:05 UTC+5:30', 'orders-pg', '2026-11-19 09:35:00'],
  ['orders-pg 14:05+02:00', 'orders-pg', '2026-11-19 13:05:00'],
  ['orders-pg 13:00 UTC', 'orders-pg', '2026-11-19 13:00:00', 'UTC'],
  ['orders-pg 15:00 UTC yesterday', 'orders-pg', '2026-11-18 15:00:00', 'UTC'],
  ['orders-pg at 14:05 in Toronto', 'orders-pg', '2026-11-18 14:05:00', 'America/Toronto'],
  ['orders-pg yesterday 14:05 New York time', 'orders-pg', '2026-11-18 14:05:00', 'America/New_York'],
  ['orders-pg 2026-11-18 14:05 Asia/Kolkata', 'orders-pg', '2026-11-18 14:05:00', 'Asia/Kolkata'],
  ['orders-pg 14:05 (CET)', 'orders-pg', '2026-11-19 14:05:00'],
  ['orders-pg 2026-10-25 02:30 UTC', 'orders-pg', '2026-10-25 03:30:00'],
  ['orders-pg latest', 'orders-pg', 'latest'],
  ['the newest state of orders-pg please', 'orders-pg', 'latest'],
  ['latest orders-pg', 'orders-pg', 'latest'],
  ['to 10 min ago from orders-pg as new-1', 'orders-pg', '2026-11-19 14:17:00'],
  ['bil latest', 'billing-pg', 'latest'],
  ['b latest', 'billing-pg', 'latest'],
  ['ORDERS-PG latest', 'orders-pg', 'latest'],
  ['db-2026-03-01 to yesterday 10:00', 'db-2026-03-01', '2026-11-18 10:00:00'],
  ['db-2026-03-01 latest', 'db-2026-03-01', 'latest'],
  ['may-pg to yesterday 9am', 'may-pg', '2026-11-18 09:00:00'],
  ['10min-pg an hour ago', '10min-pg', '2026-11-19 13:27:00'],
  ['orders-pg 14:05 as db-2026-11-11', 'orders-pg', '2026-11-19 14:05:00'],
  ['orders-pg in 2 hours', 'orders-pg', '2026-11-19 16:27:00'],
  ['orders-pg tomorrow 14:00', 'orders-pg', '2026-11-20 14:00:00'],
];

test.each(understood)('"%s" is understood', (sentence, source, moment, inZone = zone) => {
  const { inputs, notUnderstood } = parse(sentence);
  expect([inputs.source, inputs.mode === 'latest' ? 'latest' : inputs.moment, inputs.zone]).toEqual([
    source,
    moment,
    inZone,
  ]);
  expect(notUnderstood).toEqual([]);
});

/** A person has to choose: the field stays empty and the words are named. */
const leftOpen: readonly [string, string][] = [
  ['orders-pg yesterday', 'yesterday'],
  ['orders-pg yesterday 14:05 EST', 'yesterday 14:05 EST'],
  ['orders-pg yesterday 14:05 est', 'yesterday 14:05 est'],
  ['orders-pg 14:05 yesterday IST', '14:05 yesterday IST'],
  ['orders-pg 2026-11-18 14:05 PST', '2026-11-18 14:05 PST'],
  ['orders-pg 11/12/2026 15:00', '11/12/2026 15:00'],
  ['orders-pg 11.12.2026 15:00', '11.12.2026 15:00'],
  ['orders-pg 13:00-14:00', '13:00-14:00'],
  ['orders-pg one and a half hours ago', 'one half hours ago'],
  ['orders-pg before lunch', 'before lunch'],
  ['orders-pg 25:99', '25:99'],
  ['orders-pg 5 minutes', '5 minutes'],
  ['orders-pg 9999 years ago', '9999 years ago'],
  ['orders-pg 300000000 days ago', '300000000 days ago'],
  ['orders-pg 99999999999999999999 days ago', '99999999999999999999 days ago'],
  ['orders-pg quickly please', 'quickly'],
  ['<b>x</b> orders-pg', '<b>x</b>'],
];

test.each(leftOpen)('"%s" leaves the moment open and names what was not understood', (sentence, words) => {
  const { inputs, notUnderstood } = parse(sentence);
  expect([inputs.source, inputs.mode, inputs.moment]).toEqual(['orders-pg', 'point-in-time', '']);
  expect(notUnderstood).toEqual([words]);
});

test.each([
  ['the hour that was skipped', 'orders-pg 2026-03-29 02:30', '2026-03-29 02:30'],
  ['the hour that came twice', 'orders-pg 2026-10-25 02:30', '2026-10-25 02:30'],
  ['a date that does not exist', 'orders-pg 2026-13-45 14:00', '2026-13-45 14:00'],
])('%s goes into the form as it was written', (_what, sentence, moment) => {
  expect(parse(sentence).inputs).toMatchObject({ moment, zone });
});

test('an ambiguous prefix and an unknown name stay as they were said', () => {
  expect(parse('ord to latest').inputs.source).toBe('ord');
  expect(parse('nothing-here to latest').inputs.source).toBe('nothing-here');
  expect(parse('latest').inputs.source).toBe('');
});

test('target, reason and ticket are found wherever they stand', () => {
  expect(
    parse('orders-pg to 14:05 as Orders-PG-r1, because of INC-4711 and a bad deploy').inputs,
  ).toMatchObject({
    target: 'orders-pg-r1',
    reason: 'INC-4711 and a bad deploy',
    ticket: 'INC-4711',
  });
  expect(parse('orders-pg INC-7 latest reason: latest deploy broke it').inputs).toMatchObject({
    mode: 'latest',
    ticket: 'INC-7',
    reason: 'latest deploy broke it',
  });
});

test('names may hold words that mean something elsewhere', () => {
  expect(parse('orders-pg latest as orders-reason because x').inputs).toMatchObject({
    target: 'orders-reason',
    reason: 'x',
  });
  const oddServers = [aServer('orders-as'), aServer('latest-pg')];
  const said = (sentence: string) =>
    parseRestore(sentence, { servers: oddServers, deleted: [], protectedTitles: [] }, { now, zone }).inputs;
  expect(said('orders-as 10 min ago')).toMatchObject({ source: 'orders-as', target: '' });
  expect(said('latest-pg 10 min ago')).toMatchObject({ source: 'latest-pg', mode: 'point-in-time' });
});

test('times in the reason are not the moment', () => {
  expect(parse('orders-pg because of a bad deploy at 14:05').inputs).toMatchObject({
    moment: '',
    reason: 'a bad deploy at 14:05',
  });
});

test('"as soon as possible" names no server', () => {
  expect(parse('orders-pg latest as soon as possible').inputs.target).toBe('');
});

test('what stands behind a very long sentence is named, not used', () => {
  const { inputs, notUnderstood } = parse(`orders-pg latest ${'please '.repeat(1_500)} as orders-pg-r9`);
  expect(inputs).toMatchObject({ source: 'orders-pg', mode: 'latest', target: '' });
  expect(notUnderstood).toContain(`everything after the first ${sentenceLimit} characters`);
});

test('10 KB of anything are read in a blink and give short phrases', () => {
  for (const text of [
    'a '.repeat(5_000),
    '1'.repeat(10_000),
    'as '.repeat(3_000),
    '14:05 '.repeat(1_700),
    '1h '.repeat(3_400),
    '{['.repeat(5_000),
  ]) {
    const started = performance.now();
    const { notUnderstood } = parse(text);
    expect(performance.now() - started).toBeLessThan(500);
    expect(notUnderstood.every((part) => part.length <= 90)).toBe(true);
  }
});

test('whatever is said, nothing throws', () => {
  const bits = [
    'orders-pg',
    'as',
    'because',
    '14:05',
    '31.02.2026',
    '-5 min ago',
    '1e99 h ago',
    '0/0',
    '∞',
    '\u0000',
    '${x}',
    '__proto__',
    'now',
    'UTC+99',
    '2026-99-99T99:99Z',
  ];
  for (let n = 0; n < 2_000; n++) {
    const sentence = Array.from(
      { length: 1 + (n % 5) },
      (_, i) => bits[(n * 7 + i * (1 + (n % 11))) % bits.length],
    ).join(' ');
    expect(() => parse(sentence)).not.toThrow();
  }
});

test('a target may begin with a word that is none', () => {
  expect(parse('orders-pg latest as fast-copy').inputs.target).toBe('fast-copy');
  expect(parse('orders-pg latest as fast as possible').inputs.target).toBe('');
});

test.each([
  ['orders-pg from the latest full backup', 'fast', 'newest'],
  ['orders-pg last backup as x1', 'fast', 'newest'],
  ['orders-pg from a full backup', 'fast', ''],
  ['orders-pg fast', 'fast', ''],
  ['orders-pg from backup', 'fast', ''],
  ['orders-pg from backup 10 min ago', 'point-in-time', ''],
  ['orders-pg latest', 'latest', ''],
])('"%s" means mode %s', (sentence, mode, backup) => {
  const { inputs, notUnderstood } = parse(sentence);
  expect({ ...inputs, notUnderstood }).toMatchObject({
    source: 'orders-pg',
    mode,
    backup,
    notUnderstood: [],
  });
});

test.each<[string, object, string[]?]>([
  ['orders-pg to canadaeast as orders-pg-dr', { mode: 'geo', region: 'canadaeast', target: 'orders-pg-dr' }],
  ['orders-pg into Canada East', { mode: 'geo', region: 'canadaeast' }],
  ['orders-pg to the paired region', { mode: 'geo', region: '' }],
  ['orders-pg geo-restore', { mode: 'geo', region: '' }],
  ['orders-pg in canadacentral latest', { mode: 'latest', region: '' }],
  [
    'orders-pg to canadaeast 10 min ago',
    { mode: 'geo', region: 'canadaeast' },
    ['10 min ago (in the paired region no moment can be chosen)'],
  ],
  ['orders-pg to westus2', { mode: 'geo', region: 'westus2' }],
  ['deleted catalog-pg as catalog-pg-r1', { source: 'catalog-pg', mode: 'dropped', target: 'catalog-pg-r1' }],
  ['the dropped server catalog-pg', { source: 'catalog-pg', mode: 'dropped' }],
  ['revive catalog-pg in Canada East', { source: 'catalog-pg', mode: 'dropped', region: 'canadaeast' }],
  ['dropped unknown-pg', { source: 'unknown-pg', mode: 'dropped' }],
  ['orders-pg latest in zone 2 in rg-dr', { mode: 'latest', availabilityZone: '2', resourceGroup: 'rg-dr' }],
  ['orders-pg latest in resource group my.group', { mode: 'latest', resourceGroup: 'my.group' }],
  ['orders-pg latest with HA', { mode: 'latest', highAvailability: 'ZoneRedundant' }],
  ['orders-pg latest same-zone HA', { mode: 'latest', highAvailability: 'SameZone' }],
])('"%s" fills in %j', (sentence, wanted, left = []) => {
  const { inputs, notUnderstood } = parse(sentence);
  expect(inputs).toMatchObject({ source: 'orders-pg', ...wanted });
  expect(notUnderstood).toEqual(left);
});

test('a table that was deleted is no deleted server', () => {
  const { inputs } = parse('orders-pg somebody deleted the orders table 10 minutes ago');
  expect(inputs).toMatchObject({ source: 'orders-pg', mode: 'point-in-time', moment: '2026-11-19 14:17:00' });
});

test.each([
  ['', { kind: 'empty' }],
  ['  \n ', { kind: 'empty' }],
  ['restore orders-pg latest', { kind: 'restore', sentence: 'orders-pg latest' }],
  ['RESTORE: orders-pg', { kind: 'restore', sentence: 'orders-pg' }],
  ['status R-7', { kind: 'status', requestId: 'R-7' }],
  ['status r7', { kind: 'status', requestId: 'R-7' }],
  ['status R-007', { kind: 'status', requestId: 'R-7' }],
  ['status', { kind: 'incomplete', command: 'status', usage: 'status R-1' }],
  ['timeline r-7', { kind: 'timeline', requestId: 'R-7' }],
  ['timeline', { kind: 'incomplete', command: 'timeline', usage: 'timeline R-1' }],
  ['status R-', { kind: 'incomplete', command: 'status', usage: 'status R-1' }],
  ['status R-12345678901234567890', { kind: 'incomplete', command: 'status', usage: 'status R-1' }],
  ['approve R-42 7f3a·19c2', { kind: 'approve', requestId: 'R-42', hash: '7f3a·19c2' }],
  ['approve R-42', { kind: 'incomplete', command: 'approve', usage: 'approve R-1 7f3a' }],
  ['reject R-42 wrong server', { kind: 'reject', requestId: 'R-42', reason: 'wrong server' }],
  ['reject R-42: wrong server', { kind: 'reject', requestId: 'R-42', reason: 'wrong server' }],
  ['reject R-42 - wrong server', { kind: 'reject', requestId: 'R-42', reason: 'wrong server' }],
  ['reject R-42 -5 minutes', { kind: 'reject', requestId: 'R-42', reason: '-5 minutes' }],
  ['ask R-42:why?', { kind: 'ask', requestId: 'R-42', question: 'why?' }],
  ['ask R-42, why?', { kind: 'ask', requestId: 'R-42', question: 'why?' }],
  ['status R-42.', { kind: 'status', requestId: 'R-42' }],
  ['approve R-42.5', { kind: 'approve', requestId: 'R-42', hash: '.5' }],
  ['reject R-42', { kind: 'reject', requestId: 'R-42', reason: '' }],
  ['withdraw R-42', { kind: 'withdraw', requestId: 'R-42' }],
  ['cancel R-42', { kind: 'cancel', requestId: 'R-42' }],
  ['cancel', { kind: 'incomplete', command: 'cancel', usage: 'cancel R-1' }],
  ['points', { kind: 'incomplete', command: 'points', usage: 'points orders-pg' }],
  ['points orders-pg', { kind: 'points', server: 'orders-pg' }],
  ['List!', { kind: 'list' }],
  ['help?', { kind: 'help' }],
  ['retsore orders-pg', { kind: 'unknown', word: 'retsore', nearest: ['restore'] }],
  ['quux', { kind: 'unknown', word: 'quux' }],
  ['constructor', { kind: 'unknown', word: 'constructor' }],
])('the command "%s" is read as what it is', (text, command) => {
  expect(parseCommand(text)).toMatchObject(command);
});

describe('a sentence about a vault', () => {
  test.each([
    [
      'orders-pg from vault yesterday as files to shoprestores/restores',
      { source: 'orders-pg', mode: 'vault-files', moment: '2026-11-18', container: 'shoprestores/restores' },
    ],
    [
      'orders-pg from vault vault-shop latest as files to shoprestores/restores/orders_ because INC-4711',
      { vault: 'vault-shop', backup: 'newest', prefix: 'orders_', ticket: 'INC-4711' },
    ],
    [
      'legacy-srv/orders from archive as database orders_r1 on legacy-srv',
      {
        ...{ source: 'legacy-srv/orders', mode: 'vault-database', rehydration: 'Standard' },
        ...{ database: 'orders_r1', target: 'legacy-srv' },
      },
    ],
    ['orders-pg in canadaeast from vault', { mode: 'vault-files', region: 'canadaeast' }],
    ['orders-pg from the archive with high priority as files', { rehydration: 'High' }],
    ['legacy-srv/rep from vault as files', { source: 'legacy-srv/reports' }],
    ['orders-pg from vault 2026-11-12 as files', { moment: '2026-11-12' }],
    ['orders-pg from vault 2 days ago as files', { moment: '2026-11-17 14:27:00' }],
    ['orders-pg from vault last Friday as files', { backup: '', moment: '2026-11-13' }],
    ['orders-pg from vault last night as files', { backup: '', moment: '2026-11-18' }],
    ['orders-pg from vault the newest backup of yesterday', { backup: '', moment: '2026-11-18' }],
    ['orders-pg from vault the last recovery point', { backup: 'newest', moment: '' }],
    ['orders-pg from vault last backup as files', { backup: 'newest', moment: '' }],
    ['orders-pg from vault-shop as files', { source: 'orders-pg', vault: 'vault-shop', mode: 'vault-files' }],
    ['orders-pg out of the vault-shop yesterday', { vault: 'vault-shop', moment: '2026-11-18' }],
    ['nobody-pg from vault', { source: 'nobody-pg', mode: 'vault-files' }],
  ])('%s', (sentence, inputs) => {
    expect(parse(sentence).inputs).toMatchObject(inputs);
  });

  test('what is understood is named, and what is not too', () => {
    const { understood, notUnderstood } = parse(
      'orders-pg from vault yesterday quickly as files to shoprestores/restores',
    );
    expect(understood).toEqual([
      ...['orders-pg', 'from a vault', 'yesterday', 'as files to shoprestores/restores'],
    ]);
    expect(notUnderstood).toEqual(['quickly']);
  });

  test('a server that has "vault" in its name is no vault', () => {
    expect(parse('orders-pg to 10 minutes ago as vault-pg').inputs.mode).toBe('point-in-time');
    const told = parse('orders-pg to 10 minutes ago because the copy from vault-shop was bad');
    expect(told.inputs.mode).toBe('point-in-time');
    const names = { servers: [...servers, aServer('vault-pg')], deleted, protectedTitles };
    const { inputs } = parseRestore('a copy from vault-pg to 10 minutes ago', names, { now, zone });
    expect(inputs).toMatchObject({ mode: 'point-in-time', source: 'vault-pg' });
  });
});

test.each(['instances', 'jobs'] as const)('%s is a command of its own', (kind) => {
  expect(parseCommand(kind)).toEqual({ kind });
});

test('validate takes the same words as restore', () => {
  expect(parseCommand('validate orders-pg from vault')).toEqual({
    kind: 'validate',
    sentence: 'orders-pg from vault',
  });
  expect(parseCommand('validate').kind).toBe('incomplete');
});

describe('a sentence that loads files', () => {
  const read = (said: string) => parse(said).inputs;
  const files = 'files shoprestores/restores/x';

  test.each([
    [`${files} into orders-dr with owners and grants`, { owners: '', grants: '' }],
    [`${files} into orders-dr, do not drop owners`, { owners: '', grants: '' }],
    [`${files} into orders-dr without owners and grants`, { owners: 'drop', grants: 'drop' }],
    [`${files} into orders-dr without grants or owners`, { owners: 'drop', grants: 'drop' }],
    [`${files} into orders-dr without owners, no grants`, { owners: 'drop', grants: 'drop' }],
    [`${files} into orders-dr without database shop`, { database: '' }],
    [`${files} into orders-dr but not the database ledger`, { database: '' }],
    [`${files} into orders-dr except for the database ledger`, { database: '' }],
    [`${files} into orders-dr only the database ledger`, { database: 'ledger' }],
    [`${files} into a new server orders-dr`, { target: 'orders-dr' }],
    [
      'load shoprestores/restores/a/b/ into orders-dr',
      { container: 'shoprestores/restores', prefix: 'a/b/' },
    ],
    [
      'load https://shoprestores.blob.core.windows.net/restores/x?sv=1&sig=canary into orders-dr',
      { container: 'shoprestores/restores', prefix: 'x', target: 'orders-dr' },
    ],
  ])('%s', (said, expected) => {
    expect(read(said)).toMatchObject({ mode: 'files-to-server', ...expected });
  });

  test('what was asked to be left out is said not to be understood, and a key in an address is not kept', () => {
    expect(parse(`${files} into orders-dr without database shop`).notUnderstood.join(' ')).toMatch(
      /without shop/,
    );
    const { inputs, notUnderstood } = parse(
      'load https://shoprestores.blob.core.windows.net/restores/x?sv=1&sig=canary into orders-dr',
    );
    expect(JSON.stringify([inputs, notUnderstood])).not.toContain('canary');
  });
});

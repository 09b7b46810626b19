/** The door: who speaks, what was said, what was pressed, and nothing that anybody could have typed into it. */
import type { Activity } from 'botframework-schema';
import { encodeCardKey } from '../../../cards/actions';
import { plainText, toBotEvent, type Door } from '../../../bot/activity';
import { bodyProblem } from '../../../bot/server';
import { ines } from '../../fakes/facts';

const door: Door = { tenantId: '22222222-2222-4222-8222-222222222222', defaultZone: 'UTC' };
const stranger = '99999999-2222-4222-8222-222222222222';

const activity = (changes: object = {}): Activity =>
  ({
    type: 'message',
    id: '1',
    channelId: 'msteams',
    serviceUrl: 'https://smba.trafficmanager.net/teams/',
    from: { id: '29:ines', aadObjectId: ines.aadObjectId.toUpperCase(), name: 'Ines Okafor' },
    recipient: { id: '28:bot', name: 'Restore Desk' },
    conversation: { id: '19:a@thread.tacv2', tenantId: door.tenantId, conversationType: 'channel' },
    channelData: { tenant: { id: door.tenantId } },
    text: 'help',
    ...changes,
  }) as Activity;

const event = (changes: object = {}) => toBotEvent(activity(changes), door);
const botMention = {
  type: 'mention',
  text: '<at>Restore Desk</at>',
  mentioned: { id: '28:bot', name: 'Restore Desk' },
};
const otherMention = { type: 'mention', text: '<at>Martin Hale</at>', mentioned: { id: '29:martin' } };

test.each([
  ['<at>Restore Desk</at> status R-1', [botMention], 'status R-1'],
  ['status R-1 <at>Restore Desk</at>', [botMention], 'status R-1'],
  ['<at>Restore Desk</at>&nbsp;help', [botMention], 'help'],
  [
    '<p><at>Restore Desk</at> reject R-1 ask <at>Martin Hale</at></p>',
    [botMention, otherMention],
    'reject R-1 ask Martin Hale',
  ],
  ['<at>Restore Desk</at> <at>Restore Desk</at>', [botMention, botMention], ''],
  ['<at>Restore Desk</at>', [botMention], ''],
  ['reject R-1 a &lt;b&gt; &amp;amp; &quot;c&quot;', [], 'reject R-1 a <b> &amp; "c"'],
  ['<div>list<br></div>', [], 'list'],
  ['help $& $1', [{ ...botMention, text: 'help' }], '$& $1'],
  [undefined, [botMention], ''],
])('of "%s" the words for the bot remain', (text, entities, words) => {
  expect(plainText(activity({ text, entities }))).toBe(words);
});

test('the speaker is who the service says, lower case and with a name of bounded length', () => {
  expect(event({ from: { id: '29:x', aadObjectId: 'ABC', name: 'x'.repeat(200) } })).toMatchObject({
    kind: 'message',
    by: { person: { aadObjectId: 'abc', name: 'x'.repeat(80) }, teamsId: '29:x' },
  });
  expect(event({ from: { id: '29:x', aadObjectId: 'abc' } })).toMatchObject({
    by: { person: { name: 'somebody' } },
  });
});

test.each([
  ['personal', 'chat'],
  ['groupChat', 'shared'],
  ['channel', 'shared'],
  [undefined, 'shared'],
])('a conversation that Teams calls %s is a %s one', (conversationType, kind) => {
  const conversation = { id: 'a:1', tenantId: door.tenantId, conversationType };
  expect(event({ conversation })).toMatchObject({ in: { thread: 'a:1', kind } });
});

test.each([
  [
    'another tenant',
    { conversation: { id: 'c', tenantId: stranger }, channelData: { tenant: { id: stranger } } },
  ],
  ['another tenant in the channel data only', { channelData: { tenant: { id: stranger } } }],
  ['another tenant in the conversation only', { conversation: { id: 'c', tenantId: stranger } }],
  ['no tenant at all', { conversation: { id: 'c' }, channelData: {} }],
  ['a tenant that is no text', { conversation: { id: 'c', tenantId: { toLowerCase: door.tenantId } } }],
  ['an empty tenant', { conversation: { id: 'c', tenantId: '' } }],
  ['no Entra object id', { from: { id: '29:x', name: 'Somebody' } }],
  ['an empty Entra object id', { from: { id: '29:x', aadObjectId: '' } }],
  ['an Entra object id that is no text', { from: { id: '29:x', aadObjectId: [ines.aadObjectId] } }],
  ['no sender', { from: null }],
])('%s makes the sender an outsider, for messages and for buttons', (_what, changes) => {
  expect(event(changes)).toEqual({ kind: 'outsider', invoke: false });
  expect(event({ ...changes, type: 'invoke', name: 'adaptiveCard/action' })).toEqual({
    kind: 'outsider',
    invoke: true,
  });
});

test('a tenant in capitals is the same tenant', () => {
  const tenantId = door.tenantId.toUpperCase();
  expect(event({ conversation: { id: 'c', tenantId }, channelData: { tenant: { id: tenantId } } }).kind).toBe(
    'message',
  );
});

test('an installation by another tenant is no arrival, so nothing is learned from it', () => {
  expect(event({ type: 'installationUpdate' }).kind).toBe('arrived');
  expect(event({ type: 'conversationUpdate', channelData: { tenant: { id: stranger } } }).kind).toBe(
    'outsider',
  );
});

test.each([
  [
    'the client',
    { entities: [null, { type: 'clientInfo', timezone: 'Asia/Tokyo' }], localTimezone: 'Europe/Paris' },
    'Asia/Tokyo',
  ],
  ['the activity', { entities: [{ type: 'clientInfo' }], localTimezone: 'Europe/Paris' }, 'Europe/Paris'],
  [
    'the activity when the client lies',
    { entities: [{ type: 'clientInfo', timezone: 'Mars' }], localTimezone: 'Europe/Paris' },
    'Europe/Paris',
  ],
  ['the configuration', { localTimezone: '../../etc' }, 'UTC'],
  [
    'the configuration when there is no list',
    { entities: { type: 'clientInfo', timezone: 'Asia/Tokyo' } },
    'UTC',
  ],
])('the zone of the speaker is that of %s', (_what, changes, zone) => {
  expect(event(changes)).toMatchObject({ by: { zone } });
});

const key = { about: 'request', id: 'R-1', revision: 2, nonce: 'n' } as const;
const invoke = (value: unknown, name = 'adaptiveCard/action') =>
  event({ type: 'invoke', name, value, replyToId: '7' });

test('a button brings its verb and key, and its inputs as they are', () => {
  const data = { ...encodeCardKey(key), comment: 'fine', extra: 1 };
  expect(invoke({ action: { verb: 'request.approve', data } })).toMatchObject({
    kind: 'card-action',
    verb: 'request.approve',
    key,
    inputs: data,
    invoke: true,
    card: { messageId: '7' },
  });
});

test('a client without Action.Execute sends the same as a message', () => {
  const value = { ...encodeCardKey(key), verb: 'request.approve', comment: 'fine' };
  expect(event({ value, text: undefined })).toMatchObject({
    kind: 'card-action',
    verb: 'request.approve',
    key,
    invoke: false,
  });
});

const data = encodeCardKey(key);
test.each([
  ['no value', undefined],
  ['a text', 'request.approve'],
  ['no data', { action: { verb: 'request.approve' } }],
  ['an unknown verb', { action: { verb: 'request.delete', data } }],
  ['a verb of every object', { action: { verb: 'constructor', data } }],
  ['another version', { action: { verb: 'request.approve', data: { ...data, v: 2 } } }],
  ['no nonce', { action: { verb: 'request.approve', data: { ...data, nonce: undefined } } }],
  ['a revision that is no number', { action: { verb: 'request.approve', data: { ...data, revision: '2' } } }],
  ['a huge id', { action: { verb: 'request.approve', data: { ...data, id: 'R'.repeat(61) } } }],
])('a button with %s is not understood', (_what, value) => {
  expect(invoke(value)).toMatchObject({ kind: 'unsupported', invoke: true });
});

const unstorable = 'a\0b\ud800c\udfff 🧨';
const storable = 'a\ufffdb\ufffdc\ufffd 🧨';

test('NUL and halves of characters, which no database holds, are replaced wherever somebody can type; whole characters stay', () => {
  expect(event({ text: unstorable })).toMatchObject({ text: storable });
  expect(event({ from: { id: '29:x', aadObjectId: 'abc', name: unstorable } })).toMatchObject({
    by: { person: { name: storable } },
  });
  const inputs = { ...data, comment: unstorable };
  expect(invoke({ action: { verb: 'request.reject', data: inputs } })).toMatchObject({
    inputs: { ...data, comment: storable },
  });
  expect(event({ value: { ...inputs, verb: 'request.reject' }, text: undefined })).toMatchObject({
    inputs: { comment: storable },
  });
  expect(invoke({ dataset: 'servers', queryText: unstorable }, 'application/search')).toMatchObject({
    query: storable,
  });
});

test('what is cut off in the middle of a character leaves no half of it', () => {
  const name = `${'x'.repeat(79)}🧨`;
  expect(event({ from: { id: '29:x', aadObjectId: 'abc', name } })).toMatchObject({
    by: { person: { name: `${'x'.repeat(79)}\ufffd` } },
  });
  const queryText = `${'o'.repeat(199)}🧨`;
  expect(invoke({ dataset: 'servers', queryText }, 'application/search')).toMatchObject({
    query: `${'o'.repeat(199)}\ufffd`,
  });
});

test('a delivery is known by its conversation and its id, and without an id by nothing', () => {
  const keyOf = (changes: object): unknown => (event(changes) as { deliveryKey?: string }).deliveryKey;
  expect(keyOf({})).toBe('19:a@thread.tacv2/1');
  expect(keyOf({ id: undefined })).not.toBe(keyOf({ id: undefined }));
  const conversation = (id: string): object => ({ conversation: { id, tenantId: door.tenantId } });
  const long = conversation('c'.repeat(500));
  expect(keyOf({ ...long, id: '1' })).not.toBe(keyOf({ ...long, id: '2' }));
  expect(keyOf(long)).toHaveLength(400);
});

test('a search is cut to what anybody types', () => {
  expect(invoke({ dataset: 'servers', queryText: 'o'.repeat(500) }, 'application/search')).toMatchObject({
    kind: 'search',
    query: 'o'.repeat(200),
  });
  expect(invoke({ dataset: 7 }, 'application/search').kind).toBe('unsupported');
  expect(invoke({}, 'task/fetch')).toEqual({ kind: 'unsupported', what: 'invoke task/fetch', invoke: true });
});

const search = (more: object): unknown =>
  invoke({ dataset: 'backups', queryText: '', ...more }, 'application/search');

test.each([
  ['beside the query', { data: { source: 'orders-pg', reason: 'x' } }],
  ['inside the options', { queryOptions: { skip: 0, top: 15, data: { source: 'orders-pg' } } }],
  ['as an option', { queryOptions: { skip: 0, top: 15, source: 'orders-pg' } }],
  [
    'beside the query, where another place holds something else',
    { data: { source: 'orders-pg' }, queryOptions: { source: 7 } },
  ],
])('a search that depends on the server finds it %s', (_what, more) => {
  expect(search(more)).toMatchObject({ kind: 'search', dataset: 'backups', form: { source: 'orders-pg' } });
});

test.each([
  ['no other inputs', {}],
  ['a list of inputs', { data: ['orders-pg'] }],
  ['no inputs', { data: null, queryOptions: null }],
  ['a server that is no text', { data: { source: { toString: (): string => 'orders-pg' } } }],
  ['a server that every object has', { data: Object.create({ source: 'orders-pg' }) as object }],
])('a search with %s knows no server', (_what, more) => {
  expect(search(more)).toMatchObject({ kind: 'search', form: { source: '', region: '', vault: '' } });
});

test('a search finds the region and the vault beside the server, and nothing where nothing was chosen', () => {
  const data = { source: 'orders-pg', region: 'canadaeast', vault: '(unset)', reason: 'x' };
  expect(search({ data })).toMatchObject({
    form: { source: 'orders-pg', region: 'canadaeast', vault: '' },
  });
});

test('of the server only as much is taken as a name or an id has', () => {
  expect(search({ data: { source: 's'.repeat(1_000) } })).toMatchObject({
    form: { source: 's'.repeat(300) },
  });
});

/** Small and repeatable: the same 2,000 structures in every run. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

const words = [
  '',
  'message',
  'invoke',
  'installationUpdate',
  'adaptiveCard/action',
  'mention',
  'clientInfo',
  door.tenantId,
  stranger,
  '<at>',
  '28:bot',
  'request.approve',
  '__proto__',
  '\u0000',
];

function anything(roll: (sides: number) => number, depth: number): unknown {
  switch (roll(depth > 3 ? 6 : 9)) {
    case 0:
      return null;
    case 1:
      return undefined;
    case 2:
      return roll(3) - 1;
    case 3:
      return roll(2) === 0;
    case 4:
    case 5:
      return words[roll(words.length)];
    case 6:
      return Array.from({ length: roll(4) }, () => anything(roll, depth + 1));
    default:
      return Object.fromEntries(
        [
          'id',
          'type',
          'text',
          'tenant',
          'mentioned',
          'action',
          'data',
          'verb',
          'tenantId',
          'timezone',
        ].flatMap((name) => (roll(3) === 0 ? [[name, anything(roll, depth + 1)]] : [])),
      );
  }
}

test('2,000 malformed activities: none throws, none speaks for another tenant', () => {
  const roll = dice(20_261_119);
  const fields = [
    'type',
    'name',
    'text',
    'entities',
    'value',
    'from',
    'channelData',
    'localTimezone',
    'recipient',
    'replyToId',
    'id',
    'conversation',
  ];
  const kinds = new Set<string>();
  for (let n = 0; n < 2_000; n++) {
    const changes = Object.fromEntries(
      fields.flatMap((field) => (roll(3) === 0 ? [[field, anything(roll, 0)]] : [])),
    );
    const body = activity(changes);
    if (bodyProblem(body, { serviceUrls: ['https://smba.trafficmanager.net/teams/'] }) !== undefined)
      continue;
    const seen = toBotEvent(body, door);
    kinds.add(seen.kind);
    if (!('by' in seen)) continue;
    const named = [
      body.conversation.tenantId,
      (body.channelData as { tenant?: { id?: unknown } } | null)?.tenant?.id,
    ];
    expect(named.filter((tenant) => tenant !== undefined && tenant !== door.tenantId)).toEqual([]);
    expect(typeof seen.by.person.aadObjectId === 'string' && seen.by.person.aadObjectId !== '').toBe(true);
  }
  expect([...kinds].sort()).toEqual(
    expect.arrayContaining(['arrived', 'message', 'outsider', 'unsupported']),
  );
});

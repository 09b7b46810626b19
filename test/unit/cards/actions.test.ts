import {
  appliedBy,
  applyVerb,
  decodeCardKey,
  encodeCardKey,
  execute,
  fold,
  refresh,
  type CardVerb,
} from '../../../cards/actions';
import { applicableKinds } from '../../../services/restore/difference-changes';
import type { CardKey } from '../../../services/restore/messages';

const key: CardKey = { about: 'request', id: 'R-42', revision: 3, nonce: 'n-1' };
const data = encodeCardKey(key);
const decode = (changes: object): unknown => decodeCardKey('request.approve', { ...data, ...changes });

test('what was encoded is decoded, with its verb', () => {
  expect(decodeCardKey('request.approve', data)).toEqual({ verb: 'request.approve', key });
  expect(decodeCardKey('draft.submit', encodeCardKey({ ...key, about: 'draft' }))?.key.about).toBe('draft');
});

test('an encoded key carries a version and the key, nothing else', () => {
  expect(data).toEqual({ v: 1, about: 'request', id: 'R-42', revision: 3, nonce: 'n-1' });
});

test('whatever else a payload holds is left where it is', () => {
  const more = {
    comment: 'yes',
    approver: true,
    viewer: 'approver',
    key: { id: 'R-1' },
    verb: 'request.reject',
  };
  expect(decode(more)).toEqual({ verb: 'request.approve', key });
});

test.each([
  undefined,
  null,
  1,
  {},
  [],
  '',
  'approve',
  'Request.Approve',
  'request.approve ',
  '__proto__',
  'toString',
])('the verb %p is none of ours', (verb) => {
  expect(decodeCardKey(verb, data)).toBeUndefined();
});

test.each([undefined, null, 0, 'R-42', true, [], [data], () => data])(
  'the payload %p is no key',
  (payload) => {
    expect(decodeCardKey('request.approve', payload)).toBeUndefined();
  },
);

test.each([
  ['another version', { v: 2 }],
  ['a version as text', { v: '1' }],
  ['something that it is not about', { about: 'policy' }],
  ['an id that is not text', { id: 42 }],
  ['an empty id', { id: '' }],
  ['an id as a list', { id: ['R-42'] }],
  ['an endless id', { id: 'R'.repeat(61) }],
  ['a revision as text', { revision: '3' }],
  ['no whole revision', { revision: 1.5 }],
  ['revision zero', { revision: 0 }],
  ['a revision beyond all counting', { revision: 1e308 }],
  ['a revision that is no number', { revision: NaN }],
  ['an object for a nonce', { nonce: { toString: (): string => 'n-1' } }],
  ['an empty nonce', { nonce: '' }],
  ['an id with a NUL in it', { id: 'R-42\u0000' }],
  ['an id with half a character', { id: 'R-42\ud800' }],
  ['an id with a space', { id: 'R-42 ' }],
  ['an id with a line end', { id: 'R-42\n' }],
  ['a nonce with a NUL in it', { nonce: 'n\u0000' }],
  ['an endless nonce', { nonce: 'n'.repeat(61) }],
])('%s is refused', (_, changes) => {
  expect(decode(changes)).toBeUndefined();
});

test.each(['v', 'about', 'id', 'revision', 'nonce'])('a payload without %s is refused', (missing) => {
  const rest = Object.fromEntries(Object.entries(data).filter(([name]) => name !== missing));
  expect(decodeCardKey('request.approve', rest)).toBeUndefined();
});

test('prototype keys neither stand in for the real ones nor reach anything', () => {
  const smuggled: unknown = JSON.parse(`{"__proto__": ${JSON.stringify(data)}}`);
  expect(decodeCardKey('request.approve', smuggled)).toBeUndefined();
  const polluting: unknown = JSON.parse(
    `{"v":1,"about":"request","id":"R-42","revision":3,"nonce":"n-1","__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}`,
  );
  expect(decodeCardKey('request.approve', polluting)).toEqual({ verb: 'request.approve', key });
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});

test('a decoded key is a plain copy: changing the payload later changes nothing', () => {
  const payload = { ...data, id: 'R-42' };
  const decoded = decodeCardKey('request.approve', payload);
  payload.id = 'R-1';
  expect(decoded?.key.id).toBe('R-42');
});

test('a button for clients without Action.Execute says the same, its verb in the data', () => {
  expect(execute('Approve', 'request.approve', key, { style: 'positive' })).toEqual({
    ...{ type: 'Action.Execute', title: 'Approve', verb: 'request.approve', data },
    ...{ associatedInputs: 'auto', style: 'positive' },
    fallback: {
      ...{ type: 'Action.Submit', title: 'Approve', data: { ...data, verb: 'request.approve' } },
      ...{ associatedInputs: 'auto', style: 'positive' },
    },
  });
});

test('a button that needs no inputs says so to both kinds of client, and one without a style names none', () => {
  expect(execute('Withdraw', 'request.withdraw', key, { withInputs: false })).toStrictEqual({
    ...{ type: 'Action.Execute', title: 'Withdraw', verb: 'request.withdraw', data },
    associatedInputs: 'none',
    fallback: {
      ...{ type: 'Action.Submit', title: 'Withdraw', data: { ...data, verb: 'request.withdraw' } },
      associatedInputs: 'none',
    },
  });
  expect(execute('Submit', 'draft.submit', key, { withInputs: true })).toMatchObject({
    ...{ associatedInputs: 'auto', fallback: { associatedInputs: 'auto' } },
  });
});

// Cards stay in their chats for as long as people scroll back: what they carry is understood whatever else changes.
test.each([
  ...['draft.submit', 'draft.update', 'draft.cancel', 'request.view.approval'],
  ...['request.view.receipt', 'request.approve', 'request.reject', 'request.ask', 'request.answer'],
  ...['request.edit', 'request.glass', 'request.review.approve', 'request.review.report'],
  ...['request.withdraw', 'request.retry', 'request.cancel', 'request.cancel.confirm', 'request.cancel.keep'],
])('the verb %s of a card in a chat is understood', (verb) => {
  expect(decodeCardKey(verb, data)).toEqual({ verb, key });
});

test.each(applicableKinds)('the verb that gives a copy its %s is decoded, and tells the kind', (kind) => {
  expect(applyVerb(kind)).toBe(`request.apply.${kind}`);
  expect(decodeCardKey(`request.apply.${kind}`, data)).toEqual({ verb: applyVerb(kind), key });
  expect(appliedBy(applyVerb(kind))).toBe(kind);
});

test('a fold only moves what is on the card', () => {
  expect(fold('More', 'more')).toEqual({
    ...{ type: 'Action.ToggleVisibility', title: 'More', targetElements: ['more'] },
  });
});

test('a refresh asks for at most sixty people and carries the key', () => {
  const verb: CardVerb = 'request.view.approval';
  const asked = refresh(
    verb,
    key,
    Array.from({ length: 61 }, (_, index) => `29:${index}`),
  ) as {
    action: { verb: string; data: object };
    userIds: string[];
  };
  expect(asked.userIds).toHaveLength(60);
  expect(asked.action).toEqual({ type: 'Action.Execute', title: 'Refresh', verb, data });
});

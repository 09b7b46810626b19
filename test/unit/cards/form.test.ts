/** The form: which fields it draws for which way to restore, what it offers in them, and how what comes back is read. */
import { readFormInputs } from '../../../cards/form-input';
import { formFields, pickInputs } from '../../../services/restore/form-inputs';
import type { FormField } from '../../../services/restore/form-inputs';
import type { FormMessage } from '../../../services/restore/messages';
import type { Problem, ProblemCode } from '../../../services/restore/errors';
import { buttonsOf, cardOf, nodesOf, readTexts, sample, titlesOf, type Node } from './sample-messages';

const form = (name: string, changes: Partial<FormMessage> = {}): FormMessage => ({
  ...(sample(name) as FormMessage),
  ...changes,
});
const inputsOf = (message: FormMessage): Node[] =>
  nodesOf(cardOf(message)).filter(({ type }) => String(type).startsWith('Input.'));
const idsOf = (message: FormMessage): string[] => inputsOf(message).map(({ id }) => String(id));
const inputOf = (message: FormMessage, wanted: FormField): Node =>
  inputsOf(message).find(({ id }) => id === wanted) as Node;
const choicesOf = (message: FormMessage, wanted: FormField): Node[] =>
  nodesOf(inputOf(message, wanted)['choices']);
const foldOf = (message: FormMessage): Node =>
  nodesOf(cardOf(message)).find(({ id }) => id === 'more') as Node;
const saidOn = (message: FormMessage): string => readTexts(cardOf(message)).join('\n');
const aProblem = (code: ProblemCode): Problem => ({
  ...{ code, sentence: 'Something is wrong.', hint: 'Change it.' },
  retryable: false,
});

const more = ['subscription', 'availabilityZone', 'storageType', 'geoRedundancy', 'highAvailability'];
const last = ['target', 'resourceGroup', 'reason', 'ticket'];

test.each([
  ['form', ['moment', 'zone', ...last, ...more, 'tags', 'expires']],
  ['form-latest', [...last, ...more, 'tags', 'expires']],
  ['form-fast', ['backup', ...last, ...more, 'tags', 'expires']],
  [
    'form-geo',
    [
      ...['region', 'subnet', 'dnsZone', ...last],
      ...more.filter((field) => field !== 'geoRedundancy'),
      ...['tags', 'expires'],
    ],
  ],
  ['form-dropped', ['region', ...last, 'tags', 'expires']],
  ['form-empty', ['moment', 'zone', ...last]],
])('%s asks for these fields and no others', (name, fields) => {
  expect(idsOf(form(name))).toEqual(['source', 'mode', ...fields]);
});

/** A form is about a server or about what a vault protects, never about both. */
const ofVaults: readonly FormField[] = [
  ...(['vault', 'container', 'prefix', 'database', 'secret', 'rehydration', 'rehydrationDays'] as const),
];
const serverFields = formFields.filter((field) => !ofVaults.includes(field));

test('every field of the form can be drawn, once', () => {
  const all = form('form', { fields: formFields });
  expect([...idsOf(all)].sort()).toEqual([...formFields].sort());
});

test('all ways to restore are on the screen at once, the chosen one marked', () => {
  const mode = inputOf(form('form-geo'), 'mode');
  expect(mode).toMatchObject({ type: 'Input.ChoiceSet', style: 'expanded', value: 'geo' });
  expect(nodesOf(mode['choices']).map(({ value }) => value)).toEqual([
    ...['point-in-time', 'latest', 'fast', 'geo', 'dropped'],
  ]);
});

test('servers are searched; in the mode of deleted servers, those', () => {
  const dataset = (name: string): unknown =>
    (inputOf(form(name), 'source')['choices.data'] as Node)['dataset'];
  expect(dataset('form')).toBe('servers');
  expect(dataset('form-dropped')).toBe('deleted-servers');
  expect(inputOf(form('form-dropped'), 'source')['label']).toBe('Deleted server');
});

test('backups are searched for the server that stands in the form at that moment', () => {
  expect(inputOf(form('form-fast'), 'backup')).toMatchObject({
    style: 'filtered',
    'choices.data': { type: 'Data.Query', dataset: 'backups', associatedInputs: 'auto' },
  });
});

test('a backup whose line is too long for its field is said in full below it', () => {
  const line = '2026-11-18 18:30:22 UTC · on demand · loses 18 h 44 min of writes';
  const chosen = choicesOf(form('form-fast'), 'backup').find(({ value }) => value === 'before-migration');
  expect(chosen?.['title']).toBe('2026-11-18 18:30:22 UTC');
  expect(readTexts(cardOf(form('form-fast')))).toContain(line);
});

test('what is set is among the choices, also when the list does not know it or is too long', () => {
  const strange = form('form', { inputs: { ...form('form').inputs, zone: 'Asia/Kathmandu' } });
  expect(choicesOf(strange, 'zone')[0]).toEqual({ title: 'Asia/Kathmandu', value: 'Asia/Kathmandu' });
  const groups = Array.from({ length: 200 }, (_, index) => ({ title: `rg-${index}`, value: `rg-${index}` }));
  const crowded = form('form', {
    choices: { ...form('form').choices, resourceGroup: groups },
    inputs: { ...form('form').inputs, resourceGroup: 'rg-199' },
  });
  expect(choicesOf(crowded, 'resourceGroup').map(({ value }) => value)).toContain('rg-199');
  expect(choicesOf(crowded, 'resourceGroup').length).toBeLessThanOrEqual(41);
});

test('a list keeps its order when its entry is chosen', () => {
  const titles = choicesOf(form('form'), 'resourceGroup').map(({ title }) => title);
  expect(titles).toEqual(['rg-reporting', 'rg-shop']);
});

test('a field without a list is typed; a day is chosen from a calendar unless it is none', () => {
  expect(inputOf(form('form', { choices: { ...form('form').choices, region: [] } }), 'moment')['type']).toBe(
    'Input.Text',
  );
  expect(inputOf(form('form'), 'expires')['type']).toBe('Input.Date');
  expect(inputOf(form('form-with-problems'), 'expires')).toMatchObject({
    type: 'Input.Text',
    value: 'in a while',
  });
  expect(inputOf(form('form'), 'tags')).toMatchObject({ type: 'Input.Text', isMultiline: true });
});

test('an empty choice has a value on the card, as clients want it, and comes back as nothing', () => {
  const message = form('form');
  const [asSource] = choicesOf(message, 'geoRedundancy');
  expect(asSource?.['title']).toBe('as the source (geo-redundant)');
  expect(asSource?.['value']).not.toBe('');
  expect(inputOf(message, 'geoRedundancy')['value']).toBe(asSource?.['value']);
  const sent = readFormInputs({ geoRedundancy: asSource?.['value'], reason: 'x', expires: '' });
  const before = { ...message.inputs, geoRedundancy: 'off' };
  expect(pickInputs(sent, before)).toEqual({ ...before, geoRedundancy: '', reason: 'x', expires: '' });
});

test.each([undefined, null, 'text', 7])('%p instead of inputs is handed on as it is', (data) => {
  expect(readFormInputs(data)).toBe(data);
});

describe('the fold', () => {
  test('holds what follows the source, closed, and its button opens it', () => {
    const message = form('form');
    expect(foldOf(message)['isVisible']).toBe(false);
    expect(nodesOf(foldOf(message)).flatMap(({ id }) => id ?? [])).toEqual([
      ...['more', ...more, 'tags', 'expires'],
    ]);
    expect(nodesOf(cardOf(message))).toContainEqual({
      ...{ type: 'Action.ToggleVisibility', title: 'More', targetElements: ['more'] },
    });
    expect(saidOn(message)).toContain('Behind it: subscription, availability zone, storage, redundancy');
  });

  test('is not there without fields', () => {
    expect(foldOf(form('form-empty'))).toBeUndefined();
    expect(JSON.stringify(cardOf(form('form-empty')))).not.toContain('ToggleVisibility');
  });

  test('does not hide what is set: it is said beside the button', () => {
    expect(saidOn(form('form-fast'))).toContain('Set there: tags team=shop · expiry 2026-12-03');
    const on = form('form', { inputs: { ...form('form').inputs, highAvailability: 'ZoneRedundant' } });
    expect(saidOn(on)).toContain('Set there: high availability across zones');
    expect(saidOn(form('form'))).not.toContain('Set there');
  });

  const codes: [ProblemCode, FormField][] = [
    ['SUBSCRIPTION_UNKNOWN', 'subscription'],
    ['ZONE_NOT_OFFERED', 'availabilityZone'],
    ['STORAGE_TYPE_NOT_OFFERED', 'storageType'],
    ['GEO_REDUNDANCY_NOT_OFFERED', 'geoRedundancy'],
    ['SUBNET_FULL', 'subnet'],
    ['DNS_ZONE_NOT_LINKED', 'dnsZone'],
    ['TAG_RESERVED', 'tags'],
    ['TAGS_TOO_MANY', 'tags'],
    ['EXPIRES_OUT_OF_RANGE', 'expires'],
    ['CHOICE_UNKNOWN', 'highAvailability'],
  ];
  test.each(codes)('is open when there is a problem such as %s with a field in it', (code, field) => {
    const problems = [aProblem(code)];
    expect(foldOf(form('form', { problems, fields: ['source', 'mode', field] }))['isVisible']).toBe(true);
  });

  test.each<ProblemCode>(['TARGET_NAME_TAKEN', 'ZONE_UNKNOWN', 'SUBNET_FULL', 'REASON_MISSING'])(
    'stays closed when %s is about nothing in it',
    (code) => {
      expect(foldOf(form('form', { problems: [aProblem(code)] }))['isVisible']).toBe(false);
    },
  );

  test('leaves the network in plain sight where there is none to follow', () => {
    const outside = nodesOf(cardOf(form('form-geo'))).flatMap(({ id }) => id ?? []);
    const inside = nodesOf(foldOf(form('form-geo'))).flatMap(({ id }) => id ?? []);
    expect(outside).toEqual(expect.arrayContaining(['subnet', 'dnsZone']));
    expect(inside).not.toContain('subnet');
    const here = form('form', { fields: [...form('form').fields, 'subnet'] });
    expect(nodesOf(foldOf(here)).map(({ id }) => id)).toContain('subnet');
  });
});

describe('the lines between the fields', () => {
  test('say which ways there are not, which data it will be, and since when nothing is heard of the server', () => {
    expect(saidOn(form('form-not-offered'))).toContain(
      'Not offered: paired region \\(billing-pg has no geo-redundant backup\\)',
    );
    expect(saidOn(form('form-geo'))).toContain('The last data that arrived in canadaeast');
    expect(saidOn(form('form-geo'))).toContain(
      'Azure does not answer for this server now; shown as it was seen at 2026-11-19 13:03:00 UTC (12 min ago).',
    );
    for (const name of ['form', 'form-dropped'])
      expect(saidOn(form(name))).not.toMatch(/Not offered|does not answer/);
  });

  test('tell a moment and its window only where one is chosen', () => {
    expect(saidOn(form('form'))).toContain('= 2026-11-19 13:05:00 UTC · 14:05 Berlin · 10 min before now');
    expect(saidOn(form('form'))).toContain('Restorable from 2026-11-12 03:10:00 UTC until now');
    const moment = '2026-11-19T13:05:00.000Z';
    for (const name of ['form-latest', 'form-fast'])
      expect(saidOn(form(name, { moment }))).not.toMatch(/13:05:00|Restorable/);
    expect(saidOn(form('form-latest', { window: { server: 'orders-pg' } }))).toContain(
      'orders-pg has no backup yet.',
    );
  });

  test('count the problems that have no room', () => {
    const problems = Array.from({ length: 11 }, () => aProblem('REASON_MISSING'));
    expect(saidOn(form('form', { problems })).match(/Something is wrong/g)).toHaveLength(8);
    expect(saidOn(form('form', { problems }))).toContain('And 3 more.');
    expect(saidOn(form('form', { problems: problems.slice(0, 8) }))).not.toContain('And ');
  });
});

test('the form is updated beside the choice that changes it, and asked for or left at its end', () => {
  const card = cardOf(form('form'));
  expect(titlesOf(card)).toEqual(['Update form', 'Request restore', 'Cancel']);
  const verbs = buttonsOf(card).map(({ verb, associatedInputs }) => [verb, associatedInputs]);
  expect(verbs).toEqual([
    ['draft.update', 'auto'],
    ['draft.submit', 'auto'],
    ['draft.cancel', 'none'],
  ]);
});

test('no field holds up an update of the form: what is missing is said by the desk', () => {
  expect(inputsOf(form('form-empty')).filter(({ isRequired }) => isRequired === true)).toEqual([]);
});

test('a form too full for its lists can still be filled in by typing, and nothing typed is cut', () => {
  const long = 'ä'.repeat(400);
  const lists = Object.fromEntries(
    formFields.map((field) => [field, Array.from({ length: 90 }, () => ({ title: long, value: long }))]),
  );
  const inputs = { ...form('form').inputs, tags: 'x'.repeat(1000), reason: 'y'.repeat(500) };
  const full = form('form', { fields: serverFields, choices: lists, inputs });
  expect(Buffer.byteLength(JSON.stringify(cardOf(full)))).toBeLessThanOrEqual(25 * 1024);
  expect(inputOf(full, 'reason')['value']).toBe(inputs.reason);
  expect([...idsOf(full)].sort()).toEqual([...serverFields].sort());
});

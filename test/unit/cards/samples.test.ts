/** Every sample, for every kind of viewer, through the real templates and the official parser. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as Library from 'adaptivecards' with { 'resolution-mode': 'import' };
import * as ts from 'typescript';
import { decodeCardKey } from '../../../cards/actions';
import { renderMessage } from '../../../cards/render';
import type { OutcomeMessage, ProgressMessage, RequestMessage } from '../../../services/restore/messages';
import {
  buttonsOf,
  cardOf,
  circle,
  nodesOf,
  ofType,
  readTexts,
  requestSample,
  sample,
  sampleNames,
  samplesDir,
  strangers,
  templatesDir,
  titlesOf,
  viewers,
  type Node,
} from './sample-messages';

jest.setTimeout(60_000);

/** The package's own entry is an ES module; its browser bundle runs everywhere. */
const AdaptiveCards = jest.requireActual<typeof Library>('adaptivecards/dist/adaptivecards.min.js');

const maximalBytes = 25 * 1024;
const withCard = sampleNames.filter((name) => sample(name).kind !== 'notice');
const everyView = withCard.flatMap((name) => viewers.map((viewer) => ({ name, viewer })));
const requests = withCard.filter((name) => sample(name).kind === 'request');

/** Teams has it in cards of every version and calls it by this name; clients that know it not show the plain list. */
const typeahead = 'Property "choices.data" is supported in version 1.6, but you are using version 1.5.';

/** The messages that the official library has about a card. */
function complaintsAbout(card: Node): string[] {
  const context = new AdaptiveCards.SerializationContext(AdaptiveCards.Versions.v1_5);
  const parsed = new AdaptiveCards.AdaptiveCard();
  parsed.parse(card, context);
  const events = Array.from({ length: context.eventCount }, (_, index) => context.getEventAt(index).message);
  const failures = parsed.validateProperties().validationEvents.map(({ message }) => message);
  return [...events, ...failures].filter((complaint) => complaint !== typeahead);
}

function typeErrors(): string[] {
  const messages = join(samplesDir, '..', '..', 'services', 'restore', 'messages.ts');
  const file = join(samplesDir, 'typed-samples.ts');
  const source = [
    `import type { Message } from '../../services/restore/messages';`,
    ...sampleNames.map(
      (name, index) =>
        `export const s${index}: Message = ${readFileSync(join(samplesDir, `${name}.json`), 'utf8')};`,
    ),
  ].join('\n');
  const options: ts.CompilerOptions = {
    ...{ strict: true, exactOptionalPropertyTypes: true, noEmit: true, skipLibCheck: true, types: [] },
    ...{ target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.Node20 },
  };
  const host = ts.createCompilerHost(options);
  const fromDisk = host.getSourceFile.bind(host);
  host.getSourceFile = (name, language) =>
    name === file ? ts.createSourceFile(name, source, language) : fromDisk(name, language);
  const program = ts.createProgram([file, messages], options, host);
  return program.getSemanticDiagnostics(program.getSourceFile(file)).map(({ start, messageText }) => {
    const line = source.slice(0, start).split('export const').length - 2;
    return `${sampleNames[line]}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
}

test('every sample is a message as the services make them', () => {
  expect(typeErrors()).toEqual([]);
});

test('every template has a sample of its name', () => {
  const templates = readdirSync(templatesDir).map((file) => file.replace('.json', ''));
  expect(sampleNames).toEqual(expect.arrayContaining(templates));
});

test('the official library complains about a card that is wrong', () => {
  expect(complaintsAbout({ type: 'AdaptiveCard', version: '1.5', body: [{ type: 'Telegram' }] })).not.toEqual(
    [],
  );
});

describe.each(everyView)('the card $name for a $viewer', ({ name, viewer }) => {
  const card = cardOf(sample(name), viewer);

  test('is valid, of version 1.5, small, and filled in everywhere', () => {
    expect(complaintsAbout(card)).toEqual([]);
    expect(card['version']).toBe('1.5');
    const json = JSON.stringify(card);
    expect(Buffer.byteLength(json)).toBeLessThanOrEqual(maximalBytes);
    expect(json).not.toContain('${');
    expect(json).not.toMatch(/undefined|\[object Object\]|NaN/);
  });

  test('carries nothing in its buttons but the key, and only verbs that the bot knows', () => {
    const payloads = [...ofType(card, 'Action.Execute'), ...ofType(card, 'Action.Submit')];
    for (const action of payloads) {
      const data = action['data'] as Node;
      const verb = action['verb'] ?? data['verb'];
      expect(decodeCardKey(verb, data)?.verb).toBe(verb);
      const allowed = ['v', 'about', 'id', 'revision', 'nonce'];
      expect(Object.keys(data).sort()).toEqual(
        (action['type'] === 'Action.Submit' ? [...allowed, 'verb'] : allowed).sort(),
      );
    }
  });

  test('says times people can use: no parts of a second in deadlines, nothing that is "0 s" away', () => {
    for (const text of readTexts(card)) {
      expect(text).not.toMatch(/expires [^.]*\d\d:\d\d:\d\d/i);
      expect(text).not.toMatch(/\b0 s (before|after|ago)/);
      expect(text).not.toMatch(/~~/);
    }
  });

  test('names every mention once, and only mentions that it shows', () => {
    const shown = readTexts(card).join('\n');
    const entities = nodesOf((card['msteams'] as Node | undefined)?.['entities'] ?? []).filter(
      ({ type }) => type === 'mention',
    );
    for (const entity of entities) expect(shown).toContain(String(entity['text']));
    const declared = entities.map(({ text }) => String(text));
    expect(new Set(declared).size).toBe(declared.length);
    expect([...shown.matchAll(/<at>.*?<\/at>/g)].every(([text]) => declared.includes(text))).toBe(true);
  });
});

describe.each(requests)('the request card %s', (name) => {
  const message = requestSample(name);
  const isOpen = message.ending.kind === 'open';

  test('starts with the number of the request', () => {
    for (const viewer of viewers)
      expect(String(ofType(cardOf(message, viewer), 'TextBlock')[0]?.['text'])).toMatch(/^R-\d+ · /);
  });

  test('has buttons only for those who can do something', () => {
    expect(titlesOf(cardOf(message, 'reader'))).toEqual([]);
    expect(titlesOf(cardOf(message, 'requester'))).toEqual(isOpen ? ['Withdraw'] : []);
    expect(titlesOf(cardOf(message, 'approver'))).toEqual(
      isOpen && message.place === 'approval' ? ['Approve', 'Reject'] : [],
    );
  });

  test('asks for a comment only where somebody decides', () => {
    const comments = viewers.filter((viewer) =>
      nodesOf(cardOf(message, viewer)).some(({ id }) => id === 'comment'),
    );
    expect(comments).toEqual(isOpen && message.place === 'approval' ? ['approver'] : []);
  });

  test('offers personal views while it is open, and never afterwards', () => {
    expect('refresh' in cardOf(message)).toBe(isOpen);
  });
});

test.each(['progress', 'outcome', 'failure'])('the %s card starts with the number of the request', (name) => {
  expect(String(ofType(cardOf(sample(name)), 'TextBlock')[0]?.['text'])).toMatch(/^R-42 · /);
});

test('the form has the inputs and buttons of the contract, and none of them when it is done', () => {
  const form = cardOf(sample('form'));
  const ids = nodesOf(form).filter(({ type }) => String(type).startsWith('Input.'));
  expect(ids.map(({ id }) => id)).toEqual([
    'source',
    'mode',
    'moment',
    'zone',
    'backup',
    'target',
    'resourceGroup',
    'reason',
    'ticket',
  ]);
  expect(titlesOf(form)).toEqual(['Request restore', 'Cancel']);
  for (const name of ['form-checking', 'form-cancelled']) {
    const done = cardOf(sample(name));
    expect(titlesOf(done)).toEqual([]);
    expect(nodesOf(done).some(({ type }) => String(type).startsWith('Input.'))).toBe(false);
  }
});

test('buttons that must work with empty inputs do not ask for them', () => {
  const without = (name: string, viewer: 'requester' | 'reader'): unknown[] =>
    buttonsOf(cardOf(sample(name), viewer))
      .filter(({ associatedInputs }) => associatedInputs === 'none')
      .map(({ title }) => title);
  expect(without('form', 'reader')).toEqual(['Cancel']);
  expect(without('request', 'requester')).toEqual(['Withdraw']);
  expect(without('failure', 'reader')).toEqual(['Try again']);
});

test('a progress card is never personal: an edit of it would ask everybody for a new view', () => {
  for (const name of withCard.filter((candidate) => candidate.startsWith('progress')))
    expect(cardOf(sample(name))).not.toHaveProperty('refresh');
});

test('at most sixty people get a view of their own, the requester first', () => {
  const many = Array.from({ length: 80 }, (_, index) => ({
    aadObjectId: `a${index}`,
    name: `Person ${index}`,
  }));
  const open = requestSample('request');
  const crowded: RequestMessage = { ...open, rule: { ...open.rule, approvers: many } };
  const refresh = cardOf(crowded)['refresh'] as { userIds: string[] };
  expect(refresh.userIds).toHaveLength(60);
  expect(refresh.userIds[0]).toBe(`29:${open.requester.aadObjectId}`);
  const json = JSON.stringify(cardOf(crowded));
  expect(Buffer.byteLength(json)).toBeLessThanOrEqual(maximalBytes);
  expect(json).toContain('and 74 more');
});

test('a contradicted restore is nowhere green', () => {
  expect(JSON.stringify(cardOf(sample('outcome-contradicted')))).not.toMatch(/"good"/i);
  const [last] = ofType(cardOf(sample('progress-contradicted')), 'TextBlock').slice(-1);
  expect(last).toMatchObject({ text: 'contradicted 12 s', color: 'attention' });
});

test('the outcome says where the server is reached, and its name beside it only where that differs', () => {
  const outcome = sample('outcome') as OutcomeMessage;
  const direct = readTexts(cardOf(outcome)).join('\n');
  expect(direct.match(/orders-pg-r1\.postgres\.database\.azure\.com/g)).toHaveLength(1);
  const mapped = readTexts(cardOf({ ...outcome, address: { host: '127.0.0.1', port: 5503 } })).join('\n');
  expect(mapped).toContain(
    'Connect to orders-pg-r1.postgres.database.azure.com with the same logins as orders-pg:',
  );
  expect(mapped).toContain('host=127.0.0.1 port=5503 sslmode=require');
});

test('a step that took no second has no time behind it', () => {
  const progress = sample('progress-proven') as ProgressMessage;
  const quick = {
    ...progress,
    elapsedMillis: 400,
    steps: progress.steps.map((step) => ({ ...step, millis: 999 })),
  };
  const texts = readTexts(cardOf(quick));
  expect(texts).toEqual(expect.arrayContaining(['proven', 'done']));
  expect(texts.join('\n')).not.toContain('0 s');
});

test('people whose Teams id is unknown are named without a mention', () => {
  const card = cardOf(sample('request'), 'reader', strangers);
  expect(JSON.stringify(card)).not.toContain('<at>');
  expect(readTexts(card).join(' ')).toContain('Martin Hale, Divya Rao');
});

test('the approvers are called in the text around an open request, and nobody once it is decided', () => {
  const open = renderMessage(sample('request'), 'reader', circle);
  expect(open.text).toBe(
    '<at>Martin Hale</at>, <at>Divya Rao</at>: R-42 needs your approval: orders-pg to 2026-11-19 13:05:00 UTC as orders-pg-r1',
  );
  expect(open.mentions.map(({ name }) => name)).toEqual(['Martin Hale', 'Divya Rao']);
  expect(renderMessage(sample('request-approved'), 'reader', circle).mentions).toEqual([]);
  expect(renderMessage(sample('receipt'), 'reader', circle).text).toBe('');
});

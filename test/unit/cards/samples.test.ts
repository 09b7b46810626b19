/** Every sample, for every kind of viewer, through the real templates and the official parser. */
import { aStage } from '../../fakes/facts';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as Library from 'adaptivecards' with { 'resolution-mode': 'import' };
import * as ts from 'typescript';
import { decodeCardKey } from '../../../cards/actions';
import { peopleIn } from '../../../cards/people';
import { renderMessage } from '../../../cards/render';
import type {
  Message,
  CancelMessage,
  OutcomeMessage,
  ProgressMessage,
  RequestMessage,
} from '../../../services/restore/messages';
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

interface Expected {
  readonly requester: readonly string[];
  readonly approver: readonly string[];
  readonly comments: readonly string[];
  readonly isPersonal: boolean;
  readonly onCall: readonly string[];
}

/** Where a request is not simply open or over. */
const unusual: Readonly<Record<string, Partial<Expected>>> = {
  'request-question': {
    requester: ['Answer', 'Withdraw', 'Edit'],
    approver: ['Approve', 'Reject'],
    comments: ['approver', 'requester'],
  },
  'receipt-question': { requester: ['Answer', 'Withdraw', 'Edit'], comments: ['requester'] },
  'receipt-may-start': { requester: ['Withdraw', 'Edit', 'Start without approval'], comments: ['requester'] },
  'request-may-start': {
    requester: ['Withdraw', 'Edit', 'Start without approval'],
    onCall: ['Start without approval'],
    comments: ['approver', 'requester', 'on-call'],
  },
  'request-started': { approver: ['Approve afterwards', 'Report'], comments: ['approver'], isPersonal: true },
  'request-direct': { isPersonal: false },
};

describe.each(requests)('the request card %s', (name) => {
  const message = requestSample(name);
  const isOpen = message.ending.kind === 'open';

  test('starts with the number of the request', () => {
    for (const viewer of viewers)
      expect(String(ofType(cardOf(message, viewer), 'TextBlock')[0]?.['text'])).toMatch(/^R-\d+ · /);
  });

  const asks = isOpen && message.place !== 'receipt';
  const usual = {
    requester: isOpen ? ['Withdraw', 'Edit'] : [],
    approver: asks ? ['Approve', 'Reject', 'Ask a question'] : [],
    onCall: [],
    comments: asks ? ['approver'] : [],
    isPersonal: isOpen,
  };
  const expected = { ...usual, ...unusual[name] };

  test('has buttons only for those who can do something', () => {
    for (const viewer of ['reader', 'signed'] as const) expect(titlesOf(cardOf(message, viewer))).toEqual([]);
    expect(titlesOf(cardOf(message, 'requester'))).toEqual(expected.requester);
    expect(titlesOf(cardOf(message, 'approver'))).toEqual(expected.approver);
    expect(titlesOf(cardOf(message, 'on-call'))).toEqual(expected.onCall);
  });

  test('asks for a comment only where somebody decides, answers or gives a reason', () => {
    const comments = viewers.filter((viewer) =>
      nodesOf(cardOf(message, viewer)).some(({ id }) => id === 'comment'),
    );
    expect(comments).toEqual(expected.comments);
  });

  test('offers personal views while somebody can do something, and never afterwards', () => {
    expect('refresh' in cardOf(message)).toBe(expected.isPersonal);
  });
});

test.each(['progress', 'outcome', 'failure', 'cancel', 'cancel-confirmed', 'cancel-over'])(
  'the %s card starts with the number of the request',
  (name) => {
    expect(String(ofType(cardOf(sample(name)), 'TextBlock')[0]?.['text'])).toMatch(/^R-42 · /);
  },
);

test('a form that is done has neither inputs nor buttons', () => {
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
  expect(without('request', 'requester')).toEqual(['Withdraw', 'Edit']);
  expect(without('failure', 'reader')).toEqual(['Try again']);
  expect(without('cancel', 'reader')).toEqual(['Stop and delete orders-pg-r1', 'Keep it running']);
  expect(without('progress-can-be-stopped', 'reader')).toEqual(['Cancel']);
});

test('a progress card is never personal: an edit of it would ask everybody for a new view', () => {
  for (const name of withCard.filter((candidate) => candidate.startsWith('progress')))
    expect(cardOf(sample(name))).not.toHaveProperty('refresh');
});

test('a restore that pauses says for what, and one that was stopped says what came of it', () => {
  const progress = sample('progress-proven') as ProgressMessage;
  const said = (status: ProgressMessage['status']): string =>
    readTexts(cardOf({ ...progress, status, note: 'the note' })).join('\n');
  expect(said('waiting')).toMatch(/Last sign of life .* · the note/);
  expect(said('withdrawn')).toContain('the note');
  expect(said('withdrawn')).not.toContain('Last sign of life');
});

test('who may start it without approval is looked for only where a card gives them a view of their own', () => {
  const card = requestSample('request-may-start');
  const [first] = card.mayBreakGlass ?? [];
  const onCall = { aadObjectId: 'somebody-on-call', name: first?.name ?? '' };
  const asOf = (place: RequestMessage['place']): RequestMessage => ({
    ...card,
    place,
    mayBreakGlass: [onCall],
  });
  expect(peopleIn(asOf('approval'))).toContain(onCall);
  expect(peopleIn(asOf('receipt'))).not.toContain(onCall);
  expect(peopleIn(asOf('direct'))).not.toContain(onCall);
});

test('at most sixty people get a view of their own, the requester first', () => {
  const many = Array.from({ length: 80 }, (_, index) => ({
    aadObjectId: `a${index}`,
    name: `Person ${index}`,
  }));
  const open = requestSample('request');
  const crowded: RequestMessage = { ...open, rule: { ...open.rule, stages: [aStage(many)] } };
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

describe('what a request will do, in its first sentence', () => {
  test.each([
    ['request', 'Restore **orders-pg** to **2026-11-19 13:05:00 UTC** as a new server **orders-pg-r1**'],
    ['request-latest', 'Restore **orders-pg** to **the latest moment** as a new server **orders-pg-r3**'],
    [
      'request-fast',
      'Restore **orders-pg** to **the full backup of 2026-11-18 18:30:22 UTC** as a new server **orders-pg-r1**',
    ],
    [
      'request-geo',
      'Restore **ledger-pg** from its copy in **canadaeast** (last replicated data, up to 1 h old) as a new server **ledger-pg-r1**',
    ],
    [
      'request-dropped',
      'Bring back the deleted server **reports-pg** (deleted **2026-11-19 09:40:02 UTC**) as a new server **reports-pg-r1**',
    ],
  ])('%s', (name, sentence) => {
    expect(readTexts(cardOf(sample(name)))).toContain(sentence);
  });

  test('and in the words of its notification', () => {
    const summary = (name: string): string => renderMessage(sample(name), 'reader', circle).summary;
    expect(summary('request-geo')).toBe(
      'R-44 needs your approval: ledger-pg from its copy in canadaeast as ledger-pg-r1',
    );
    expect(summary('request-dropped')).toBe(
      'R-45 needs your approval: the deleted server reports-pg back as reports-pg-r1',
    );
  });
});

const factsOf = (message: Message): Record<string, string> =>
  Object.fromEntries(
    ofType(cardOf(message), 'FactSet')
      .flatMap(({ facts }) => nodesOf(facts))
      .map(({ title, value }) => [String(title), String(value)]),
  );

test('what a request loses fits its way, and its warnings come before what it makes', () => {
  const facts = factsOf(sample('request-geo'));
  expect(facts['Not in the copy']).toMatch(/not arrived in that region.*up to about 1 h/);
  expect(factsOf(sample('request-dropped'))['Not in the copy']).toMatch(/last minutes before the deletion/);
  expect(factsOf(sample('request'))['Not in the copy']).toBe(
    'everything written after 13:05:00 UTC: about 10 min, ~4,200 transactions',
  );
  expect(Object.keys(facts).slice(1, 6)).toEqual([
    ...['Not in the copy', 'May be missing', 'Left for afterwards', 'New server', 'With'],
  ]);
});

test('a request says where the new server stands and what is set beyond that', () => {
  const facts = factsOf(sample('request-geo'));
  expect(facts['New server']).toBe(
    'canadaeast, rg-shop, private, in the subnet pg. The source is not changed.',
  );
  expect(facts['With']).toContain('availability zone 2 · locally redundant backup');
  expect(facts['Left for afterwards']).toBe('high availability across zones');
  expect(factsOf(sample('request-dropped'))['New server']).not.toContain('The source');
  expect(factsOf(sample('request'))).not.toHaveProperty('With');
});

test('which data it will be is said once: a default gives way to what is known of it', () => {
  const geo = requestSample('request-geo');
  expect(readTexts(cardOf(geo)).join('\n')).not.toContain('Azure takes the last data');
  const { dataLine: _, ...silent } = geo;
  expect(readTexts(cardOf(silent)).join('\n')).toContain('Azure takes the last data that has arrived there');
});

test('a long exact request is cut where it says so', () => {
  const long = { ...requestSample('request'), exactRequest: Array(100).fill('"a": "b",').join('\n') };
  const lines = ofType(cardOf(long), 'TextBlock').filter(({ fontType }) => fontType === 'Monospace');
  expect(lines.at(-1)?.['text']).toBe('… and 10 more lines');
});

describe('the outcome', () => {
  const texts = (name: string): string => readTexts(cardOf(sample(name))).join('\n');

  test('of the paired region claims the last data, not a moment that nobody chose', () => {
    expect(texts('outcome-geo')).toContain(
      '**ledger-pg-r1** holds the data of **ledger-pg** as of **2026-11-19 12:31:07.250 UTC** (asked: the last data that had arrived in the paired region)',
    );
    expect(texts('outcome-geo')).not.toContain('13:20:00');
  });

  test('of a deleted server says so', () => {
    const revived = { ...(sample('outcome') as OutcomeMessage), mode: 'dropped' } as const;
    expect(readTexts(cardOf(revived)).join('\n')).toMatch(
      /the data of the deleted server \*\*orders-pg\*\* as of .*\(asked: until its deletion, 13:05:00/,
    );
    expect(factsOf(sample('outcome-dropped'))['Asked for']).toMatch(
      /^until the deletion, 2026-11-19 09:40:11/,
    );
  });

  test('tells what Azure gave and what is left to do, each with its command', () => {
    expect(factsOf(sample('outcome-geo'))['Azure gave it']).toBe(
      'locally redundant backup · availability zone 2',
    );
    const commands = ofType(cardOf(sample('outcome-geo')), 'TextBlock').filter(
      ({ fontType }) => fontType === 'Monospace',
    );
    expect(commands.at(-1)?.['text']).toMatch(/^az postgres flexible-server update .*ledger-pg-r1$/);
    expect(texts('outcome-geo')).toContain('Left to do by hand');
    expect(texts('outcome')).not.toMatch(/Left to do|Azure gave/);
  });
});

describe('stopping a restore', () => {
  test('of which nothing was ordered yet speaks of no server to delete', () => {
    const message = sample('cancel') as CancelMessage;
    const state = { phase: 'open', what: ['Nothing more will be ordered.'], removes: false } as const;
    expect(buttonsOf(cardOf({ ...message, state })).map(({ title }) => title)).toEqual([
      'Stop',
      'Keep it running',
    ]);
  });

  test('is asked with what cannot be undone, and the button names what is deleted', () => {
    const card = cardOf(sample('cancel'));
    expect(readTexts(card)[0]).toBe('R-42 · stop this restore?');
    expect(readTexts(card)).toContain('orders-pg is not touched.');
    const [stop, keep] = buttonsOf(card);
    expect(stop).toMatchObject({ verb: 'request.cancel.confirm', style: 'destructive' });
    expect(keep).toMatchObject({ verb: 'request.cancel.keep', title: 'Keep it running' });
  });

  test('has no buttons once somebody has answered, and says who or what', () => {
    expect(titlesOf(cardOf(sample('cancel-confirmed')))).toEqual([]);
    expect(readTexts(cardOf(sample('cancel-confirmed')))).toContain(
      'Stopping: asked by Martin Hale at 2026-11-19 13:21:30 UTC · 14:21:30 Berlin',
    );
    expect(titlesOf(cardOf(sample('cancel-over')))).toEqual([]);
    expect(readTexts(cardOf(sample('cancel-over'))).join()).toContain('is proven and stays');
  });

  test('calls whoever asked, in words that follow what became of it', () => {
    const text = (name: string): string => renderMessage(sample(name), 'reader', circle).text;
    expect(text('cancel')).toBe('<at>Ines Okafor</at> Stop R-42 and delete orders-pg-r1?');
    expect(text('cancel-confirmed')).toContain('R-42 is being stopped');
  });

  test('can be asked from the progress card only while it is possible', () => {
    expect(titlesOf(cardOf(sample('progress-can-be-stopped')))).toEqual(['Cancel']);
    expect(titlesOf(cardOf(sample('progress')))).toEqual([]);
  });
});

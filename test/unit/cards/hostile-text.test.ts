/**
 * Whatever a person types stays text: in every field that somebody can fill, in every card that shows it. Cards are read
 * by a markdown reader as Teams reads them, and the outcome is compared with what was typed.
 */
import MarkdownIt from 'markdown-it';
import { isVaultPlan } from '../../../services/restore/plan';
import { renderMessage } from '../../../cards/render';
import type { VaultPlan } from '../../../services/restore/vault-plan';
import { formFields, type FormField, type FormInputs } from '../../../services/restore/form-inputs';
import type {
  AnswerMessage,
  CancelMessage,
  DeliveryMessage,
  DifferenceLine,
  FailureMessage,
  FormMessage,
  Message,
  NoticeMessage,
  OutcomeMessage,
  ProgressMessage,
  RequestMessage,
} from '../../../services/restore/messages';
import { aPlan, aStage } from '../../fakes/facts';
import type { Applied } from '../../../services/restore/applied';
import type { Person } from '../../../services/restore/person';
import {
  cardOf,
  choiceTitles,
  circle,
  nodesOf,
  readTexts,
  sample,
  strangers,
  titlesOf,
  viewers,
  type Node,
} from './sample-messages';

const maximalBytes = 25 * 1024;

/** Every kind of formatting that some client knows. A link is the worst: it shows one thing and opens another. */
const hostile: Readonly<Record<string, string>> = {
  link: '[approve here](https://evil.example/approve)',
  'reference link': '[a][b] [b]: https://evil.example',
  autolink: '<https://evil.example>',
  image: '![x](https://evil.example/pixel.png)',
  bold: '**APPROVED** __by__ *everybody* _today_',
  strike: '~~rejected~~',
  code: '`rm -rf` ```block```',
  heading: '# PROVEN',
  list: '- PROVEN',
  'starred list': '* PROVEN',
  'numbered list': '1. PROVEN',
  'other numbered list': '1) PROVEN',
  quote: '> said the manager',
  table: '| a | b |',
  html: '<b>bold</b><script>alert(1)</script><img src=x onerror=alert(1)>',
  entity: '&lt;at&gt;Martin Hale&lt;/at&gt; &#42;&#42;x&#42;&#42;',
  mention: '<at>Martin Hale</at>',
  'closing tag': '</at><at>Martin Hale',
  template: '${planHash} ${$root.requester} ${1+1}',
  'date function': '{{DATE(2026-11-19T13:05:00Z, LONG)}} {{TIME(2026-11-19T13:05:00Z)}}',
  placeholder: '{0} {1} {2}',
  backslash: '\\[a\\](https://evil.example) \\',
  replacement: "$& $1 $` $'",
};

const markdown = new MarkdownIt({ html: true, breaks: true, linkify: false });

/** The words that remain when markdown is read, and every tag that reading it made. */
function read(text: string): { words: string; tags: string[] } {
  const html = markdown.render(text.replace(/<at>[^<]*<\/at>/g, ''));
  const tags = [...html.matchAll(/<\/?([a-z0-9]+)[^>]*>/gi)].map(([, tag]) => String(tag));
  const words = html
    .replace(/<[^>]+>/g, '')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, '&');
  return { words, tags };
}

const person = (name: string): Person => ({ aadObjectId: 'bbbbbbb1-0000-4000-8000-000000000001', name });
const everyInput = (text: string): FormInputs =>
  Object.fromEntries(formFields.map((field) => [field, text])) as unknown as FormInputs;

const typedFields: readonly FormField[] = ['moment', 'target', 'reason', 'ticket', 'tags'];

/** A form is about a server or about what a vault protects, never about both. */
const onlyOfVaults: readonly FormField[] = [
  ...(['vault', 'container', 'prefix', 'database', 'secret', 'rehydration', 'rehydrationDays'] as const),
  ...(['owners', 'grants', 'ownerMap', 'extras'] as const),
];
const onlyOfServers: readonly FormField[] = [
  ...(['subscription', 'availabilityZone', 'storageType', 'geoRedundancy', 'subnet', 'dnsZone'] as const),
  ...(['highAvailability', 'tags', 'expires', 'resourceGroup'] as const),
];
const serverFields = formFields.filter((field) => !onlyOfVaults.includes(field));
const vaultFields = formFields.filter((field) => !onlyOfServers.includes(field));

/** Every field that can be a list is one, with the text as every entry of it. */
const everyChoice = (text: string): FormMessage['choices'] =>
  Object.fromEntries(
    formFields
      .filter((field) => !typedFields.includes(field))
      .map((field) => [field, Array.from({ length: 60 }, () => ({ title: text, value: text }))]),
  );

const vaultPlan = (text: string): VaultPlan => {
  const { plan } = sample('request-vault') as RequestMessage;
  if (!isVaultPlan(plan) || plan.mode !== 'vault-files') throw new Error('the sample is of another kind');
  return {
    ...plan,
    source: { ...plan.source, name: text },
    target: { ...plan.target, name: text, account: text, container: text, prefix: text, resourceGroup: text },
  };
};

/** Every kind of difference, full of it, as found and after somebody applied what could be. */
function differing(text: string, by: Person): Partial<OutcomeMessage> {
  const { key, differences = [] } = sample('outcome-differs') as OutcomeMessage;
  const item = { what: text, source: text, copy: text };
  const because = { ...(sample('failure') as FailureMessage).failure, sentence: text };
  const refused = { what: text, outcome: { kind: 'refused', because } } as const;
  const applied: Applied = {
    ...{ kind: 'applied', by, askedAt: '2026-11-19T14:00:00.000Z', endedAt: '2026-11-20T14:00:00.000Z' },
    ...{ items: Array(3).fill(refused), needsRestart: true },
  };
  const full = differences.map(({ group, canApply }): DifferenceLine => {
    if (group.found === 'unknown') return { group: { ...group, why: text }, canApply };
    const items = Array(3).fill(item);
    return group.canApply
      ? { group: { ...group, items, warnings: Array(3).fill(text) }, canApply, applied }
      : { group: { ...group, items, commands: Array(3).fill(text) }, canApply };
  });
  return { ...(key ? { key } : {}), differences: full };
}

const delivered = (text: string, by: Person): DeliveryMessage => ({
  ...(sample('delivery') as DeliveryMessage),
  ...{ requester: by, source: text, target: text, vault: text, finding: text },
  got: {
    kind: 'files',
    jobId: text,
    warnings: Array(3).fill(text),
    files: Array(60).fill({ name: text, bytes: 1, kind: 'database', database: text }),
  },
});

/** Messages in which everything that comes from people, or from Azure, is this text. */
function messagesSaying(text: string): Record<string, Message> {
  const form = sample('form') as FormMessage;
  const open = sample('request') as RequestMessage;
  const by = person(text);
  const left = { what: text, command: text };
  const line = { by, at: open.createdAt, comment: text };
  const request: RequestMessage = {
    ...open,
    ...{ reason: text, ticket: text, requester: by, exactRequest: `PUT ${text}` },
    ...{ dataLine: text, options: Array(20).fill(text), followUps: Array(20).fill(left) },
    rule: {
      name: text,
      stages: [{ ...aStage([by], 1, text), parties: [{ kind: 'group', id: text, name: text }] }],
    },
    edited: Array(10).fill(text),
    questions: [
      { by, at: open.createdAt, text, answer: { by, at: open.createdAt, text } },
      { by, at: open.createdAt, text, goesOnAt: open.createdAt },
    ],
    clocks: { escalateTo: [text, text], escalateAt: open.createdAt },
    warnings: Array(5).fill(text),
    plan: {
      ...aPlan(),
      source: { ...aPlan().source, name: text },
      target: { ...aPlan().target, name: text, resourceGroup: text, location: text },
      network: { kind: 'private', delegatedSubnetId: text, privateDnsZoneId: text },
    },
  };
  const { moment: _, ...parts } = { ...aPlan(), source: request.plan.source };
  const plain = { ...parts, moment: open.createdAt, deletedAt: open.createdAt };
  const servers = { source: text, target: text };
  const failure = sample('failure') as FailureMessage;
  const problem = { ...failure.failure, sentence: text, hint: text, vendorCode: text, correlationId: text };
  const progress = sample('progress') as ProgressMessage;
  const ended: OutcomeMessage = {
    ...(sample('outcome') as OutcomeMessage),
    ...{ ...servers, requester: by, finding: text },
    ...{ got: Array(12).fill(text), followUps: Array(12).fill(left) },
    ...{ findings: Array(30).fill(text), wakes: Array(30).fill(text) },
  };
  const cancel: CancelMessage = { ...(sample('cancel') as CancelMessage), ...servers, askedBy: by };
  return {
    form: {
      ...form,
      ...{ requester: by, inputs: everyInput(text), understood: [text, text], notUnderstood: [text] },
      problems: [problem, problem],
    },
    'form full of lists': {
      ...form,
      ...{ requester: by, inputs: everyInput(text), fields: serverFields, choices: everyChoice(text) },
      ...{ understood: Array(20).fill(text), notUnderstood: Array(20).fill(text) },
      ...{ notOffered: [text, text], dataLine: text, follows: text, problems: Array(12).fill(problem) },
      window: { server: text },
    },
    'form of a vault': {
      ...form,
      ...{ requester: by, inputs: { ...everyInput(text), mode: 'vault-files' }, fields: vaultFields },
      ...{ choices: everyChoice(text), dataLine: text, follows: text, problems: Array(12).fill(problem) },
    },
    'form of a chain': {
      ...form,
      ...{ requester: by, inputs: { ...everyInput(text), mode: 'vault-to-server' } },
      ...{ fields: vaultFields.filter((field) => field !== 'secret'), choices: everyChoice(text) },
      ...{ dataLine: text, follows: text, problems: Array(12).fill(problem) },
    },
    'form without lists': {
      ...form,
      ...{ requester: by, inputs: { ...everyInput(text), mode: 'geo' }, fields: formFields, choices: {} },
    },
    request: { ...request, approvals: [line], rule: { name: text, stages: [aStage([by], 2, text)] } },
    'request started without approval': {
      ...request,
      ending: { kind: 'started', glass: { by, at: open.createdAt, reason: text } },
      review: {
        ...{ kind: 'reported', by, at: open.createdAt, reason: text, dueAt: open.createdAt },
        ...{ reviewedBy: by, reviewedAt: open.createdAt, comment: text },
      },
    },
    geo: { ...request, plan: { ...parts, mode: 'geo' } },
    dropped: { ...request, plan: { ...plain, mode: 'dropped' } },
    receipt: { ...request, place: 'receipt' },
    'request of a vault': { ...request, plan: vaultPlan(text) },
    delivery: delivered(text, by),
    approved: { ...request, status: 'running', ending: { kind: 'approved', approvals: [line] } },
    rejected: {
      ...request,
      ...{ status: 'rejected', ending: { kind: 'rejected', by, at: open.createdAt, reason: text } },
    },
    withdrawn: { ...request, status: 'withdrawn', ending: { kind: 'withdrawn', at: open.createdAt } },
    progress: {
      ...progress,
      ...{ ...servers, note: text, opening: { text: `{0} ${text}`, mentions: [by] } },
      steps: progress.steps.map((step) => ({ ...step, note: text })),
    },
    outcome: ended,
    'outcome that differs': { ...ended, ...differing(text, by), notCompared: text },
    'outcome not compared': { ...ended, notCompared: text },
    contradicted: { ...ended, status: 'contradicted' },
    unproven: { ...ended, status: 'completed with warnings', mode: 'geo' },
    revived: { ...ended, mode: 'dropped', hostName: text },
    cancel: { ...cancel, state: { phase: 'open', removes: true, what: Array(12).fill(text) } },
    stopping: { ...cancel, state: { phase: 'confirmed', by, at: open.createdAt } },
    'cancel over': { ...cancel, state: { phase: 'over', outcome: text } },
    failure: { ...failure, ...servers, requester: by, failure: problem },
    answer: {
      ...(sample('answer') as AnswerMessage),
      ...{
        title: text,
        lines: [
          { text, detail: text },
          { text, code: true },
        ],
        hint: text,
      },
    },
    notice: { ...(sample('notice') as NoticeMessage), text: `{0} said "${text}"`, mentions: [by] },
  };
}

const kinds = Object.keys(messagesSaying(''));
const attacks = Object.entries(hostile).flatMap(([what, text]) =>
  kinds.map((kind) => ({ what, text, kind })),
);

const messageOf = (kind: string, text: string): Message => messagesSaying(text)[kind] as Message;

const cardsOf = (message: Message): Node[] =>
  [circle, strangers].flatMap((known) => viewers.map((viewer) => cardOf(message, viewer, known)));

/** Tags that our own words make: bold names, and a paragraph for each text. */
const ourTags = ['p', 'strong'];
const boldIn = (text: string): number => read(text).tags.filter((tag) => tag === 'strong').length;

describe.each(attacks.filter(({ kind }) => kind !== 'notice'))(
  '$what typed into a $kind',
  ({ kind, text }) => {
    const plain = cardsOf(messageOf(kind, 'harmless'));
    const cards = cardsOf(messageOf(kind, text));

    test('makes nothing but text', () => {
      cards.forEach((card, index) => {
        const texts = readTexts(card);
        const before = readTexts(plain[index]);
        expect(texts).toHaveLength(before.length);
        texts.forEach((written, at) => {
          expect(read(written).tags.filter((tag) => !ourTags.includes(tag))).toEqual([]);
          expect(boldIn(written)).toBe(boldIn(before[at] ?? ''));
          expect(written).not.toMatch(/\$\{|\{\{/);
        });
      });
    });

    test('declares nobody as mentioned who is not, and names nobody by a tag of its own', () => {
      for (const card of cards) {
        const declared = nodesOf((card['msteams'] as Node | undefined)?.['entities'] ?? [])
          .filter(({ type }) => type === 'mention')
          .map((node) => String(node['text']));
        for (const written of readTexts(card))
          for (const [tag] of written.matchAll(/<at>.*?<\/at>/g)) expect(declared).toContain(tag);
        expect(declared.filter((tag) => /[\\`*_{}[\]#|~!]/.test(tag))).toEqual([]);
      }
    });
  },
);

test.each(Object.entries(hostile))('%s is still readable as it was typed', (_, text) => {
  const card = cardOf({ ...(sample('request') as RequestMessage), reason: text });
  const words = readTexts(card).map((written) => read(written).words.trim());
  expect(words.some((said) => said.includes(`"${text.trim()}"`))).toBe(true);
});

describe.each(Object.entries(hostile))('%s in the text around a card', (_, text) => {
  test.each(kinds)('of a %s is XML without tags of its own', (kind) => {
    const rendered = renderMessage(messageOf(kind, text), 'reader', circle);
    const outside = rendered.mentions.reduce(
      (left, mention) => left.replaceAll(mention.text, ''),
      rendered.text,
    );
    expect(outside).not.toMatch(/[<>]/);
    for (const mention of rendered.mentions) expect(mention.text).toBe(`<at>${mention.name}</at>`);
    for (const mention of rendered.mentions) expect(mention.name).not.toMatch(/[<>&]/);
  });
});

test('a placeholder inside a reason mentions nobody', () => {
  const notice: NoticeMessage = {
    ...(sample('notice') as NoticeMessage),
    text: '{0} R-1 is rejected: "{0} {1} $& "',
  };
  const { text, mentions, summary } = renderMessage(notice, 'reader', circle);
  expect(text).toBe('<at>Ines Okafor</at> R-1 is rejected: "{0} {1} $&amp; "');
  expect(summary).toBe('Ines Okafor R-1 is rejected: "{0} {1} $& "');
  expect(mentions).toHaveLength(1);
});

describe('characters that nobody sees', () => {
  const sneaky =
    'a\u0000b\u001bc\u0007d\u202ee\u2066f\u200bg\ufeffh\u2028i\u00adj\u{e0041}k\ud800l\r\n\tm\u0085n\u061co';

  test.each(kinds)('do not get into what people read of a %s', (kind) => {
    const message = messageOf(kind, sneaky);
    const rendered = renderMessage(message, 'approver', circle);
    const said = [
      ...readTexts(rendered.card),
      ...choiceTitles(rendered.card),
      ...titlesOf((rendered.card ?? {}) as Node),
      rendered.text,
      rendered.summary,
    ].join('');
    expect(said).not.toMatch(
      /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/u,
    );
    expect(said).not.toMatch(/\p{Surrogate}/u);
  });

  test('do not come back in the form, except line breaks where somebody made them', () => {
    const form = sample('form') as FormMessage;
    const inputs = { ...form.inputs, reason: `first\nsecond\u202e\u0000${'\u200b'}`, target: sneaky };
    const values = nodesOf(cardOf({ ...form, inputs })).map(({ id, value }) => [id, value] as const);
    expect(values).toContainEqual(['reason', 'first\nsecond']);
    expect(values).toContainEqual(['target', 'abcdefghijkl\r\n\tmno']);
  });

  test('line breaks become spaces, so that no line can pretend to be one of ours', () => {
    const card = cardOf({ ...(sample('request') as RequestMessage), reason: 'x\n\nApproved by Martin Hale' });
    expect(readTexts(card).join('\n')).toContain('"x Approved by Martin Hale"');
  });
});

describe('ten thousand characters', () => {
  test.each(
    ['x', '*', '"', '€', '😀', '\\', '<', '\u0000'].flatMap((sign) => kinds.map((kind) => ({ sign, kind }))),
  )('of $sign in a $kind still fit, and what is cut says so', ({ sign, kind }) => {
    const message = messageOf(kind, sign.repeat(10_000));
    for (const known of [circle, strangers]) {
      for (const viewer of viewers) {
        const { card, text, summary } = renderMessage(message, viewer, known);
        expect(Buffer.byteLength(JSON.stringify(card ?? {}))).toBeLessThanOrEqual(maximalBytes);
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(20 * 1024);
        expect(summary.length).toBeLessThanOrEqual(700);
      }
    }
    const everything = JSON.stringify(renderMessage(message, 'approver', circle));
    if (sign === 'x') expect(everything).toContain('…');
  });
});

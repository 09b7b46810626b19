/**
 * S6: text that wants to be more than text, in every field that somebody can fill and in their names, from the sentence through
 * form, request, cards, decisions and notices to the journal. What cards alone make of it: test/unit/cards/hostile-text.test.ts.
 */
import MarkdownIt from 'markdown-it';
import { armPath, parseServerId } from '../../../services/azure/arm-id';
import { argumentViolations } from './child-arguments';
import { chanceOf, type Chance } from '../random';
import { createDrafting } from '../../../services/drafting';
import { formOf } from '../../fakes/desk-stage';
import { divya, ines, martin } from '../../fakes/facts';
import { inParallel, type Row, type Violation } from '../row';
import { instancesQuery, jobsQuery } from '../../../services/azure/resource-graph';
import { promised } from '../../../services/restore/plan';
import { readTexts, type Node } from '../../unit/cards/sample-messages';
import { renderMessage } from '../../../cards/render';
import {
  answerProblem,
  dataOf,
  envelope,
  faultPolicy,
  press,
  startEdgeStage,
  wordsOf,
  type EdgeStage,
} from '../edge-stage';
import type { Draft, RestoreRequest } from '../../../services/restore/request';
import type { Message } from '../../../services/restore/messages';

const corpus: readonly string[] = [
  ...[
    '[approve](https://evil.example)',
    '![x](https://evil.example/p.png)',
    '<https://evil.example>',
    '**OK**',
  ],
  ...['<at>Martin Hale</at>', '</at><at id="0">Martin Hale', '&lt;at&gt;Martin Hale&lt;/at&gt;', '<b>x</b>'],
  ...['<script>alert(1)</script>', ']]><!--', '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>&e;'],
  ...[
    '"},"approvers":[{"id":"me"}],"x":{"',
    '\\u0022',
    '${planHash}',
    '${$root.requester}',
    '{{DATE(x)}}',
    '{0}',
  ],
  ...["'; drop table journal; --", "' or '1'='1", '$$; delete from restore_request; $$', '\\'],
  ...[
    '$(reboot)',
    '`id`',
    '; rm -rf /',
    '| cat /etc/passwd',
    '&& curl evil',
    '-v --file=/etc/passwd',
    '%s%n',
  ],
  ...["' | project properties //", '| where 1==1 | take 1', "')) or true or startswith('", 'let x = 1;'],
  ...[
    '../../../etc/passwd',
    '/subscriptions/x/resourceGroups/y',
    'rg?api-version=1',
    'rg#x',
    '%2e%2e%2f',
    '..\\..',
  ],
  ...['line\r\nSet-Cookie: x=1', 'a\nb\nc', 'a\tb', 'nul\u0000nul', 'bell\u0007', '\u001b[31mred'],
  ...[
    '\u202eevorppa',
    '\u2066x\u2069',
    '\ud800',
    '\udfff x',
    'e\u0301\u0301\u0301',
    'ﷺ',
    '🧨'.repeat(40),
    'ＡＰＰＲＯＶＥ',
  ],
];

const markdown = new MarkdownIt({ html: false, breaks: true, linkify: false });

const known = new Map([ines, martin, divya].map(({ aadObjectId }) => [aadObjectId, `29:${aadObjectId}`]));
const circle = { teamsId: (id: string): string | undefined => known.get(id) };

/** What is wrong with a message as people get it. */
function cardProblems(message: Message): string[] {
  return (['reader', 'approver', 'requester'] as const).flatMap((viewer) => {
    const { card, mentions, text } = renderMessage(message, viewer, circle);
    const entities = (
      card as { msteams?: { entities?: { text: string; mentioned: { id: string } }[] } } | undefined
    )?.msteams?.entities;
    const tags = new Set([...mentions, ...(entities ?? [])].map((mention) => mention.text));
    const ids = [...mentions.map(({ id }) => id), ...(entities ?? []).map(({ mentioned }) => mentioned.id)];
    const without = (written: string): string =>
      [...tags].reduce((left, tag) => left.replaceAll(tag, ''), written);
    const rest = (card ? readTexts(card as Node) : []).map(without);
    return [
      ...(ids.every((id) => [...known.values()].includes(id))
        ? []
        : ['somebody is mentioned who has no part in it']),
      ...(rest.some((each) => /<at>.*?<\/at>/.test(each)) ? ['a mention that we did not make'] : []),
      ...(rest.some((each) => /<a |<img /.test(markdown.render(each))) ? ['a link'] : []),
      ...(rest.some((each) => /\$\{|\{\{/.test(each)) ? ['a template'] : []),
      ...(/[<>]/.test(without(text)) ? ['a tag in the text around the card'] : []),
    ];
  });
}

async function messagesOf(edge: EdgeStage, id: string, draftId: string): Promise<Message[]> {
  const rows = await edge.ask<{ message: Message }>(
    'select message from outbox where request_id = $1 or slot = $2',
    [id, `draft/${draftId}`],
  );
  return rows.map(({ message }) => message);
}

const serverName = /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/;

/** Names that a plan carries into addresses and orders: nothing that was typed gets there unless it is a name. */
function planProblems(request: RestoreRequest): string[] {
  const { id } = request.plan.target;
  const { name } = promised(request.plan);
  return [
    ...(serverName.test(name) ? [] : [`a server called ${name}`]),
    ...(parseServerId(id)?.name === name && armPath(id) === id ? [] : [`an id ${id}`]),
  ];
}

let made = 0;

/** A sentence with the text in it, the form that comes of it, sent with the text in one more field. */
async function asks(
  edge: EdgeStage,
  text: string,
  field: string,
): Promise<[string[], Draft, string | undefined]> {
  const thread = `19:hostile-${++made}@thread.tacv2;messageid=1`;
  const who = { person: { ...ines, name: text } };
  const said = `restore orders-pg to 2026-11-19T13:05:00Z as hostile-${made} because ${text}`;
  const sentence = envelope(who, {
    type: 'message',
    text: said,
    conversation: { id: thread, tenantId: undefined },
  });
  const opened = answerProblem(sentence, await edge.turn(sentence));
  const [row] = await edge.ask<{ body: Draft }>(`select body from draft where body ->> 'thread' = $1`, [
    thread,
  ]);
  if (!row) return [[opened ?? 'no form came of the sentence'], {} as Draft, undefined];
  const draft = row.body;
  const typed = { ...draft.inputs, reason: text.trim() === '' ? 'x' : text, [field]: text };
  const key = formOf(draft);
  const submit = press(who, 'execute', 'draft.submit', { v: 1, ...key, ...typed });
  const wrong = answerProblem(submit, await edge.turn(submit));
  await createDrafting(edge.deps).check(draft.id);
  const after = await edge.stage.draft(draft.id);
  const id = after.state.phase === 'submitted' ? after.state.requestId : undefined;
  return [[opened, wrong].filter((each) => each !== undefined), after, id];
}

/** Everything that people say about a request, with the text in it. */
async function decides(edge: EdgeStage, request: RestoreRequest, text: string): Promise<string[]> {
  const problems: string[] = [];
  const send = async (activity: object): Promise<void> => {
    const answered = await edge.turn(activity);
    const wrong = answerProblem(activity, answered);
    if (wrong !== undefined) problems.push(`${wrong}: ${wordsOf(answered).slice(0, 200)}`);
  };
  const by = (person: typeof ines) => ({ person: { ...person, name: text } });
  const comment = { comment: text };
  await send(press(by(martin), 'execute', 'request.ask', dataOf(request, comment)));
  await send(press(by(ines), 'execute', 'request.answer', dataOf(request, comment)));
  await send(press(by(martin), 'execute', 'request.approve', dataOf(request, comment)));
  await send(envelope(by(divya), { type: 'message', text: `reject ${request.id} because ${text}` }));
  await send(envelope(by(divya), { type: 'message', text: `status ${text}` }));
  await send(
    envelope(by(divya), {
      ...{ type: 'invoke', name: 'application/search' },
      value: { dataset: 'servers', queryText: text, queryOptions: { skip: 0, top: 15 } },
    }),
  );
  return problems;
}

const fields = [
  'reason',
  'ticket',
  'tags',
  'target',
  'resourceGroup',
  'source',
  'moment',
  'zone',
  'expires',
  'subnet',
];

async function walk(edge: EdgeStage, text: string, field: string): Promise<Violation[]> {
  const [problems, draft, id] = await asks(edge, text, field);
  const found = [...problems];
  if (id !== undefined) {
    const request = await edge.stage.request(id);
    found.push(...planProblems(request), ...(await decides(edge, request, text)));
    const journal = (await edge.journals([id])).get(id) ?? [];
    if (journal[0]?.kind !== 'requested') found.push('the journal does not begin with the request');
  }
  if (draft.id !== undefined)
    for (const message of await messagesOf(edge, id ?? '', draft.id)) found.push(...cardProblems(message));
  return found.map((what) => ({ what, case: { field, text } }));
}

/** What is asked of Azure in its own language has nothing of people in it; ids become paths that lead nowhere else. */
function azureProblems(text: string): Violation[] {
  const path = armPath(`/subscriptions/s/resourceGroups/${text}/x`);
  const isInert = path === undefined || (/^[\w/.~%!'()*-]+$/.test(path) && !path.split('/').includes('..'));
  // A moment that cannot be read is no query at all; one that can leaves nothing but the moment.
  const asQuery = (): string => {
    try {
      return jobsQuery(text);
    } catch {
      return '';
    }
  };
  const isTyped = [instancesQuery, asQuery()].some((query) => text.length > 5 && query.includes(text));
  return [
    ...(isInert ? [] : [{ what: `the path ${path}`, case: text }]),
    ...(isTyped ? [{ what: 'a query that has what was typed', case: text }] : []),
  ];
}

const mixed = (chance: Chance, nth: number): string =>
  nth < corpus.length
    ? (corpus[nth] as string)
    : `${chance.pick(corpus)} ${chance.pick(corpus)}`.slice(0, 200);

const fullSize = corpus.length * fields.length;

export const hostileText: Row = {
  id: 'S6',
  what: 'Injection through names, reasons, comments, questions and form fields, from the sentence to the journal',
  full: fullSize,
  slice: 54,
  run: async (size, seed) => {
    const chance = chanceOf(seed);
    const edge = await startEdgeStage({ policy: faultPolicy({ needed: 2 }), cards: true });
    try {
      const cases = Array.from({ length: size }, (_, nth) => ({
        text: mixed(chance, size >= fullSize ? nth % (2 * corpus.length) : nth),
        field: fields[Math.floor(nth / corpus.length + nth) % fields.length] as string,
      }));
      const walked = await inParallel(cases, 8, ({ text, field }) => walk(edge, text, field));
      // A slice leaves this to the contract tests of dumps.
      const [names, ofArguments] = size < fullSize ? [0, []] : await argumentViolations(corpus);
      return {
        cases: size + names,
        checked: `every turn is answered; cards and notices hold no mention, link or template that is not ours; plans hold only names; ids of Azure stay in their segment and queries hold nothing that was typed; pg_restore and psql, really run on ${names} databases and files of such names, get our own words, our paths and the database as one argument`,
        violations: [...walked.flat(), ...corpus.flatMap(azureProblems), ...ofArguments],
      };
    } finally {
      await edge.end();
    }
  },
};

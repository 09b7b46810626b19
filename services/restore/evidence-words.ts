/** One short line of plain words: for a message that was sent, and for an entry of the journal. */
import { shortHash } from './plan';
import type { JournalEntry } from './ports';
import type { Message } from './messages';

const filled = (text: string, people: readonly { readonly name: string }[]): string =>
  text.replace(/\{(\d+)\}/g, (_, index: string) => people[Number(index)]?.name ?? '');

const copied = (source: string, target: string): string => `${source} → ${target}`;

/** What a message says, cut to a line; the whole of it is known by its hash. */
export function messageWords(message: Message): string {
  return lineOf(message).replace(/\s+/g, ' ').trim().slice(0, 200);
}

function lineOf(message: Message): string {
  switch (message.kind) {
    case 'form':
      return `form, ${message.state}: ${copied(message.inputs.source, message.inputs.target)}`;
    case 'request':
      return `${message.place}, ${message.ending.kind}: ${copied(message.plan.source.name, message.plan.target.name)}, plan ${shortHash(message.planHash)}`;
    case 'progress':
      return `progress, ${message.status}: ${copied(message.source, message.target)}; ${message.note}`;
    case 'outcome':
    case 'delivery':
    case 'loaded':
      return `outcome, ${message.status}: ${copied(message.source, message.target)}; ${message.finding}`;
    case 'cancel':
      return `question whether to stop, ${message.state.phase}: ${copied(message.source, message.target)}`;
    case 'failure':
      return `failure: ${copied(message.source, message.target)}; ${message.failure.sentence}`;
    case 'notice':
      return `notice: ${filled(message.text, message.mentions)}`;
    case 'answer':
      return `answer: ${message.title}`;
  }
}

type Body = Readonly<Record<string, unknown>>;

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const part = (value: unknown): Body => (typeof value === 'object' && value !== null ? (value as Body) : {});
const count = (value: unknown): string => (typeof value === 'number' ? String(value) : '?');
const quoted = (value: unknown): string => (text(value) === '' ? '' : `: "${text(value)}"`);
const hash = (value: unknown): string => (text(value) === '' ? '?' : shortHash(text(value)));

/** Words of entries, by kind; a kind that is not here is told by its own name. */
const words: Readonly<Record<string, (body: Body) => string>> = {
  requested: (body) => `asked for the restore, plan ${hash(body['planHash'])}`,
  'asked-again': (body) => `asked again, round ${count(body['revision'])}, plan ${hash(body['planHash'])}`,
  'approved-by': (body) => `approved plan ${hash(body['planHash'])}${quoted(body['comment'])}`,
  'rejected-by': (body) => `rejected it${quoted(body['reason'])}`,
  edited: (body) => `changed it, round ${count(body['revision'])}, plan ${hash(body['planHash'])}`,
  'edit-opened': () => 'opened it to change it',
  'question-asked': (body) => `asked${quoted(body['text'])}`,
  'question-answered': (body) => `answered${quoted(body['text'])}`,
  'question-unanswered': () => 'nobody answered the question in time',
  'glass-broken': (body) => `started it without approval${quoted(body['reason'])}`,
  'reviewed-by': (body) => `looked at it afterwards: ${text(body['verdict'])}${quoted(body['comment'])}`,
  'review-reminded': () => 'reminded of the look that is owed',
  reminded: () => 'reminded who can approve',
  escalated: () => 'called others, since nobody had decided',
  'withdrawn-by': () => 'withdrew it',
  expired: () => 'it expired undecided',
  checked: () => 'the plan was checked once more and is unchanged',
  'order-sent': (body) => orderWords(body),
  'order-answered': (body) => answerWords(body),
  'order-accepted': () => 'the restore runs in Azure',
  adopted: (body) => `found what Azure had made of it${jobWords(body)}`,
  'job-started': (body) => `Azure began its job${jobWords(body)}`,
  'server-ready': () => 'Azure has ended its part; what it made is looked at',
  'looked-at': (body) => `proof: ${text(part(body['verdict'])['kind'])}`,
  failed: (body) => `failed: ${text(part(body['failure'])['sentence'])}`,
  'put-off': () => 'put off: the first copy of the data is not there yet',
  resumed: () => 'the pause is over, it is ordered again',
  'stop-considered': () => 'asked what stopping would mean',
  'stop-dismissed': () => 'let it go on',
  'stop-asked': () => 'stopped it',
  stopped: (body) =>
    body['removed'] === true ? 'stopped; the server was removed' : 'stopped; nothing was left',
  'removal-sent': (body) => orderWords(body),
  retried: () => 'tried again under the same approval',
  'apply-asked': (body) => `asked to give the copy: ${text(body['group'])}`,
  applied: (body) => `gave the copy: ${text(body['group'])}`,
  'message-posted': (body) => `message posted: ${text(body['words'])}`,
  'message-edited': (body) => `message edited: ${text(body['words'])}`,
};

function orderWords(body: Body): string {
  const { method, path } = part(body['request']);
  return `sent to Azure: ${text(method)} ${text(path) || text(body['target'])}`;
}

function answerWords(body: Body): string {
  const operation = text(part(body['operation'])['id']);
  return `Azure's answer: ${text(body['answer'])}${operation === '' ? '' : `, operation ${operation}`}`;
}

const jobWords = (body: Body): string => (text(body['jobId']) === '' ? '' : `, job ${text(body['jobId'])}`);

export interface TimelineLine {
  readonly at: string;
  readonly what: string;
  readonly who: string;
}

export const isMessageEntry = ({ kind }: Pick<JournalEntry, 'kind'>): boolean => kind.startsWith('message-');

export function timelineLine({ kind, actor, at, body }: JournalEntry): TimelineLine {
  const what = words[kind]?.(body) ?? kind.replaceAll('-', ' ');
  return { at, what, who: actor === 'restore-desk' ? 'Restore Desk' : actor.name };
}

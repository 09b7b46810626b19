/**
 * What a request's entries tell, put in order for a reader. Everything here follows from the entries: whoever checks a file
 * derives it again and compares.
 */
import { isMessageEntry, timelineLine, type TimelineLine } from './evidence-words';
import type { ChainedEntry } from './evidence-entry';

type Body = Readonly<Record<string, unknown>>;

/** Number of the entry that tells it. */
interface Told {
  readonly entry: number;
  readonly at: string;
}

export interface Who {
  /** Entra object id. */
  readonly id: string;
  readonly name: string;
  readonly tenant: string | null;
}

/** One approval round: what was asked, what was planned, under which rule, and who could approve then. */
export interface Round extends Told {
  readonly by: Who;
  readonly revision: unknown;
  readonly inputs: unknown;
  readonly plan: unknown;
  readonly planHash: unknown;
  readonly policyVersion: unknown;
  readonly rule: unknown;
}

export interface DecisionLine extends Told {
  readonly by: Who;
  readonly decision: string;
  readonly words: string;
  readonly revision: unknown;
  readonly planHash: unknown;
}

export interface AzureLine extends Told {
  readonly what: string;
  /** The calls as they were sent. */
  readonly requests: readonly unknown[];
  /** Ids by which Azure knows it. */
  readonly operation: unknown;
  readonly job: unknown;
}

export interface MessageLine extends Told {
  readonly what: 'posted' | 'edited';
  readonly slot: unknown;
  readonly conversation: unknown;
  readonly messageId: unknown;
  readonly words: unknown;
  readonly contentHash: unknown;
}

export interface Reading {
  readonly rounds: readonly Round[];
  readonly decisions: readonly DecisionLine[];
  readonly azure: readonly AzureLine[];
  readonly proof: readonly (Told & { readonly verdict: unknown; readonly got: unknown })[];
  readonly timings: readonly (Told & { readonly what: string; readonly sinceMillis: number })[];
  readonly messages: readonly MessageLine[];
  readonly timeline: readonly (TimelineLine & { readonly entry: number })[];
}

export const readingSections = [
  'rounds',
  'decisions',
  'azure',
  'proof',
  'timings',
  'messages',
  'timeline',
] as const satisfies readonly (keyof Reading)[];

const who = ({ actor }: ChainedEntry): Who =>
  actor === 'restore-desk'
    ? { id: 'restore-desk', name: 'Restore Desk', tenant: null }
    : { id: actor.aadObjectId, name: actor.name, tenant: actor.tenantId ?? null };

const told = ({ seq, at }: ChainedEntry): Told => ({ entry: seq, at });
const value = (body: Body, name: string): unknown => body[name] ?? null;

const roundOf = (entry: ChainedEntry): Round => ({
  ...told(entry),
  by: who(entry),
  revision: entry.body['revision'] ?? 1,
  ...{ inputs: value(entry.body, 'inputs'), plan: value(entry.body, 'plan') },
  ...{ planHash: value(entry.body, 'planHash'), policyVersion: value(entry.body, 'policyVersion') },
  rule: value(entry.body, 'rule'),
});

/** Whatever begins a round holds the whole plan. */
const isRound = ({ body }: ChainedEntry): boolean => 'plan' in body && 'planHash' in body;

const decisionKinds: readonly string[] = ['approved-by', 'rejected-by', 'withdrawn-by', 'expired'];

/** Moves that a person made about a round: also those of which this version does not know the name. */
const isDecision = (entry: ChainedEntry): boolean =>
  decisionKinds.includes(entry.kind) ||
  (!isRound(entry) && entry.actor !== 'restore-desk' && 'planHash' in entry.body);

const decisionOf = (entry: ChainedEntry): DecisionLine => ({
  ...told(entry),
  by: who(entry),
  decision: entry.kind,
  words: [entry.body['comment'], entry.body['reason']].filter((part) => typeof part === 'string').join(' '),
  ...{ revision: value(entry.body, 'revision'), planHash: value(entry.body, 'planHash') },
});

const azureKinds: readonly string[] = [
  ...[
    'order-sent',
    'order-answered',
    'order-accepted',
    'adopted',
    'job-started',
    'rehydrated',
    'server-ready',
  ],
  ...['put-off', 'removal-sent', 'stopped', 'failed', 'apply-asked', 'applied'],
];

/** One, or one for each thing that was given to a copy. */
function requestsOf({ body }: ChainedEntry): unknown[] {
  const items = (body['results'] as { readonly items?: unknown } | null | undefined)?.items;
  const given = Array.isArray(items) ? (items as ({ readonly request?: unknown } | null)[]) : [];
  return [body['request'], ...given.map((item) => item?.request)].filter((each) => each !== undefined);
}

const azureLine = (entry: ChainedEntry): AzureLine => ({
  ...told(entry),
  what: timelineLine(entry).what,
  requests: requestsOf(entry),
  ...{ operation: value(entry.body, 'operation'), job: value(entry.body, 'jobId') },
});

const messageLine = (entry: ChainedEntry): MessageLine => ({
  ...told(entry),
  what: entry.kind === 'message-edited' ? 'edited' : 'posted',
  ...{ slot: value(entry.body, 'slot'), conversation: value(entry.body, 'conversation') },
  ...{ messageId: value(entry.body, 'messageId'), words: value(entry.body, 'words') },
  contentHash: value(entry.body, 'contentHash'),
});

/** Changes of phase, each with the time since the request was made. */
function timingsOf(entries: readonly ChainedEntry[]): Reading['timings'] {
  const began = entries.find(isRound)?.at ?? entries[0]?.at ?? '';
  return entries.flatMap((entry) => {
    const { from, to } = entry.body;
    if (typeof to !== 'string' || from === to) return [];
    return [{ ...told(entry), what: to, sinceMillis: Date.parse(entry.at) - Date.parse(began) }];
  });
}

/** `entries` are those of one request, in order. */
export const readingOf = (entries: readonly ChainedEntry[]): Reading => ({
  rounds: entries.filter(isRound).map(roundOf),
  decisions: entries.filter(isDecision).map(decisionOf),
  azure: entries.filter(({ kind }) => azureKinds.includes(kind)).map(azureLine),
  proof: entries
    .filter(({ kind }) => kind === 'looked-at')
    .map((entry) => ({
      ...told(entry),
      ...{ verdict: value(entry.body, 'verdict'), got: value(entry.body, 'got') },
    })),
  timings: timingsOf(entries),
  messages: entries.filter(isMessageEntry).map(messageLine),
  timeline: entries.map((entry) => ({ ...timelineLine(entry), entry: entry.seq })),
});

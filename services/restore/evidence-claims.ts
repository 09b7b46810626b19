/** Do the entries of one request agree with each other: who could approve, who did, for which plan, before what was sent? */
import { canonicalJson } from './canonical-json';
import type { Digest } from './digest';
import type { ChainFault } from './evidence-chain';
import type { ChainedEntry } from './evidence-entry';

type Part = Readonly<Record<string, unknown>>;

const part = (value: unknown): Part => (typeof value === 'object' && value !== null ? (value as Part) : {});
const list = (value: unknown): readonly Part[] => (Array.isArray(value) ? value.map(part) : []);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const count = (value: unknown): number => (typeof value === 'number' ? value : 0);

/** As `partyKey` makes it, of what stands in an entry. */
const keyOf = ({ kind, who, id }: Part): string =>
  `${kind === 'team' ? `team-${text(who)}` : text(kind)}/${text(id).toLowerCase()}`;

const keysIn = (holder: unknown): string[] => list(part(holder)['parties']).map(keyOf);

/** A rule as it was sealed: with stages, or, in older entries, with people alone. Parties by their keys. */
interface Rule {
  /** Filled in their order. */
  readonly stages: readonly { readonly needed: number; readonly mayApprove: readonly string[] }[];
  readonly mayWhenCalled: readonly string[];
  readonly mayBreakGlass: readonly string[];
  readonly aliases: readonly (readonly string[])[];
}

function ruleOf(value: unknown): Rule {
  const rule = part(value);
  const people = list(rule['approvers']).map(({ aadObjectId }) => `user/${text(aadObjectId)}`);
  const aliases = Array.isArray(rule['aliases']) ? (rule['aliases'] as unknown[]) : [];
  return {
    stages: [
      ...(people.length > 0 ? [{ needed: count(rule['needed']), mayApprove: people }] : []),
      ...list(rule['stages']).map((stage) => ({ needed: count(stage['needed']), mayApprove: keysIn(stage) })),
    ],
    mayWhenCalled: keysIn(rule['escalation']),
    mayBreakGlass: keysIn(rule['breakGlass']),
    aliases: aliases.map((ids) => (Array.isArray(ids) ? ids.map(text) : [])),
  };
}

const isSamePerson = ({ aliases }: Rule, a: string, b: string): boolean =>
  a === b || aliases.some((ids) => ids.includes(a) && ids.includes(b));

interface Round {
  readonly planHash: unknown;
  readonly revision: number;
  readonly rule: Rule;
  readonly requester: string;
  /** Who asked for it anew since. */
  readonly editors: readonly string[];
  readonly approvers: string[];
  /** An escalation has called more people. */
  isCalled: boolean;
  /** Somebody who might has let it start without approval. */
  isLetThrough: boolean;
  /** It was rejected, withdrawn, or expired. */
  isOver: boolean;
}

/** Who may approve next; undefined when nobody has to any more. */
function askedNext({ rule, approvers, isCalled }: Round): readonly string[] | undefined {
  let left = approvers.length;
  for (const { needed, mayApprove } of rule.stages) {
    if (left < needed) return isCalled ? [...mayApprove, ...rule.mayWhenCalled] : mayApprove;
    left -= needed;
  }
  return undefined;
}

const idOf = ({ actor }: ChainedEntry): string => (actor === 'restore-desk' ? '' : actor.aadObjectId);
const revisionOf = ({ body }: ChainedEntry): number => count(body['revision']) || 1;

/** What the person counted as when they spoke, as the directory said then; older entries know the person alone. */
function belongsTo(entry: ChainedEntry, parties: readonly string[]): boolean {
  const standing = part(entry.body['standing']);
  const keys = Array.isArray(standing['belongsTo'])
    ? standing['account'] === 'member'
      ? (standing['belongsTo'] as unknown[])
      : []
    : [`user/${idOf(entry)}`];
  return keys.some((key) => parties.includes(text(key)));
}

function roundFault({ body }: ChainedEntry, digest: Digest): string | undefined {
  return digest(canonicalJson(body['plan'])) === body['planHash']
    ? undefined
    : 'the hash of the plan is not that of the plan';
}

function approvalFault(entry: ChainedEntry, round: Round | undefined): string | undefined {
  if (!round || round.revision !== revisionOf(entry)) return 'it approves a round that was not asked for';
  if (entry.body['planHash'] !== round.planHash) return 'it approves another plan than was asked for';
  const isThem = (id: string): boolean => isSamePerson(round.rule, id, idOf(entry));
  if (isThem(round.requester)) return 'who asked has approved';
  if (round.editors.some(isThem)) return 'who asked for it anew has approved';
  if (round.approvers.some(isThem)) return 'it is a second approval of one person';
  return belongsTo(entry, askedNext(round) ?? []) ? undefined : 'who approved could not approve then';
}

function orderFault({ body }: ChainedEntry, round: Round | undefined): string | undefined {
  const isEnough =
    round !== undefined &&
    !round.isOver &&
    (round.isLetThrough || (round.approvers.length > 0 && askedNext(round) === undefined));
  if (!isEnough) return 'it was sent without enough approvals';
  const { planHash } = body;
  return planHash === undefined || planHash === round.planHash ? undefined : 'it was sent for another plan';
}

function letThrough(entry: ChainedEntry, round: Round | undefined): string | undefined {
  if (!round || round.isOver || !belongsTo(entry, round.rule.mayBreakGlass))
    return 'who started it without approval could not do so then';
  if (round.revision !== revisionOf(entry) || entry.body['planHash'] !== round.planHash)
    return 'it starts another plan than was asked for';
  round.isLetThrough = true;
  return undefined;
}

function begun(entry: ChainedEntry, before: Round | undefined): Round {
  const { body, kind } = entry;
  const requester = kind === 'requested' || !before ? idOf(entry) : before.requester;
  const editors = before?.editors ?? [];
  return {
    ...{ planHash: body['planHash'], revision: revisionOf(entry), requester, rule: ruleOf(body['rule']) },
    editors: idOf(entry) === requester ? editors : [...editors, idOf(entry)],
    ...{ approvers: [], isCalled: false, isLetThrough: false, isOver: false },
  };
}

const endings: readonly string[] = ['rejected-by', 'withdrawn-by', 'expired'];

/** `entries` are those of one request, in order. */
export function claimFaults(entries: readonly ChainedEntry[], digest: Digest): ChainFault[] {
  let round: Round | undefined;
  const faultOf = (entry: ChainedEntry): string | undefined => {
    const { kind, body } = entry;
    if ('plan' in body && 'planHash' in body) {
      round = begun(entry, round);
      return roundFault(entry, digest);
    }
    if (kind === 'approved-by') {
      const fault = approvalFault(entry, round);
      if (fault === undefined) round?.approvers.push(idOf(entry));
      return fault;
    }
    if (round && kind === 'escalated') round.isCalled = true;
    if (round && endings.includes(kind)) round.isOver = true;
    if (kind === 'glass-broken') return letThrough(entry, round);
    return kind === 'order-sent' ? orderFault(entry, round) : undefined;
  };
  return entries.flatMap((entry) => {
    const what = faultOf(entry);
    return what === undefined ? [] : [{ seq: entry.seq, what }];
  });
}

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

/** A rule as it was sealed: with stages, or, in older entries, with people alone. */
interface Rule {
  readonly needed: number;
  /** Keys of parties. */
  readonly mayApprove: readonly string[];
  readonly mayBreakGlass: readonly string[];
}

function ruleOf(value: unknown): Rule {
  const rule = part(value);
  const stages = list(rule['stages']);
  const people = list(rule['approvers']).map(({ aadObjectId }) => `user/${text(aadObjectId)}`);
  return {
    needed: count(rule['needed']) + stages.reduce((sum, { needed }) => sum + count(needed), 0),
    mayApprove: [...people, ...stages.flatMap(keysIn), ...keysIn(rule['escalation'])],
    mayBreakGlass: keysIn(rule['breakGlass']),
  };
}

interface Round {
  readonly planHash: unknown;
  readonly revision: number;
  readonly rule: Rule;
  readonly requester: string;
  readonly approvers: Set<string>;
  /** Somebody who might has let it start without approval. */
  isLetThrough: boolean;
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
  if (idOf(entry) === round.requester) return 'who asked has approved';
  return belongsTo(entry, round.rule.mayApprove) ? undefined : 'who approved could not approve then';
}

function orderFault({ body }: ChainedEntry, round: Round | undefined): string | undefined {
  const isEnough =
    round !== undefined &&
    (round.isLetThrough || (round.approvers.size >= round.rule.needed && round.approvers.size > 0));
  if (!isEnough) return 'it was sent without enough approvals';
  const { planHash } = body;
  return planHash === undefined || planHash === round.planHash ? undefined : 'it was sent for another plan';
}

function letThrough(entry: ChainedEntry, round: Round | undefined): string | undefined {
  if (!round || !belongsTo(entry, round.rule.mayBreakGlass))
    return 'who started it without approval could not do so then';
  round.isLetThrough = true;
  return undefined;
}

function begun(entry: ChainedEntry, before: Round | undefined): Round {
  const { body, kind } = entry;
  const requester = kind === 'requested' || !before ? idOf(entry) : before.requester;
  return {
    ...{ planHash: body['planHash'], revision: revisionOf(entry), requester, isLetThrough: false },
    ...{ rule: ruleOf(body['rule']), approvers: new Set() },
  };
}

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
      round?.approvers.add(idOf(entry));
      return fault;
    }
    if (kind === 'glass-broken') return letThrough(entry, round);
    return kind === 'order-sent' ? orderFault(entry, round) : undefined;
  };
  return entries.flatMap((entry) => {
    const what = faultOf(entry);
    return what === undefined ? [] : [{ seq: entry.seq, what }];
  });
}

/** Do the entries of one request agree with each other: who could approve, who did, for which plan, before what was sent? */
import { canonicalJson } from './canonical-json';
import type { Digest } from './digest';
import type { ChainFault } from './evidence-chain';
import type { ChainedEntry } from './evidence-entry';

/** As far as this version knows rules; of one that is made otherwise less can be told. */
interface Rule {
  readonly needed?: unknown;
  readonly approvers?: unknown;
}

interface SealedRound {
  readonly planHash: unknown;
  readonly revision: number;
  readonly rule: Rule;
  readonly requester: string;
}

const idOf = ({ actor }: ChainedEntry): string => (actor === 'restore-desk' ? '' : actor.aadObjectId);
const revisionOf = ({ body }: ChainedEntry): number =>
  typeof body['revision'] === 'number' ? body['revision'] : 1;

function roundFault({ body }: ChainedEntry, digest: Digest): string | undefined {
  return digest(canonicalJson(body['plan'])) === body['planHash']
    ? undefined
    : 'the hash of the plan is not that of the plan';
}

function approvalFault(entry: ChainedEntry, round: SealedRound | undefined): string | undefined {
  if (!round || round.revision !== revisionOf(entry)) return 'it approves a round that was not asked for';
  if (entry.body['planHash'] !== round.planHash) return 'it approves another plan than was asked for';
  const person = idOf(entry);
  if (person === round.requester) return 'who asked has approved';
  const { approvers } = round.rule;
  const couldApprove =
    !Array.isArray(approvers) ||
    approvers.some((each: { readonly aadObjectId?: unknown } | null) => each?.aadObjectId === person);
  return couldApprove ? undefined : 'who approved could not approve then';
}

/** Of a rule of another make only that somebody approved can be told. */
const neededBy = ({ needed }: Rule): number => (typeof needed === 'number' ? needed : 1);

function orderFault(
  entry: ChainedEntry,
  round: SealedRound | undefined,
  approvers: ReadonlySet<string>,
): string | undefined {
  if (!round || approvers.size < neededBy(round.rule)) return 'it was sent without enough approvals';
  const { planHash } = entry.body;
  return planHash === undefined || planHash === round.planHash ? undefined : 'it was sent for another plan';
}

/** `entries` are those of one request, in order. */
export function claimFaults(entries: readonly ChainedEntry[], digest: Digest): ChainFault[] {
  const faults: ChainFault[] = [];
  let round: SealedRound | undefined;
  let approvers = new Set<string>();
  const note = (entry: ChainedEntry, what: string | undefined): void => {
    if (what !== undefined) faults.push({ seq: entry.seq, what });
  };
  for (const entry of entries) {
    const { kind, body } = entry;
    if ('plan' in body && 'planHash' in body) {
      note(entry, roundFault(entry, digest));
      const rule = (body['rule'] ?? round?.rule ?? {}) as Rule;
      const requester = kind === 'requested' ? idOf(entry) : (round?.requester ?? idOf(entry));
      round = { planHash: body['planHash'], revision: revisionOf(entry), rule, requester };
      approvers = new Set();
    }
    if (kind === 'approved-by') {
      note(entry, approvalFault(entry, round));
      approvers.add(idOf(entry));
    }
    if (kind === 'order-sent') note(entry, orderFault(entry, round, approvers));
  }
  return faults;
}

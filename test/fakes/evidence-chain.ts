/** Chains as the store writes them, made in memory. */
import {
  contentOf,
  genesis,
  sealOf,
  signedWords,
  type ChainedEntry,
} from '../../services/restore/evidence-entry';
import { evidenceParts, renderEvidence } from '../../services/restore/evidence-file';
import { evidenceCrypto } from '../../services/evidence/keys';
import { hashPlan } from '../../services/restore/plan';
import { aPlan, ines, martin, sha256 } from './facts';
import { testSigner } from './evidence-key';
import type { EvidenceSigner } from '../../services/restore/evidence-ports';
import type { JournalEntry } from '../../services/restore/ports';

const { digest } = evidenceCrypto;

/** Links and signs entries, from the first of a journal on. */
export function chained(
  entries: readonly JournalEntry[],
  signer: EvidenceSigner = testSigner,
): ChainedEntry[] {
  const last = new Map<string, { readonly seq: number; readonly hash: string }>();
  let prevHash = genesis;
  return entries.map((entry, index) => {
    const seq = index + 1;
    const before = entry.requestId === null ? undefined : last.get(entry.requestId);
    const own =
      entry.requestId === null ? null : { seq: (before?.seq ?? 0) + 1, prevHash: before?.hash ?? genesis };
    const { keyId } = signer;
    const content = contentOf({ ...entry, own }, digest);
    const hash = sealOf({ ...entry, seq, keyId, prevHash, content }, digest);
    const signature = signer.sign(signedWords({ seq, at: entry.at, hash }));
    const linked: ChainedEntry = { ...entry, seq, prevHash, hash, own, format: 2, keyId, signature };
    if (entry.requestId !== null && own) last.set(entry.requestId, { seq: own.seq, hash });
    prevHash = hash;
    return linked;
  });
}

/** `minute` is of 2026-11-19 13:00 UTC. */
export const told = (
  minute: number,
  kind: string,
  body: Record<string, unknown>,
  changes: Partial<JournalEntry> = {},
): JournalEntry => ({
  ...{ requestId: 'R-1', kind, actor: 'restore-desk', body },
  at: new Date(Date.UTC(2026, 10, 19, 13, minute)).toISOString(),
  ...changes,
});

const plan = aPlan();
const planHash = hashPlan(plan, sha256);
const rule = { name: 'orders', needed: 1, approvers: [martin] };

/** The story of a restore, with strangers in between. */
export const story = (): JournalEntry[] => [
  told(0, 'form-opened', { draftId: 'd' }, { requestId: null, actor: ines }),
  told(
    1,
    'requested',
    { revision: 1, plan, planHash, rule, inputs: { source: 'orders-pg' }, policyVersion: '1+a' },
    { actor: ines },
  ),
  told(2, 'requested', { planHash: 'other' }, { requestId: 'R-2', actor: martin }),
  told(
    3,
    'approved-by',
    {
      comment: 'f\u00fcr <b>"alle"</b> \u2028',
      revision: 1,
      planHash,
      from: 'awaiting-approval',
      to: 'approved',
    },
    { actor: martin },
  ),
  told(4, 'order-sent', {
    ...{ target: plan.target.id, sending: 1, planHash },
    request: { method: 'PUT', path: plan.target.id, body: { location: 'canadacentral' } },
  }),
  told(5, 'order-answered', { answer: 'accepted', operation: { id: 'op-1', urlHash: sha256('x') } }),
  told(6, 'form-opened', { draftId: 'e' }, { requestId: null, actor: ines }),
  told(7, 'looked-at', {
    verdict: { kind: 'proven', finding: 'newest commit' },
    got: { kind: 'server' },
    from: 'proving',
    to: 'completed',
  }),
  told(8, 'message-posted', {
    slot: 's',
    conversation: 'c',
    messageId: '1',
    words: 'outcome',
    contentHash: sha256('m'),
  }),
  told(9, 'requested', { planHash: 'third' }, { requestId: 'R-3', actor: martin }),
];

/** The file of R-1, as it is exported from this journal. */
export function fileOf(
  chain: readonly ChainedEntry[],
  exportedAt = '2026-11-19T15:00:00.000Z',
  signer = testSigner,
) {
  const first = chain.findIndex(({ requestId }) => requestId === 'R-1');
  const newest = chain.at(-1);
  if (!newest) throw new Error('no chain');
  const { keyId, publicKey } = signer;
  const part = { entries: chain.slice(first), newest, keys: [{ keyId, publicKey }] };
  const parts = evidenceParts(part, 'R-1', exportedAt, digest);
  return { parts, text: renderEvidence(parts, digest).text };
}

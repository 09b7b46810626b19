/** What the journal keeps of orders: each call as it was sent, and each answer. Never the signed address of an operation. */
import { sentOrder, sentRemoval } from './restore/sent-request';
import type { Deps } from './deps';
import type { Instant } from './restore/instant';
import type { Intent, JournalEntry, OperationUrl } from './restore/ports';
import type { RestoreRequest } from './restore/request';

const entry = (
  { requestId, targetId, revision, attempt }: Intent,
  kind: string,
  at: Instant,
  facts: Readonly<Record<string, unknown>>,
): JournalEntry => ({
  ...{ requestId, kind, actor: 'restore-desk', at },
  body: { target: targetId, revision, attempt, ...facts },
});

/** Written before it is sent. */
export function orderSent(request: RestoreRequest, intent: Intent, at: Instant): JournalEntry {
  const { id, plan, planHash, requester } = request;
  const facts = {
    ...{ requestId: id, nonce: intent.nonce, moment: intent.moment },
    owner: requester.aadObjectId,
  };
  return entry(intent, 'order-sent', at, {
    ...{ sending: intent.sendings + 1, planHash },
    request: sentOrder(plan, facts),
  });
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** The last part of the path names an operation; the address itself is a secret, and its hash enough to know it again. */
function operationFacts({ digest }: Deps, url: OperationUrl | undefined): object | null {
  if (url === undefined) return null;
  const path = URL.canParse(url) ? new URL(url).pathname : '';
  return { id: decoded(path.split('/').at(-1) ?? ''), urlHash: digest(url) };
}

export const orderAnswered = (
  deps: Deps,
  intent: Intent,
  at: Instant,
  operation: OperationUrl | undefined,
): JournalEntry =>
  entry(intent, 'order-answered', at, { answer: 'accepted', operation: operationFacts(deps, operation) });

/** Its answer was lost; its job was found by what it does. */
export const orderFound = (intent: Intent, at: Instant): JournalEntry =>
  entry(intent, 'order-answered', at, { answer: 'found' });

export const orderTurnedAway = ({ clock }: Deps, intent: Intent): JournalEntry =>
  entry(intent, 'order-answered', clock.now(), { answer: 'not now' });

/** Nobody knows whether Azure took it. */
export const noteUnclear = (deps: Deps, intent: Intent, what: string): Promise<void> =>
  deps.store.change((changes) =>
    changes.journal(entry(intent, 'order-answered', deps.clock.now(), { answer: 'unclear', what })),
  );

export const removalSent = (intent: Intent, at: Instant): JournalEntry =>
  entry(intent, 'removal-sent', at, {
    createdAt: intent.createdAt,
    request: sentRemoval(intent.targetId),
  });

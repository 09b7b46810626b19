/** How a restore failed: one sentence, who does what, whether trying again helps, and the codes in small print. */
import { execute } from './actions';
import { fill } from './template';
import { inert } from './escape';
import { utc } from '../services/restore/instant';
import type { FailureMessage } from '../services/restore/messages';

function retryLine(message: FailureMessage): string {
  if (message.retriedAt !== undefined) return `Tried again at ${utc(message.retriedAt)}.`;
  const helps = message.failure.retryable
    ? 'Trying again can help'
    : 'Trying again helps only after the cause is removed';
  const needs =
    message.retryNeeds === 'same approval' ? 'the approval it has is still good' : 'it needs a new approval';
  return `${helps}; ${needs}.`;
}

function leftWords({ makes, serverMayExist, target }: FailureMessage): string {
  const name = inert(target);
  switch (makes) {
    case 'server':
      return serverMayExist
        ? `A server called ${name} may exist. It was not deleted.`
        : 'This restore made no server.';
    case 'files':
      return serverMayExist
        ? `Files that begin with ${name} may exist. They were not deleted.`
        : 'This restore left no files.';
    case 'database':
      return serverMayExist
        ? `A database ${name} may exist. It was not deleted.`
        : 'This restore made no database.';
    case 'databases':
      return serverMayExist
        ? `What was loaded into ${name} before is still there.`
        : `Nothing was loaded into ${name}.`;
  }
}

export function failureCard(message: FailureMessage): object {
  const { failure } = message;
  const small = [
    failure.code,
    failure.vendorCode,
    failure.correlationId === undefined ? undefined : `correlation ${failure.correlationId}`,
  ];
  const data = {
    headline: `${message.key.id} · FAILED`,
    names: `${inert(message.source)} → ${inert(message.target)}`,
    sentence: inert(failure.sentence),
    hint: inert(failure.hint),
    left: leftWords(message),
    retry: retryLine(message),
    small: small
      .filter((part) => part !== undefined)
      .map((part) => inert(part))
      .join(' · '),
    at: utc(message.endedAt),
  };
  return fill('failure', data, {
    actions: message.canRetry
      ? [execute('Try again', 'request.retry', message.key, { withInputs: false })]
      : [],
  });
}

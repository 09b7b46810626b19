/** What every form says, whatever it is about. */
import type { Draft } from './restore/request';
import type { FormMessage } from './restore/messages';
import type { Instant } from './restore/instant';

type Frame = Omit<FormMessage, 'fields' | 'choices' | 'notOffered'>;

export const formFrame = (draft: Draft, now: Instant): Frame => ({
  kind: 'form',
  version: 1,
  key: { about: 'draft', id: draft.id, revision: 1, nonce: draft.nonce },
  requester: draft.requester,
  inputs: draft.inputs,
  understood: draft.understood,
  notUnderstood: draft.notUnderstood,
  problems: draft.problems,
  now,
  zone: draft.zone,
  state: draft.state.phase === 'submitted' ? 'checking' : draft.state.phase,
});

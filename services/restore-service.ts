/**
 * The shared restore service as the bot and the command line see it: everything that can be asked of it, by whom, and
 * nothing of how it is stored or sent.
 */
import { createAnswering, type Answering } from './answering';
import { createApplying, type Applying } from './applying';
import { createCancelling, type Cancelling } from './cancelling';
import { createDecisions, type Decisions } from './deciding';
import { createDrafting, type Drafting } from './drafting';
import { knownDurations } from './telling';
import { placeOf, slots } from './slots';
import { sayRequest, viewerOf } from './restore/say-request';
import { searchList } from './searching';
import { seenBy } from './seeing';
import type { AddressBook } from './store/address-book';
import type { Deps } from './deps';
import type { MessageRef } from './restore/ports';
import type { Outbox } from './store/outbox';
import { standingOf } from './decision';
import type { Person } from './restore/person';
import type { RestoreRequest } from './restore/request';
import type { Standing } from './restore/party';
import type { CardKey, Choice, RequestMessage, SearchedForm, SearchedList, Viewer } from './restore/messages';

/** A card that `person` looks at or has pressed; a direct one only in their own chat with the bot. */
export interface SeenCard {
  readonly key: CardKey;
  readonly place: RequestMessage['place'];
  readonly card: MessageRef;
  readonly person: Person;
}

export interface RestoreService {
  readonly drafting: Drafting;
  readonly decisions: Decisions;
  readonly cancelling: Cancelling;
  readonly applying: Applying;
  readonly answering: Answering;
  readonly addressBook: AddressBook;
  /** True the first time a delivery is seen. */
  isFirstDelivery(key: string): Promise<boolean>;
  /** A request's card as one person sees it now; undefined when there is no such request. */
  view(
    id: string,
    place: RequestMessage['place'],
    person: Person,
  ): Promise<{ message: RequestMessage; viewer: Viewer } | undefined>;
  /** What a list offers for what was typed into it, beside what stands in the same form. */
  search(list: SearchedList, query: string, form: SearchedForm, by: Person): Promise<readonly Choice[]>;
  /** Which of the request's cards this is; undefined for one that was never written down. */
  placeOf(card: MessageRef): Promise<RequestMessage['place'] | undefined>;
  /** One that was never written down is kept and edited from now on. */
  noteSeen(seen: SeenCard): Promise<void>;
}

/** The message that a card belongs to; undefined when there is none, or when the card is one that is known already. */
async function slotOf(
  deps: Deps,
  outbox: Outbox,
  { key, place, card, person }: SeenCard,
): Promise<string | undefined> {
  if (key.about === 'draft') return slots.draft(key.id);
  const read = await deps.store.request(key.id);
  if (!read) return undefined;
  const asOf = { ...read.value, revision: key.revision };
  if (place === 'direct') return key.nonce === read.value.nonce ? slots.direct(asOf, person) : undefined;
  if (place === 'approval') return slots.approval(asOf);
  // A form becomes the receipt of its request, and so does every form in which it was edited.
  const { draftId, editDrafts = [] } = read.value;
  const others = await Promise.all(editDrafts.map((id) => outbox.read(slots.draft(id))));
  return others.some((slot) => slot?.ref?.messageId === card.messageId) ? undefined : slots.draft(draftId);
}

/** For showing only: where the directory does not answer, those see buttons who were asked when the plan was sealed. */
const shownStanding = (deps: Deps, request: RestoreRequest, person: Person): Promise<Standing | undefined> =>
  standingOf(deps, request, person).then(
    (standing) => (isDecidable(request) ? standing : undefined),
    () => undefined,
  );

const isDecidable = ({ state, review }: RestoreRequest): boolean =>
  state.phase === 'awaiting-approval' || review?.kind === 'due';

export function createRestoreService(deps: Deps, outbox: Outbox, addressBook: AddressBook): RestoreService {
  const decisions = createDecisions(deps);
  return {
    drafting: createDrafting(deps),
    decisions,
    cancelling: createCancelling(deps, decisions),
    applying: createApplying(deps),
    answering: createAnswering(deps),
    addressBook,
    isFirstDelivery: (key) => deps.store.change((changes) => changes.isFirstDelivery(key)),
    view: async (id, place, person) => {
      const read = await deps.store.request(id);
      if (!read) return undefined;
      return {
        message: sayRequest(read.value, place, await knownDurations(deps, read.value.plan)),
        viewer: viewerOf(read.value, person, await shownStanding(deps, read.value, person)),
      };
    },
    search: async (list, text, form, by) => searchList(await seenBy(deps, by), list, text, form),
    placeOf: async (card) => {
      const slot = await outbox.slotOf(card);
      return slot === undefined ? undefined : placeOf(slot);
    },
    noteSeen: async (seen) => {
      const { card } = seen;
      const slot = await slotOf(deps, outbox, seen);
      if (slot === undefined || card.messageId === '') return;
      if (!(await outbox.noteCopy(slot, card))) return;
      const known = await outbox.read(slot);
      if (!known) return;
      const { requestId, destination, message } = known;
      await deps.store.change((changes) =>
        changes.post({ slot, requestId, destination, message, pace: 'at-once' }),
      );
    },
  };
}

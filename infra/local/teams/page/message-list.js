// The messages of the open chat. A message is drawn again only when something about it has changed.
import { renderCard } from './cards.js';
import { createComposer } from './composer.js';
import { avatar, byId, dayName, element, timeElement } from './elements.js';
import { messageWords } from './markdown.js';

const NOTE_MILLISECONDS = 15_000;

const UNCLEAR_OUTCOME =
  'The app ran into a problem and did not say whether it worked. Look at the card again before you retry.';
const failureWords = (code) =>
  code === 'BotUnreachable' ? 'The app cannot be reached right now. Try again in a moment.' : UNCLEAR_OUTCOME;

export function createMessageList({ me, conversation, names, actions }) {
  const container = byId('messages');
  const threads = new Map();
  const drawn = new Map();
  const isChannel = conversation.kind === 'channel';
  container.className = isChannel ? 'messages channel' : 'messages chat';
  container.replaceChildren();

  const put = (message) => {
    const before = drawn.get(message.id);
    const fingerprint = JSON.stringify(message);
    if (before?.fingerprint === fingerprint) return false;
    const isNew = !before;
    const now = before ?? {
      element: element('article', { id: `message-${message.id}`, tabIndex: -1 }),
      notes: element('div', { class: 'notes' }),
    };
    drawn.set(message.id, now);
    now.fingerprint = fingerprint;
    now.message = message;
    draw(now);
    if (isNew) place(now);
    return isNew;
  };

  const place = (entry) => {
    const { message } = entry;
    const rootId = isChannel ? message.rootId : message.id;
    let thread = threads.get(rootId);
    if (!thread) {
      thread = isChannel ? channelThread(rootId, message) : { root: entry.element, at: message.createdAt };
      threads.set(rootId, thread);
      container.append(thread.root);
      const previous = [...threads.values()].at(-2);
      if (!previous || dayName(previous.at) !== dayName(message.createdAt)) {
        thread.root.before(element('h2', { class: 'day' }, dayName(message.createdAt)));
      }
    }
    if (!isChannel) return;
    if (message.id === rootId) thread.head.append(entry.element);
    else thread.replies.append(entry.element);
  };

  const channelThread = (rootId, message) => {
    const head = element('div', { class: 'thread-head' });
    const replies = element('div', { class: 'thread-replies' });
    const foot = element('div', { class: 'thread-foot' });
    const root = element(
      'section',
      { class: 'thread', 'aria-label': `Thread of ${message.from.name}` },
      head,
      replies,
      foot,
    );
    const offerReply = (focusBack) => {
      const button = element('button', { type: 'button', class: 'reply', onclick: openComposer }, 'Reply');
      foot.replaceChildren(button);
      if (focusBack) button.focus();
    };
    const openComposer = () => {
      const composer = createComposer({
        label: 'Write a reply',
        placeholder: 'Reply, @ to mention Restore Desk',
        names,
        send: (text) => actions.say(text, rootId),
        onCancel: () => offerReply(true),
      });
      foot.replaceChildren(composer.root);
      composer.focus();
    };
    offerReply(false);
    return { root, head, replies, at: message.createdAt };
  };

  const draw = (entry) => {
    const { message } = entry;
    const isMine = message.from.id === me.teamsId;
    const isBot = message.from.kind === 'bot';
    const body = element('div', { class: 'body' });
    if (message.deletedAt) body.append(element('p', { class: 'gone' }, 'This message has been deleted.'));
    else {
      if (message.text) body.append(messageWords(message));
      if (message.card) body.append(cardOf(entry));
      else entry.card = undefined;
    }
    body.append(entry.notes);
    if (isMine) body.append(deliveryOf(message) ?? '');
    const head = element(
      'header',
      {},
      element('span', { class: 'author' }, message.from.name),
      isBot ? element('span', { class: 'app-tag' }, 'App') : null,
      timeElement(message.createdAt),
      message.editedAt && !message.deletedAt ? element('span', { class: 'edited' }, 'Edited') : null,
    );
    entry.element.className = `message${isMine ? ' mine' : ''}${isBot ? ' from-app' : ''}${message.card && !message.deletedAt ? ' with-card' : ''}`;
    entry.element.replaceChildren(
      avatar(message.from.name, isBot),
      element('div', { class: 'content' }, head, body),
    );
  };

  const cardOf = (entry) => {
    const { message } = entry;
    if (entry.card && JSON.stringify(entry.card.json) === JSON.stringify(message.card))
      return entry.card.frame;
    entry.card = renderCard(message.card, {
      former: entry.card,
      search: (look) => actions.search(message.id, look),
      press: async (pressed) => {
        entry.notes.replaceChildren();
        try {
          noteFor(entry, await actions.click(message.id, pressed));
        } catch (error) {
          addNote(entry, 'error', error.message);
        }
      },
    });
    return entry.card.frame;
  };

  const noteFor = (entry, { status, type, value }) => {
    if (type.endsWith('activity.message')) addNote(entry, 'note', String(value ?? ''));
    else if (type === 'error' || type.endsWith('.error')) {
      addNote(
        entry,
        'error',
        type === 'error' ? failureWords(value?.code) : (value?.message ?? UNCLEAR_OUTCOME),
      );
    } else if (status >= 400) addNote(entry, 'error', 'The app refused that.');
  };

  const addNote = (entry, kind, words) => {
    const note = element(
      'div',
      { class: `note ${kind}`, role: kind === 'error' ? 'alert' : 'status' },
      element('span', {}, words),
      element('small', {}, 'Only you can see this'),
      element('button', { type: 'button', 'aria-label': 'Dismiss', onclick: () => note.remove() }, '×'),
    );
    entry.notes.replaceChildren(note);
    if (kind === 'note') setTimeout(() => note.remove(), NOTE_MILLISECONDS);
    note.scrollIntoView({ block: 'nearest' });
  };

  const deliveryOf = ({ id, delivery }) => {
    if (delivery === 'delivering') return element('p', { class: 'delivery' }, 'Sending…');
    if (delivery !== 'not-delivered') return null;
    const again = element(
      'button',
      { type: 'button', onclick: () => void actions.deliverAgain(id) },
      'Try again',
    );
    return element(
      'p',
      { class: 'delivery failed', role: 'alert' },
      'Not delivered: the app did not answer. ',
      again,
    );
  };

  return {
    put,
    latest: () =>
      [...drawn.values()]
        .map(({ message }) => message.createdAt)
        .sort()
        .at(-1),
  };
}

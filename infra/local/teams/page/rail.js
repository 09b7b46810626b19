// The list of channels and chats, with a dot where something new was said.
import { avatar, byId, element } from './elements.js';

const seenKey = (person, conversation) => `seen:${person.persona}:${conversation}`;

/** Remembers, per person and chat, up to when everything was read. */
export function markSeen(person, conversation, iso) {
  try {
    const known = localStorage.getItem(seenKey(person, conversation)) ?? '';
    if (iso > known) localStorage.setItem(seenKey(person, conversation), iso);
  } catch {
    // Without storage the dots are only less exact.
  }
}

export function isUnseen(person, conversation, iso) {
  if (!iso) return false;
  try {
    return iso > (localStorage.getItem(seenKey(person, conversation)) ?? '');
  } catch {
    return false;
  }
}

export function drawRail({ conversations, openId, unread, onOpen }) {
  const entry = ({ id, name, kind }) => {
    const isUnread = unread.has(id) && id !== openId;
    const icon =
      kind === 'channel'
        ? element('span', { class: 'hash', 'aria-hidden': 'true' }, '#')
        : avatar(name, kind === 'personal', 'small');
    return element(
      'li',
      {},
      element(
        'button',
        {
          type: 'button',
          class: isUnread ? 'entry unread' : 'entry',
          'aria-current': id === openId ? 'page' : undefined,
          onclick: () => onOpen(id),
        },
        icon,
        element('span', { class: 'entry-name' }, name),
        isUnread ? element('span', { class: 'dot' }, element('span', { class: 'unseen' }, 'unread')) : null,
      ),
    );
  };
  const section = (title, kinds) =>
    element(
      'section',
      {},
      element('h2', {}, title),
      element('ul', {}, ...conversations.filter(({ kind }) => kinds.includes(kind)).map(entry)),
    );
  byId('rail').replaceChildren(
    element('div', { class: 'team' }, avatar('Platform', false, 'square'), element('strong', {}, 'Platform')),
    section('Channels', ['channel']),
    section('Chats', ['personal', 'groupChat']),
  );
}

// Local Teams in the browser: one person, one open chat, kept up to date by server-sent events.
import { api } from './api.js';
import { createComposer } from './composer.js';
import { announce, avatar, byId, element } from './elements.js';
import { createMessageList } from './message-list.js';
import { drawProfile } from './profile.js';
import { drawRail, isUnseen, markSeen } from './rail.js';

const BOT_NAME = 'Restore Desk';
const NEAR_BOTTOM_PIXELS = 80;
const TYPING_MILLISECONDS = 4_000;
const phone = window.matchMedia('(max-width: 720px)');
const state = {
  me: undefined,
  people: [],
  conversations: [],
  open: undefined,
  list: undefined,
  stream: undefined,
  /** News that came while the chat was being fetched; undefined when nothing is being fetched. */
  waiting: undefined,
  unread: new Set(),
};

async function start() {
  state.people = await api.personas();
  const wanted = new URLSearchParams(location.search);
  state.me = state.people.find(({ persona }) => persona === wanted.get('as')) ?? state.people[0];
  document.title = `Local Teams · ${state.me.name}`;
  drawProfile(state.people, state.me);
  state.conversations = await api.conversations(state.me.persona);
  for (const { id, lastMessageAt } of state.conversations) {
    if (isUnseen(state.me, id, lastMessageAt)) state.unread.add(id);
  }
  byId('rail-toggle').addEventListener('click', () => document.body.classList.add('show-rail'));
  byId('to-bottom').addEventListener('click', () => scrollToBottom());
  byId('scroll').addEventListener('scroll', () => {
    if (isNearBottom()) byId('to-bottom').hidden = true;
  });
  document.addEventListener('visibilitychange', () => {
    // A browser keeps only six connections to one place; a window nobody looks at needs none.
    if (document.hidden) state.stream?.close();
    else if (state.open) listen(state.open, false);
  });
  const first = state.conversations.find(({ id }) => id === wanted.get('chat'));
  if (!first && phone.matches) document.body.classList.add('show-rail');
  await open((first ?? state.conversations[0]).id);
}

async function open(id) {
  const conversation = state.conversations.find((candidate) => candidate.id === id);
  state.stream?.close();
  state.open = conversation;
  state.unread.delete(id);
  if (history.state?.chat !== id) {
    history.replaceState(
      { chat: id },
      '',
      `?as=${encodeURIComponent(state.me.persona)}&chat=${encodeURIComponent(id)}`,
    );
  }
  const names = [BOT_NAME, ...state.people.filter((person) => person !== state.me).map(({ name }) => name)];
  state.list = createMessageList({ me: state.me, conversation, names, actions: actionsIn(conversation) });
  drawHead(conversation);
  drawComposer(conversation, names);
  rail();
  byId('to-bottom').hidden = true;
  listen(conversation, true);
}

function choose(id) {
  document.body.classList.remove('show-rail');
  void open(id).then(() => {
    if (!phone.matches) byId('composer-text')?.focus();
  });
}

function rail() {
  drawRail({
    conversations: state.conversations,
    openId: state.open.id,
    unread: state.unread,
    onOpen: choose,
  });
}

function drawHead({ name, kind }) {
  const about = {
    channel: 'Platform · everyone in the team sees this channel',
    groupChat: 'Group chat',
    personal: 'Your own chat with the app',
  };
  byId('conversation-name').textContent = kind === 'channel' ? `# ${name}` : name;
  byId('conversation-about').textContent = about[kind];
  byId('conversation-avatar').replaceChildren(
    kind === 'channel' ? avatar('Platform', false, 'square') : avatar(name, kind === 'personal'),
  );
}

function drawComposer({ kind, name }, names) {
  const placeholder = {
    channel: 'New post, @ to mention Restore Desk',
    groupChat: 'Type a message, @ to mention Restore Desk',
    personal: `Message ${name}`,
  };
  const composer = createComposer({
    label: kind === 'channel' ? `New post in ${name}` : `Message to ${name}`,
    placeholder: placeholder[kind],
    names,
    isFirst: true,
    send: (text) => actionsIn(state.open).say(text),
  });
  byId('composer').replaceChildren(composer.root);
}

function actionsIn(conversation) {
  const place = { as: state.me.persona, conversation: conversation.id };
  return {
    say: (text, replyTo) => api.say({ ...place, text, ...(replyTo ? { replyTo } : {}) }),
    click: (messageId, pressed) => api.click({ ...place, messageId, ...pressed }),
    search: (messageId, look) => api.search({ ...place, messageId, ...look }),
    deliverAgain: (messageId) => api.deliverAgain(messageId),
  };
}

function listen(conversation, isOpening) {
  state.stream?.close();
  const stream = api.live(state.me.persona, conversation.id);
  state.stream = stream;
  let isFirst = isOpening;
  stream.addEventListener('hello', () => {
    byId('connection').textContent = '';
    load(conversation, isFirst).catch((error) => {
      state.waiting = undefined;
      byId('connection').textContent = error.message;
    });
    isFirst = false;
  });
  stream.addEventListener('message', ({ data }) => {
    if (state.stream !== stream) return;
    if (state.waiting) state.waiting.push(JSON.parse(data));
    else heard(JSON.parse(data));
  });
  stream.addEventListener('typing', ({ data }) => {
    if (JSON.parse(data).conversation === conversation.id) showTyping();
  });
  stream.addEventListener('error', () => {
    byId('connection').textContent = 'Connection lost, trying again…';
  });
}

/** What is heard while the whole chat is fetched is newer than what is fetched, so it waits its turn. */
async function load(conversation, isFirst) {
  const waiting = (state.waiting = []);
  const { messages } = await api.view(state.me.persona, conversation.id);
  if (state.open !== conversation || state.waiting !== waiting) return;
  state.waiting = undefined;
  for (const message of messages) state.list.put(message);
  if (messages.length === 0) showEmpty(conversation);
  else byId('messages').querySelector('.empty')?.remove();
  if (isFirst) scrollToBottom();
  seen();
  waiting.forEach(heard);
}

function heard({ conversation, message, createdAt, isMine }) {
  if (message) {
    const wasAtBottom = isNearBottom();
    byId('messages').querySelector('.empty')?.remove();
    const isNew = state.list.put(message);
    hideTyping();
    if (isNew && !isMine) announce(`${message.from.name}: ${message.text || 'sent a card'}`);
    if (wasAtBottom || (isNew && isMine)) scrollToBottom();
    else if (isNew) byId('to-bottom').hidden = false;
    seen();
  } else if (!isMine && isUnseen(state.me, conversation, createdAt) && !state.unread.has(conversation)) {
    state.unread.add(conversation);
    rail();
  }
}

function seen() {
  const latest = state.list.latest();
  if (latest) markSeen(state.me, state.open.id, latest);
}

function showEmpty({ kind }) {
  const words = {
    channel: 'Nothing has been said here yet. Mention @Restore Desk and say what to restore.',
    groupChat: 'Nothing has been said here yet.',
    personal: 'Say "help" to see what Restore Desk can do.',
  };
  byId('messages').replaceChildren(element('p', { class: 'empty' }, words[kind]));
}

function isNearBottom() {
  const scroll = byId('scroll');
  return scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR_BOTTOM_PIXELS;
}

function scrollToBottom() {
  const scroll = byId('scroll');
  scroll.scrollTop = scroll.scrollHeight;
  byId('to-bottom').hidden = true;
}

let typingTimer;
function showTyping() {
  byId('typing').textContent = `${BOT_NAME} is typing…`;
  clearTimeout(typingTimer);
  typingTimer = setTimeout(hideTyping, TYPING_MILLISECONDS);
}
function hideTyping() {
  byId('typing').textContent = '';
}

function showProblem(error) {
  byId('messages').replaceChildren(element('p', { class: 'empty', role: 'alert' }, error.message));
}

start().catch(showProblem);

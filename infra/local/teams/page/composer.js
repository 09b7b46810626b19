// The box people write in: Enter sends, @ offers names.
import { element } from './elements.js';

let lastComposerId = 0;

/** `send(text)` resolves when the message is on its way; a rejected one keeps the words. */
export function createComposer({ label, placeholder, names, send, isFirst = false, onCancel }) {
  const number = ++lastComposerId;
  const listId = `names-${number}`;
  const text = element('textarea', {
    id: isFirst ? 'composer-text' : `reply-text-${number}`,
    rows: 1,
    placeholder,
    maxLength: 8000,
    'aria-label': label,
    'aria-autocomplete': 'list',
    'aria-controls': listId,
  });
  const backdrop = element('div', { class: 'backdrop', 'aria-hidden': 'true' });
  const list = element('ul', {
    class: 'name-list',
    id: listId,
    role: 'listbox',
    'aria-label': 'People and apps',
    hidden: true,
  });
  const button = element(
    'button',
    { type: 'button', class: 'send', 'aria-label': 'Send', disabled: true, onclick: () => void submit() },
    sendIcon(),
  );
  const problem = element('p', { class: 'composer-problem', role: 'alert', hidden: true });
  const box = element(
    'div',
    { class: 'composer' },
    list,
    element('div', { class: 'field' }, backdrop, text),
    button,
  );
  const state = { offered: [], highlighted: 0 };

  const submit = async () => {
    const words = text.value.trim();
    if (!words || box.classList.contains('busy')) return;
    box.classList.add('busy');
    problem.hidden = true;
    text.value = '';
    refresh();
    try {
      await send(words);
    } catch (error) {
      if (!text.value) text.value = words;
      problem.textContent = error.message;
      problem.hidden = false;
    } finally {
      box.classList.remove('busy');
      refresh();
    }
  };

  const refresh = () => {
    button.disabled = text.value.trim() === '';
    text.style.height = 'auto';
    text.style.height = `${Math.min(text.scrollHeight, 160)}px`;
    backdrop.replaceChildren(...marked(text.value, names));
    backdrop.scrollTop = text.scrollTop;
    offer();
  };

  const offer = () => {
    const before = text.value.slice(0, text.selectionStart);
    const typed = /(?:^|\s)@([\p{L} ]{0,30})$/u.exec(before)?.[1];
    state.offered =
      typed === undefined
        ? []
        : names.filter((name) => name.toLowerCase().startsWith(typed.toLowerCase()) && name !== typed);
    state.highlighted = 0;
    list.hidden = state.offered.length === 0;
    list.replaceChildren(...state.offered.map(row));
    mark();
  };

  const row = (name, index) =>
    element(
      'li',
      {
        role: 'option',
        id: `${listId}-${index}`,
        onmousedown: (event) => event.preventDefault(),
        onclick: () => insert(name),
      },
      name,
      index === 0 && name === names[0] ? element('span', { class: 'hint' }, 'App') : null,
    );

  const mark = () => {
    [...list.children].forEach((item, index) =>
      item.setAttribute('aria-selected', String(index === state.highlighted)),
    );
    if (list.hidden) text.removeAttribute('aria-activedescendant');
    else text.setAttribute('aria-activedescendant', `${listId}-${state.highlighted}`);
  };

  const insert = (name) => {
    const after = text.value.slice(text.selectionStart);
    const before = text.value.slice(0, text.selectionStart).replace(/@[^@]*$/, `@${name} `);
    text.value = before + after.replace(/^ /, '');
    text.setSelectionRange(before.length, before.length);
    text.focus();
    refresh();
    list.hidden = true;
  };

  text.addEventListener('input', refresh);
  text.addEventListener('scroll', () => (backdrop.scrollTop = text.scrollTop));
  text.addEventListener('blur', () => (list.hidden = true));
  text.addEventListener('keydown', (event) => {
    if (event.isComposing) return;
    const isOffering = !list.hidden;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (isOffering && step) {
      event.preventDefault();
      state.highlighted = (state.highlighted + step + state.offered.length) % state.offered.length;
      mark();
    } else if (isOffering && (event.key === 'Enter' || event.key === 'Tab')) {
      event.preventDefault();
      insert(state.offered[state.highlighted]);
    } else if (event.key === 'Escape') {
      if (isOffering) list.hidden = true;
      else onCancel?.();
    } else if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      void submit();
    }
  });
  return { root: element('div', { class: 'composer-area' }, box, problem), focus: () => text.focus() };
}

/** The same words as in the box, behind it, with mentions tinted. */
function marked(words, names) {
  const pieces = [];
  let rest = words;
  while (rest) {
    const next = names
      .map((name) => ({ name: `@${name}`, at: rest.toLowerCase().indexOf(`@${name}`.toLowerCase()) }))
      .filter(({ at }) => at >= 0)
      .sort((a, b) => a.at - b.at)[0];
    if (!next) break;
    pieces.push(rest.slice(0, next.at), element('mark', {}, rest.slice(next.at, next.at + next.name.length)));
    rest = rest.slice(next.at + next.name.length);
  }
  return [...pieces, `${rest}\n`];
}

function sendIcon() {
  const icon = element('span', { class: 'send-icon', 'aria-hidden': 'true' });
  icon.innerHTML =
    '<svg viewBox="0 0 20 20"><path d="M3 3.5 17.5 10 3 16.5l2-6.5z" /><path d="M5 10h7" /></svg>';
  return icon;
}

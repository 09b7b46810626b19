// Draws one Adaptive Card and carries what is pressed on it to the bot.
import { element } from './elements.js';
import { hostConfig } from './host-config.js';
import { cardTextToHtml } from './markdown.js';
import { searches } from './typeahead.js';

const AC = window.AdaptiveCards;
const config = new AC.HostConfig(hostConfig);
let namesInCard = [];
let cardsDrawn = 0;

AC.AdaptiveCard.onProcessMarkdown = (text, result) => {
  result.outputHtml = cardTextToHtml(text, namesInCard);
  result.didProcess = true;
};

/**
 * `press(action)` gets `{title, verb, inputs, data}` and resolves when the bot has answered; `search({inputId, query,
 * inputs})` resolves with `{results}`, its inputs being those that a dependent list asks for. `former` is what this
 * returned for the previous version of the same card: folds that the reader opened, and what was typed or chosen but not
 * sent yet, are carried over.
 */
export function renderCard(json, { press, search, former }) {
  const card = new AC.AdaptiveCard();
  card.hostConfig = config;
  card.parse(json);
  searches.set(card, search);
  namesInCard = (json.msteams?.entities ?? [])
    .filter(({ type }) => type === 'mention')
    .map(({ text }) => String(text ?? '').replace(/^<at>|<\/at>$/g, ''));
  const drawn = card.render();
  namesInCard = [];
  const frame = element('div', { class: 'card' }, drawn ?? 'This card cannot be shown.');
  if (json.msteams?.width === 'Full') frame.classList.add('full');
  keepChoicesApart(frame);
  if (former) carryOver(former, card, json);
  card.onExecuteAction = (action) => void execute(action, frame, press);
  return { frame, card, json };
}

/** The renderer names radio buttons by their input, so two open forms on one page would share one choice. */
function keepChoicesApart(frame) {
  cardsDrawn += 1;
  for (const radio of frame.querySelectorAll('input[type=radio]')) radio.name = `${radio.name}-${cardsDrawn}`;
}

async function execute(action, frame, press) {
  if (action instanceof AC.OpenUrlAction) {
    if (/^https?:/i.test(action.url ?? '')) window.open(action.url, '_blank', 'noopener,noreferrer');
    return;
  }
  if (!(action instanceof AC.ExecuteAction || action instanceof AC.SubmitAction)) return;
  if (frame.classList.contains('sending')) return;
  frame.classList.add('sending');
  const button = action.renderedElement;
  button?.classList.add('pressed');
  button?.setAttribute('aria-busy', 'true');
  const inputs = Object.fromEntries(
    Object.entries(action.getReferencedInputs() ?? {}).map(([id, input]) => [id, String(input.value ?? '')]),
  );
  try {
    await press({
      ...(action.title ? { title: action.title } : {}),
      ...(action.verb ? { verb: action.verb } : {}),
      inputs,
      data: action.data ?? {},
    });
  } finally {
    frame.classList.remove('sending');
    button?.classList.remove('pressed');
    button?.removeAttribute('aria-busy');
  }
}

/** What the reader did to the former card and would miss on the new one, where that shows the same as before. */
function carryOver(former, card, json) {
  const shownBefore = new Map(identified(former.json).map((node) => [node.id, node.isVisible ?? true]));
  for (const { id, isVisible = true } of identified(json)) {
    const before = former.card.getElementById(id);
    const now = card.getElementById(id);
    // A fold that the bot itself has opened or closed since stays as the bot wants it.
    if (before && now && shownBefore.get(id) === isVisible) now.isVisible = before.isVisible;
  }
  const fresh = card.getAllInputs(true);
  for (const input of former.card.getAllInputs(true)) {
    const same = fresh.find(({ id }) => id && id === input.id);
    const wasGiven = String(input.defaultValue ?? '');
    const isTyped = String(input.value ?? '') !== wasGiven;
    if (same && isTyped && String(same.defaultValue ?? '') === wasGiven) putInto(same, input);
  }
}

function putInto(fresh, former) {
  if (fresh.isTypeahead) return fresh.choose(former.chosen);
  const control = fresh.renderedInputControlElement;
  const value = String(former.value ?? '');
  const radio = [...(control?.querySelectorAll('input[type=radio]') ?? [])].find(
    (option) => option.value === value,
  );
  if (radio) radio.checked = true;
  else if (isField(control)) control.value = value;
}

const isField = (control) =>
  control instanceof HTMLInputElement ||
  control instanceof HTMLTextAreaElement ||
  control instanceof HTMLSelectElement;

function identified(node, found = []) {
  if (Array.isArray(node)) node.forEach((item) => identified(item, found));
  else if (node && typeof node === 'object') {
    if (typeof node.id === 'string' && typeof node.type === 'string') found.push(node);
    Object.values(node).forEach((value) => identified(value, found));
  }
  return found;
}

/**
 * Reading a card as a client does: which buttons it has, and what a button sends. Buttons behind a fold and inside a
 * ShowCard count; what only a fallback would show does not.
 */
import { isObject, listIn, objectIn, textIn, type JsonObject } from './json';

export interface FoundAction {
  readonly action: JsonObject;
  /** The cards whose inputs this action gathers: its own and those around it. */
  readonly cards: readonly JsonObject[];
}

/** Parts of a card that are no visible elements. */
const NOT_ELEMENTS = new Set(['fallback', 'refresh', 'authentication', 'data', 'msteams', 'choices', 'card']);

function actionsOf(card: JsonObject): FoundAction[] {
  const found: FoundAction[] = [];
  const walkCard = (inner: JsonObject, around: readonly JsonObject[]): void => {
    const cards = [...around, inner];
    visit(inner, (element) => {
      if (!isAction(element)) return;
      found.push({ action: element, cards });
      if (element['type'] === 'Action.ShowCard' && isObject(element['card']))
        walkCard(element['card'], cards);
    });
  };
  walkCard(card, []);
  return found;
}

function titleOf(action: JsonObject): string {
  return textIn(action['title']) ?? textIn(action['tooltip']) ?? textIn(action['verb']) ?? '';
}

/** What a person would read on the buttons that can be pressed. */
export function buttonTitles(card: JsonObject): string[] {
  const titles = actionsOf(card)
    .filter(({ action }) => action['isEnabled'] !== false)
    .map(({ action }) => titleOf(action));
  return [...new Set(titles)];
}

export function findAction(
  card: JsonObject,
  wanted: { title?: string | undefined; verb?: string | undefined },
): FoundAction | undefined {
  const pressable = actionsOf(card).filter(({ action }) => action['isEnabled'] !== false);
  const sameWord = (a: string, b: string): boolean => a.trim().toLowerCase() === b.trim().toLowerCase();
  const matches = ({ action }: FoundAction): boolean =>
    (wanted.title === undefined || sameWord(titleOf(action), wanted.title)) &&
    (wanted.verb === undefined || action['verb'] === wanted.verb);
  return pressable.find(matches);
}

export function findInput(card: JsonObject, inputId: string): JsonObject | undefined {
  let found: JsonObject | undefined;
  visitDeep(card, (element) => {
    if (isInput(element) && element['id'] === inputId) found ??= element;
  });
  return found;
}

export function inputIds(card: JsonObject): string[] {
  const ids: string[] = [];
  visitDeep(card, (element) => {
    if (isInput(element)) ids.push(textIn(element['id']) ?? '');
  });
  return ids;
}

/** The values the inputs hold before anybody has typed; every value is a string, as in Teams. */
function initialInputs(cards: readonly JsonObject[]): Record<string, string> {
  const values: Record<string, string> = {};
  for (const card of cards) {
    visit(card, (element) => {
      const id = textIn(element['id']);
      if (!isInput(element) || !id) return;
      const value = initialValue(element);
      if (value !== undefined) values[id] = value;
    });
  }
  return values;
}

function initialValue(input: JsonObject): string | undefined {
  const value = input['value'];
  switch (input['type']) {
    case 'Input.Toggle':
      return asText(value ?? input['valueOff'] ?? 'false');
    case 'Input.ChoiceSet':
    case 'Input.Number':
      return value === undefined || value === null || value === '' ? undefined : asText(value);
    default:
      return asText(value ?? '');
  }
}

/** The values of all inputs of a card as they stand on the screen: what was typed counts more than what came. */
export const currentInputs = (card: JsonObject, typed: JsonObject = {}): Record<string, string> => ({
  ...initialInputs([card]),
  ...inWords(typed),
});

const inWords = (typed: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(Object.entries(typed).map(([id, value]) => [id, asText(value)]));

/**
 * What the action sends: its own data (or the data that a forger puts in its place), the values of the inputs it
 * gathers, and on top what was typed.
 */
export function gatheredData(
  { action, cards }: FoundAction,
  typed: Readonly<Record<string, unknown>>,
  forged: unknown,
): unknown {
  const inputs = action['associatedInputs'] === 'none' ? {} : initialInputs(cards);
  const words = inWords(typed);
  const own = forged === undefined ? action['data'] : forged;
  if (own !== undefined && own !== null && !isObject(own)) return own;
  return forged === undefined
    ? { ...objectIn(own), ...inputs, ...words }
    : { ...inputs, ...objectIn(own), ...words };
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const isAction = (element: JsonObject): boolean => textIn(element['type'])?.startsWith('Action.') ?? false;
const isInput = (element: JsonObject): boolean => textIn(element['type'])?.startsWith('Input.') ?? false;

/** Visits the elements of one card, not those of the cards inside its ShowCard actions. */
function visit(node: unknown, see: (element: JsonObject) => void): void {
  if (Array.isArray(node)) return listIn(node).forEach((item) => visit(item, see));
  if (!isObject(node)) return;
  see(node);
  for (const [key, value] of Object.entries(node)) if (!NOT_ELEMENTS.has(key)) visit(value, see);
}

function visitDeep(card: JsonObject, see: (element: JsonObject) => void): void {
  visit(card, (element) => {
    see(element);
    if (element['type'] === 'Action.ShowCard' && isObject(element['card'])) visitDeep(element['card'], see);
  });
}

// A choice that is looked up while typing. Replaces the renderer's own control, which sends the title of a found entry
// where the card wants its value.
import { element } from './elements.js';

const AC = window.AdaptiveCards;
const LOOK_UP_DELAY_MILLISECONDS = 180;
const LIST_LIMIT = 15;
let lastListId = 0;

/** Root card -> function that asks the bot; set by whoever renders the card. */
export const searches = new WeakMap();

class TypeaheadChoiceSet extends AC.ChoiceSetInput {
  internalParse(source, context) {
    super.internalParse(source, context);
    this.source = source;
  }

  get isTypeahead() {
    if (this.isMultiSelect || !this.source) return false;
    return this.source['choices.data']?.type === 'Data.Query' || this.source.style === 'filtered';
  }

  internalRender() {
    if (!this.isTypeahead) return super.internalRender();
    this.known = this.choices.map(({ title, value }) => ({ title: title ?? value, value }));
    this.chosen = this.defaultValue ? this.choiceOf(this.defaultValue) : undefined;
    const listId = `choices-${++lastListId}`;
    const input = element('input', {
      class: 'ac-input typeahead-text',
      type: 'text',
      role: 'combobox',
      autocomplete: 'off',
      spellcheck: false,
      placeholder: this.placeholder ?? 'Type to search',
      'aria-autocomplete': 'list',
      'aria-expanded': 'false',
      'aria-controls': listId,
      value: this.chosen?.title ?? '',
    });
    const list = element('ul', { class: 'typeahead-list', id: listId, role: 'listbox', hidden: true });
    this._textInput = input;
    this.list = list;
    input.addEventListener('input', () => this.lookUp(input.value));
    input.addEventListener('focus', () => input.select());
    input.addEventListener('click', () => this.lookUp(''));
    input.addEventListener('blur', () => this.settle());
    input.addEventListener('keydown', (event) => this.onKey(event));
    return element('div', { class: 'typeahead' }, input, list);
  }

  /** The renderer labels the outermost element; a reader of screens needs the label on the field itself. */
  updateInputControlAriaLabelledBy() {
    super.updateInputControlAriaLabelledBy();
    const frame = this.renderedInputControlElement;
    const labels = frame?.getAttribute('aria-labelledby');
    if (!this.isTypeahead || !labels) return;
    this._textInput.setAttribute('aria-labelledby', labels);
    frame.removeAttribute('aria-labelledby');
  }

  choiceOf(value) {
    return this.known.find((choice) => choice.value === value) ?? { title: value, value };
  }

  get value() {
    return this.isTypeahead ? this.chosen?.value : super.value;
  }

  isSet() {
    return this.isTypeahead ? Boolean(this.chosen) : super.isSet();
  }

  /** Only what was found can be chosen, so whatever is chosen is valid. */
  isValid() {
    return this.isTypeahead ? true : super.isValid();
  }

  /** The other inputs of the card as they stand now, for a list that depends on them. */
  associated() {
    if (this.source['choices.data'].associatedInputs !== 'auto') return {};
    const inputs = this.getRootElement().getAllInputs(true);
    return { inputs: Object.fromEntries(inputs.map(({ id, value }) => [id, String(value ?? '')])) };
  }

  async lookUp(words) {
    const current = (this.lookUpCount = (this.lookUpCount ?? 0) + 1);
    const isQuery = this.source['choices.data']?.type === 'Data.Query';
    const local = this.known.filter(({ title }) => title.toLowerCase().includes(words.toLowerCase()));
    if (!isQuery) return this.show(local);
    await new Promise((resolve) => setTimeout(resolve, words ? LOOK_UP_DELAY_MILLISECONDS : 0));
    if (current !== this.lookUpCount) return;
    if (!this.listed?.length) this.show([], 'Searching…');
    try {
      const { results } = await searches.get(this.getRootElement())({
        inputId: this.id,
        query: words,
        ...this.associated(),
      });
      if (current === this.lookUpCount) this.show(results, results.length ? '' : 'Nothing found');
    } catch (error) {
      if (current === this.lookUpCount) this.show([], error.message);
    }
  }

  show(choices, remark = choices.length ? '' : 'Nothing found') {
    if (document.activeElement !== this._textInput) return;
    this.listed = choices.slice(0, LIST_LIMIT);
    this.highlighted = -1;
    const rows = this.listed.map((choice, index) =>
      element(
        'li',
        {
          role: 'option',
          id: `${this.list.id}-${index}`,
          'aria-selected': 'false',
          onmousedown: (event) => event.preventDefault(),
          onclick: () => this.choose(choice),
        },
        choice.title,
      ),
    );
    if (remark) rows.push(element('li', { class: 'remark' }, remark));
    this.list.replaceChildren(...rows);
    this.open(true);
  }

  open(isOpen) {
    this.list.hidden = !isOpen;
    this._textInput.setAttribute('aria-expanded', String(isOpen));
    if (!isOpen) this._textInput.removeAttribute('aria-activedescendant');
  }

  choose(choice) {
    this.chosen = choice;
    this._textInput.value = choice?.title ?? '';
    this.lookUpCount += 1;
    this.open(false);
    this.valueChanged();
  }

  /** Leaving the field: what was typed counts if it names a choice, else the last choice comes back. */
  settle() {
    this.open(false);
    this.lookUpCount += 1;
    const words = this._textInput.value.trim().toLowerCase();
    if (!words) return this.choose(undefined);
    if (words === this.chosen?.title.toLowerCase()) return;
    const candidates = [...(this.listed ?? []), ...this.known];
    const named = candidates.find(({ title, value }) =>
      [title, value].some((name) => name.toLowerCase() === words),
    );
    const only =
      this.listed?.length === 1 && this.listed[0].title.toLowerCase().includes(words)
        ? this.listed[0]
        : undefined;
    this.choose(named ?? only ?? this.chosen);
  }

  onKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this.list.hidden) this.lookUp('');
    else if (step && this.listed?.length) {
      event.preventDefault();
      this.highlighted = (this.highlighted + step + this.listed.length) % this.listed.length;
      [...this.list.querySelectorAll('[role=option]')].forEach((row, index) => {
        row.setAttribute('aria-selected', String(index === this.highlighted));
        if (index === this.highlighted) row.scrollIntoView({ block: 'nearest' });
      });
      this._textInput.setAttribute('aria-activedescendant', `${this.list.id}-${this.highlighted}`);
    } else if (event.key === 'Enter') {
      const choice = this.listed?.[this.highlighted];
      if (!this.list.hidden && choice) {
        event.preventDefault();
        event.stopPropagation();
        this.choose(choice);
      }
    } else if (event.key === 'Escape') this.open(false);
  }
}

AC.GlobalRegistry.defaultElements.register('Input.ChoiceSet', TypeaheadChoiceSet);

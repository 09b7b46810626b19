// Words with formatting, as Teams shows it: no HTML, no pictures, no headings; mentions stand out.
import MarkdownIt from './vendor/markdown-it.js';
import { element } from './elements.js';

const markdown = new MarkdownIt({ html: false, breaks: true, linkify: false });
markdown.disable(['image', 'heading', 'lheading']);
markdown.validateLink = (url) => /^(https?:|mailto:)/i.test(url.trim());
const openLink =
  markdown.renderer.rules.link_open ??
  ((tokens, at, options, _env, self) => self.renderToken(tokens, at, options));
markdown.renderer.rules.link_open = (tokens, at, options, env, self) => {
  tokens[at].attrSet('target', '_blank');
  tokens[at].attrSet('rel', 'noopener noreferrer');
  return openLink(tokens, at, options, env, self);
};

const escapeHtml = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

/** HTML of a card's text; `<at>Name</at>` becomes a mention when the card declares that name. */
export function cardTextToHtml(text, mentionedNames) {
  const html = markdown.render(text);
  return html.replace(/&lt;at&gt;(.*?)&lt;\/at&gt;/g, (whole, name) =>
    mentionedNames.some((known) => escapeHtml(known) === name)
      ? `<span class="mention">${name}</span>`
      : whole,
  );
}

/** The words of a message as nodes, mentions highlighted. */
export function messageWords({ text, textFormat, mentions, from }) {
  const isFormatted = from.kind === 'bot' && textFormat === 'markdown';
  const words = element('div', { class: isFormatted ? 'words' : 'words plain' });
  if (isFormatted) words.innerHTML = markdown.render(text);
  else words.textContent = text;
  for (const name of new Set(mentions)) highlight(words, name);
  return words;
}

function highlight(root, name) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node.data.includes(name) && !node.parentElement.classList.contains('mention')) found.push(node);
  }
  for (const node of found) {
    const pieces = node.data.split(name);
    const nodes = pieces.flatMap((piece, index) =>
      index === 0 ? [piece] : [element('span', { class: 'mention' }, name), piece],
    );
    node.replaceWith(...nodes.filter((piece) => piece !== ''));
  }
}

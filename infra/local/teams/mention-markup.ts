/** Mentions between three forms: typed by a person (`@Name`), on the wire (`<at>Name</at>` + entity), read (`Name`). */
import { bot, personas } from '../identities';

export interface Mention {
  readonly type: 'mention';
  readonly text: string;
  readonly mentioned: { readonly id: string; readonly name: string };
}

const mentionable: readonly { id: string; name: string }[] = [
  { id: bot.teamsId, name: bot.name },
  ...personas.map(({ teamsId, name }) => ({ id: teamsId, name })),
];

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const typedMention = new RegExp(`@(${mentionable.map(({ name }) => escaped(name)).join('|')})`, 'gi');

/** Turns typed mentions into wire mentions. */
export function markMentions(typed: string): { text: string; mentions: Mention[] } {
  const mentions: Mention[] = [];
  const text = typed.replace(typedMention, (_whole, typedName: string) => {
    const mentioned = mentionable.find(({ name }) => name.toLowerCase() === typedName.toLowerCase());
    if (!mentioned) return typedName;
    const markup = `<at>${mentioned.name}</at>`;
    mentions.push({ type: 'mention', text: markup, mentioned });
    return markup;
  });
  return { text, mentions };
}

export function mentionsBot(mentions: readonly Mention[]): boolean {
  return mentions.some(({ mentioned }) => mentioned.id === bot.teamsId);
}

function withoutMentionMarkup(text: string): string {
  return text.replace(/<at(?:\s[^>]*)?>(.*?)<\/at>/gis, '$1');
}

const formattingTag = /<\/?(?:b|i|u|s|em|strong|p|pre|code|a|ul|ol|li|div|span)(?:\s[^>]*)?>/gi;
const characterNames: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&apos;': "'",
  '&nbsp;': ' ',
  '&amp;': '&',
};

/** What a person reads of a message: no mention markup, and no XML where the text is XML. */
export function readableText(text: string, textFormat: string): string {
  const plain = withoutMentionMarkup(text);
  if (textFormat !== 'xml') return plain;
  return plain
    .replace(/<br\s*\/?>/gi, '\n')
    .replace(formattingTag, '')
    .replace(/&(?:lt|gt|quot|#39|apos|nbsp|amp);/g, (name) => characterNames[name] ?? name);
}

/** The names that a reader sees highlighted: only markup that an entity stands behind is a mention. */
export function mentionedNames(entities: readonly unknown[]): string[] {
  return (entities as Partial<Mention>[])
    .filter(({ type }) => type === 'mention')
    .map(({ text, mentioned }) => readableText(text ?? '', 'xml') || (mentioned?.name ?? ''))
    .filter((name) => name !== '');
}

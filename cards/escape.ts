/** Text that somebody typed, made inert: no markdown, no mention, no card syntax gets through. */
const special = /[\\`*_{}[\]()#+!|~<>&]/g;

const replacements: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;' };

/** Line breaks and everything else that moves the cursor. */
const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;
/** Characters without a shape: they hide text, turn its direction around, or make two names look alike. */
const invisible =
  /[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;
/** Halves of a pair that some client would refuse to read. */
const loneSurrogate = /\p{Surrogate}/gu;

/** One line of visible characters, at most `limit` of them; what is cut off is marked. */
export function oneLine(text: string, limit = 600): string {
  const line = text
    // Nobody reads on after this; looking at all of a megabyte would only take time.
    .slice(0, limit * 8)
    .replace(controls, ' ')
    .replace(invisible, '')
    .replace(loneSurrogate, '\ufffd')
    .trim();
  const characters = [...line];
  return characters.length > limit ? `${characters.slice(0, limit).join('')}…` : line;
}

/** For TextBlocks and facts, which read markdown. */
export const inert = (text: string, limit = 600): string =>
  oneLine(text, limit)
    .replace(special, (character) => replacements[character] ?? `\\${character}`)
    .replace(/^-/, '\\-')
    .replace(/^(\d+)\./, '$1\\.');

/** For the text of a message (XML) around the card. */
export const inertXml = (text: string, limit = 2_000): string =>
  oneLine(text, limit).replace(/[<>&]/g, (character) => replacements[character] ?? character);

/** For the value of an input, which shows text as it is; somebody's megabyte does not travel back into the card. */
export function fieldValue(text: string, limit: number): string {
  const visible = text
    .slice(0, limit + 1)
    .replace(controls, (sign) => sign.replace(/[^\n\r\t]/g, ''))
    .replace(invisible, '')
    .replace(loneSurrogate, '');
  return text.length > limit ? `${visible.slice(0, limit).replace(loneSurrogate, '')}…` : visible;
}

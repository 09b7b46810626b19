// Small things to build a page from.

export function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === 'class') node.className = value;
    else if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (name in node && !name.startsWith('aria')) node[name] = value;
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

export const byId = (id) => document.getElementById(id);

const AVATAR_TONES = 6;

export function avatar(name, isBot = false, size = '') {
  if (isBot) return element('img', { class: `avatar app ${size}`, src: 'bot.svg', alt: '' });
  const plain = name.replace(/\s*\(.*\)$/, '');
  const words = plain.split(/\s+/);
  const initials = `${words[0]?.[0] ?? ''}${words.length > 1 ? words.at(-1)[0] : ''}`.toUpperCase();
  const tone =
    [...plain].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 9_973, 3) % AVATAR_TONES;
  return element('span', { class: `avatar tone-${tone} ${size}`, 'aria-hidden': 'true' }, initials);
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'long' });
const full = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'long' });

export function timeElement(iso) {
  const at = new Date(iso);
  return element('time', { dateTime: iso, title: full.format(at) }, clock.format(at));
}

export function dayName(iso) {
  const at = new Date(iso);
  const daysAgo = Math.round((startOfDay(new Date()) - startOfDay(at)) / 86_400_000);
  if (daysAgo === 0) return 'Today';
  return daysAgo === 1 ? 'Yesterday' : day.format(at);
}

const startOfDay = (at) => new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();

export function announce(words) {
  byId('announcer').textContent = words;
}

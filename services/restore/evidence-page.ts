/** The readable page beside an exported file: made from the same entries, no scripts, nothing loaded, everything escaped. */
import { canonicalJson } from './canonical-json';
import { readingIn, type EvidenceParts } from './evidence-file';
import { span } from './instant';
import type { AzureLine, Reading, Round, Who } from './evidence-reading';

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => escapes[sign] ?? '');

/** Control characters and those that turn the direction of text would make a page lie. */
const visible = (text: string): string =>
  text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/g, '\uFFFD');

const say = (value: unknown): string =>
  escaped(visible(typeof value === 'string' ? value : value === null ? '' : canonicalJson(value)));

/** In the order of the file, so that the page is the same whatever it was made from. */
const ordered = (value: unknown): string => JSON.stringify(JSON.parse(canonicalJson(value)), null, 2);

const code = (value: unknown): string => `<pre>${escaped(visible(ordered(value)))}</pre>`;

const row = (cells: readonly string[]): string =>
  `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;

const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  rows.length === 0
    ? '<p>Nothing.</p>'
    : `<table><tr>${heads.map((head) => `<th>${head}</th>`).join('')}</tr>${rows.map(row).join('')}</table>`;

const person = ({ id, name, tenant }: Who): string =>
  `${say(name)}<br><small>${say(id)}${tenant === null ? '' : `, tenant ${say(tenant)}`}</small>`;

const section = (title: string, body: string): string => `<h2>${title}</h2>${body}`;
const fold = (title: string, body: string): string => `<details><summary>${title}</summary>${body}</details>`;

const round = ({ entry, at, by, revision, inputs, plan, planHash, policyVersion, rule }: Round): string =>
  [
    `<h3>Round ${say(revision)}, entry ${entry}</h3>`,
    table(['asked', 'by', 'plan', 'policy'], [[say(at), person(by), say(planHash), say(policyVersion)]]),
    fold('who could approve, and the rule', code(rule)),
    fold('the plan', code(plan)),
    fold('what was asked', code(inputs)),
  ].join('');

const azureRow = ({ entry, at, what, requests, operation, job }: AzureLine): string[] => [
  String(entry),
  say(at),
  `${say(what)}${requests.map((sent) => fold('as it was sent', code(sent))).join('')}`,
  [operation, job]
    .filter((id) => id !== null)
    .map(say)
    .join('<br>'),
];

const sectionsOf = (reading: Reading): string =>
  [
    section('Rounds', reading.rounds.map(round).join('') || '<p>Nothing.</p>'),
    section(
      'Decisions',
      table(
        ['entry', 'at', 'who', 'decision', 'words', 'plan'],
        reading.decisions.map(({ entry, at, by, decision, words, planHash }) => [
          ...[String(entry), say(at), person(by)],
          ...[say(decision), say(words), say(planHash)],
        ]),
      ),
    ),
    section('Azure', table(['entry', 'at', 'what', 'operation, job'], reading.azure.map(azureRow))),
    section(
      'Proof',
      reading.proof
        .map(({ entry, at, verdict, got }) => `<p>Entry ${entry}, ${say(at)}</p>${code(verdict)}${code(got)}`)
        .join('') || '<p>Nothing.</p>',
    ),
    section(
      'Timings',
      table(
        ['entry', 'at', 'phase', 'after'],
        reading.timings.map(({ entry, at, what, sinceMillis }) => [
          ...[String(entry), say(at), say(what), say(span(sinceMillis))],
        ]),
      ),
    ),
    section(
      'Messages',
      table(
        ['entry', 'at', 'message', 'words', 'where', 'hash of the content'],
        reading.messages.map(({ entry, at, what, slot, words, conversation, messageId, contentHash }) => [
          ...[String(entry), say(at), `${say(slot)}, ${what}`, say(words)],
          ...[`${say(conversation)}<br>${say(messageId)}`, say(contentHash)],
        ]),
      ),
    ),
    section(
      'Timeline',
      table(
        ['entry', 'at', 'what', 'who'],
        reading.timeline.map(({ entry, at, what, who }) => [String(entry), say(at), say(what), say(who)]),
      ),
    ),
  ].join('\n');

const style =
  'body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem}' +
  'table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #ccc;padding:.3rem;text-align:left;' +
  'vertical-align:top;overflow-wrap:anywhere}pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f4f4f4;padding:.5rem}';

export function evidencePage(parts: EvidenceParts): string {
  const { about, head, keys } = parts;
  const title = `Evidence of ${say(about.request)}`;
  const signed = head
    ? `The journal's head then: entry ${head.seq} of ${say(head.at)}, hash <code>${head.hash}</code>.`
    : 'Nothing is signed.';
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    `<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    `<meta name="viewport" content="width=device-width"><title>${title}</title><style>${style}</style></head><body>`,
    `<h1>${title}</h1>`,
    `<p>Exported ${say(about.exportedAt)}. ${signed} Keys: ${keys.map(({ keyId }) => say(keyId)).join(', ')}.</p>`,
    '<p>This page is for reading. What counts is the file beside it, checked with <code>evidence verify</code>.</p>',
    sectionsOf(readingIn(parts)),
    '</body></html>',
    '',
  ].join('\n');
}

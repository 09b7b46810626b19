/** How a restore from a vault ended: the files or the database that came into being, what was looked at, what Azure warned of. */
import { fill } from './template';
import { inert } from './escape';
import { span, utc } from '../services/restore/instant';
import { statusLook } from './status';
import type { DeliveryMessage } from '../services/restore/messages';
import type { RestoredFile } from '../services/restore/restored-files';

const units = ['bytes', 'KB', 'MB', 'GB', 'TB'] as const;

/** `812 bytes`, `4.2 MB`; powers of 1,000, as storage is sold. */
function sizeWords(bytes: number): string {
  const power = bytes < 1_000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1_000 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[power]}`;
}

const kindWords = ({ kind, database }: RestoredFile): string =>
  kind === 'database' ? `database ${inert(database ?? '', 63)}` : kind;

/** What all names begin with, up to an underscore; said once, since a phone has little room. */
function commonStart(names: readonly string[]): string {
  const [first = '', ...others] = names;
  if (others.length === 0) return '';
  const differs = [...first].findIndex((sign, at) => others.some((name) => name[at] !== sign));
  const same = differs === -1 ? first : first.slice(0, differs);
  const start = same.slice(0, same.lastIndexOf('_') + 1);
  return names.some((name) => name.length === start.length) ? '' : start;
}

function files(all: readonly RestoredFile[], most: number): { name: string; what: string }[] {
  const start = commonStart(all.map(({ name }) => name));
  const shown = all.slice(0, most).map((file) => ({
    name: inert(`${start === '' ? '' : '…'}${file.name.slice(start.length)}`, 200),
    what: `${kindWords(file)} · ${sizeWords(file.bytes)}`,
  }));
  const more = all.length - shown.length;
  return more > 0 ? [...shown, { name: `and ${more} more`, what: '' }] : shown;
}

function claim(message: DeliveryMessage): string {
  const source = `**${inert(message.source, 130)}**`;
  const target = `**${inert(message.target, 200)}**`;
  const as = `as of the recovery point **${utc(message.pointTime)}**`;
  if (message.status === 'contradicted')
    return `${inert(message.finding)}. Do not rely on what lies in ${target}.`;
  const isFiles = message.got.kind === 'files';
  if (message.verdict === 'proven')
    return `${target} holds the ${isFiles ? 'files' : 'data'} of ${source} ${as}`;
  return `Azure says that it restored ${source} ${as} to ${target}; that is not proven`;
}

interface Fact {
  readonly title: string;
  readonly value: string;
}

function facts(message: DeliveryMessage): Fact[] {
  const { got, finding, status, verdict } = message;
  return [
    ...(status === 'contradicted'
      ? []
      : [{ title: verdict === 'proven' ? 'Proof' : 'Looked at', value: inert(finding) }]),
    ...(got.rehydratedUntil === undefined
      ? []
      : [
          {
            title: 'Fetched back until',
            value: `${utc(got.rehydratedUntil)}; then it is in the archive only`,
          },
        ]),
    { title: 'Vault', value: inert(message.vault, 60) },
  ];
}

function startLine(all: readonly RestoredFile[]): string {
  const start = commonStart(all.map(({ name }) => name));
  return start === '' ? '' : `All names begin with ${inert(start, 200)}`;
}

const mostWarnings = 6;

function warningLines(all: readonly string[]): { line: string }[] {
  const shown = all.slice(0, mostWarnings).map((line) => ({ line: inert(line, 300) }));
  const more = all.length - shown.length;
  return more > 0 ? [...shown, { line: `and ${more} more warnings, in the job` }] : shown;
}

/** Largest card in bytes of UTF-8, with some of it left for the message around it. */
const cardLimit = 24_500;

/** A server has few databases; of one with hundreds, or with endless names, the rest is counted. */
const shownFiles: readonly number[] = [25, 12, 6];
const fewestFiles = 2;

export function deliveryCard(message: DeliveryMessage): object {
  const cards = shownFiles.map((most) => cardWith(message, most));
  const fits = (card: object): boolean => Buffer.byteLength(JSON.stringify(card)) <= cardLimit;
  return cards.find(fits) ?? cardWith(message, fewestFiles);
}

function cardWith(message: DeliveryMessage, most: number): object {
  const { got } = message;
  const listed = got.kind === 'files' ? files(got.files, most) : [];
  return fill('delivery', {
    headline: `${message.requestId} · ${message.status.toUpperCase()}`,
    color: statusLook(message.status).color,
    took: span(message.tookMillis),
    claim: claim(message),
    warnings: warningLines(got.warnings),
    hasWarnings: got.warnings.length > 0,
    facts: facts(message),
    files: listed,
    start: got.kind === 'files' ? startLine(got.files) : '',
    hasFiles: listed.length > 0,
    psql:
      got.kind === 'database' && got.hostName !== ''
        ? inert(`psql "host=${got.hostName} dbname=${message.database ?? ''} sslmode=require"`, 400)
        : '',
    connect:
      got.kind === 'database' && got.hostName !== '' ? 'Connect as the user of the key vault secret:' : '',
    job: `Azure job ${inert(got.jobId, 60)}`,
  });
}

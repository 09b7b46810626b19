/** How a restore ended that gave a server: what is proven, how to connect, what was found. */
import { fill } from './template';
import { inert } from './escape';
import { inZone, momentLine, span, utcExact } from '../services/restore/instant';
import { statusLook } from './status';
import type { OutcomeMessage } from '../services/restore/messages';

const asSentence = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;

/** `13:05:00 · 14:05 Berlin` behind a time of the same day, otherwise with its date. */
function askedWords({ asked, newestWrite = asked, zone }: OutcomeMessage): string {
  const words = utcExact(asked);
  const short = asked.slice(0, 10) === newestWrite.slice(0, 10) ? words.slice(11).replace(' UTC', '') : words;
  return zone === 'UTC' || zone === 'Etc/UTC' ? short : `${short} · ${inZone(asked, zone)}`;
}

function claim(message: OutcomeMessage): string {
  const target = `**${inert(message.target)}**`;
  const source = `**${inert(message.source)}**`;
  const { asked, newestWrite = asked } = message;
  if (message.status === 'proven')
    return `${target} holds the data of ${source} as of **${utcExact(newestWrite)}** (asked: ${askedWords(message)})`;
  if (message.status === 'contradicted')
    return `${inert(asSentence(message.finding))}. Do not rely on ${target}; it stays for inspection.`;
  return `${target} is usable, but its data moment is not proven: ${inert(message.finding)}.`;
}

/** The server's own name, unless the line below says it anyway. */
function connectWords({ hostName, address, source }: OutcomeMessage): string {
  const where = hostName === address.host ? '' : ` to ${inert(hostName)}`;
  return `Connect${where} with the same logins as ${inert(source)}:`;
}

/** What the claim does not say yet. */
function facts(message: OutcomeMessage): { title: string; value: string }[] {
  const { status, asked, zone, endedAt, newestWrite, finding } = message;
  if (status === 'proven') return [{ title: 'Proof', value: inert(finding) }];
  const moment = momentLine(asked, zone, endedAt).replace('before now', 'before the end');
  const written = newestWrite === undefined ? '' : utcExact(newestWrite);
  return [
    { title: 'Asked for', value: moment },
    ...(written === '' || finding.includes(written) ? [] : [{ title: 'Newest write', value: written }]),
  ];
}

export function outcomeCard(message: OutcomeMessage): object {
  return fill('outcome', {
    headline: `${message.requestId} · ${message.status.toUpperCase()}`,
    color: statusLook(message.status).color,
    took: span(message.tookMillis),
    claim: claim(message),
    connect: connectWords(message),
    facts: facts(message),
    psql: inert(`psql "host=${message.address.host} port=${message.address.port} sslmode=require"`),
  });
}

/** The request's card: in the approvals channel with everything that decides, in the thread as a short receipt. */
import { execute, fold, refresh } from './actions';
import { fill } from './template';
import { inert } from './escape';
import { mentionsIn, requestFacts } from './request-facts';
import { millisBetween, inZone, span, utc, utcExact, type Instant } from '../services/restore/instant';
import { isVaultPlan, sealedMoment, shortHash } from '../services/restore/plan';
import type { FilesToServerPlan } from '../services/restore/load-plan';
import { pointWords } from '../services/restore/say-vault';
import { statusLook } from './status';
import type { Circle } from './circle';
import type { RequestMessage, Viewer } from '../services/restore/messages';

/** Names of servers and places, which are short; anything longer is somebody's text. */
const name = (text: string): string => inert(text, 80);

/** What this is, and for approvers that they must do something. */
function headline({ ending, place }: RequestMessage, viewer: Viewer): string {
  if (ending.kind !== 'open') return ending.kind.toUpperCase();
  return place === 'approval' && viewer !== 'requester' ? 'APPROVAL NEEDED' : 'WAITING FOR APPROVAL';
}

/** `R-1 needs your approval: orders-pg to 2026-11-19 13:05:00 UTC as orders-pg-r1`. */
export function requestSummary(message: RequestMessage): string {
  const what = summaryWords(message);
  return message.ending.kind === 'open'
    ? `${message.key.id} needs your approval: ${what}`
    : `${message.key.id} is ${message.ending.kind}: ${what}`;
}

function summaryWords({ plan }: RequestMessage): string {
  const target = plan.target.name;
  if (plan.mode === 'files-to-server') return `the files ${plan.source.name} into ${target}`;
  if (plan.mode === 'vault-to-server')
    return `${plan.source.name} from ${pointWords(plan)} into ${plan.load.server.name}`;
  if (isVaultPlan(plan))
    return `${plan.source.name} from ${pointWords(plan)} as ${plan.mode === 'vault-files' ? 'files to' : 'the database'} ${target}`;
  switch (plan.mode) {
    case 'latest':
      return `${plan.source.name} to the latest moment as ${target}`;
    case 'fast':
      return `${plan.source.name} to the full backup of ${utc(plan.backup.completedAt)} as ${target}`;
    case 'point-in-time':
      return `${plan.source.name} to ${utcExact(plan.moment)} as ${target}`;
    case 'geo':
      return `${plan.source.name} from its copy in ${plan.target.location} as ${target}`;
    case 'dropped':
      return `the deleted server ${plan.source.name} back as ${target}`;
  }
}

/** What will be done, in one sentence; what decides is bold. */
function sentence({ plan }: RequestMessage): string {
  const source = `**${name(plan.source.name)}**`;
  if (plan.mode === 'files-to-server')
    return `Load the files **${inert(plan.source.name, 200)}** ${setWords(plan)}into the server **${name(plan.target.name)}**`;
  if (plan.mode === 'vault-to-server')
    return `Restore ${source} from **${pointWords(plan)}** into the server **${name(plan.load.server.name)}**, by way of files in ${inert(plan.target.name, 200)}`;
  if (isVaultPlan(plan)) {
    const what = plan.mode === 'vault-files' ? 'as files to' : 'as a new database';
    return `Restore ${source} from **${pointWords(plan)}** ${what} **${inert(plan.target.name, 200)}**`;
  }
  const as = `as a new server **${name(plan.target.name)}**`;
  switch (plan.mode) {
    case 'latest':
      return `Restore ${source} to **the latest moment** ${as}`;
    case 'fast':
      return `Restore ${source} to **the full backup of ${utc(plan.backup.completedAt)}** ${as}`;
    case 'point-in-time':
      return `Restore ${source} to **${utcExact(plan.moment)}** ${as}`;
    case 'geo':
      return `Restore ${source} from its copy in **${name(plan.target.location)}** (last replicated data, up to 1 h old) ${as}`;
    case 'dropped':
      return `Bring back the deleted server ${source} (deleted **${utc(plan.deletedAt)}**) ${as}`;
  }
}

const setWords = ({ files, markedAt }: FilesToServerPlan): string => {
  const databases = files.flatMap(({ database }) => (database === undefined ? [] : [inert(database, 63)]));
  const shown = databases.slice(0, 6).join(', ');
  const of = markedAt === undefined ? '' : `, backup of **${utc(markedAt)}**`;
  return `(${databases.length > 6 ? `${shown} and ${databases.length - 6} more databases` : shown}${of}) `;
};

function distanceWords(message: RequestMessage): string {
  const { plan } = message;
  // The data line says the same of these two, and better.
  if ((plan.mode === 'latest' || plan.mode === 'geo') && message.dataLine !== undefined) return '';
  if (plan.mode === 'latest') return 'The moment is fixed when the restore starts.';
  if (plan.mode === 'geo') return 'Azure takes the last data that has arrived there when the restore starts.';
  if (plan.mode === 'files-to-server' && plan.markedAt === undefined)
    return 'No file tells the time of the backup.';
  const at = plan.mode === 'dropped' ? plan.deletedAt : (sealedMoment(plan) ?? message.createdAt);
  const millis = millisBetween(at, message.createdAt);
  const before = millis < 1_000 ? 'just when it was asked' : `${span(millis)} before the request`;
  return message.zone === 'UTC' ? before : `${inZone(at, message.zone)} · ${before}`;
}

/** `23:55 UTC`, with the date where it is another day than that of the request. Nobody decides by the second. */
function deadline(at: Instant, from: Instant): string {
  const written = utc(at);
  return `${at.slice(0, 10) === from.slice(0, 10) ? '' : `${written.slice(0, 10)} `}${written.slice(11, 16)} UTC`;
}

function waitingLine(message: RequestMessage): string {
  const { rule, approvals } = message;
  const missing = rule.needed - approvals.length;
  const who =
    approvals.length === 0
      ? `Waiting for ${missing} of ${rule.approvers.length} approvers`
      : `Waiting for ${missing} more of ${rule.approvers.length} approvers`;
  return `${who}. If nobody answers, it expires ${deadline(message.expiresAt, message.createdAt)} and nothing is done.`;
}

function endingLines(message: RequestMessage): string[] {
  const { ending } = message;
  switch (ending.kind) {
    case 'open':
      return [waitingLine(message)];
    case 'approved':
      return ending.approvals.map(
        ({ by, at, comment }) =>
          `Approved by ${inert(by.name, 80)} at ${utc(at)}${comment === '' ? '' : ` · "${inert(comment)}"`}`,
      );
    case 'rejected':
      return [`Rejected by ${inert(ending.by.name, 80)} at ${utc(ending.at)} · "${inert(ending.reason)}"`];
    case 'withdrawn':
      return [`Withdrawn by ${inert(message.requester.name, 80)} at ${utc(ending.at)}. Nothing was done.`];
    case 'expired':
      return [`Expired at ${utc(ending.at)}: nobody decided in time. Nothing was done.`];
  }
}

/** Room for the longest plan with as many tags as can be typed. */
const codeLimit = 90;

/** One line of code per block, so that every client keeps the lines and the indentation. */
function codeLines(text: string): { line: string }[] {
  const all = text.split('\n');
  const shown = all.slice(0, codeLimit).map((line) => {
    const spaces = /^ */.exec(line)?.[0].length ?? 0;
    return { line: '\u00a0'.repeat(spaces) + inert(line, 400) };
  });
  return all.length > codeLimit ? [...shown, { line: `… and ${all.length - codeLimit} more lines` }] : shown;
}

function actionsFor(message: RequestMessage, viewer: Viewer): object[] {
  const open = message.ending.kind === 'open';
  const { key } = message;
  const exact = message.place === 'approval' ? [fold('What exactly will be sent', 'exact')] : [];
  if (!open) return exact;
  if (viewer === 'requester')
    return [execute('Withdraw', 'request.withdraw', key, { withInputs: false }), ...exact];
  if (viewer === 'reader' || message.place === 'receipt') return exact;
  return [
    execute('Approve', 'request.approve', key, { style: 'positive' }),
    execute('Reject', 'request.reject', key, { style: 'destructive' }),
    ...exact,
  ];
}

/** Who gets a view of their own: approvers and the requester in the channel, the requester in the thread. */
function personal(message: RequestMessage, circle: Circle): object | undefined {
  if (message.ending.kind !== 'open') return undefined;
  const people =
    message.place === 'approval' ? [message.requester, ...message.rule.approvers] : [message.requester];
  const ids = people.flatMap(({ aadObjectId }) => circle.teamsId(aadObjectId) ?? []);
  return refresh(
    message.place === 'approval' ? 'request.view.approval' : 'request.view.receipt',
    message.key,
    ids,
  );
}

/** More would push the facts out of sight. */
const mostWarnings = 4;

function cardData(message: RequestMessage, viewer: Viewer, circle: Circle): object {
  const { place } = message;
  const open = message.ending.kind === 'open';
  const look = statusLook(message.status);
  const hash = `plan ${shortHash(message.planHash)}`;
  return {
    headline: `${message.key.id} · ${headline(message, viewer)}`,
    // While it is open people may need the hash for "approve R-1 7f3a"; afterwards how it went.
    right: open ? hash : message.status,
    rightColor: open ? 'default' : look.color,
    rightSubtle: open,
    rightStruck: !open && look.struck,
    sentence: sentence(message),
    distance: distanceWords(message),
    dataLine: message.dataLine === undefined ? '' : inert(message.dataLine, 300),
    warnings: open ? message.warnings.slice(0, mostWarnings).map((line) => ({ line: inert(line, 220) })) : [],
    hasWarnings: open && message.warnings.length > 0,
    facts: requestFacts(message, viewer, circle),
    given: open
      ? message.approvals.map(({ by, at }) => ({ line: `Approved by ${inert(by.name, 80)} at ${utc(at)}` }))
      : [],
    hasGiven: open && message.approvals.length > 0,
    endings: endingLines(message).map((line) => ({ line })),
    endingColor: open ? 'default' : message.ending.kind === 'rejected' ? 'attention' : 'default',
    decides: viewer === 'approver' && open && place === 'approval',
    hasCode: place === 'approval',
    code: place === 'approval' ? codeLines(message.exactRequest) : [],
  };
}

export function requestCard(message: RequestMessage, viewer: Viewer, circle: Circle): object {
  const personalView = personal(message, circle);
  const card = fill('request', cardData(message, viewer, circle), {
    actions: actionsFor(message, viewer),
    ...(personalView === undefined ? {} : { refresh: personalView }),
  });
  return { ...card, msteams: { width: 'Full', entities: mentionsIn(card, message, circle) } };
}

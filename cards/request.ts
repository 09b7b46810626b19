/** The request's card: in the approvals channel with everything that decides, in the thread as a short receipt. */
import { bytesOf, mostBytes, shortened } from './fitting';
import { execute, fold, refresh } from './actions';
import { fill } from './template';
import { inert } from './escape';
import { approversOf } from '../services/restore/sealed-rule';
import { endingLines, givenLines, questionLines } from './signatures';
import { mentionsIn, requestFacts } from './request-facts';
import { millisBetween, inZone, span, utc, utcExact } from '../services/restore/instant';
import { isVaultPlan, sealedMoment, shortHash } from '../services/restore/plan';
import { isSameAccount } from '../services/restore/person';
import type { FilesToServerPlan } from '../services/restore/load-plan';
import { pointWords } from '../services/restore/say-vault';
import { statusLook } from './status';
import type { Circle } from './circle';
import type { RequestMessage, Viewer } from '../services/restore/messages';

/** Names of servers and places, which are short; anything longer is somebody's text. */
const name = (text: string): string => inert(text, 80);

/** What this is, and for approvers that they must do something. */
function headline({ ending, place }: RequestMessage, viewer: Viewer): string {
  if (ending.kind === 'started') return 'STARTED WITHOUT APPROVAL';
  if (ending.kind === 'replaced') return 'CHANGED';
  if (ending.kind !== 'open') return ending.kind.toUpperCase();
  const isMine = place !== 'receipt' && (viewer === 'approver' || viewer === 'reader');
  return isMine ? 'APPROVAL NEEDED' : 'WAITING FOR APPROVAL';
}

/** `R-1 needs your approval: orders-pg to 2026-11-19 13:05:00 UTC as orders-pg-r1`. */
export function requestSummary(message: RequestMessage): string {
  const what = summaryWords(message);
  const { kind } = message.ending;
  if (kind === 'open') return `${message.key.id} needs your approval: ${what}`;
  const words = { started: 'was started without approval', replaced: 'was changed since' } as const;
  const how = kind === 'started' || kind === 'replaced' ? words[kind] : `is ${kind}`;
  return `${message.key.id} ${how}: ${what}`;
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

const exactFold = (message: RequestMessage): object[] =>
  message.place === 'receipt' ? [] : [fold('What exactly will be sent', 'exact')];

const glassButton = ({ key }: RequestMessage): object =>
  execute('Start without approval', 'request.glass', key, { style: 'destructive' });

/** Its requester wherever they look, others on the cards of those who decide; whoever is named by the rule. */
function mayStart(message: RequestMessage, viewer: Viewer): boolean {
  const { ending, place, requester, mayBreakGlass = [] } = message;
  if (ending.kind !== 'open') return false;
  if (viewer === 'requester') return mayBreakGlass.some((person) => isSameAccount(person, requester));
  return viewer === 'on-call' && place !== 'receipt' && mayBreakGlass.length > 0;
}

/** The requester answers what is asked, changes their mind, or, where the rule lets them, does not wait. */
function requesterActions(message: RequestMessage): object[] {
  const { key } = message;
  return [
    ...(isAsked(message) ? [execute('Answer', 'request.answer', key, { style: 'positive' })] : []),
    execute('Withdraw', 'request.withdraw', key, { withInputs: false }),
    execute('Edit', 'request.edit', key, { withInputs: false }),
    ...(mayStart(message, 'requester') ? [glassButton(message)] : []),
  ];
}

function approverActions(message: RequestMessage): object[] {
  const { key } = message;
  return [
    execute('Approve', 'request.approve', key, { style: 'positive' }),
    execute('Reject', 'request.reject', key, { style: 'destructive' }),
    ...(isAsked(message) ? [] : [execute('Ask a question', 'request.ask', key)]),
  ];
}

const reviewActions = ({ key }: RequestMessage): object[] => [
  execute('Approve afterwards', 'request.review.approve', key, { style: 'positive' }),
  execute('Report', 'request.review.report', key, { style: 'destructive' }),
];

const isAsked = ({ questions }: RequestMessage): boolean =>
  questions?.some(({ goesOnAt }) => goesOnAt !== undefined) === true;

/** Also where it was asked for again since: what is owed for the start before is owed still. */
const owesReview = ({ ending, review, place }: RequestMessage): boolean =>
  ending.kind !== 'open' && ending.kind !== 'replaced' && review?.kind === 'due' && place !== 'receipt';

function actionsFor(message: RequestMessage, viewer: Viewer): object[] {
  const exact = exactFold(message);
  if (message.ending.kind === 'open' && viewer === 'requester')
    return [...requesterActions(message), ...exact];
  if (mayStart(message, viewer)) return [glassButton(message), ...exact];
  if (viewer !== 'approver' || message.place === 'receipt') return exact;
  if (message.ending.kind === 'open') return [...approverActions(message), ...exact];
  return owesReview(message) ? [...reviewActions(message), ...exact] : exact;
}

/** What may be typed beside the buttons, and into what it goes. */
function commentOf(
  message: RequestMessage,
  viewer: Viewer,
): { label: string; placeholder: string } | undefined {
  const goesInto = 'Goes into the record';
  if (viewer === 'approver' && message.place !== 'receipt') {
    if (owesReview(message)) return { label: 'Comment (needed to report)', placeholder: goesInto };
    if (message.ending.kind === 'open')
      return { label: 'Comment (needed to reject or to ask)', placeholder: goesInto };
  }
  if (viewer === 'requester' && message.ending.kind === 'open' && isAsked(message))
    return { label: 'Your answer', placeholder: goesInto };
  return mayStart(message, viewer)
    ? { label: 'Why it cannot wait (needed to start without approval)', placeholder: goesInto }
    : undefined;
}

const viewVerbs = { approval: 'request.view.approval', receipt: 'request.view.receipt' } as const;

/** Who gets a view of their own: the requester, approvers and who is on call in the channel, the requester in the thread. */
function personal(message: RequestMessage, circle: Circle): object | undefined {
  // A chat with one person shows them theirs from the start.
  if (message.place === 'direct' || (message.ending.kind !== 'open' && !owesReview(message)))
    return undefined;
  const people =
    message.place === 'approval'
      ? [message.requester, ...approversOf(message.rule), ...(message.mayBreakGlass ?? [])]
      : [message.requester];
  const ids = new Set(people.flatMap(({ aadObjectId }) => circle.teamsId(aadObjectId) ?? []));
  return refresh(viewVerbs[message.place], message.key, [...ids]);
}

/** More would push the facts out of sight. */
const mostWarnings = 4;

const mostChanges = 6;

const editedWords = (edited: readonly string[]): string =>
  [
    ...edited.slice(0, mostChanges).map((words) => inert(words, 120)),
    ...(edited.length > mostChanges ? ['…'] : []),
  ].join(' · ');

const endingColor = ({ ending }: RequestMessage): string =>
  ending.kind === 'rejected' || ending.kind === 'started' ? 'attention' : 'default';

function commentFields(message: RequestMessage, viewer: Viewer): object {
  const comment = commentOf(message, viewer);
  return {
    comments: comment !== undefined,
    label: comment?.label ?? '',
    placeholder: comment?.placeholder ?? '',
  };
}

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
    given: open ? givenLines(message, viewer) : [],
    hasGiven: open && message.approvals.length > 0,
    edited:
      open && message.edited
        ? `Changed since revision ${message.key.revision - 1}: ${editedWords(message.edited)}`
        : '',
    questions: questionLines(message),
    hasQuestions: (message.questions?.length ?? 0) > 0,
    endings: endingLines(message).map((line) => ({ line })),
    endingColor: endingColor(message),
    ...commentFields(message, viewer),
    hasCode: place !== 'receipt',
    code: place === 'receipt' ? [] : codeLines(message.exactRequest),
  };
}

function drawn(message: RequestMessage, viewer: Viewer, circle: Circle): object {
  const personalView = personal(message, circle);
  const card = fill('request', cardData(message, viewer, circle), {
    actions: actionsFor(message, viewer),
    ...(personalView === undefined ? {} : { refresh: personalView }),
  });
  return { ...card, msteams: { width: 'Full', entities: mentionsIn(card, message, circle) } };
}

export function requestCard(message: RequestMessage, viewer: Viewer, circle: Circle): object {
  const card = drawn(message, viewer, circle);
  return bytesOf(card) <= mostBytes ? card : drawn(shortened(message), viewer, circle);
}

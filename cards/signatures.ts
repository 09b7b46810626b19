/** Who has signed, who is asked, what the clocks bring, what was asked and answered: the lines of a request that change. */
import { currentStage, type SealedStage } from '../services/restore/sealed-rule';
import { inert } from './escape';
import { stillNeeded } from '../services/restore/say-signatures';
import { utc, type Instant } from '../services/restore/instant';
import type { Person } from '../services/restore/person';
import type { RequestMessage, Viewer } from '../services/restore/messages';

const person = ({ name }: Person): string => inert(name, 60);

/** Approvers of the stage that is asked now whose approval is not yet given. */
export function nextAsked({ rule, approvals }: RequestMessage): readonly Person[] {
  const given = new Set(approvals.map(({ by }) => by.aadObjectId));
  const people = currentStage(rule, approvals)?.stage.people ?? [];
  return people.filter(({ aadObjectId }) => !given.has(aadObjectId));
}

const stageWords = ({ needed, people, name }: SealedStage, isAlone: boolean): string =>
  isAlone ? `${needed} of ${people.length} approvers` : `${needed} of ${people.length} (${inert(name, 60)})`;

/** `1 of 2 approvers`; `1 of 3 (database leads), then 1 of 2 (managers)`. */
export const demandWords = ({ stages }: RequestMessage['rule']): string =>
  stages.map((stage) => stageWords(stage, stages.length === 1)).join(', then ');

/** `23:55 UTC`, with the date where it is another day than that of the request. Nobody decides by the second. */
function deadline(at: Instant, from: Instant): string {
  const written = utc(at);
  return `${at.slice(0, 10) === from.slice(0, 10) ? '' : `${written.slice(0, 10)} `}${written.slice(11, 16)} UTC`;
}

function clockWords({ clocks, createdAt, expiresAt }: RequestMessage): string {
  const at = (instant: Instant): string => deadline(instant, createdAt);
  const called = clocks?.escalateTo.map((name) => inert(name, 40)).join(', ') ?? '';
  const parts = [
    ...(clocks?.remindAt === undefined ? [] : [`reminder ${at(clocks.remindAt)}`]),
    ...(clocks?.escalateAt === undefined ? [] : [`${called} called ${at(clocks.escalateAt)}`]),
  ];
  const before = parts.length === 0 ? '' : `${parts.join(', ')}, `;
  const since =
    clocks?.escalatedAt === undefined ? '' : ` ${called} may decide as well since ${at(clocks.escalatedAt)}.`;
  return `If nobody answers: ${before}expires ${at(expiresAt)} and nothing is done.${since}`;
}

const openQuestion = ({ questions }: RequestMessage) =>
  questions?.findLast(({ goesOnAt }) => goesOnAt !== undefined);

/** What stands between the request and its start. */
function waitingLine(message: RequestMessage): string {
  const open = openQuestion(message);
  if (open?.goesOnAt !== undefined)
    return `Waiting for ${person(message.requester)} to answer. Our clocks stand still until then, at most until ${deadline(open.goesOnAt, message.createdAt)}; those of Azure go on.`;
  return `Waiting for ${stillNeeded(message.rule, message)}. ${clockWords(message)}`;
}

export interface QuestionLines {
  readonly line: string;
}

/** The thread and the evidence hold all of it; the card has room for the last two. */
const talkLimit = 300;

/** What was asked and answered last, in its order. */
export const questionLines = ({ questions = [] }: RequestMessage): readonly QuestionLines[] =>
  questions
    .slice(-4)
    .flatMap(({ by, text, answer, goesOnAt }) => [
      { line: `${person(by)} asks: "${inert(text)}"` },
      ...(answer ? [{ line: `${person(answer.by)} answers: "${inert(answer.text)}"` }] : []),
      ...(!answer && goesOnAt === undefined ? [{ line: 'Not answered.' }] : []),
    ]);

const said = (comment: string, limit = 600): string =>
  comment === '' ? '' : ` · "${inert(comment, limit)}"`;

/** Signatures that are there while more are needed, and what the reader's own was. */
export function givenLines(message: RequestMessage, viewer: Viewer): readonly QuestionLines[] {
  const lines = message.approvals.map(({ by, at, comment }) => ({
    line: `Approved by ${person(by)} at ${utc(at)}${said(comment, talkLimit)}`,
  }));
  return viewer === 'signed'
    ? [...lines, { line: 'You have approved; there is nothing more for you to do.' }]
    : lines;
}

/** Asked for again after a start without approval: that start is still to be looked at. */
function owedLines(message: RequestMessage): string[] {
  const { review, ending, key } = message;
  if (!review || ending.kind === 'replaced') return [];
  if (review.kind !== 'due') return reviewLines(message);
  const how =
    ending.kind === 'open' ? ` Say "review ${key.id} approve", or "review ${key.id} report" and why.` : '';
  return [
    `Started without approval by ${person(review.by)} at ${utc(review.at)} before; an approver has to look at that until ${utc(review.dueAt)}.${how}`,
  ];
}

function reviewLines({ review }: RequestMessage): string[] {
  if (!review) return [];
  switch (review.kind) {
    case 'due':
      return [`An approver has to look at it until ${utc(review.dueAt)}.`];
    case 'approved':
      return [
        `Approved afterwards by ${person(review.reviewedBy)} at ${utc(review.reviewedAt)}${said(review.comment)}`,
      ];
    case 'reported':
      return [`Reported by ${person(review.reviewedBy)} at ${utc(review.reviewedAt)}${said(review.comment)}`];
  }
}

/** The last lines: what it waits for, or how it was decided and by whom. */
export const endingLines = (message: RequestMessage): string[] => [
  ...decidedLines(message),
  ...(message.ending.kind === 'started' ? reviewLines(message) : owedLines(message)),
];

function decidedLines(message: RequestMessage): string[] {
  const { ending } = message;
  switch (ending.kind) {
    case 'open':
      return [waitingLine(message)];
    case 'approved':
      return ending.approvals.map(
        ({ by, at, comment }) => `Approved by ${person(by)} at ${utc(at)}${said(comment)}`,
      );
    case 'started':
      return [
        `Started without approval by ${person(ending.glass.by)} at ${utc(ending.glass.at)} · "${inert(ending.glass.reason)}"`,
      ];
    case 'rejected':
      return [`Rejected by ${person(ending.by)} at ${utc(ending.at)} · "${inert(ending.reason)}"`];
    case 'withdrawn':
      return [`Withdrawn by ${person(message.requester)} at ${utc(ending.at)}. Nothing was done.`];
    case 'expired':
      return [`Expired at ${utc(ending.at)}: nobody decided in time. Nothing was done.`];
    case 'replaced':
      return [
        `Changed by ${person(message.requester)} at ${utc(ending.at)}: what was decided here is void, another card asks for revision ${ending.revision}.`,
      ];
  }
}

/** Who may not do what, and what came too late. */
import { list, say, type Explanation } from './explanation';

export const people = {
  NOT_YOURS: (p: { requester: string }) =>
    say(`Only ${p.requester} can do this.`, 'Make a request of your own if you need one.'),
  OWN_REQUEST: () =>
    say('You cannot approve your own request.', 'One of the approvers named on the card decides.'),
  NOT_AN_APPROVER: (p: { rule: string; approvers: readonly string[] }) =>
    say(`You are not an approver of rule ${p.rule}.`, `${list(p.approvers)} can decide.`),
  ALREADY_DECIDED_BY_YOU: () => say('Your approval is already counted.', 'It waits for another approver.'),
  EDITED_BY_YOU: (p: { id: string }) =>
    say(
      `You edited ${p.id}, so your own decision does not count.`,
      'One of the approvers named on the card decides.',
    ),
  NOT_YOUR_TURN: (p: { id: string; stage: string; missing: number }) =>
    say(
      `${p.id} is not with you yet: ${p.stage} comes first and needs ${p.missing} more.`,
      'You are called as soon as it is your turn.',
    ),
  ACCOUNT_DOES_NOT_COUNT: (p: { account: string }) =>
    say(
      `Your account is ${p.account}, so it cannot decide.`,
      'Ask the owner of the directory if that is wrong.',
    ),
  DIRECTORY_UNREACHABLE: () =>
    say(
      'The directory of people does not answer, so nobody can be looked up and nothing was changed.',
      'Try again in a minute.',
      true,
    ),
  POLICY_CHANGED: (p: { id: string }) =>
    say(
      `The policy was changed since ${p.id} was planned, so what was decided about it is void.`,
      'The requester edits it or asks again; it is planned under the rule of now.',
    ),
  NOTHING_CHANGED: (p: { id: string }) =>
    say(`Nothing about ${p.id} is changed by this.`, 'Change what shall be different, or leave it as it is.'),
  QUESTION_EMPTY: () => say('There is no question in it.', 'Write it into the comment and ask again.'),
  ANSWER_EMPTY: () => say('There is no answer in it.', 'Write it into the answer and send it again.'),
  QUESTION_OPEN: (p: { id: string; by: string }) =>
    say(`A question of ${p.by} about ${p.id} is still open.`, 'Ask again when it is answered.'),
  NO_QUESTION: (p: { id: string }) =>
    say(`No question about ${p.id} is open.`, `"status ${p.id}" tells more.`),
  GLASS_NOT_YOURS: (p: { id: string; people: readonly string[] }) =>
    say(
      p.people.length === 0
        ? `${p.id} cannot be started without approval: its rule names nobody for that.`
        : `You may not start ${p.id} without approval.`,
      p.people.length === 0 ? 'Ask one of its approvers.' : `${list(p.people)} may.`,
    ),
  GLASS_REASON: () =>
    say(
      'Starting without approval needs a reason.',
      'Write into the comment why it cannot wait, and press again.',
    ),
  GLASS_TOO_OFTEN: (p: { times: number; hours: number }) =>
    say(
      `You have started without approval ${p.times} times within ${p.hours} h, which is what the rule allows.`,
      'Ask one of the approvers.',
    ),
  GLASS_UNDERWAY: () =>
    say('Another start of yours without approval is being recorded.', 'Press again in a moment.', true),
  GLASS_REVIEW_OPEN: (p: { id: string }) =>
    say(
      `The start of ${p.id} without approval has not been looked at yet.`,
      `Ask one of its approvers to review ${p.id} first.`,
    ),
  NO_REVIEW: (p: { id: string }) =>
    say(`Nothing about ${p.id} waits for a review.`, `"status ${p.id}" tells more.`),
  REVIEW_NOT_YOURS: (p: { id: string; people: readonly string[] }) =>
    say(`You cannot review ${p.id}.`, `${list(p.people)} can.`),
  REASON_FOR_REJECT: () => say('A rejection needs a reason.', 'Write it into the comment and reject again.'),
  PLAN_HASH_MISMATCH: (p: { id: string; hash: string }) =>
    say(`That is not the plan that ${p.id} stands for now.`, `Read the card; its plan is ${p.hash}.`),
  NO_LONGER_OPEN: (p: { id: string; outcome: string }) =>
    say(`${p.id} is no longer open: ${p.outcome}.`, `"status ${p.id}" tells more.`),
  CARD_OUTDATED: (p: { id: string }) =>
    say(`This card of ${p.id} is out of date.`, 'Use the current one; nothing was changed.'),
  WITHDRAW_TOO_LATE: (p: { id: string }) =>
    say(`${p.id} has started and cannot be withdrawn.`, `"cancel ${p.id}" tells what can still be undone.`),
  CANCEL_TOO_LATE: (p: { id: string; outcome: string }) =>
    say(`${p.id} has ended: ${p.outcome}.`, 'There is nothing left to stop.'),
  CANCEL_NOT_POSSIBLE: (p: { id: string }) =>
    say(
      `${p.id} cannot be stopped: Azure has no way to cancel the restore job of a vault.`,
      'It ends by itself. Files that nobody wants can be deleted then; nothing else is touched.',
    ),
  CANCEL_NOT_YOURS: (p: { id: string; people: readonly string[] }) =>
    say(`Only ${list(p.people)} can stop ${p.id}.`, 'Ask one of them.'),
  NOT_RETRYABLE: (p: { id: string }) =>
    say(`${p.id} has not failed, so there is nothing to try again.`, `"status ${p.id}" tells more.`),
  PERSON_UNREACHABLE: (p: { name: string }) =>
    say(
      `${p.name} has no chat with Restore Desk.`,
      'They can be reached once the app is installed for them.',
    ),
  REQUEST_UNKNOWN: (p: { id: string }) =>
    say(`There is no request ${p.id}.`, 'Say "list" for the open ones.'),
  CARD_NOT_UNDERSTOOD: () =>
    say('This button could not be understood.', 'Ask again in a message; nothing was changed.'),
  OUTSIDE_TENANT: () =>
    say('Restore Desk answers only members of its own organisation.', 'Ask a colleague inside it.'),
} satisfies Record<string, (p: never) => Explanation>;

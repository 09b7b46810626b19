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
  REQUEST_UNKNOWN: (p: { id: string }) =>
    say(`There is no request ${p.id}.`, 'Say "list" for the open ones.'),
  CARD_NOT_UNDERSTOOD: () =>
    say('This button could not be understood.', 'Ask again in a message; nothing was changed.'),
  OUTSIDE_TENANT: () =>
    say('Restore Desk answers only members of its own organisation.', 'Ask a colleague inside it.'),
} satisfies Record<string, (p: never) => Explanation>;

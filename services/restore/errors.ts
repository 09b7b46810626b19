/**
 * The error catalogue: every refusal and failure a person can meet has a stable code, one sentence that says what and
 * where, a hint that says who does what next, and whether trying again helps. Vendor errors are translated into it at
 * the edges; their own code and correlation id travel along in small print.
 */
interface Explanation {
  readonly sentence: string;
  readonly hint: string;
  /** True when the same request can succeed later without anybody changing it. */
  readonly retryable: boolean;
}

const list = (names: readonly string[]): string => names.join(', ');

const say = (sentence: string, hint: string, retryable = false): Explanation => ({
  sentence,
  hint,
  retryable,
});

const catalogue = {
  // What was asked
  SOURCE_MISSING: () => say('No source server is named.', 'Choose the server to restore from.'),
  SOURCE_UNKNOWN: (p: { name: string; nearest: readonly string[] }) =>
    say(
      `There is no server called ${p.name}.`,
      p.nearest.length > 0 ? `Did you mean ${list(p.nearest)}?` : 'Say "servers" for the list.',
    ),
  SOURCE_AMBIGUOUS: (p: { name: string; matches: readonly string[] }) =>
    say(`${p.name} fits several servers: ${list(p.matches)}.`, 'Choose one of them.'),
  SOURCE_GONE: (p: { name: string }) =>
    say(
      `${p.name} does not exist any more.`,
      'Check the name; a deleted server cannot be restored this way.',
    ),
  SOURCE_NOT_READY: (p: { name: string; state: string }) =>
    say(
      `${p.name} is ${p.state}, not Ready.`,
      'Wait until it is Ready, or start it, and request again.',
      true,
    ),
  NO_BACKUP_YET: (p: { name: string }) =>
    say(
      `${p.name} has no backup yet, so there is nothing to restore.`,
      'Its first backup comes within about an hour of its creation.',
      true,
    ),
  MOMENT_MISSING: () =>
    say('No moment is given.', 'Enter a date and a time, for example 2026-11-19 14:05:00.'),
  MOMENT_UNREADABLE: (p: { text: string }) =>
    say(`"${p.text}" is not a date and a time.`, 'Write it as 2026-11-19 14:05:00.'),
  ZONE_UNKNOWN: (p: { zone: string }) =>
    say(`${p.zone} is not a time zone.`, 'Use a name such as Europe/Berlin, or UTC.'),
  MOMENT_SKIPPED: (p: { text: string; zone: string }) =>
    say(`${p.text} does not exist in ${p.zone}: the clocks went forward over it.`, 'Give the moment in UTC.'),
  MOMENT_TWICE: (p: { text: string; zone: string; first: string; second: string }) =>
    say(
      `${p.text} happened twice in ${p.zone}: the clocks went back.`,
      `Choose zone UTC and give either ${p.first} or ${p.second}.`,
    ),
  MOMENT_IN_FUTURE: (p: { moment: string; now: string }) =>
    say(
      `${p.moment} is in the future; it is now ${p.now}.`,
      'Give a moment that has passed, or choose latest.',
    ),
  MOMENT_BEFORE_WINDOW: (p: { moment: string; earliest: string }) =>
    say(
      `${p.moment} is before the first restorable moment (${p.earliest}).`,
      `Give a moment from ${p.earliest} on.`,
    ),
  BACKUP_MISSING: () => say('No backup is chosen.', 'Choose one of the full backups.'),
  BACKUP_GONE: (p: { name: string }) =>
    say(`The backup ${p.name} does not exist.`, 'Choose another one; backups go when their retention ends.'),
  MODE_UNKNOWN: (p: { mode: string }) =>
    say(`"${p.mode}" is not a way to restore.`, 'Choose a moment, latest or a full backup.'),
  TARGET_MISSING: () => say('The new server has no name.', 'Enter a name for the new server.'),
  TARGET_NAME_INVALID: (p: { name: string }) =>
    say(
      `${p.name} is not a valid server name.`,
      'Use 3 to 63 lower-case letters, digits and single hyphens, not starting or ending with a hyphen.',
    ),
  TARGET_NAME_TAKEN: (p: { name: string; suggestion: string }) =>
    say(`The name ${p.name} is taken.`, `Try ${p.suggestion}.`),
  TARGET_IS_SOURCE: (p: { name: string; suggestion: string }) =>
    say(`A restore always makes a new server; ${p.name} cannot be restored over.`, `Try ${p.suggestion}.`),
  RESOURCE_GROUP_MISSING: (p: { name: string; subscriptionId: string; location: string }) =>
    say(
      `The resource group ${p.name} does not exist.`,
      `Choose an existing one, or have its owner run: az group create --name ${p.name} --location ${p.location} --subscription ${p.subscriptionId}`,
    ),
  REGION_RESTRICTED: (p: { location: string }) =>
    say(
      `Azure does not let this subscription create servers in ${p.location}.`,
      'The subscription owner must ask Azure support to lift the restriction; waiting does not help.',
    ),
  REASON_MISSING: () => say('A reason is needed.', 'Say in a few words why the data is needed.'),
  TICKET_INVALID: (p: { pattern: string }) =>
    say('The ticket does not look like one.', `The policy asks for a ticket of the form ${p.pattern}.`),
  TEXT_TOO_LONG: (p: { field: string; limit: number }) =>
    say(`The ${p.field} is too long.`, `Use at most ${p.limit} characters.`),
  NO_POLICY_RULE: (p: { name: string }) =>
    say(
      `No policy rule covers ${p.name}, so nobody may approve its restore.`,
      'The owner of Restore Desk must add a rule.',
    ),
  NO_APPROVER_LEFT: (p: { rule: string; needed: number; left: number }) =>
    say(
      `Rule ${p.rule} needs ${p.needed} approvals, but only ${p.left} other people may give one.`,
      'The owner of Restore Desk must name more approvers.',
    ),
  DUPLICATE_OPEN: (p: { id: string; target: string }) =>
    say(
      `${p.id} already asks for a server called ${p.target}.`,
      `Follow it with "status ${p.id}", or choose another name.`,
    ),

  // Who did what
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
    say(
      `${p.id} has started and cannot be withdrawn.`,
      'Azure offers no way to stop a restore that it has accepted.',
    ),
  NOT_RETRYABLE: (p: { id: string }) =>
    say(`${p.id} has not failed, so there is nothing to try again.`, `"status ${p.id}" tells more.`),
  REQUEST_UNKNOWN: (p: { id: string }) =>
    say(`There is no request ${p.id}.`, 'Say "list" for the open ones.'),
  CARD_NOT_UNDERSTOOD: () =>
    say('This button could not be understood.', 'Ask again in a message; nothing was changed.'),
  OUTSIDE_TENANT: () =>
    say('Restore Desk answers only members of its own organisation.', 'Ask a colleague inside it.'),

  // While it runs
  PLAN_CHANGED: (p: { changes: string }) =>
    say(
      `The approval no longer holds, because this changed since: ${p.changes}.`,
      'Try again for a new approval.',
      true,
    ),
  APPROVAL_STALE: (p: { until: string }) =>
    say(`The approval was good until ${p.until} and was not used.`, 'Try again for a new approval.', true),
  TARGET_FOREIGN: (p: { name: string }) =>
    say(
      `A server called ${p.name} came into being that this request did not order.`,
      'Make a new request with another name.',
    ),
  ORDER_REFUSED: (p: { what: string }) =>
    say(`Azure refused the restore: ${p.what}`, 'The code below names the cause for Azure support.'),
  AZURE_BUSY: (p: { name: string }) =>
    say(`Azure is busy with another operation on ${p.name}.`, 'Try again in a few minutes.', true),
  AZURE_FORBIDDEN: () =>
    say(
      'Azure does not allow Restore Desk to do this.',
      'The owner must give its identity the Contributor role on the target resource group.',
    ),
  AZURE_INTERNAL: () =>
    say(
      'Azure failed with an internal error while restoring.',
      'Usual causes: a moment outside the restorable window, or a passing fault in the region. Try again; then ask Azure support with the tracking id.',
      true,
    ),
  AZURE_FAILED: (p: { what: string }) =>
    say(
      `Azure reported that the restore failed: ${p.what}`,
      'The code below names the cause for Azure support.',
      true,
    ),
  AZURE_UNREACHABLE: () =>
    say(
      'Azure does not answer.',
      'Your input is kept and the check goes on by itself as soon as Azure answers.',
      true,
    ),
  DATABASE_UNREACHABLE: () =>
    say(
      'Restore Desk cannot reach its own database, so nothing was recorded.',
      'Say it again in a minute.',
      true,
    ),
  UNEXPECTED: (p: { reference: string }) =>
    say(
      'Something unexpected went wrong inside Restore Desk.',
      `Tell its owner the reference ${p.reference}; nothing was changed.`,
      true,
    ),
  CONFIGURATION: (p: { problems: readonly string[] }) =>
    say(`The configuration is not usable: ${p.problems.join(' ')}`, 'Correct the settings and start again.'),
  INTERNAL: (p: { what: string }) =>
    say(`A rule of the program was broken: ${p.what}.`, 'This is a defect; tell the owner.'),
} satisfies Record<string, (p: never) => Explanation>;

export type ProblemCode = keyof typeof catalogue;

/** One entry of the catalogue, filled in: what a card, a text answer and the journal show. */
export interface Problem extends Explanation {
  readonly code: ProblemCode;
  /** The vendor's own code, shown in small print. */
  readonly vendorCode?: string;
  /** The vendor's tracking or correlation id, shown in small print. */
  readonly correlationId?: string;
}

type Parameters_<C extends ProblemCode> = Parameters<(typeof catalogue)[C]>;

export function problem<C extends ProblemCode>(code: C, ...parameters: Parameters_<C>): Problem {
  const explain = catalogue[code] as (...p: Parameters_<C>) => Explanation;
  return { code, ...explain(...parameters) };
}

/** Adds the vendor's own words for support: never shown alone, never dropped. */
export function withVendor(
  base: Problem,
  vendorCode: string | undefined,
  correlationId: string | undefined,
): Problem {
  return {
    ...base,
    ...(vendorCode === undefined ? {} : { vendorCode }),
    ...(correlationId === undefined ? {} : { correlationId }),
  };
}

/** The one error class of the product: a problem that travels as an exception. */
export class DeskError extends Error {
  readonly problem: Problem;
  constructor(of: Problem, cause?: unknown) {
    super(`${of.code}: ${of.sentence}`, cause === undefined ? undefined : { cause });
    this.problem = of;
  }
}

/** For branches that the types rule out. */
export function impossible(value: never): never {
  throw new DeskError(problem('INTERNAL', { what: `unexpected ${JSON.stringify(value)}` }));
}

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
      'If it was deleted less than five days ago, choose a deleted server as the way to restore.',
    ),
  SOURCE_NOT_READY: (p: { name: string; state: string }) =>
    say(
      `${p.name} is ${p.state}, not Ready.`,
      'Wait until it is Ready, or start it, and request again.',
      true,
    ),
  SOURCE_UNREACHABLE: (p: { name: string; location: string; seenAt: string }) =>
    say(
      `Azure does not answer for ${p.name} in ${p.location}; it was last seen at ${p.seenAt}.`,
      'While the region is down only a restore into its paired region can go through.',
      true,
    ),
  SOURCE_NOT_DELETED: (p: { name: string }) =>
    say(`${p.name} is not deleted.`, 'Restore it to a moment or to the latest state.'),
  DELETED_UNKNOWN: (p: { name: string; nearest: readonly string[] }) =>
    say(
      `No deleted server called ${p.name} is known.`,
      p.nearest.length > 0
        ? `Did you mean ${list(p.nearest)}?`
        : 'A deletion shows up some minutes after it happened; the activity log of Azure keeps it for 90 days.',
    ),
  DELETED_TOO_LONG_AGO: (p: { name: string; deletedAt: string; until: string }) =>
    say(
      `${p.name} was deleted at ${p.deletedAt}; Azure kept it for five days, until ${p.until}.`,
      'It cannot be brought back this way. Ask the owner of the backup vaults whether one holds a copy.',
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
    say(
      `"${p.mode}" is not a way to restore.`,
      'Choose a moment, latest, a full backup, the paired region or a deleted server.',
    ),
  NO_GEO_BACKUP: (p: { name: string }) =>
    say(
      `${p.name} has no geo-redundant backup, so there is no copy of it in another region.`,
      'Restore it in its own region. Geo-redundancy is chosen when a server is made and cannot be turned on later.',
    ),
  NO_REGION_PAIR: (p: { location: string }) =>
    say(`${p.location} has no paired region.`, 'Restore in the same region.'),
  REGION_NOT_PAIRED: (p: { region: string; location: string; pair: string }) =>
    say(
      `Backups of a server in ${p.location} are copied to ${p.pair}, not to ${p.region}.`,
      `Choose ${p.pair}.`,
    ),
  REGION_NOT_POSSIBLE: (p: { region: string; location: string }) =>
    say(
      `This way of restoring makes the new server in ${p.location}, not in ${p.region}.`,
      `Choose ${p.location}, or the paired region as the way to restore.`,
    ),
  REGION_MISSING: (p: { name: string }) =>
    say(
      `Nothing says in which region ${p.name} stood.`,
      'Choose the region; Azure brings a deleted server back only there.',
    ),
  GEO_KEY_MISSING: (p: { name: string; pair: string }) =>
    say(
      `${p.name} is encrypted with a customer-managed key, and none is set for ${p.pair}.`,
      `The owner of the server must name a key and an identity for its geo-redundant backup.`,
    ),
  TARGET_MISSING: () => say('The new server has no name.', 'Enter a name for the new server.'),
  TARGET_NAME_INVALID: (p: { name: string }) =>
    say(
      `${p.name} is not a valid server name.`,
      'Use 3 to 63 lower-case letters, digits and single hyphens, not starting or ending with a hyphen.',
    ),
  TARGET_NAME_TAKEN: (p: { name: string; suggestion: string }) =>
    say(`The name ${p.name} is taken.`, `Try ${p.suggestion}.`),
  TARGET_IS_SOURCE: (p: { name: string; suggestion: string }) =>
    say(
      `A restore always makes a new server; it cannot take the name ${p.name} of its source.`,
      `Try ${p.suggestion}.`,
    ),
  RESOURCE_GROUP_MISSING: (p: { name: string; subscriptionId: string; location: string }) =>
    say(
      `The resource group ${p.name} does not exist.`,
      `Choose an existing one, or have its owner run: az group create --name ${p.name} --location ${p.location} --subscription ${p.subscriptionId}`,
    ),
  SUBSCRIPTION_UNKNOWN: (p: { subscription: string }) =>
    say(
      `The subscription ${p.subscription} is not one that Restore Desk works in.`,
      'Choose one of the list; its owner can add others.',
    ),
  SUBSCRIPTION_FIXED: (p: { name: string }) =>
    say(
      `${p.name} can only be brought back in the subscription it was deleted from.`,
      'Leave the subscription as it is.',
    ),
  RIGHTS_MISSING: (p: { scope: string; actions: readonly string[]; assignee: string }) =>
    say(
      `Restore Desk may not do this in ${p.scope}: ${list(p.actions)}.`,
      `The owner of that place must give its identity the role Contributor: az role assignment create --role Contributor --assignee ${p.assignee} --scope ${p.scope}`,
    ),
  VERSION_NOT_OFFERED: (p: { version: string; location: string }) =>
    say(
      `PostgreSQL ${p.version} is not offered to this subscription in ${p.location}.`,
      'A restore keeps the major version; choose another region or subscription.',
    ),
  SKU_NOT_OFFERED: (p: { sku: string; location: string }) =>
    say(
      `${p.sku} is not offered to this subscription in ${p.location}.`,
      'A restore keeps the compute size of the source; choose another region or subscription, or ask Azure support.',
    ),
  QUOTA_EXCEEDED: (p: { location: string; needed: number; free: number; limit: number }) =>
    say(
      `The new server needs ${p.needed} cores in ${p.location}; ${p.free} of ${p.limit} are free.`,
      'The subscription owner can ask for a higher quota, or somebody deletes a server that is not needed.',
      true,
    ),
  ZONE_NOT_OFFERED: (p: { zone: string; sku: string; location: string; offered: readonly string[] }) =>
    say(
      `Availability zone ${p.zone} is not offered for ${p.sku} in ${p.location}.`,
      p.offered.length > 0 ? `Choose ${list(p.offered)} or none.` : 'Choose none.',
    ),
  STORAGE_TYPE_NOT_OFFERED: (p: { type: string; location: string; offered: readonly string[] }) =>
    say(
      `Storage of the type ${p.type} is not offered in ${p.location}.`,
      p.offered.length > 0 ? `Choose ${list(p.offered)}.` : 'Leave it as the source has it.',
    ),
  GEO_REDUNDANCY_NOT_OFFERED: (p: { location: string; why: string }) =>
    say(
      `The new server in ${p.location} cannot have geo-redundant backup: ${p.why}.`,
      'Choose locally redundant backup.',
    ),
  CHOICE_UNKNOWN: (p: { field: string; value: string }) =>
    say(`"${p.value}" is not a choice for ${p.field}.`, 'Choose one of the list.'),
  NETWORK_IS_PUBLIC: (p: { name: string }) =>
    say(
      `${p.name} has public access, and a restore cannot move it into a virtual network.`,
      'Leave subnet and DNS zone empty.',
    ),
  SUBNET_MISSING: (p: { name: string; location: string; group: string; subscriptionId: string }) =>
    say(
      `${p.name} has private access, so the new server needs a subnet in ${p.location}.`,
      `Choose one. If there is none, have the network's owner run: az network vnet create --name vnet-postgres-${p.location} --address-prefixes 10.90.0.0/24 --location ${p.location} --resource-group ${p.group} --subscription ${p.subscriptionId} && az network vnet subnet create --name postgres --vnet-name vnet-postgres-${p.location} --address-prefixes 10.90.0.0/26 --delegations Microsoft.DBforPostgreSQL/flexibleServers --resource-group ${p.group} --subscription ${p.subscriptionId}`,
    ),
  SUBNET_UNKNOWN: (p: { id: string }) =>
    say(
      `There is no subnet ${p.id}.`,
      'Choose one of the list; give its full id if it stands in another subscription.',
    ),
  SUBNET_ELSEWHERE: (p: { name: string; is: string; location: string }) =>
    say(
      `The subnet ${p.name} is in ${p.is}, the new server in ${p.location}.`,
      `Choose a subnet in ${p.location}.`,
    ),
  SUBNET_NOT_DELEGATED: (p: { id: string; name: string }) =>
    say(
      `The subnet ${p.name} is not delegated to PostgreSQL flexible servers.`,
      `Choose another, or have its owner run: az network vnet subnet update --ids ${p.id} --delegations Microsoft.DBforPostgreSQL/flexibleServers`,
    ),
  SUBNET_FULL: (p: { name: string }) =>
    say(`The subnet ${p.name} has no free address.`, 'Choose another subnet.', true),
  DNS_ZONE_MISSING: (p: { name: string }) =>
    say(`${p.name} has private access, so the new server needs a private DNS zone.`, 'Choose one.'),
  DNS_ZONE_UNKNOWN: (p: { id: string }) =>
    say(`There is no private DNS zone ${p.id}.`, 'Choose one of the list.'),
  DNS_ZONE_NAME_WRONG: (p: { name: string }) =>
    say(
      `The private DNS zone ${p.name} cannot hold PostgreSQL servers.`,
      'Choose one whose name ends in .postgres.database.azure.com.',
    ),
  DNS_ZONE_NOT_LINKED: (p: { zone: string; networkId: string; group: string }) =>
    say(
      `The private DNS zone ${p.zone} is not linked to the network of the subnet.`,
      `Choose another, or have its owner run: az network private-dns link vnet create --resource-group ${p.group} --zone-name ${p.zone} --name restore-desk --virtual-network ${p.networkId} --registration-enabled false`,
    ),
  TAGS_UNREADABLE: (p: { text: string }) =>
    say(`"${p.text}" is not a tag.`, 'Write tags as name=value, separated by commas.'),
  TAG_RESERVED: (p: { name: string }) =>
    say(`The tag ${p.name} is set by Restore Desk itself.`, 'Use another name.'),
  TAGS_TOO_MANY: (p: { limit: number }) => say(`There are too many tags.`, `Use at most ${p.limit}.`),
  EXPIRES_UNREADABLE: (p: { text: string }) =>
    say(`"${p.text}" is not a day.`, 'Write it as 2026-12-03, or leave it empty.'),
  EXPIRES_OUT_OF_RANGE: (p: { day: string; from: string; until: string }) =>
    say(`The copy cannot expire on ${p.day}.`, `Give a day from ${p.from} to ${p.until}.`),
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
    say(`${p.id} has started and cannot be withdrawn.`, `"cancel ${p.id}" tells what can still be undone.`),
  CANCEL_TOO_LATE: (p: { id: string; outcome: string }) =>
    say(`${p.id} has ended: ${p.outcome}.`, 'There is nothing left to stop.'),
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
  TARGET_GONE: (p: { name: string }) =>
    say(
      `The new server ${p.name} was there and has disappeared before its data was looked at.`,
      'Somebody or something else deleted it; the activity log of its resource group tells who. Make a new request.',
    ),
  TARGET_NEVER_READY: (p: { name: string; state: string; hours: number }) =>
    say(
      `${p.name} is still ${p.state} after ${p.hours} h.`,
      'Restore Desk has stopped waiting; look at the server in the portal and ask Azure support with the code below.',
    ),
  GEO_BACKUP_PENDING: (p: { name: string; tries: number }) =>
    say(
      `The first geo-redundant backup of ${p.name} was still not there after ${p.tries} tries.`,
      'It comes within some hours of the making of the server. Try again later, or restore in the same region.',
      true,
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
  AZURE_SIGN_IN: () =>
    say(
      'Azure does not accept the sign-in of Restore Desk.',
      'The owner must check the managed identity that it runs with.',
      true,
    ),
  AZURE_THROTTLED: () =>
    say('Azure asks Restore Desk to slow down.', 'It goes on by itself after a pause.', true),
  AZURE_QUOTA: (p: { what: string }) =>
    say(
      `The quota of the subscription is used up: ${p.what}`,
      'The subscription owner can ask for a higher one.',
      true,
    ),
  AZURE_CAPACITY: (p: { what: string }) =>
    say(
      `Azure has no room for the new server at the moment: ${p.what}`,
      'Try again later, without an availability zone, or in another region.',
      true,
    ),
  AZURE_NOT_REGISTERED: (p: { subscriptionId: string }) =>
    say(
      'The target subscription is not registered for PostgreSQL.',
      `Its owner must run: az provider register --namespace Microsoft.DBforPostgreSQL --subscription ${p.subscriptionId}`,
    ),
  AZURE_NAME_HELD: (p: { name: string }) =>
    say(
      `Azure still holds the name ${p.name} for a server that was deleted or failed in another region.`,
      'Make a new request with another name.',
    ),
  AZURE_GROUP_GONE: (p: { what: string }) =>
    say(`Azure did not find the target: ${p.what}`, 'Make a new request with an existing resource group.'),
  AZURE_SOURCE_GONE: (p: { what: string }) =>
    say(`Azure did not find the source: ${p.what}`, 'Check that it still exists and request again.'),
  AZURE_BAD_VALUE: (p: { what: string }) =>
    say(
      `Azure does not accept a value of the request: ${p.what}`,
      'Make a new request with that value changed.',
    ),
  AZURE_API_VERSION: (p: { what: string }) =>
    say(
      `This Azure does not know the call that Restore Desk made: ${p.what}`,
      'The owner of Restore Desk must look for a newer version of it.',
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

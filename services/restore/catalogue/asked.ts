/** What is wrong with what was asked: source, data, name, reason. */
import { list, say, type Explanation } from './explanation';

export const asked = {
  SOURCE_MISSING: () => say('No source server is named.', 'Choose the server to restore from.'),
  SOURCE_UNKNOWN: (p: { name: string; nearest: readonly string[] }) =>
    say(
      `There is no server called ${p.name}.`,
      p.nearest.length > 0 ? `Did you mean ${list(p.nearest)}?` : 'Say "servers" for the list.',
    ),
  SOURCE_AMBIGUOUS: (p: { name: string; matches: readonly string[] }) =>
    say(`${p.name} fits several servers: ${list(p.matches)}.`, 'Choose one of them.'),
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
    say(`A restore always makes a new server; ${p.name} cannot be restored over.`, `Try ${p.suggestion}.`),
  TARGET_IS_OLD_NAME: (p: { name: string; suggestion: string }) =>
    say(
      `A deleted server cannot come back under its old name: Azure holds ${p.name} for a while.`,
      `Try ${p.suggestion}.`,
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
  WAY_NOT_COVERED: (p: { name: string; way: string }) =>
    say(
      `The policy lets ${p.name} be restored, but not this way (${p.way}).`,
      'Choose another way, or ask the owner of Restore Desk to add a rule.',
    ),
  PLACE_NOT_COVERED: (p: { name: string }) =>
    say(
      `The policy lets ${p.name} be restored this way, but not to that place or not at this hour.`,
      'Choose another destination, or ask the owner of Restore Desk to add a rule.',
    ),
  FROZEN: (p: { name: string; freeze: string; until: string }) =>
    say(
      `Restores of ${p.name} are frozen until ${p.until} (${p.freeze}).`,
      'Ask again then, or ask the owner of Restore Desk to lift the freeze.',
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
} satisfies Record<string, (p: never) => Explanation>;

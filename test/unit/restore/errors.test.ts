/** The catalogue as people read it: every entry with parameters as they come in life. */
import { problem, withVendor, type ProblemCode } from '../../../services/restore/errors';

type Parameters_ = {
  readonly [C in ProblemCode]: Parameters<typeof problem<C>> extends [unknown, ...infer P] ? P : never;
};

const moment = '2026-11-19 13:05:00 UTC';
const samples: Parameters_ = {
  SOURCE_MISSING: [],
  SOURCE_UNKNOWN: [{ name: 'odrers', nearest: ['orders-pg'] }],
  SOURCE_AMBIGUOUS: [{ name: 'ord', matches: ['orders-pg', 'orders-archive'] }],
  SOURCE_GONE: [{ name: 'orders-pg' }],
  SOURCE_NOT_READY: [{ name: 'orders-pg', state: 'Stopped' }],
  NO_BACKUP_YET: [{ name: 'orders-pg' }],
  MOMENT_MISSING: [],
  MOMENT_UNREADABLE: [{ text: 'noon' }],
  ZONE_UNKNOWN: [{ zone: 'Mars' }],
  MOMENT_SKIPPED: [{ text: '2026-03-29 02:30', zone: 'Europe/Berlin' }],
  MOMENT_TWICE: [{ text: '2026-10-25 02:30', zone: 'Europe/Berlin', first: moment, second: moment }],
  MOMENT_IN_FUTURE: [{ moment, now: moment }],
  MOMENT_BEFORE_WINDOW: [{ moment, earliest: moment }],
  BACKUP_MISSING: [],
  BACKUP_GONE: [{ name: 'backup_1' }],
  MODE_UNKNOWN: [{ mode: 'fastest' }],
  TARGET_MISSING: [],
  TARGET_NAME_INVALID: [{ name: 'A B' }],
  TARGET_NAME_TAKEN: [{ name: 'orders-pg-r1', suggestion: 'orders-pg-r2' }],
  TARGET_IS_SOURCE: [{ name: 'orders-pg', suggestion: 'orders-pg-r1' }],
  RESOURCE_GROUP_MISSING: [{ name: 'rg-new', subscriptionId: 's', location: 'canadacentral' }],
  REGION_RESTRICTED: [{ location: 'canadacentral' }],
  REASON_MISSING: [],
  TICKET_INVALID: [{ pattern: 'INC-\\d+' }],
  TEXT_TOO_LONG: [{ field: 'reason', limit: 500 }],
  NO_POLICY_RULE: [{ name: 'search-pg' }],
  NO_APPROVER_LEFT: [{ rule: 'orders', needed: 2, left: 1 }],
  DUPLICATE_OPEN: [{ id: 'R-7', target: 'orders-pg-r1' }],
  NOT_YOURS: [{ requester: 'Ines Okafor' }],
  OWN_REQUEST: [],
  NOT_AN_APPROVER: [{ rule: 'orders', approvers: ['Martin Hale', 'Divya Rao'] }],
  ALREADY_DECIDED_BY_YOU: [],
  REASON_FOR_REJECT: [],
  PLAN_HASH_MISMATCH: [{ id: 'R-7', hash: '7f3a·19c2' }],
  NO_LONGER_OPEN: [{ id: 'R-7', outcome: 'it expired' }],
  CARD_OUTDATED: [{ id: 'R-7' }],
  WITHDRAW_TOO_LATE: [{ id: 'R-7' }],
  NOT_RETRYABLE: [{ id: 'R-7' }],
  REQUEST_UNKNOWN: [{ id: 'R-7' }],
  CARD_NOT_UNDERSTOOD: [],
  OUTSIDE_TENANT: [],
  PLAN_CHANGED: [{ changes: 'the network' }],
  APPROVAL_STALE: [{ until: moment }],
  TARGET_FOREIGN: [{ name: 'orders-pg-r1' }],
  ORDER_REFUSED: [{ what: 'The sku is not allowed.' }],
  AZURE_BUSY: [{ name: 'orders-pg' }],
  AZURE_FORBIDDEN: [],
  AZURE_INTERNAL: [],
  AZURE_FAILED: [{ what: 'The disk is full.' }],
  AZURE_UNREACHABLE: [],
  DATABASE_UNREACHABLE: [],
  UNEXPECTED: [{ reference: '1a2b3c4d' }],
  CONFIGURATION: [{ problems: ['POLICY_FILE: must name the policy file.'] }],
  INTERNAL: [{ what: 'x' }],
};

const every = Object.entries(samples).map(([code, parameters]) => {
  const build = problem as unknown as (
    code: string,
    ...parameters: readonly unknown[]
  ) => ReturnType<typeof problem>;
  return [code, build(code, ...(parameters as readonly unknown[]))] as const;
});

test.each(every)('%s is one sentence and says what to do next', (code, { code: own, sentence, hint }) => {
  expect(own).toBe(code);
  for (const text of [sentence, hint]) {
    expect(text).not.toMatch(/undefined|null|NaN|\[object|\$\{/);
    expect(text.length).toBeLessThan(260);
  }
  expect(sentence).toMatch(/\.$/);
  // A command to copy ends as it has to be typed.
  expect(hint).toMatch(/[.?]$|: az .+ --subscription \S+$/);
});

test("a vendor's own code travels along only where there is one", () => {
  const base = problem('AZURE_INTERNAL');
  expect(withVendor(base, undefined, undefined)).toEqual(base);
  expect(withVendor(base, 'InternalServerError', 'id')).toEqual({
    ...base,
    vendorCode: 'InternalServerError',
    correlationId: 'id',
  });
});

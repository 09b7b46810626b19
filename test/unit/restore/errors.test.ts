/** The catalogue as people read it: every entry with parameters as they come in life. */
import { problem, withVendor, type ProblemCode } from '../../../services/restore/errors';

type Parameters_ = {
  readonly [C in ProblemCode]: Parameters<typeof problem<C>> extends [unknown, ...infer P] ? P : never;
};

const namedVault = { vault: 'vault-shop', group: 'rg-shop', subscriptionId: 's' };
const namedAccount = { account: 'shoprestores', group: 'rg-shop', subscriptionId: 's' };

const moment = '2026-11-19 13:05:00 UTC';
/** As long as Azure's advice may be to be shown. */
const told = {
  what: 'It is not there.',
  action: `${'Give the identity of the vault the role that it lacks, '.repeat(2)}then wait.`,
};
const samples: Parameters_ = {
  CANCEL_NOT_POSSIBLE: [{ id: 'R-1' }],
  PROTECTED_UNKNOWN: [{ name: 'orders', nearest: ['orders-pg'] }],
  PROTECTED_TWICE: [{ name: 'orders-pg', vaults: ['vault-a', 'vault-b'] }],
  PROTECTED_AMBIGUOUS: [{ name: 'orders', matches: ['orders-pg', 'orders-dr'] }],
  LEGACY_OFF: [{ name: 'legacy-srv/orders' }],
  PROTECTION_STATE: [{ name: 'orders-pg', state: 'SoftDeleted' }],
  FILES_ONLY: [{ name: 'orders-pg' }],
  DATABASE_NOT_COVERED: [{ name: 'legacy-srv/orders_r1' }],
  SECRET_NOT_NAMED: [{ secret: 'kv-shop/other', server: 'legacy-srv' }],
  POINT_GONE: [{ id: '0a1b' }],
  POINT_NONE: [{ name: 'orders-pg', wanted: 'of 2026-11-01 or before', oldest: moment, notArchived: moment }],
  POINT_EXPIRED: [{ time: '2026-11-01 03:00:00 UTC', expired: '2026-11-08 03:00:00 UTC' }],
  POINT_PARTIAL: [{ time: '2026-11-01 03:00:00 UTC' }],
  POINT_REHYDRATING: [{ time: '2026-11-01 03:00:00 UTC' }],
  REHYDRATION_PRIORITY: [{ priority: 'soon' }],
  REHYDRATION_DAYS: [{ days: '90' }],
  VAULT_GONE: [{ vault: 'vault-shop' }],
  VAULT_RIGHTS_MISSING: [{ vault: 'vault-shop', scope: '/s', actions: ['restore/action'], assignee: 'a' }],
  VAULT_WITHOUT_IDENTITY: [namedVault],
  VAULT_ROLE_MISSING: [
    { vault: 'vault-shop', principal: 'p', role: 'Reader', scope: '/subscriptions/s', where: 'orders-pg' },
  ],
  CROSS_SUBSCRIPTION_OFF: [{ ...namedVault, forEver: false }],
  CONTAINER_NEEDED: [],
  CONTAINER_UNREADABLE: [{ text: 'restores' }],
  ACCOUNT_UNKNOWN: [{ account: 'shoprestores' }],
  ACCOUNT_ELSEWHERE: [{ account: 'shoprestores', is: 'canadaeast', location: 'canadacentral' }],
  ACCOUNT_CROSS_TENANT: [namedAccount],
  ACCOUNT_CLOSED: [namedAccount],
  CONTAINER_UNKNOWN: [{ account: 'shoprestores', container: 'restores' }],
  PREFIX_UNUSABLE: [{ prefix: '../x' }],
  PREFIX_USED: [{ prefix: 'orders', container: 'shoprestores/restores' }],
  DATABASE_UNUSABLE: [{ name: 'Orders!' }],
  DATABASE_EXISTS: [{ name: 'orders', server: 'legacy-srv' }],
  SINGLE_SERVER_UNKNOWN: [{ name: 'legacy-srv' }],
  SINGLE_SERVER_ELSEWHERE: [{ name: 'legacy-srv', is: 'canadaeast', location: 'canadacentral' }],
  SINGLE_SERVER_OLDER: [{ name: 'legacy-srv', is: '10', version: '11' }],
  SINGLE_SERVER_CLOSED: [{ name: 'legacy-srv', group: 'rg-shop', subscriptionId: 's' }],
  SECRET_NEEDED: [],
  SECRET_UNKNOWN: [{ secret: 'kv-shop/pgconn' }],
  SECRET_DISABLED: [{ secret: 'kv-shop/pgconn' }],
  SECRET_POLICY_MISSING: [{ vault: 'vault-shop', keyVault: 'kv-shop', principal: 'p' }],
  CROSS_REGION_LOCAL: [{ vault: 'vault-local', redundancy: 'local' }],
  CROSS_REGION_OFF: [namedVault],
  CROSS_REGION_ELSEWHERE: [{ vault: 'vault-shop', region: 'westus', secondary: 'canadaeast' }],
  CROSS_REGION_NO_COPIES: [{ name: 'orders-pg', region: 'canadaeast' }],
  CROSS_REGION_NO_VAULT: [{ region: 'canadaeast', group: 'rg-shop', subscriptionId: 's' }],
  JOB_VANISHED: [{ source: 'orders-pg' }],
  JOB_UNCLEAR: [{ source: 'orders-pg' }],
  JOB_NEVER_ENDED: [{ job: 'j', hours: 72 }],
  JOB_CANCELLED: [{ job: 'j' }],
  JOB_FAILED: [{ job: 'j' }],
  SOURCE_MISSING: [],
  SOURCE_UNKNOWN: [{ name: 'odrers', nearest: ['orders-pg'] }],
  SOURCE_AMBIGUOUS: [{ name: 'ord', matches: ['orders-pg', 'orders-archive'] }],
  SOURCE_NOT_READY: [{ name: 'orders-pg', state: 'Stopped' }],
  NO_BACKUP_YET: [{ name: 'orders-pg' }],
  SOURCE_UNREACHABLE: [{ name: 'orders-pg', location: 'canadacentral', seenAt: moment }],
  SOURCE_NOT_DELETED: [{ name: 'orders-pg' }],
  DELETED_UNKNOWN: [{ name: 'catalog', nearest: ['catalog-pg'] }],
  DELETED_TOO_LONG_AGO: [{ name: 'archive-pg', deletedAt: moment, until: moment }],
  NO_GEO_BACKUP: [{ name: 'billing-pg' }],
  NO_REGION_PAIR: [{ location: 'qatarcentral' }],
  REGION_NOT_PAIRED: [{ region: 'westus', location: 'canadacentral', pair: 'canadaeast' }],
  REGION_NOT_POSSIBLE: [{ region: 'westus', location: 'canadacentral' }],
  REGION_MISSING: [{ name: 'catalog-pg' }],
  GEO_KEY_MISSING: [{ name: 'orders-pg', pair: 'canadaeast' }],
  SUBSCRIPTION_UNKNOWN: [{ subscription: '9999' }],
  SUBSCRIPTION_FIXED: [{ name: 'catalog-pg' }],
  RIGHTS_MISSING: [
    {
      scope: '/subscriptions/1/resourceGroups/rg-dr',
      actions: ['Microsoft.DBforPostgreSQL/flexibleServers/write'],
      assignee: '5555',
    },
  ],
  VERSION_NOT_OFFERED: [{ version: '11', location: 'canadaeast' }],
  SKU_NOT_OFFERED: [{ sku: 'Standard_D2ds_v5', location: 'canadaeast' }],
  QUOTA_EXCEEDED: [{ location: 'canadaeast', needed: 4, free: 2, limit: 10 }],
  ZONE_NOT_OFFERED: [{ zone: '4', sku: 'B1ms', location: 'canadaeast', offered: ['1', '2'] }],
  STORAGE_TYPE_NOT_OFFERED: [{ type: 'UltraSSD_LRS', location: 'canadaeast', offered: ['Premium_LRS'] }],
  GEO_REDUNDANCY_NOT_OFFERED: [{ location: 'canadaeast', why: 'its paired region does not answer now' }],
  CHOICE_UNKNOWN: [{ field: 'storage type', value: 'floppy' }],
  NETWORK_IS_PUBLIC: [{ name: 'orders-pg' }],
  SUBNET_MISSING: [{ name: 'billing-pg', location: 'canadaeast', group: 'rg-shop', subscriptionId: '1111' }],
  SUBNET_UNKNOWN: [{ id: '/subnets/x' }],
  SUBNET_ELSEWHERE: [{ name: 'vnet-shop/snet-postgres', is: 'canadacentral', location: 'canadaeast' }],
  SUBNET_NOT_DELEGATED: [{ id: '/subnets/x', name: 'vnet-shop/snet-apps' }],
  SUBNET_FULL: [{ name: 'vnet-shop/snet-postgres' }],
  DNS_ZONE_MISSING: [
    { name: 'billing-pg', location: 'canadaeast', group: 'rg-shop', subscriptionId: '1111' },
  ],
  DNS_ZONE_UNKNOWN: [{ id: '/privateDnsZones/x' }],
  DNS_ZONE_NAME_WRONG: [{ name: 'shop.example' }],
  DNS_ZONE_NOT_LINKED: [
    { zone: 'shop.private.postgres.database.azure.com', networkId: '/vnets/a', group: 'rg-shop' },
  ],
  TAGS_UNREADABLE: [{ text: 'team' }],
  TAG_RESERVED: [{ name: 'restore-desk-nonce' }],
  TAGS_TOO_MANY: [{ limit: 46 }],
  EXPIRES_UNREADABLE: [{ text: 'soon' }],
  EXPIRES_OUT_OF_RANGE: [{ day: '2026-01-01', from: '2026-11-20', until: '2027-11-20' }],
  CANCEL_TOO_LATE: [{ id: 'R-7', outcome: 'it failed' }],
  CANCEL_NOT_YOURS: [{ id: 'R-7', people: ['Ines Okafor', 'Martin Hale'] }],
  CANCEL_UNPROVEN: [{ name: 'orders-pg-r1' }],
  CANCEL_UNFINISHED: [{ name: 'orders-pg-r1', hours: 72 }],
  TARGET_GONE: [{ name: 'orders-pg-r1' }],
  TARGET_NEVER_READY: [{ name: 'orders-pg-r1', state: 'Updating', hours: 72 }],
  GEO_BACKUP_PENDING: [{ name: 'orders-pg', tries: 12 }],
  AZURE_SIGN_IN: [],
  AZURE_THROTTLED: [],
  AZURE_QUOTA: [{ what: 'The limit is 100 cores.' }],
  AZURE_CAPACITY: [{ what: 'Zone 1 is full.' }],
  AZURE_NOT_REGISTERED: [{ subscriptionId: '1111' }],
  AZURE_NAME_HELD: [{ name: 'orders-pg-r1' }],
  AZURE_GROUP_GONE: [{ what: "Resource group 'rg-x' could not be found." }],
  AZURE_SOURCE_GONE: [{ what: 'It was not found.' }],
  AZURE_BAD_VALUE: [{ what: 'The zone is not supported.' }],
  AZURE_API_VERSION: [{ what: 'No registered provider was found.' }],
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
  TARGET_IS_OLD_NAME: [{ name: 'catalog-pg', suggestion: 'catalog-pg-r1' }],
  RESOURCE_GROUP_MISSING: [{ name: 'rg-new', subscriptionId: 's', location: 'canadacentral' }],
  REGION_RESTRICTED: [{ location: 'canadacentral' }],
  REASON_MISSING: [],
  TICKET_INVALID: [{ pattern: 'INC-\\d+' }],
  TEXT_TOO_LONG: [{ field: 'reason', limit: 500 }],
  NO_POLICY_RULE: [{ name: 'search-pg' }],
  WAY_NOT_COVERED: [{ name: 'orders-pg', way: 'geo' }],
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
  AZURE_BUSY: [{ name: 'orders-pg' }],
  AZURE_FORBIDDEN: [],
  AZURE_INTERNAL: [],
  AZURE_FAILED: [{ what: 'The disk is full.' }],
  AZURE_UNREACHABLE: [],
  AZURE_VAULT_FORBIDDEN: [],
  AZURE_VAULT_GUARDED: [told],
  AZURE_VAULT_NO_READER: [told],
  AZURE_VAULT_BACKUP_LOGIN: [told],
  AZURE_VAULT_LOGIN: [told],
  AZURE_VAULT_DATABASE_RIGHTS: [told],
  AZURE_VAULT_SECRET: [told],
  AZURE_VAULT_SECRET_ACCESS: [told],
  AZURE_VAULT_KEPT_OUT: [told],
  AZURE_VAULT_CONTAINER: [told],
  AZURE_VAULT_REPLICATION: [told],
  AZURE_VAULT_ACCOUNT_LOCKED: [told],
  AZURE_VAULT_TARGET_TAKEN: [told],
  AZURE_VAULT_NOT_FOUND: [told],
  AZURE_VAULT_POINT: [told],
  AZURE_VAULT_LOWER_VERSION: [told],
  AZURE_VAULT_CONNECTION: [told],
  AZURE_VAULT_BUSY: [told],
  AZURE_VAULT_INPUT: [told],
  AZURE_VAULT_INTERNAL: [told],
  AZURE_VAULT_REFUSED: [told],
  AZURE_VAULT_FAILED: [told],
  AZURE_BLOBS_FORBIDDEN: [{ account: 'shoprestores' }],
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
    // Words are short; a command to copy is as long as it has to be.
    expect(text.replace(/: az .*/s, '').length).toBeLessThan(260);
  }
  expect(sentence).toMatch(/\.$/);
  // A command to copy ends as it has to be typed.
  expect(hint).toMatch(/[.?]$|: az [a-z][a-z -]+ --.+[\w/]$/);
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

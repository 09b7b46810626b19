/**
 * The made-up company that lives in the local environment: one tenant, two subscriptions, five people, one team.
 * Everything that has to be the same in local Azure, local Teams and the supervisor stands here and nowhere else.
 */
export const tenantId = '22222222-2222-4222-8222-222222222222';
export const mainSubscriptionId = '11111111-1111-4111-8111-111111111111';
export const secondSubscriptionId = '33333333-3333-4333-8333-333333333333';

/** Storage accounts, by name: ARM knows them and the blob service holds their blobs. */
export const storageAccountNames = {
  shop: 'shoprestores',
  shopEast: 'shoprestoreseast',
  recovery: 'drrestores',
} as const;

/** The product's user-assigned managed identity: calls ARM, opens restored servers, fetches the bot's outbound token. */
export const productIdentity = {
  clientId: '44444444-4444-4444-8444-444444444444',
  principalId: '55555555-5555-4555-8555-555555555555',
  /** Name of the PostgreSQL role that the identity signs in as. */
  postgresRole: 'restore-desk',
} as const;

/** The principals of the backup vaults' system-assigned identities, by the name of the vault. */
export const vaultIdentities = {
  'vault-shop': '77777777-0000-4000-8000-000000000001',
  'vault-locked': '77777777-0000-4000-8000-000000000002',
  'vault-local': '77777777-0000-4000-8000-000000000003',
  'vault-east': '77777777-0000-4000-8000-000000000004',
} as const;

/** The bot registration. A user-assigned identity is its own app, so the app id is the identity's client id. */
export const bot = {
  appId: productIdentity.clientId,
  teamsId: `28:${productIdentity.clientId}`,
  name: 'Restore Desk',
} as const;

export interface Persona {
  readonly persona: string;
  readonly name: string;
  readonly role: string;
  readonly aadObjectId: string;
  /** The id Teams knows a person by inside a conversation; never the Entra id. */
  readonly teamsId: string;
  readonly userPrincipalName: string;
  readonly timeZone: string;
}

const person = (n: number, persona: string, name: string, role: string, timeZone: string): Persona => ({
  persona,
  name,
  role,
  aadObjectId: `aaaaaaa${n}-0000-4000-8000-00000000000${n}`,
  teamsId: `29:1${persona}-${String(n).repeat(8)}`,
  userPrincipalName: `${persona}@shop.example`,
  timeZone,
});

export const personas: readonly Persona[] = [
  person(1, 'oncall', 'Ines Okafor', 'On-call engineer', 'Europe/Berlin'),
  person(2, 'manager', 'Martin Hale', 'Engineering manager', 'Europe/London'),
  person(3, 'dba', 'Divya Rao', 'Database lead', 'Europe/Berlin'),
  person(4, 'engineer', 'Emil Novak', 'Engineer', 'America/Toronto'),
  person(5, 'guest', 'Greta Lind (Guest)', 'Guest', 'Europe/Stockholm'),
];

export const team = {
  id: '19:platform@thread.tacv2',
  aadGroupId: '66666666-6666-4666-8666-666666666666',
  name: 'Platform',
} as const;

/** Entra groups beside the one behind the team. The nested one is a member of the other. */
export const entraGroups = {
  databaseLeads: { id: '66666666-0000-4000-8000-000000000001', name: 'Database leads' },
  databaseSeniors: { id: '66666666-0000-4000-8000-000000000002', name: 'Database seniors' },
} as const;

export interface Channel {
  /** The name used by the page, the persona API and people. */
  readonly name: string;
  /** The conversation id on the wire, shaped as Teams shapes it. */
  readonly conversationId: string;
}

export const channels: readonly Channel[] = [
  { name: 'db-oncall', conversationId: '19:db-oncall@thread.tacv2' },
  { name: 'db-approvals', conversationId: '19:db-approvals@thread.tacv2' },
];

export const groupChat = {
  name: 'group-dba',
  conversationId: '19:group-dba@thread.v2',
  members: ['manager', 'dba', 'oncall'],
} as const;

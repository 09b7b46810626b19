/** Whether the files or the database can come into being where they are asked for. */
import { modeOf } from './judge-moment';
import { problem, type Problem } from './errors';
import { hasRole, vaultRoles, type AccountFacts, type SingleServerFacts, type VaultFacts } from './vaults';
import { isLoginAllowed, isModeCovered, type Policy, type PolicySubject } from './policy';
import type { DatabasePlace, FilesPlace, VaultPreflightFacts } from './vault-facts';
import type { FormInputs } from './form-inputs';

export interface AskedContainer {
  readonly account: string;
  readonly container: string;
}

/** `shoprestores/restores`; Azure's rules for both names. */
export function readContainer(text: string): AskedContainer | undefined {
  const [, account, container] =
    /^([a-z0-9]{3,24})\/([a-z0-9](?:-?[a-z0-9]){2,62})\/?$/.exec(text.trim()) ?? [];
  return account === undefined || container === undefined ? undefined : { account, container };
}

/** `kv-shop/pgconn` as Azure wants it. */
export function secretUri(text: string): string | undefined {
  const [, vault, name] = /^([a-z][a-z0-9-]{2,23})\/([a-z0-9-]{1,127})$/i.exec(text.trim()) ?? [];
  return vault === undefined || name === undefined
    ? undefined
    : `https://${vault.toLowerCase()}.vault.azure.net/secrets/${name}`;
}

const isPrefix = (text: string): boolean => /^[\w][\w.-]{2,99}$/.test(text);
const isDatabaseName = (text: string): boolean => /^[a-z][a-z0-9_-]{0,62}$/.test(text);

const sameSubscription = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

const ownerOf = ({ resourceGroup, subscriptionId }: { resourceGroup: string; subscriptionId: string }) => ({
  group: resourceGroup,
  subscriptionId,
});

/** The region in which the restore runs. */
export const restoreLocation = ({ secondary, vault }: VaultPreflightFacts): string =>
  secondary ?? vault?.location ?? '';

function crossSubscription(vault: VaultFacts, subscriptionId: string): Problem[] {
  const state = vault.crossSubscriptionRestore;
  if (sameSubscription(vault.subscriptionId, subscriptionId) || state === 'on') return [];
  return [
    problem('CROSS_SUBSCRIPTION_OFF', {
      vault: vault.name,
      ...ownerOf(vault),
      forEver: state === 'off-for-ever',
    }),
  ];
}

function accountProblems(account: AccountFacts, vault: VaultFacts, location: string): Problem[] {
  const named = { account: account.name, ...ownerOf(account) };
  return [
    ...(account.location === location
      ? []
      : [problem('ACCOUNT_ELSEWHERE', { account: account.name, is: account.location, location })]),
    ...(account.allowsCrossTenantReplication ? [] : [problem('ACCOUNT_CROSS_TENANT', named)]),
    ...(account.keepsAzureOut ? [problem('ACCOUNT_CLOSED', named)] : []),
    ...crossSubscription(vault, account.subscriptionId),
  ];
}

export const containerId = (account: AccountFacts, container: string): string =>
  `${account.id}/blobServices/default/containers/${container}`;

function containerProblems(
  asked: AskedContainer,
  prefix: string,
  account: AccountFacts,
  { isPrefixUsed, roles }: FilesPlace,
  vault: VaultFacts,
): Problem[] {
  const { blobContributor } = vaultRoles;
  const isThere = account.containers.includes(asked.container);
  return [
    ...(isThere ? [] : [problem('CONTAINER_UNKNOWN', asked)]),
    ...(isThere && vault.principalId !== undefined && !hasRole(roles, blobContributor)
      ? [
          problem('VAULT_ROLE_MISSING', {
            ...{ vault: vault.name, principal: vault.principalId, role: blobContributor.name },
            ...{ scope: account.id, where: account.name },
          }),
        ]
      : []),
    ...(isPrefixUsed
      ? [problem('PREFIX_USED', { prefix, container: `${asked.account}/${asked.container}` })]
      : []),
  ];
}

function filesProblems(inputs: FormInputs, facts: VaultPreflightFacts): Problem[] {
  const text = inputs.container.trim();
  const prefix = inputs.prefix.trim();
  const asked = readContainer(text);
  const unusable = isPrefix(prefix) ? [] : [problem('PREFIX_UNUSABLE', { prefix })];
  if (text === '') return [problem('CONTAINER_NEEDED'), ...unusable];
  if (!asked) return [problem('CONTAINER_UNREADABLE', { text }), ...unusable];
  const { files, vault } = facts;
  if (!files || !vault) return unusable;
  const { account } = files;
  if (!account) return [problem('ACCOUNT_UNKNOWN', { account: asked.account }), ...unusable];
  return [
    ...accountProblems(account, vault, restoreLocation(facts)),
    ...unusable,
    ...containerProblems(asked, prefix, account, files, vault),
  ];
}

function serverProblems(
  server: SingleServerFacts,
  name: string,
  facts: VaultPreflightFacts,
  vault: VaultFacts,
): Problem[] {
  const location = restoreLocation(facts);
  const from = facts.point?.kind === 'one' ? facts.point.point.postgresVersion : undefined;
  const isOlder = from !== undefined && Number.parseInt(server.version, 10) < Number.parseInt(from, 10);
  return [
    ...(server.location === location
      ? []
      : [problem('SINGLE_SERVER_ELSEWHERE', { name: server.name, is: server.location, location })]),
    ...(isOlder
      ? [problem('SINGLE_SERVER_OLDER', { name: server.name, is: server.version, version: from })]
      : []),
    ...(server.letsAzureIn
      ? []
      : [problem('SINGLE_SERVER_CLOSED', { name: server.name, ...ownerOf(server) })]),
    ...(server.databases.some((each) => each.toLowerCase() === name)
      ? [problem('DATABASE_EXISTS', { name, server: server.name })]
      : []),
    ...crossSubscription(vault, server.subscriptionId),
  ];
}

/** What the policy looks at in a database that shall come into being; it has no tags yet. */
export const databaseSubject = (
  { name, resourceGroup, subscriptionId }: SingleServerFacts,
  inputs: Pick<FormInputs, 'database'>,
): PolicySubject => ({ name: `${name}/${inputs.database.trim()}`, resourceGroup, subscriptionId });

/** Of a secret that nobody has named for the server it is not even told whether it exists. */
function secretProblems(
  inputs: FormInputs,
  place: DatabasePlace,
  vault: VaultFacts,
  policy: Policy,
): Problem[] {
  const text = inputs.secret.trim();
  if (text === '') return [problem('SECRET_NEEDED')];
  const server = place.server?.name ?? inputs.target.trim();
  if (!isLoginAllowed(policy, server, text)) return [problem('SECRET_NOT_NAMED', { secret: text, server })];
  const { secret: found, rolesOnSecret } = place;
  if (!found?.secret) return [problem('SECRET_UNKNOWN', { secret: text })];
  const disabled = found.secret.isEnabled ? [] : [problem('SECRET_DISABLED', { secret: text })];
  const principal = vault.principalId;
  if (principal === undefined) return disabled;
  const { secretsUser } = vaultRoles;
  if (found.access.kind === 'policies')
    return found.access.readers.includes(principal.toLowerCase())
      ? disabled
      : [
          ...disabled,
          problem('SECRET_POLICY_MISSING', { vault: vault.name, keyVault: found.vaultName, principal }),
        ];
  return hasRole(rolesOnSecret, secretsUser)
    ? disabled
    : [
        ...disabled,
        problem('VAULT_ROLE_MISSING', {
          ...{ vault: vault.name, principal, role: secretsUser.name },
          ...{ scope: found.vaultId, where: found.vaultName },
        }),
      ];
}

function databaseProblems(inputs: FormInputs, facts: VaultPreflightFacts, policy: Policy): Problem[] {
  const name = inputs.database.trim();
  const { database: place, vault } = facts;
  const unusable = isDatabaseName(name) ? [] : [problem('DATABASE_UNUSABLE', { name })];
  if (!place || !vault) return unusable;
  const { server } = place;
  const subject = server && databaseSubject(server, inputs);
  // As with a source: of a server that the policy does not cover nothing else is told.
  if (subject && !isModeCovered(policy, subject, 'vault-database'))
    return [problem('DATABASE_NOT_COVERED', { name: subject.name }), ...unusable];
  return [
    ...(server
      ? serverProblems(server, name, facts, vault)
      : [problem('SINGLE_SERVER_UNKNOWN', { name: inputs.target.trim() })]),
    ...unusable,
    ...secretProblems(inputs, place, vault, policy),
  ];
}

export function vaultTargetProblems(
  inputs: FormInputs,
  facts: VaultPreflightFacts,
  policy: Policy,
): Problem[] {
  const own =
    modeOf(inputs) === 'vault-database'
      ? databaseProblems(inputs, facts, policy)
      : filesProblems(inputs, facts);
  const { openForTarget } = facts;
  return openForTarget === undefined
    ? own
    : [...own, problem('DUPLICATE_OPEN', { id: openForTarget, target: vaultTargetName(inputs) })];
}

/** How the destination is called; two open requests never have the same one, however its container was written. */
export function vaultTargetName(inputs: FormInputs): string {
  if (modeOf(inputs) === 'vault-database')
    return `${inputs.target.trim().toLowerCase()}/${inputs.database.trim()}`;
  const asked = readContainer(inputs.container);
  const place = asked ? `${asked.account}/${asked.container}` : inputs.container.trim();
  return `${place}/${inputs.prefix.trim()}`;
}

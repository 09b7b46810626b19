/** What a restore from a vault is judged by, with nothing in its way: changed where a test has its point. */
import { choosePoint } from '../../services/restore/choose-point';
import { aSecret, aSingleServer, aVault, anAccount, anInstance, somePoints } from './fake-vaults';
import { now, someInputs } from './facts';
import { vaultRoles } from '../../services/restore/vaults';
import type { FormInputs } from '../../services/restore/form-inputs';
import type { VaultPreflightFacts } from '../../services/restore/vault-facts';

const roles = Object.values(vaultRoles).map(({ id }) => id);

export const vaultInputs = (changes: Partial<FormInputs> = {}): FormInputs =>
  someInputs({
    source: 'orders-pg',
    mode: 'vault-files',
    backup: 'newest',
    moment: '',
    target: '',
    container: 'shoprestores/restores',
    prefix: 'orders-pg-20261118-0310-7f3a19',
    ...changes,
  });

export function aVaultFacts(
  inputs: FormInputs,
  changes: Partial<VaultPreflightFacts> = {},
): VaultPreflightFacts {
  const instance = anInstance(inputs.source || 'orders-pg');
  const points = changes.points ?? somePoints;
  const { title, server } = instance;
  return {
    instance: { kind: 'one', server: instance },
    subject: { name: title, resourceGroup: server.resourceGroup, tags: {} },
    vault: aVault(),
    hasVaultThere: true,
    points,
    point: choosePoint(title, points, inputs),
    files: { account: anAccount(), isPrefixUsed: false, roles },
    database: { server: aSingleServer(), secret: aSecret(), rolesOnSecret: roles, rolesOnServer: roles },
    rolesOnSource: roles,
    missingRights: [],
    subscriptions: ['11111111-1111-4111-8111-111111111111'],
    allowsSingleServers: true,
    guardRequests: [],
    now,
    ...changes,
  };
}

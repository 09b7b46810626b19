/** What stands where a restore from a vault was to put its files or its database. */
import { problem, DeskError } from './restore/errors';
import type { AccountFacts, BlobFacts } from './restore/vaults';
import type { Deps } from './deps';
import { writesFiles, type FilesPlan, type VaultPlan } from './restore/vault-plan';

export async function accountOf(deps: Deps, { target }: FilesPlan): Promise<AccountFacts> {
  const account = await deps.vaultTargets.account(target.account);
  if (!account) throw new DeskError(problem('ACCOUNT_UNKNOWN', { account: target.account }));
  return account;
}

export const filesOf = async (deps: Deps, plan: FilesPlan): Promise<readonly BlobFacts[]> =>
  deps.vaultTargets.blobs(await accountOf(deps, plan), plan.target.container, plan.target.prefix);

export type Leftovers = 'some' | 'none' | 'unknown';

/** Whether files or a database of the planned names are there; unknown where it cannot be looked at. */
export async function leftovers(deps: Deps, plan: VaultPlan): Promise<Leftovers> {
  try {
    if (writesFiles(plan)) return (await filesOf(deps, plan)).length > 0 ? 'some' : 'none';
    const server = await deps.vaultTargets.singleServer(plan.target.server);
    const name = plan.target.database.toLowerCase();
    return server?.databases.some((each) => each.toLowerCase() === name) === true ? 'some' : 'none';
  } catch (error) {
    if (error instanceof DeskError) return 'unknown';
    throw error;
  }
}

/** What cannot be looked at may be there. */
export const mayHaveLeftSomething = async (deps: Deps, plan: VaultPlan): Promise<boolean> =>
  (await leftovers(deps, plan)) !== 'none';

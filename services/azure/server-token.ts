/** Access tokens of the product's identity that Azure Database for PostgreSQL takes as password. */
import type { TokenCredential } from '@azure/core-auth';
import { DeskError, problem } from '../restore/errors';

const scope = 'https://ossrdbms-aad.database.windows.net/.default';

/** The credential caches the token itself until shortly before it expires. */
export const serverToken = (credential: TokenCredential) => async (): Promise<string> => {
  const token = await credential.getToken(scope);
  if (!token) throw new DeskError(problem('AZURE_UNREACHABLE'));
  return token.token;
};

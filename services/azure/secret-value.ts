/** The value of one key vault secret, read with the product's own identity. It goes to who asked, and nowhere else. */
import type { TokenCredential } from '@azure/core-auth';
import { createDefaultHttpClient, createPipelineRequest, type HttpClient } from '@azure/core-rest-pipeline';
import { DeskError, problem } from '../restore/errors';

const scope = 'https://vault.azure.net/.default';
const apiVersion = '7.4';

/** Key vaults of Azure's clouds: our token goes to no other address. */
const secretUrl =
  /^https:\/\/[a-z][a-z0-9-]{1,22}[a-z0-9]\.vault\.(azure\.net|azure\.cn|usgovcloudapi\.net)\/secrets\/[0-9a-z-]{1,127}(\/[0-9a-f]{32})?$/i;

export const isSecretUrl = (url: string): boolean => secretUrl.test(url);

type Unreadable = (why: string, cause?: unknown) => DeskError;

/** `what`: `for the evidence`. */
const unreadableSecret =
  (what: string): Unreadable =>
  (why, cause) =>
    new DeskError(problem('CONFIGURATION', { problems: [`The key vault secret ${what} ${why}.`] }), cause);

interface SecretSettings {
  readonly credential: TokenCredential;
  readonly timeoutSeconds: number;
}

/** `what` it is for, in words of a problem; `http` is the way out, and a test hands in its own. */
export function createSecretReader(
  { credential, timeoutSeconds }: SecretSettings,
  what: string,
  http: HttpClient = createDefaultHttpClient(),
): (url: string) => Promise<string> {
  const unreadable = unreadableSecret(what);
  return async (url) => {
    if (!isSecretUrl(url)) throw unreadable('is not the address of one');
    const token = await credential.getToken(scope).catch((error: unknown) => {
      throw unreadable('cannot be asked for: there is no token of our identity', error);
    });
    const request = createPipelineRequest({ url: `${url}?api-version=${apiVersion}` });
    request.headers.set('authorization', `Bearer ${token?.token ?? ''}`);
    request.timeout = timeoutSeconds * 1_000;
    const { status, bodyAsText } = await http.sendRequest(request).catch((error: unknown) => {
      throw unreadable('cannot be read: its vault does not answer', error);
    });
    if (status !== 200) throw unreadable(`cannot be read: its vault answers ${status}`);
    return valueOf(bodyAsText ?? '', unreadable);
  };
}

function valueOf(text: string, unreadable: Unreadable): string {
  try {
    const { value } = JSON.parse(text) as { readonly value?: unknown };
    if (typeof value === 'string') return value;
  } catch {
    // What the parser throws would quote the secret.
  }
  throw unreadable('has no value that can be read');
}

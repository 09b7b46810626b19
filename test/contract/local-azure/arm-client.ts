/** The clients of the contract tests: the stock SDK, and a bare fetch that sees statuses and headers. */
import { request } from 'node:https';
import { PostgreSQLManagementFlexibleServerClient } from '@azure/arm-postgresql-flexible';
import type { TokenCredential } from '@azure/core-auth';
import { mainSubscriptionId, productIdentity } from '../../../infra/local/identities';
import type { TestAzure } from './start-local-azure';

export const rgShop = `/subscriptions/${mainSubscriptionId}/resourceGroups/rg-shop`;
export const serverPath = (name: string): string =>
  `${rgShop}/providers/Microsoft.DBforPostgreSQL/flexibleServers/${name}`;

export async function fetchToken(azure: TestAzure, resource: string): Promise<string> {
  const url = `${azure.http}/msi/token?api-version=2019-08-01&resource=${encodeURIComponent(resource)}&client_id=${productIdentity.clientId}`;
  const response = await fetch(url, { headers: { 'x-identity-header': azure.identityHeader } });
  return ((await response.json()) as { access_token: string }).access_token;
}

export function sdkClient(
  azure: TestAzure,
  credential?: TokenCredential,
): PostgreSQLManagementFlexibleServerClient {
  const own: TokenCredential = {
    getToken: async () => ({
      token: await fetchToken(azure, 'https://management.azure.com'),
      expiresOnTimestamp: Date.now() + 3_000_000,
    }),
  };
  return new PostgreSQLManagementFlexibleServerClient(credential ?? own, mainSubscriptionId, {
    endpoint: azure.https,
    tlsOptions: { ca: azure.ca },
    retryOptions: { maxRetries: 0 },
  });
}

/** The fields of all bodies the tests look at; which of them are there depends on the call. */
export interface ArmBody {
  readonly error: { readonly code: string; readonly message: string };
  readonly value: readonly Readonly<Record<string, unknown>>[];
  readonly nextLink: string;
  readonly name: string;
  readonly status: string;
}

export interface ArmReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: ArmBody;
}

/** One bare ARM call; `token` undefined means the product's own, null means none at all. */
export async function arm(
  azure: TestAzure,
  method: string,
  pathOrUrl: string,
  options: { body?: unknown; token?: string | null; headers?: Record<string, string>; version?: string } = {},
): Promise<ArmReply> {
  const url = new URL(pathOrUrl, azure.https);
  if (!url.searchParams.has('api-version'))
    url.searchParams.set('api-version', options.version ?? '2025-08-01');
  const token =
    options.token === undefined ? await fetchToken(azure, 'https://management.azure.com') : options.token;
  const payload = options.body === undefined ? undefined : JSON.stringify(options.body);
  return new Promise((resolve, reject) => {
    const call = request(
      url,
      {
        method,
        ca: azure.ca,
        agent: false,
        headers: {
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
          ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
          ...options.headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: (text === '' ? null : JSON.parse(text)) as ArmBody,
          });
        });
      },
    );
    call.once('error', reject);
    call.end(payload);
  });
}

/**
 * The key with which the Bot Connector signs its calls, and the metadata by which the bot checks them. The key survives
 * a restart: the bot's own library looks for an unknown key at most once an hour.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, SignJWT, type JWK } from 'jose';
import { bot } from '../identities';

const CONNECTOR_ISSUER = 'https://api.botframework.com';
const ALGORITHM = 'RS256';

type EndorsedKey = JWK & { readonly endorsements: readonly string[] };

export interface ConnectorSigner {
  /** What `jwks_uri` answers: the public half, endorsed for the Teams channel. */
  readonly keySet: { readonly keys: readonly EndorsedKey[] };
  /** A token for one call to the bot. */
  sign(serviceUrl: string): Promise<string>;
}

export async function openConnectorSigner(stateDir: string): Promise<ConnectorSigner> {
  const privateJwk = await loadOrMakeKey(stateDir);
  const key = await importJWK(privateJwk, ALGORITHM);
  const kid = await calculateJwkThumbprint(privateJwk);
  const { n, e } = privateJwk as JWK & { n: string; e: string };
  return {
    keySet: {
      keys: [{ kty: 'RSA', n, e, kid, x5t: kid, use: 'sig', alg: ALGORITHM, endorsements: ['msteams'] }],
    },
    sign: (serviceUrl) =>
      new SignJWT({ serviceurl: serviceUrl })
        .setProtectedHeader({ alg: ALGORITHM, kid, x5t: kid, typ: 'JWT' })
        .setIssuer(CONNECTOR_ISSUER)
        .setAudience(bot.appId)
        .setNotBefore('0s')
        .setExpirationTime('1h')
        .sign(key),
  };
}

export function openIdMetadata(origin: string): Record<string, unknown> {
  return {
    issuer: CONNECTOR_ISSUER,
    authorization_endpoint: `${origin}/not-used`,
    jwks_uri: `${origin}/.well-known/keys`,
    id_token_signing_alg_values_supported: [ALGORITHM],
    token_endpoint_auth_methods_supported: ['private_key_jwt'],
  };
}

async function loadOrMakeKey(stateDir: string): Promise<JWK> {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const file = join(stateDir, 'signing-key.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as JWK;
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  const jwk = await exportJWK(privateKey);
  writeFileSync(file, JSON.stringify(jwk), { mode: 0o600 });
  return jwk;
}

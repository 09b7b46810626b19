/**
 * The token issuer: signs what the identity endpoint hands out and checks what comes back as a bearer token or as a
 * PostgreSQL password. The key is kept in the state folder, so tokens outlive a restart.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  calculateJwkThumbprint,
  errors,
  exportJWK,
  generateKeyPair,
  importJWK,
  jwtVerify,
  SignJWT,
  type JWK,
} from 'jose';
import { productIdentity, tenantId } from '../identities';

export const issuer = `https://sts.windows.net/${tenantId}/`;
const tokenSeconds = 3600;

export interface MintedToken {
  readonly token: string;
  readonly issuedAtSeconds: number;
  readonly expiresAtSeconds: number;
}

export interface Caller {
  readonly appId: string;
  readonly objectId: string;
}

export type TokenVerdict =
  | { readonly kind: 'good'; readonly caller: Caller }
  | { readonly kind: 'expired' }
  | { readonly kind: 'wrong-audience'; readonly audience: string }
  | { readonly kind: 'bad' };

export interface TokenIssuer {
  /** A token of the product's identity for one audience. */
  mint(audience: string, lifetimeSeconds?: number): Promise<MintedToken>;
  verify(token: string, audiences: readonly string[]): Promise<TokenVerdict>;
  /** The public key set, for those who check tokens elsewhere. */
  readonly keySet: { readonly keys: readonly JWK[] };
}

export async function openTokenIssuer(keyFile: string): Promise<TokenIssuer> {
  const jwk = await readOrMakeKey(keyFile);
  const privateKey = await importJWK(jwk, 'RS256');
  const { kty, n, e, kid } = jwk;
  const publicJwk = { kty, n, e, kid, use: 'sig', alg: 'RS256' } as JWK;
  const publicKey = await importJWK(publicJwk, 'RS256');
  return {
    keySet: { keys: [publicJwk] },
    mint: async (audience, lifetimeSeconds = tokenSeconds) => {
      const issuedAtSeconds = Math.floor(Date.now() / 1000);
      const expiresAtSeconds = issuedAtSeconds + lifetimeSeconds;
      const token = await new SignJWT({ ...identityClaims })
        .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: kid ?? '' })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(productIdentity.principalId)
        .setIssuedAt(issuedAtSeconds)
        .setNotBefore(issuedAtSeconds)
        .setExpirationTime(expiresAtSeconds)
        .sign(privateKey);
      return { token, issuedAtSeconds, expiresAtSeconds };
    },
    verify: async (token, audiences) => {
      try {
        const { payload } = await jwtVerify(token, publicKey, { issuer, algorithms: ['RS256'] });
        const audience = String(payload.aud);
        if (!audiences.includes(audience)) return { kind: 'wrong-audience', audience };
        const { appid, oid } = payload;
        if (typeof appid !== 'string' || typeof oid !== 'string') return { kind: 'bad' };
        return { kind: 'good', caller: { appId: appid, objectId: oid } };
      } catch (error) {
        return { kind: error instanceof errors.JWTExpired ? 'expired' : 'bad' };
      }
    },
  };
}

const identityClaims = {
  ver: '1.0',
  idtyp: 'app',
  tid: tenantId,
  idp: issuer,
  appid: productIdentity.clientId,
  appidacr: '2',
  oid: productIdentity.principalId,
};

async function readOrMakeKey(file: string): Promise<JWK> {
  if (existsSync(file)) return JSON.parse(await readFile(file, 'utf8')) as JWK;
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = await exportJWK(privateKey);
  const named = { ...jwk, kid: await calculateJwkThumbprint(jwk) };
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(file, JSON.stringify(named), { mode: 0o600 });
  return named;
}

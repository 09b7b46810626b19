/** Checks that a call to the Connector comes from the bot: a token of its own identity, signed by local Azure. */
import { createRemoteJWKSet, errors, jwtVerify, type JWTVerifyGetKey } from 'jose';
import { bot } from '../identities';
import { ConnectorRefusal } from './refusal';

const CONNECTOR_AUDIENCE = 'https://api.botframework.com';

export type BotTokenCheck = (authorization: string | undefined) => Promise<void>;

export function createBotTokenCheck(localAzureUrl: string): BotTokenCheck {
  const keys = keysOf(localAzureUrl);
  return async (authorization) => {
    const token = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1];
    if (!token) throw unauthorized('The call carries no bearer token.');
    const { payload } = await jwtVerify(token, keys, { audience: CONNECTOR_AUDIENCE }).catch(
      (error: unknown) => {
        throw translate(error, localAzureUrl);
      },
    );
    const caller = payload['appid'] ?? payload['azp'];
    if (caller !== bot.appId) throw unauthorized(`The token belongs to ${String(caller)}, not to the bot.`);
  };
}

/** Published under a control route, and where Entra itself publishes its keys; either will do. */
const KEY_PATHS = ['/local/keys', '/common/discovery/keys'];

function keysOf(localAzureUrl: string): JWTVerifyGetKey {
  // No cool-down: local Azure may have begun anew with other keys a moment ago.
  const sets = KEY_PATHS.map((path) =>
    createRemoteJWKSet(new URL(`${localAzureUrl}${path}`), { cooldownDuration: 0, timeoutDuration: 5_000 }),
  );
  return async (header, token) => {
    const attempts = await Promise.allSettled(sets.map((find) => find(header, token)));
    const found = attempts.find((attempt) => attempt.status === 'fulfilled');
    if (found) return found.value;
    // That no key matches says more than that a second address was not there.
    const reasons = attempts.map((attempt) =>
      attempt.status === 'rejected' ? (attempt.reason as unknown) : undefined,
    );
    throw reasons.find((reason) => reason instanceof errors.JWKSNoMatchingKey) ?? reasons[0];
  };
}

function unauthorized(message: string): ConnectorRefusal {
  return new ConnectorRefusal(
    401,
    'Unauthorized',
    `Authorization has been denied for this request. ${message}`,
  );
}

function translate(error: unknown, localAzureUrl: string): ConnectorRefusal {
  const isTokenFault =
    error instanceof errors.JWTClaimValidationFailed ||
    error instanceof errors.JWTExpired ||
    error instanceof errors.JWTInvalid ||
    error instanceof errors.JWSInvalid ||
    error instanceof errors.JWSSignatureVerificationFailed ||
    error instanceof errors.JOSEAlgNotAllowed ||
    error instanceof errors.JOSENotSupported ||
    error instanceof errors.JWKSNoMatchingKey;
  if (isTokenFault) return unauthorized(`The token was refused: ${error.message}.`);
  return new ConnectorRefusal(
    503,
    'ServiceUnavailable',
    `The keys of local Azure cannot be read at ${localAzureUrl}, so the token cannot be checked.`,
  );
}

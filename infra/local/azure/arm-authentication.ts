/** Reads the bearer token of an ARM call and refuses, with 401, what ARM refuses. */
import { tenantId } from '../identities';
import { ArmError } from './arm-error';
import type { Caller, TokenIssuer } from './tokens';

const managementAudiences = ['https://management.azure.com', 'https://management.core.windows.net'];

const unauthenticated = (code: string, message: string): ArmError =>
  new ArmError(401, code, message, {
    headers: {
      'www-authenticate': `Bearer authorization_uri="https://login.microsoftonline.com/${tenantId}", error="invalid_token", error_description="${message.replaceAll('"', "'")}"`,
    },
  });

/** `ownOrigin` is an audience too: a stock client asks for `<endpoint>/.default` when it is pointed elsewhere. */
export async function authenticate(
  tokens: TokenIssuer,
  header: string | undefined,
  ownOrigin: string,
): Promise<Caller> {
  if (header === undefined || header === '')
    throw unauthenticated(
      'AuthenticationFailed',
      "Authentication failed. The 'Authorization' header is missing.",
    );
  const token = /^Bearer +(\S+)$/i.exec(header)?.[1];
  if (token === undefined)
    throw unauthenticated(
      'AuthenticationFailedInvalidHeader',
      "Authentication failed. The 'Authorization' header is provided in an invalid format.",
    );
  const audiences = [...managementAudiences, ownOrigin].flatMap((audience) => [audience, `${audience}/`]);
  const verdict = await tokens.verify(token, audiences);
  switch (verdict.kind) {
    case 'good':
      return verdict.caller;
    case 'expired':
      throw unauthenticated('ExpiredAuthenticationToken', 'The access token expiry has passed.');
    case 'wrong-audience':
      throw unauthenticated(
        'InvalidAuthenticationTokenAudience',
        `The access token has been obtained for wrong audience or resource '${verdict.audience}'. It should exactly match with one of the allowed audiences '${managementAudiences.join("','")}'.`,
      );
    case 'bad':
      throw unauthenticated('InvalidAuthenticationToken', 'The access token is invalid.');
  }
}

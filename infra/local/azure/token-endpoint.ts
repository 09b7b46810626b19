/**
 * The identity endpoint. GET speaks as App Service does (IDENTITY_ENDPOINT with IDENTITY_HEADER, and the older
 * MSI_ENDPOINT with MSI_SECRET); POST speaks as Cloud Shell does. Beside it stand the keys the tokens are signed with.
 */
import { Router, urlencoded, type Request, type Response } from 'express';
import { productIdentity, tenantId } from '../identities';
import { issuer, type TokenIssuer } from './tokens';

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

export function tokenEndpoint(tokens: TokenIssuer, identityHeader: string): Router {
  const router = Router();
  router.get('/msi/token', async (request, response) => {
    const secret = request.get('x-identity-header') ?? request.get('secret');
    if (secret !== identityHeader)
      return refuse(response, 401, 'The identity header is missing or is not the one this endpoint expects.');
    if (text(request.query['api-version']) === undefined)
      return refuse(response, 400, 'The api-version query parameter is required.');
    const clientId = text(request.query['client_id'] ?? request.query['clientid']);
    const objectId = text(request.query['object_id'] ?? request.query['principal_id']);
    if (!isProduct(clientId, productIdentity.clientId) || !isProduct(objectId, productIdentity.principalId))
      return refuse(response, 400, 'No managed identity with the asked id is assigned to this machine.');
    return sendToken(tokens, text(request.query['resource']), response);
  });
  router.post('/msi/token', urlencoded({ extended: false }), async (request: Request, response) => {
    // A browser cannot send this header across origins without asking first.
    if (request.get('metadata')?.toLowerCase() !== 'true')
      return refuse(response, 400, 'The header "Metadata: true" is required.');
    const body = (request.body ?? {}) as Record<string, unknown>;
    return sendToken(tokens, text(body['resource']), response);
  });
  publishKeys(router, tokens);
  return router;
}

const isProduct = (asked: string | undefined, own: string): boolean =>
  asked === undefined || asked.toLowerCase() === own;

function refuse(response: Response, statusCode: number, message: string): void {
  response.status(statusCode).json({ statusCode, error: 'invalid_request', message });
}

async function sendToken(
  tokens: TokenIssuer,
  resource: string | undefined,
  response: Response,
): Promise<void> {
  if (resource === undefined) return refuse(response, 400, 'The parameter "resource" is required.');
  const { token, issuedAtSeconds, expiresAtSeconds } = await tokens.mint(resource);
  response.set('cache-control', 'no-store').json({
    access_token: token,
    client_id: productIdentity.clientId,
    expires_in: String(expiresAtSeconds - issuedAtSeconds),
    expires_on: String(expiresAtSeconds),
    not_before: String(issuedAtSeconds),
    resource,
    token_type: 'Bearer',
  });
}

function publishKeys(router: Router, tokens: TokenIssuer): void {
  router.get(['/common/discovery/keys', `/${tenantId}/discovery/keys`], (_request, response) => {
    response.json(tokens.keySet);
  });
  router.get(`/${tenantId}/.well-known/openid-configuration`, (request, response) => {
    response.json({
      issuer,
      jwks_uri: `${request.protocol}://${request.get('host') ?? ''}/${tenantId}/discovery/keys`,
      id_token_signing_alg_values_supported: ['RS256'],
    });
  });
}

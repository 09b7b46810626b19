/** The description of this "cloud" that the stock command line reads when the cloud is registered by its address. */
import { Router } from 'express';
import { tenantId } from '../identities';

/** Audiences for which the token endpoint issues tokens to ARM clients. */
const managementAudience = 'https://management.azure.com/';

/** `GET /metadata/endpoints`, open to everybody as in the real one: a client has no token yet when it asks. */
export function cloudMetadata(): Router {
  const router = Router();
  router.get('/metadata/endpoints', (request, response) => {
    const origin = `${request.protocol}://${request.get('host') ?? ''}`;
    response.json({
      name: 'RestoreDeskLocal',
      resourceManager: `${origin}/`,
      portal: `${origin}/`,
      graph: `${origin}/`,
      graphAudience: `${origin}/`,
      authentication: {
        loginEndpoint: `${origin}/`,
        audiences: [managementAudience],
        tenant: tenantId,
        identityProvider: 'AAD',
      },
      suffixes: { postgresqlServerEndpoint: '.postgres.database.azure.com', storage: 'core.windows.net' },
    });
  });
  return router;
}

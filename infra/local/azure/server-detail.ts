/** What the routes below a server share: the pieces that hang there, and a look into the running cluster. */
import type { Client } from 'pg';
import { ArmError } from './arm-error';
import type { ServerRecord } from './model';
import type { ServerClusters } from './server-clusters';
import type { ServerRouteDeps } from './server-routes';
import { withSession } from './server-session';

export interface DetailRouteDeps extends ServerRouteDeps {
  readonly clusters: ServerClusters;
}

export interface Child {
  readonly name: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

export async function onServer<T>(
  deps: DetailRouteDeps,
  server: ServerRecord,
  use: (client: Client) => Promise<T>,
): Promise<T> {
  if (!deps.clusters.isRunning(server.name) || server.state === 'Provisioning')
    throw new ArmError(409, 'ServerIsNotReady', `The server '${server.name}' is not ready.`, {
      cause: 'service',
    });
  return withSession(deps.clusters.asSuperuser(server), use);
}

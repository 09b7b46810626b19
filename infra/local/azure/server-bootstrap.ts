/** What every new server has before its owner touches it: the administrator, the product's role, encrypted sign-in. */
import { escapeIdentifier, escapeLiteral } from 'pg';
import { productIdentity } from '../identities';
import type { ServerRecord } from './model';
import type { ServerClusters } from './server-clusters';
import { withSession } from './server-session';

/**
 * The administrator is no superuser in Azure either: it may make roles and databases and see statistics. The product's
 * identity is an Entra administrator of every server, who may do the same.
 */
export async function bootstrapServer(clusters: ServerClusters, server: ServerRecord): Promise<void> {
  const administrator = escapeIdentifier(server.administratorLogin);
  const product = escapeIdentifier(productIdentity.postgresRole);
  await withSession(clusters.asSuperuser(server), async (client) => {
    await client.query(`
      create role azure_pg_admin nologin;
      create role ${administrator} login createdb createrole password ${escapeLiteral(server.administratorPassword)};
      grant azure_pg_admin to ${administrator} with admin option;
      grant pg_monitor, pg_read_all_settings, pg_read_all_stats, pg_signal_backend to ${administrator} with admin option;
      create role ${product} login createdb createrole;
      grant azure_pg_admin to ${product};
      grant pg_read_all_data, pg_monitor, pg_signal_backend to ${product};
      alter database postgres owner to ${administrator};
    `);
  });
}

/** A stranger's program: stock identity and PostgreSQL clients, told nothing but variables, the CA file and the endpoint. */
import { PostgreSQLManagementFlexibleServerClient } from '@azure/arm-postgresql-flexible';
import { ManagedIdentityCredential } from '@azure/identity';

async function main(): Promise<void> {
  const [endpoint = '', subscriptionId = '', clientId = ''] = process.argv.slice(2);
  const credential =
    clientId === '' ? new ManagedIdentityCredential() : new ManagedIdentityCredential({ clientId });
  const client = new PostgreSQLManagementFlexibleServerClient(credential, subscriptionId, { endpoint });
  const names: string[] = [];
  for await (const server of client.servers.listBySubscription()) names.push(server.name ?? '');
  console.log(JSON.stringify(names.sort()));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});

/**
 * A stranger's program, once for every version of the official client: told nothing but variables, the CA file and the
 * address, it lists, restores, geo-restores, shows and deletes. The versions call the same things by other names.
 */
import { ManagedIdentityCredential } from '@azure/identity';

interface Server {
  readonly name?: string;
  readonly state?: string;
  readonly location?: string;
  readonly pointInTimeUTC?: Date;
}

type Listed = AsyncIterable<Server> | Promise<readonly Server[]>;
type Change = (group: string, name: string, body: object) => Promise<unknown>;
type Remove = (group: string, name: string) => Promise<unknown>;

/** Everything that one version or another has. */
interface Servers {
  listBySubscription?(): Listed;
  list?(): Listed;
  get(group: string, name: string): Promise<Server>;
  beginCreateOrUpdateAndWait?: Change;
  beginCreateAndWait?: Change;
  create?: Change;
  beginDeleteAndWait?: Remove;
  deleteMethod?: Remove;
}

type ClientClass = new (
  credential: ManagedIdentityCredential,
  subscriptionId: string,
  options: object,
) => { readonly servers: Servers };

type Exports = Readonly<Record<string, ClientClass>>;

async function collect(listed: Listed | undefined): Promise<string[]> {
  if (!listed) throw new Error('this version lists no servers');
  const servers: Server[] = [];
  if (Symbol.asyncIterator in listed) for await (const server of listed) servers.push(server);
  else servers.push(...(await listed));
  return servers.map(({ name = '' }) => name).sort();
}

async function open(
  packageName: string,
  endpoint: string,
  subscriptionId: string,
  clientId: string,
): Promise<Servers> {
  const loaded = (await import(packageName)) as { readonly default?: Exports } & Exports;
  const exported = loaded.default ?? loaded;
  const Client =
    exported['PostgreSQLManagementFlexibleServerClient'] ?? exported['PostgreSQLManagementClient'];
  if (!Client) throw new Error(`${packageName} exports no client`);
  const credential = new ManagedIdentityCredential({ clientId });
  // The oldest one asks every 30 seconds how an operation goes unless it is told otherwise.
  const options = { endpoint, baseUri: endpoint, longRunningOperationRetryTimeout: 1 };
  return new Client(credential, subscriptionId, options).servers;
}

async function main(): Promise<void> {
  const [packageName = '', endpoint = '', subscriptionId = '', clientId = '', stem = ''] =
    process.argv.slice(2);
  const servers = await open(packageName, endpoint, subscriptionId, clientId);
  const group = 'rg-shop';
  const source = {
    sourceServerResourceId: `/subscriptions/${subscriptionId}/resourceGroups/${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/orders-pg`,
    sourceServerName: 'orders-pg',
    sourceResourceGroupName: group,
    pointInTimeUTC: new Date(),
  };
  const make = async (name: string, location: string, createMode: string): Promise<void> => {
    const body = { location, createMode, ...source };
    const change = servers.beginCreateOrUpdateAndWait ?? servers.beginCreateAndWait ?? servers.create;
    await change?.call(servers, group, name, body);
  };
  const remove = async (name: string): Promise<void> => {
    await (servers.beginDeleteAndWait ?? servers.deleteMethod)?.call(servers, group, name);
  };
  const [moment, geo] = [`${stem}-pit`, `${stem}-geo`];
  const before = await collect((servers.listBySubscription ?? servers.list)?.call(servers));
  await Promise.all([
    make(moment, 'canadacentral', 'PointInTimeRestore'),
    make(geo, 'canadaeast', 'GeoRestore'),
  ]);
  const shown = await Promise.all([moment, geo].map((name) => servers.get(group, name)));
  await Promise.all([moment, geo].map(remove));
  const after = await collect((servers.listBySubscription ?? servers.list)?.call(servers));
  console.log(
    JSON.stringify({ before, shown: shown.map(({ name, location }) => ({ name, location })), after }),
  );
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});

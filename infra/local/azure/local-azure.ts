/** Puts local Azure together: storage, tokens, clusters, the two listeners, and the order of starting and stopping. */
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import { join } from 'node:path';
import express, { type Express } from 'express';
import { ensureCertificates, type Certificates } from '../certificates';
import { controlRouter, loopbackGuard } from '../wire/control';
import { faultMiddleware } from '../wire/fault-middleware';
import { createFaults } from '../wire/faults';
import { openJournal } from '../wire/journal';
import { createActivityLog } from './activity-log';
import { activityRoutes } from './activity-routes';
import { armRouter } from './arm-router';
import { createThrottle } from './arm-throttle';
import { createBackupService, type BackupService } from './backup-service';
import { blobControlRoutes } from './blob-control-routes';
import { createBlobHost, type BlobHost } from './blob-host';
import { cloudMetadata } from './cloud-metadata';
import type { AzureConfig } from './config';
import { azureControlRoutes } from './control-routes';
import { directoryRoutes } from './directory-routes';
import { entraControlRoutes } from './entra-control-routes';
import { entraRoutes } from './entra-routes';
import { createGeoReplication } from './geo-copies';
import { startDirectory } from './ldap-listener';
import { createGraphQuota } from './graph-quota';
import { keyVaultRoutes } from './key-vault-routes';
import { locationRoutes } from './location-routes';
import { networkRoutes } from './network-routes';
import { createOperations, type Operations } from './operations';
import { createOutages, isDown, type Outages } from './outages';
import { permissionRoutes } from './permission-routes';
import { createPortPool } from './ports';
import { resourceGraphRoutes } from './resource-graph-routes';
import { resourceRows } from './resource-rows';
import { vaultRows } from './vault-rows';
import { patchLegacy } from './restore-targets';
import { roleRoutes } from './role-routes';
import { clearFormerSeed, seed } from './seed';
import { seedAccounts } from './seed-accounts';
import { serverChildRoutes } from './server-child-routes';
import { createServerClusters, type ServerClusters } from './server-clusters';
import { serverDetailRoutes } from './server-detail-routes';
import { serverExtensionRoutes } from './server-extension-routes';
import { serverRoutes } from './server-routes';
import type { SessionTarget } from './server-session';
import { createServerWorker, type ServerWorker } from './server-work';
import { findFaketime } from './shifted-clock';
import { storageRoutes } from './storage-routes';
import { openStore, type Store } from './store';
import { startTicker } from './ticker';
import { tokenEndpoint } from './token-endpoint';
import { tokenLogin } from './token-login';
import { openTokenIssuer, type TokenIssuer } from './tokens';

/** A reason not to start that its reader can do something about. */
export class StartRefused extends Error {}

export interface LocalAzure {
  readonly httpPort: number;
  readonly httpsPort: number;
  stop(): Promise<void>;
}

/** What a token for blobs is for. */
const storageAudience = 'https://storage.azure.com';

interface Parts {
  readonly config: AzureConfig;
  readonly store: Store;
  readonly tokens: TokenIssuer;
  readonly clusters: ServerClusters;
  readonly operations: Operations;
  readonly outages: Outages;
  readonly blobs: BlobHost;
  readonly backups: BackupService;
  readonly waitingFor: Set<string>;
}

/** Listens at once (answering "not ready" meanwhile) and resolves when everything is seeded and running. */
export async function startLocalAzure(config: AzureConfig, hostBlobs = createBlobHost): Promise<LocalAzure> {
  const certificates = await ensureCertificates(config.stateDir);
  const store = openStore(join(config.azureDir, 'state.json'));
  seedAccounts(store, new Date());
  const tokens = await openTokenIssuer(join(config.azureDir, 'token-key.json'));
  const blobs = hostBlobs({
    ...{ stateDir: config.stateDir, port: config.blobPort, certificates },
    token: async () => (await tokens.mint(storageAudience)).token,
    accounts: () => store.state.storageAccounts,
  });
  const directory = await startDirectory(tokenLogin(tokens));
  const clusters = createServerClusters({
    ...{ azureDir: config.azureDir, pgBin: config.pgBin, certificates, directoryPort: directory.port },
    ports: createPortPool(config.serversPort),
    onStarted: (name, port) => {
      store.patchServer(name, { port });
      patchLegacy(store, name, { port });
    },
  });
  const { timeScale, pgBin } = config;
  const geo = createGeoReplication({ store, clusters, timeScale });
  const worker = createServerWorker({ store, clusters, geo, pgBin, timeScale });
  const operations = createOperations({
    ...{ store, worker, timeScale },
    activity: createActivityLog(store, timeScale),
  });
  const outages = createOutages(store, clusters);
  const backups = createBackupService({ config, store, clusters, blobs: blobs.service });
  const waitingFor = new Set(['servers', 'blobs', 'vaults']);
  const parts = { config, store, tokens, clusters, operations, outages, blobs, backups, waitingFor };
  const app = createApp(parts);
  const listeners = await listen(app, config, certificates);
  const tickers: { stop(): Promise<void> }[] = [];
  const stop = async (): Promise<void> => {
    operations.close();
    backups.close();
    for (const ticker of tickers) await ticker.stop();
    for (const { server } of listeners) server.closeAllConnections();
    await Promise.all(listeners.map(({ server }) => new Promise((resolve) => server.close(resolve))));
    await Promise.all([clusters.stopAll(), blobs.stop()]);
    await directory.close();
  };
  try {
    await bringUp(parts);
  } catch (error) {
    await stop();
    throw error;
  }
  afterStart(store, worker, operations);
  backups.resume();
  const shopTarget = (): SessionTarget | undefined => {
    const server = store.server('orders-pg');
    return server && clusters.isRunning(server.name) ? clusters.asAdministrator(server, 'shop') : undefined;
  };
  geo.start();
  tickers.push(startTicker(shopTarget), geo);
  waitingFor.clear();
  return { httpPort: listeners[0]?.port ?? 0, httpsPort: listeners[1]?.port ?? 0, stop };
}

function createApp(parts: Parts): Express {
  const { config, store, tokens, operations, clusters, outages, blobs, backups, waitingFor } = parts;
  const { timeScale, pageSize } = config;
  const journal = openJournal(join(config.azureDir, 'journal.jsonl'));
  const faults = createFaults();
  const app = express();
  app.disable('x-powered-by').disable('etag').set('query parser', 'simple');
  app.use('/local', loopbackGuard(), controlRouter({ journal, faults }));
  app.use('/local', blobControlRoutes(blobs.service));
  app.use('/local', backups.control);
  app.use('/local', entraControlRoutes(store));
  const control = { store, clusters, outages, blobAddresses: () => blobs.addresses() };
  app.use('/local', azureControlRoutes({ ...control, waitingFor: () => [...waitingFor] }));
  // POSTs that only ask: whether something is free, possible or there. Fetching a token is no call to the control plane.
  const changesNothing =
    /\/(check(NameAvailability|VirtualNetworkSubnetUsage|MemberGroups)|validate\w*Restore|find\w+Ranges|fetch\w+|Microsoft\.ResourceGraph\/resources)\/?$|^\/msi\//i;
  const isJournaled = (request: express.Request): boolean =>
    request.method !== 'GET' && request.method !== 'HEAD' && !changesNothing.test(request.path);
  app.use(faultMiddleware({ journal, faults, isJournaled }));
  app.use(tokenEndpoint(tokens, config.identityHeader));
  app.use(cloudMetadata());
  app.use('/v1.0', entraRoutes({ store, tokens, pageSize }));
  const serverDeps = { store, operations, timeScale, pageSize, clusters };
  const routes = [
    ...directoryRoutes({ store, pageSize }),
    ...roleRoutes({ store, pageSize }),
    ...permissionRoutes({ store, pageSize }),
    ...activityRoutes({ store, pageSize }),
    ...locationRoutes(serverDeps),
    ...serverRoutes(serverDeps),
    ...serverDetailRoutes(serverDeps),
    ...serverChildRoutes(serverDeps),
    ...serverExtensionRoutes({ store, pageSize }),
    ...networkRoutes(pageSize),
    ...storageRoutes({ store, blobs: blobs.service, pageSize }),
    ...keyVaultRoutes({ store, pageSize }),
    ...graphRoutes(store, config),
    ...backups.routes,
  ];
  const throttle = createThrottle(Date.now);
  app.use(armRouter({ store, tokens, throttle, isReady: () => waitingFor.size === 0 }, routes));
  return app;
}

function graphRoutes(store: Store, config: AzureConfig) {
  return resourceGraphRoutes({
    rows: [resourceRows(store), vaultRows(store)],
    assignments: () => store.state.roleAssignments,
    lagMs: (config.graphLagSeconds * 1000) / config.timeScale,
    ...{ quota: createGraphQuota(Date.now), nowMs: Date.now },
  });
}

async function listen(app: Express, config: AzureConfig, certificates: Certificates) {
  const [cert, key] = await Promise.all([readFile(certificates.certFile), readFile(certificates.keyFile)]);
  const open = (server: http.Server, port: number) =>
    new Promise<{ server: http.Server; port: number }>((resolve, reject) => {
      const refuse = (error: NodeJS.ErrnoException): void =>
        reject(error.code === 'EADDRINUSE' ? new StartRefused(`Port ${port} is already taken.`) : error);
      server.once('error', refuse).listen(port, '127.0.0.1', () => {
        const address = server.address();
        resolve({ server, port: typeof address === 'object' && address ? address.port : port });
      });
    });
  // A hung call must not be cut by us: whoever waits decides how long.
  const options = { requestTimeout: 0, keepAliveTimeout: 30_000 };
  return [
    await open(http.createServer(options, app), config.httpPort),
    await open(https.createServer({ ...options, cert, key }, app), config.httpsPort),
  ];
}

async function bringUp({ config, store, clusters, backups, blobs, waitingFor }: Parts): Promise<void> {
  if (!store.state.seeded) await clearFormerSeed(config, store);
  await Promise.all([
    bringServersUp(config, store, clusters, waitingFor),
    backups.bringUp().then(() => waitingFor.delete('vaults')),
    blobs.ready().then(() => waitingFor.delete('blobs')),
  ]);
}

async function bringServersUp(
  config: AzureConfig,
  store: Store,
  clusters: ServerClusters,
  waitingFor: Set<string>,
): Promise<void> {
  if (!store.state.seeded) {
    const faketimeLibrary = findFaketime();
    if (faketimeLibrary === undefined)
      throw new StartRefused(
        'Local Azure needs libfaketime to give its servers a past: install it with "apt-get install libfaketime".',
      );
    await seed({ config, store, clusters, faketimeLibrary, waitingFor });
    return;
  }
  const wanted = Object.values(store.state.servers).filter(
    ({ state, location }) => state !== 'Stopped' && state !== 'Provisioning' && !isDown(store, location),
  );
  for (const { name } of wanted) waitingFor.add(name);
  await Promise.all(
    wanted.map(async (server) => {
      await clusters.start(server);
      waitingFor.delete(server.name);
    }),
  );
}

function afterStart(store: Store, worker: ServerWorker, operations: Operations): void {
  operations.resume();
  for (const { name } of Object.values(store.state.servers)) worker.orderFirstBackup(name);
}

/** The only place where adapters meet the core. Builds the restore service; starts nothing by itself. */
import { createHash, randomUUID } from 'node:crypto';
import { createAnchoring } from './anchoring';
import { createBlobAnchor } from './azure/anchor-blob';
import { createHeads } from './store/heads';
import { createAddressBook } from './store/address-book';
import { createCopyProver } from './proof/copy-prover';
import { createFaultPoints } from './fault-points';
import { createArmReads } from './azure/arm-reads';
import { createBlobParts } from './azure/blob-parts';
import { createDifferenceApplier } from './azure/apply-differences';
import { createDumpLoader } from './dump/load';
import { createDumpReader } from './dump/contents';
import { createFetcher } from './dump/fetch-files';
import { createGraphDirectory } from './azure/graph-directory';
import { createKnownDumps } from './known-dumps';
import { createKnownPlaces } from './known-places';
import { createKnownServers } from './known-servers';
import { createKnownVaults } from './known-vaults';
import { createLoadTargetReader } from './dump/load-target';
import { forgetOrder } from './dump/spool';
import { createLossReader } from './proof/loss-reader';
import { createNotifier } from './notifier';
import { createOutbox } from './store/outbox';
import { createRestoreOrders } from './azure/restore-orders';
import { createRestoreService, type RestoreService } from './restore-service';
import { createRunning, type Running } from './running';
import { createPlaceReader } from './azure/place-reader';
import { createReadPace } from './azure/read-pace';
import { createServerReader } from './azure/server-reader';
import { createServerDetailsReader } from './azure/server-details';
import { createSecretReader } from './azure/secret-value';
import { createStore } from './store/store';
import { createVaultOrders } from './azure/vault-orders';
import { createVaultReader } from './azure/vault-reader';
import { createVaultTargetReader } from './azure/vault-targets';
import { createWorker, type Worker } from './worker';
import { azureLocator, mappedLocator } from './proof/server-locator';
import { isCovered, policySubject } from './restore/policy';
import { keepPublicKey } from './store/journal';
import { loadPolicy } from './policy-file';
import { loadSigner } from './evidence-key';
import { migrate } from './store/migrate';
import { isDatabaseAway, openDatabase, query } from './store/database';
import { openQueues } from './store/queues';
import { createProofLogins } from './proof-logins';
import { openSessions } from './proof/sessions';
import { productCredential } from './azure/credential';
import { serverToken } from './azure/server-token';
import type { Deps, Log } from './deps';
import type { AccountFacts } from './restore/vaults';
import type { BlobParts } from './restore/dump-ports';
import type { Messenger } from './restore/ports';
import type { ServiceConfig } from './config';

export interface RestoreDesk {
  readonly service: RestoreService;
  /** What does not answer at the moment; empty when everything does. */
  unready(): Promise<readonly string[]>;
  /** Starts the worker; messages leave through `messenger`. */
  start(messenger: Messenger): Promise<void>;
  stop(): Promise<void>;
}

/** How long a database that is not there yet is waited for between two tries. */
const databasePauseMillis = 1_000;

/** Somebody has pressed a button and waits for the answer. */
const directoryTimeoutSeconds = 5;

async function migrateWhenThere(config: ServiceConfig, log: Log): Promise<void> {
  for (;;) {
    try {
      return await migrate(config.migrationUrl);
    } catch (error) {
      if (!isDatabaseAway(error)) throw error;
      log.warn({ error }, 'the state database does not answer yet');
      await new Promise((resolve) => setTimeout(resolve, databasePauseMillis));
    }
  }
}

/** Blobs are reached at the address of their account, unless the configuration maps them elsewhere. */
const blobEndpointOf =
  ({ blobLocatorUrl }: ServiceConfig) =>
  ({ name, blobEndpoint }: AccountFacts): string =>
    blobLocatorUrl === undefined ? blobEndpoint : blobLocatorUrl.replace('{account}', name);

/** Dies as a machine does: no clean-up, no flush. */
const dieAtOnce = (): void => process.kill(process.pid, 'SIGKILL') as unknown as void;

/** Everything that reads and loads dump files. */
function dumpPorts(config: ServiceConfig, log: Log, blobParts: BlobParts, token: () => Promise<string>) {
  const { spoolDir, serverCaFile, pgToolsDir } = config;
  const sessions = {
    login: config.serverLogin,
    token,
    ...(serverCaFile === undefined ? {} : { caFile: serverCaFile }),
  };
  const tools = pgToolsDir === undefined ? {} : { pgBin: pgToolsDir };
  return {
    blobParts,
    dumpReader: createDumpReader(tools),
    loadTargets: createLoadTargetReader({ ...sessions, now: () => new Date() }),
    dumpLoader: createDumpLoader({
      ...sessions,
      ...tools,
      fetchFor: createFetcher({ parts: blobParts, spoolDir, log }),
      forgetFetched: (key) => forgetOrder(spoolDir, key),
      log,
    }),
  };
}

function knownServers(
  config: ServiceConfig,
  log: Log,
  { store, reader, clock, policy }: Pick<Deps, 'store' | 'reader' | 'clock' | 'policy'>,
) {
  return createKnownServers({
    store,
    reader,
    clock,
    log,
    subscriptionIds: config.subscriptionIds,
    isShown: (server) => isCovered(policy, server),
    isDeletedShown: (server) => isCovered(policy, policySubject({ kind: 'deleted', server })),
    everySeconds: config.inventorySeconds,
  });
}

interface SessionParts extends Pick<Deps, 'policy' | 'clock' | 'locator'> {
  readonly token: () => Promise<string>;
  readonly arm: Parameters<typeof createSecretReader>[0];
}

function proofSessions({ serverLogin }: ServiceConfig, { policy, clock, locator, token, arm }: SessionParts) {
  const secret = createSecretReader(arm, 'of a login for the proof');
  const own = async () => ({ user: serverLogin, password: await token() });
  return openSessions({ locator, login: createProofLogins({ policy, own, secret, clock }) });
}

async function buildDeps(config: ServiceConfig, log: Log) {
  const policy = await loadPolicy(config.policyFile);
  const credential = productCredential(config.azureClientId);
  const arm = {
    credential,
    endpoint: config.resourceManagerUrl,
    subscriptionIds: config.subscriptionIds,
    timeoutSeconds: config.timeoutSeconds,
    pace: createReadPace(),
  };
  const lost = (error: Error): void => log.warn({ error }, 'a connection to the state database was lost');
  const database = openDatabase(config.databaseUrl, lost);
  const boss = openQueues(config.databaseUrl, (error) => log.warn({ error }, 'the queue reported an error'));
  const signer = await loadSigner(config.evidenceKey, createSecretReader(arm, 'for the evidence'));
  const store = createStore(database, boss, signer);
  const reader = createServerReader(arm);
  const details = createServerDetailsReader(createArmReads(arm));
  const places = createPlaceReader(arm);
  const clock = { now: () => new Date().toISOString() };
  const backup = { apiVersion: config.backupApiVersion };
  const vaults = createVaultReader(arm, backup);
  const vaultTargets = createVaultTargetReader(arm, { blobEndpointOf: blobEndpointOf(config) });
  const token = serverToken(credential);
  const dumps = dumpPorts(config, log, createBlobParts(arm, blobEndpointOf(config)), token);
  const locator =
    config.serverLocatorUrl === undefined ? azureLocator : mappedLocator(config.serverLocatorUrl);
  const open = proofSessions(config, { policy, clock, locator, token, arm });
  const deps: Deps = {
    locator,
    store,
    reader,
    places,
    knownPlaces: createKnownPlaces(places, clock),
    orders: createRestoreOrders(arm),
    vaults,
    vaultTargets,
    vaultOrders: createVaultOrders(arm, { ...backup, jobListSeconds: config.jobListSeconds }),
    knownVaults: createKnownVaults(vaults, vaultTargets, clock),
    ...dumps,
    knownDumps: createKnownDumps({ ...dumps, vaultTargets, clock }),
    details,
    differences: createDifferenceApplier(arm, details),
    prover: createCopyProver({ open, server: (id) => reader.get(id) }),
    losses: createLossReader(open),
    servers: knownServers(config, log, { store, reader, clock, policy }),
    policy,
    directory: createGraphDirectory(
      { credential, url: config.graphUrl, timeoutSeconds: directoryTimeoutSeconds },
      clock,
    ),
    clock,
    ids: { nonce: () => randomUUID() },
    digest: (text) => createHash('sha256').update(text).digest('hex'),
    faultPoint: createFaultPoints(config.faultFile, dieAtOnce),
    settings: config,
    log,
  };
  return { deps, database, boss, signer, credential };
}

type Built = Awaited<ReturnType<typeof buildDeps>>;

async function unready({ deps, database }: Built): Promise<string[]> {
  const checks: [string, Promise<unknown>][] = [
    ['the state database', query(database.pool, 'select 1')],
    // Once known, servers are served from memory: a silent Azure is no reason to take the bot away from people.
    ['Azure', deps.servers.list()],
  ];
  const answers = await Promise.allSettled(checks.map(([, answer]) => answer));
  return checks.flatMap(([name], index) => (answers[index]?.status === 'fulfilled' ? [] : [name]));
}

/** Heads of the journal are put down outside where the owner has named a place. */
function anchoringOf(config: ServiceConfig, { deps, database, credential }: Built, log: Log) {
  const { evidenceAnchor, timeoutSeconds, anchorSeconds } = config;
  if (evidenceAnchor === undefined) return undefined;
  return createAnchoring({
    anchor: createBlobAnchor({ credential, timeoutSeconds }, evidenceAnchor),
    heads: createHeads(database),
    ...{ store: deps.store, clock: deps.clock, everySeconds: anchorSeconds, log },
  });
}

export async function composeRestoreDesk(config: ServiceConfig, log: Log): Promise<RestoreDesk> {
  const [built] = await Promise.all([buildDeps(config, log), migrateWhenThere(config, log)]);
  const { deps, database, boss, signer } = built;
  await keepPublicKey(database, signer);
  await boss.start();
  void deps.servers.refresh();
  deps.servers.start();
  const outbox = createOutbox(database, signer);
  const service = createRestoreService(deps, outbox, createAddressBook(database));
  const anchoring = anchoringOf(config, built, log);
  let worker: Worker | undefined;
  let running: Running | undefined;
  return {
    service,
    unready: () => unready(built),
    start: async (messenger) => {
      const notifier = createNotifier({ ...deps, outbox, messenger });
      running = createRunning(deps);
      const { drafting, decisions, applying } = service;
      worker = createWorker({
        boss,
        database,
        store: deps.store,
        outbox,
        drafting,
        decisions,
        running,
        applying,
        notifier,
        log,
      });
      await worker.start();
      anchoring?.start();
    },
    stop: async () => {
      await anchoring?.stop();
      service.applying.stop();
      await running?.stop();
      await worker?.stop();
      await deps.servers.stop();
      await database.close();
    },
  };
}

/** Everything a measurement needs around it: a state folder, a database of its own, the other side of the wire. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Pool } from 'pg';
import { ensureCertificates } from '../../infra/local/certificates';
import { bot, channels, mainSubscriptionId, productIdentity, tenantId } from '../../infra/local/identities';
import { createCluster, startCluster } from '../../infra/local/postgres/cluster';
import { findPostgresFolder } from '../../infra/local/supervisor/postgres-tools';
import { testPem } from '../fakes/evidence-key';
import { freePorts, repositoryDir } from '../fixtures/supervisor/processes';
import { message, post } from './activities';
import { startConnectorStub, type ConnectorStub } from './connector-stub';
import { measured, type MeasuredProcess } from './measured-process';

export interface Stage {
  readonly stub: ConnectorStub;
  readonly databaseUrl: string;
  readonly database: Pool;
  startProduct(): MeasuredProcess;
  startBareBot(): MeasuredProcess;
  close(): Promise<void>;
}

const owner = 'restore_desk_owner';
const password = 'bench';

/** As the local environment makes it: with durable writes. */
async function startDatabase(folder: string, port: number) {
  const binDir = findPostgresFolder(process.env['PG_BIN'], process.env['PATH']);
  const dataDir = join(folder, 'state-db', 'data');
  await createCluster({
    ...{ binDir, dataDir, superuser: owner, password },
    settings: ['shared_buffers = 32MB'],
  });
  return startCluster({ binDir, dataDir, port, logFile: join(folder, 'database.log') });
}

const botEnvironment = (stub: ConnectorStub): NodeJS.ProcessEnv => ({
  IDENTITY_ENDPOINT: `${stub.url}msi/token`,
  IDENTITY_HEADER: 'bench',
  BOT_ID: bot.appId,
  BOT_TENANT_ID: tenantId,
  BOT_TYPE: 'UserAssignedMSI',
  BOT_OPENID_METADATA_URL: `${stub.url}.well-known/openidconfiguration`,
  BOT_TOKEN_ISSUER: 'https://api.botframework.com',
});

const productEnvironment = (stub: ConnectorStub, databaseUrl: string, caFile: string): NodeJS.ProcessEnv => ({
  ...botEnvironment(stub),
  RESTORE_DESK_MODE: 'local',
  HOST: '127.0.0.1',
  LOG_LEVEL: 'warn',
  DATABASE_URL: databaseUrl,
  POLICY_FILE: join(__dirname, 'policy.yaml'),
  EVIDENCE_KEY_FILE: join(dirname(caFile), 'evidence-key.pem'),
  APPROVALS_CHANNEL_ID: channels[1]?.conversationId,
  AZURE_SUBSCRIPTION_IDS: mainSubscriptionId,
  AZURE_RESOURCE_MANAGER_URL: stub.armUrl,
  GRAPH_URL: `${stub.armUrl}/v1.0`,
  AZURE_CLIENT_ID: productIdentity.clientId,
  NODE_EXTRA_CA_CERTS: caFile,
  BOT_SERVICE_URLS: stub.url,
});

export async function openStage(): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'restore-desk-bench-'));
  const [databasePort = 0, ...ports] = await freePorts(40);
  const { caFile, certFile, keyFile } = await ensureCertificates(folder);
  const stub = await startConnectorStub({
    cert: readFileSync(certFile, 'utf8'),
    key: readFileSync(keyFile, 'utf8'),
  });
  writeFileSync(join(folder, 'evidence-key.pem'), testPem, { mode: 0o600 });
  const cluster = await startDatabase(folder, databasePort);
  const databaseUrl = `postgres://${owner}:${password}@127.0.0.1:${databasePort}/postgres`;
  const database = new Pool({ connectionString: databaseUrl, max: 4 });
  // Stopping the cluster ends idle connections; that is no news here.
  database.on('error', () => undefined);
  const running = new Set<MeasuredProcess>();
  const run = (script: string, env: NodeJS.ProcessEnv): MeasuredProcess => {
    const started = measured(script, ports.pop() ?? 0, env);
    running.add(started);
    return started;
  };
  return {
    ...{ stub, databaseUrl, database },
    startProduct: () =>
      run(join(repositoryDir, 'dist', 'bot', 'main.js'), productEnvironment(stub, databaseUrl, caFile)),
    startBareBot: () => run(join(__dirname, 'bare-bot.cjs'), botEnvironment(stub)),
    close: async () => {
      for (const each of running) if (!each.hasEnded()) await each.stop();
      await database.end();
      await cluster.stop();
      await stub.close();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}

/** Says `help` until it is answered; the milliseconds from the start of the process until then. */
export async function firstAnswer(stage: Stage, answering: MeasuredProcess): Promise<number> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const answer = await post(stage.stub, answering.port, message(stage.stub, 'help')).catch(() => undefined);
    if (answer?.status === 200) return performance.now() - answering.startedAt;
    if (answering.hasEnded() || performance.now() > deadline)
      throw new Error(`No answer (${answer?.status ?? 'nobody listens'}):\n${answering.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

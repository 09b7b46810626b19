/** What is started, in which order, and what each child is told: its environment is the whole of its configuration. */
import { join } from 'node:path';
import { blobServiceArguments } from '../blob-service';
import {
  bot,
  channels,
  mainSubscriptionId,
  productIdentity,
  secondSubscriptionId,
  storageAccountNames,
  team,
  tenantId,
} from '../identities';
import type { ChildSpec } from './child';
import { acceptsConnections, answersOk } from './readiness';
import type { LocalSettings } from './settings';
import type { LocalSecrets } from './state-folder';

export interface ChildFacts {
  readonly settings: LocalSettings;
  readonly secrets: LocalSecrets;
  readonly certificates: { readonly caFile: string; readonly certFile: string; readonly keyFile: string };
  readonly postgresFolder: string;
  readonly databaseUrl: string;
  readonly evidenceKeyFile: string;
  /** Accounts and keys of the blob service. */
  readonly blobEnvironment: Readonly<Record<string, string>>;
}

type Common = Pick<ChildSpec, 'command' | 'cwd' | 'stopSignal'>;

const common = (facts: ChildFacts): Common => ({
  command: process.execPath,
  cwd: facts.settings.repositoryDir,
  stopSignal: 'SIGTERM',
});
const logFile = (facts: ChildFacts, name: string): string =>
  join(facts.settings.stateDir, 'logs', `${name}.log`);
const baseEnvironment = ({ settings }: ChildFacts): Record<string, string> => ({
  ...settings.baseEnvironment,
  LOCAL_STATE_DIR: settings.stateDir,
});
const azureHttp = ({ settings }: ChildFacts): string => `http://127.0.0.1:${settings.ports.azureHttp}`;

export function localTeams(facts: ChildFacts): ChildSpec {
  const { ports, timeScale } = facts.settings;
  return {
    ...common(facts),
    name: 'localTeams',
    title: 'local Teams',
    args: ['--import', 'tsx', 'infra/local/teams/main.ts'],
    env: {
      ...baseEnvironment(facts),
      LOCAL_TEAMS_PORT: String(ports.teams),
      LOCAL_TIME_SCALE: String(timeScale),
      BOT_ENDPOINT: `http://127.0.0.1:${ports.product}/api/messages`,
      LOCAL_AZURE_HTTP: azureHttp(facts),
    },
    logFile: logFile(facts, 'local-teams'),
    stopSeconds: 5,
    isReady: () => answersOk(`http://127.0.0.1:${ports.teams}/local/ready`),
  };
}

export function localAzure(facts: ChildFacts): ChildSpec {
  const { ports, timeScale } = facts.settings;
  return {
    ...common(facts),
    name: 'localAzure',
    title: 'local Azure',
    args: ['--import', 'tsx', 'infra/local/azure/main.ts'],
    env: {
      ...baseEnvironment(facts),
      LOCAL_AZURE_HTTP_PORT: String(ports.azureHttp),
      LOCAL_AZURE_HTTPS_PORT: String(ports.azureHttps),
      LOCAL_SERVERS_PORT: String(ports.servers),
      LOCAL_BLOB_PORT: String(ports.blobs),
      LOCAL_TIME_SCALE: String(timeScale),
      LOCAL_IDENTITY_HEADER: facts.secrets.identityHeader,
      NODE_EXTRA_CA_CERTS: facts.certificates.caFile,
      PG_BIN: facts.postgresFolder,
    },
    logFile: logFile(facts, 'local-azure'),
    // It stops its clusters first, and each of them writes a checkpoint.
    stopSeconds: 20,
    isReady: () => answersOk(`${azureHttp(facts)}/local/ready`),
  };
}

export function blobs(facts: ChildFacts): ChildSpec {
  const { ports, stateDir, repositoryDir } = facts.settings;
  const { certFile, keyFile } = facts.certificates;
  return {
    ...common(facts),
    name: 'blobs',
    title: 'blob storage',
    args: blobServiceArguments({ repositoryDir, stateDir, port: ports.blobs, certFile, keyFile }),
    env: { ...baseEnvironment(facts), ...facts.blobEnvironment },
    logFile: logFile(facts, 'blobs'),
    stopSeconds: 5,
    isReady: () => acceptsConnections(ports.blobs),
  };
}

export function product(facts: ChildFacts): ChildSpec {
  const { ports } = facts.settings;
  return {
    ...common(facts),
    name: 'product',
    title: 'the product',
    args: [join('dist', 'bot', 'main.js')],
    env: productEnvironment(facts),
    logFile: logFile(facts, 'product'),
    stopSeconds: 10,
    isReady: () => answersOk(`http://127.0.0.1:${ports.product}/readyz`),
  };
}

function productEnvironment(facts: ChildFacts): Record<string, string> {
  const { ports, policyFile, timeScale, productExtras } = facts.settings;
  const teams = `http://127.0.0.1:${ports.teams}/`;
  return {
    ...baseEnvironment(facts),
    ...productExtras,
    RESTORE_DESK_MODE: 'local',
    HOST: '127.0.0.1',
    PORT: String(ports.product),
    LOG_LEVEL: 'info',
    DATABASE_URL: facts.databaseUrl,
    POLICY_FILE: policyFile,
    APPROVALS_CHANNEL_ID: channels.find(({ name }) => name === 'db-approvals')?.conversationId ?? '',
    APPROVALS_TEAM_ID: team.id,
    AZURE_SUBSCRIPTION_IDS: `${mainSubscriptionId},${secondSubscriptionId}`,
    AZURE_RESOURCE_MANAGER_URL: `https://127.0.0.1:${ports.azureHttps}`,
    GRAPH_URL: `https://127.0.0.1:${ports.azureHttps}/v1.0`,
    AZURE_CLIENT_ID: productIdentity.clientId,
    AZURE_WAIT_SCALE: String(timeScale),
    IDENTITY_ENDPOINT: `${azureHttp(facts)}/msi/token`,
    IDENTITY_HEADER: facts.secrets.identityHeader,
    NODE_EXTRA_CA_CERTS: facts.certificates.caFile,
    SERVER_CA_FILE: facts.certificates.caFile,
    DUMP_SPOOL_DIR: join(facts.settings.stateDir, 'spool'),
    SERVER_LOCATOR_URL: `${azureHttp(facts)}/local/endpoints`,
    SERVER_LOGIN: productIdentity.postgresRole,
    EVIDENCE_KEY_FILE: facts.evidenceKeyFile,
    EVIDENCE_ANCHOR: `https://127.0.0.1:${ports.blobs}/${storageAccountNames.recovery}/evidence`,
    BLOB_LOCATOR_URL: `https://127.0.0.1:${ports.blobs}/{account}`,
    SINGLE_SERVER_RESTORES: 'on',
    BOT_ID: bot.appId,
    BOT_TENANT_ID: tenantId,
    BOT_TYPE: 'UserAssignedMSI',
    BOT_OPENID_METADATA_URL: `${teams}.well-known/openidconfiguration`,
    BOT_TOKEN_ISSUER: 'https://api.botframework.com',
    BOT_SERVICE_URLS: teams,
  };
}

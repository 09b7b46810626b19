/** The restore service's settings, from environment variables handed in by the process. All problems are reported at once. */
import { z } from 'zod/v4';
import { DeskError, problem } from './restore/errors';
import { isSecretUrl } from './azure/secret-value';
import type { EvidenceKeySetting } from './evidence-key';
import { isMicrosoftGraph } from './azure/graph-hosts';

export type Environment = Readonly<Record<string, string | undefined>>;

const guid = z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, 'must be a GUID');
const url = z.url();
const count = (fallback: number, max: number) => z.coerce.number().min(0).max(max).default(fallback);

const schema = z.object({
  /** `production` refuses everything that only a local environment may have. */
  RESTORE_DESK_MODE: z.enum(['production', 'local']).default('production'),
  /** Role that may use the tables, or their owner when DATABASE_MIGRATION_URL is not set. */
  DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//, 'must be a postgres:// URL'),
  /** Role that owns the tables; only used to migrate. */
  DATABASE_MIGRATION_URL: z.string().optional(),
  POLICY_FILE: z.string().min(1, 'must name the policy file'),
  AZURE_SUBSCRIPTION_IDS: z
    .string()
    .transform((text) => text.split(',').map((id) => id.trim().toLowerCase()))
    .pipe(z.array(guid).min(1)),
  AZURE_CLIENT_ID: guid,
  AZURE_RESOURCE_MANAGER_URL: url.default('https://management.azure.com'),
  /** Microsoft Graph with its version: who is in which group, and whose account counts. */
  GRAPH_URL: url.default('https://graph.microsoft.com/v1.0'),
  /** `on` lets databases of single servers be restored, a service that Azure has retired. */
  SINGLE_SERVER_RESTORES: z.enum(['on', 'off']).default('off'),
  /** ARM ids of the operation requests that the owner's resource guards want to see, separated by commas. */
  RESOURCE_GUARD_REQUESTS: z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((id) => id.trim())
        .filter((id) => id !== ''),
    ),
  /** Version of Azure Backup's API. */
  AZURE_BACKUP_API_VERSION: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}(-preview)?$/, 'must be a version such as 2025-07-01')
    .default('2025-07-01'),
  /** Where the blobs of an account are reached, with {account} for its name; without it at its own address. */
  BLOB_LOCATOR_URL: z
    .string()
    .refine((text) => text.includes('{account}'), 'must hold {account}')
    .optional(),
  /** Seconds without an answer after which a request to Azure counts as unanswered. */
  AZURE_TIMEOUT_SECONDS: count(60, 600),
  /** Seconds of unbroken absence before an order with an unclear answer is sent again. */
  AZURE_UNCLEAR_GRACE_SECONDS: count(180, 3600),
  /** Divides the waits above and below; 1 in production. */
  AZURE_WAIT_SCALE: z.coerce.number().min(1).max(3600).default(1),
  /** Answers where a server is reached; without it a server is reached under its own name. */
  SERVER_LOCATOR_URL: url.optional(),
  /** Role name of the product's identity inside the servers. */
  SERVER_LOGIN: z.string().min(1).default('restore-desk'),
  /** Private key in PEM (Ed25519 or P-256) that the journal is signed with; this or the next. */
  EVIDENCE_KEY_FILE: z.string().min(1).optional(),
  /** The same key as a key vault secret: its address, or vault and name as `kv-desk/evidence`. */
  EVIDENCE_KEY_SECRET: z
    .string()
    .transform((text) =>
      text.replace(/^([a-z0-9-]+)\/([a-z0-9-]+)$/i, 'https://$1.vault.azure.net/secrets/$2'),
    )
    .refine(isSecretUrl, 'must be the address of a key vault secret, or vault/name')
    .optional(),
  /** Container (and folder) where heads of the journal are kept outside; without it nowhere. */
  EVIDENCE_ANCHOR: url.optional(),
  /** Folder on a disk with room for the dump files that are being loaded. */
  DUMP_SPOOL_DIR: z.string().min(1).default('/var/tmp/restore-desk'),
  /** Folder of psql and pg_restore, of the newest server's major version or newer; without it the system's newest. */
  PG_TOOLS_DIR: z.string().min(1).optional(),
  /** Certificates that servers must show a descendant of; without it those of the system. */
  SERVER_CA_FILE: z.string().min(1).optional(),
  /** File that names armed fault points; for tests. */
  DESK_FAULT_FILE: z.string().optional(),
});

export interface ServiceConfig {
  readonly mode: 'production' | 'local';
  readonly databaseUrl: string;
  readonly migrationUrl: string;
  readonly policyFile: string;
  readonly subscriptionIds: readonly string[];
  readonly azureClientId: string;
  readonly resourceManagerUrl: string;
  readonly graphUrl: string;
  readonly timeoutSeconds: number;
  readonly unclearGraceSeconds: number;
  readonly lookAgainSeconds: number;
  readonly stalledAfterSeconds: number;
  readonly readyGraceSeconds: number;
  readonly giveUpAfterSeconds: number;
  readonly geoCopyPauseSeconds: number;
  readonly geoCopyPatienceSeconds: number;
  readonly comparePatienceSeconds: number;
  /** Pause between two readings of the list of servers. */
  readonly inventorySeconds: number;
  readonly serverLocatorUrl: string | undefined;
  readonly blobLocatorUrl: string | undefined;
  readonly allowsSingleServers: boolean;
  readonly guardRequests: readonly string[];
  readonly backupApiVersion: string;
  /** How old what is told of a vault's jobs may be: they are listed once in this time, all together. */
  readonly jobListSeconds: number;
  readonly serverLogin: string;
  readonly spoolDir: string;
  readonly pgToolsDir: string | undefined;
  readonly serverCaFile: string | undefined;
  readonly faultFile: string | undefined;
  readonly evidenceKey: EvidenceKeySetting;
  readonly evidenceAnchor: string | undefined;
  /** Pause between two anchors while the journal grows. */
  readonly anchorSeconds: number;
}

type Values = z.infer<typeof schema>;

/** An accepted server may be invisible for a while: a shorter look could order a second one. */
const leastGraceSeconds = 60;

function keyProblems({ EVIDENCE_KEY_FILE, EVIDENCE_KEY_SECRET }: Values): string[] {
  if ((EVIDENCE_KEY_FILE === undefined) !== (EVIDENCE_KEY_SECRET === undefined)) return [];
  return ['One of EVIDENCE_KEY_FILE and EVIDENCE_KEY_SECRET must name the key of the journal.'];
}

function modeProblems(values: Values): string[] {
  if (values.RESTORE_DESK_MODE === 'local') return keyProblems(values);
  return [
    ...keyProblems(values),
    ...(values.EVIDENCE_ANCHOR === undefined || values.EVIDENCE_ANCHOR.startsWith('https://')
      ? []
      : ['EVIDENCE_ANCHOR must be an https address.']),
    ...(values.DESK_FAULT_FILE === undefined ? [] : ['DESK_FAULT_FILE is for local mode only.']),
    ...(values.SERVER_LOCATOR_URL === undefined ? [] : ['SERVER_LOCATOR_URL is for local mode only.']),
    ...(values.BLOB_LOCATOR_URL === undefined ? [] : ['BLOB_LOCATOR_URL is for local mode only.']),
    ...(values.AZURE_UNCLEAR_GRACE_SECONDS >= leastGraceSeconds
      ? []
      : [`AZURE_UNCLEAR_GRACE_SECONDS must be at least ${leastGraceSeconds}.`]),
    // Nothing may be sent again while an earlier sending can still be on its way.
    ...(values.AZURE_UNCLEAR_GRACE_SECONDS > values.AZURE_TIMEOUT_SECONDS
      ? []
      : ['AZURE_UNCLEAR_GRACE_SECONDS must be longer than AZURE_TIMEOUT_SECONDS.']),
    ...(values.AZURE_WAIT_SCALE === 1 ? [] : ['AZURE_WAIT_SCALE is for local mode only.']),
    ...(/^https:\/\/[a-z.]+$/.test(values.AZURE_RESOURCE_MANAGER_URL.replace(/\/$/, ''))
      ? []
      : ['AZURE_RESOURCE_MANAGER_URL must be an https address of Azure.']),
    ...(isMicrosoftGraph(values.GRAPH_URL) ? [] : ['GRAPH_URL must be an https address of Microsoft Graph.']),
  ];
}

export function readServiceConfig(environment: Environment): ServiceConfig {
  const read = schema.safeParse(
    Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== '')),
  );
  const problems = read.success
    ? modeProblems(read.data)
    : read.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}.`);
  if (!read.success || problems.length > 0) throw new DeskError(problem('CONFIGURATION', { problems }));
  const { data } = read;
  const scaled = (seconds: number, least: number): number => Math.max(least, seconds / data.AZURE_WAIT_SCALE);
  return {
    mode: data.RESTORE_DESK_MODE,
    databaseUrl: data.DATABASE_URL,
    migrationUrl: data.DATABASE_MIGRATION_URL ?? data.DATABASE_URL,
    policyFile: data.POLICY_FILE,
    subscriptionIds: data.AZURE_SUBSCRIPTION_IDS,
    azureClientId: data.AZURE_CLIENT_ID,
    resourceManagerUrl: data.AZURE_RESOURCE_MANAGER_URL.replace(/\/$/, ''),
    graphUrl: data.GRAPH_URL.replace(/\/$/, ''),
    timeoutSeconds:
      data.AZURE_WAIT_SCALE === 1 ? data.AZURE_TIMEOUT_SECONDS : Math.min(5, data.AZURE_TIMEOUT_SECONDS),
    unclearGraceSeconds: scaled(data.AZURE_UNCLEAR_GRACE_SECONDS, 3),
    lookAgainSeconds: scaled(15, 1),
    stalledAfterSeconds: scaled(3600, 30),
    readyGraceSeconds: scaled(180, 3),
    giveUpAfterSeconds: scaled(72 * 3600, 600),
    geoCopyPauseSeconds: scaled(360, 3),
    geoCopyPatienceSeconds: scaled(3 * 3600, 60),
    comparePatienceSeconds: 10,
    inventorySeconds: scaled(60, 5),
    serverLocatorUrl: data.SERVER_LOCATOR_URL,
    blobLocatorUrl: data.BLOB_LOCATOR_URL,
    allowsSingleServers: data.SINGLE_SERVER_RESTORES === 'on',
    guardRequests: data.RESOURCE_GUARD_REQUESTS,
    backupApiVersion: data.AZURE_BACKUP_API_VERSION,
    jobListSeconds: scaled(30, 1),
    serverLogin: data.SERVER_LOGIN,
    spoolDir: data.DUMP_SPOOL_DIR,
    pgToolsDir: data.PG_TOOLS_DIR,
    serverCaFile: data.SERVER_CA_FILE,
    faultFile: data.DESK_FAULT_FILE,
    evidenceKey:
      data.EVIDENCE_KEY_SECRET === undefined
        ? { kind: 'file', file: data.EVIDENCE_KEY_FILE ?? '' }
        : { kind: 'secret', url: data.EVIDENCE_KEY_SECRET },
    evidenceAnchor: data.EVIDENCE_ANCHOR?.replace(/\/+$/, ''),
    anchorSeconds: scaled(300, 3),
  };
}

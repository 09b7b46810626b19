/** The bot's settings, from environment variables handed in by main.ts. All problems are reported at once. */
import { z } from 'zod/v4';
import { DeskError, problem } from '../services/restore/errors';
import { isZone } from '../services/restore/instant';

const guid = z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, 'must be a GUID');

const schema = z.object({
  RESTORE_DESK_MODE: z.enum(['production', 'local']).default('production'),
  HOST: z.string().default('0.0.0.0'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(3978),
  BOT_ID: guid,
  BOT_TENANT_ID: guid,
  /** An empty or mistyped type makes the framework accept everybody, so only these two exist here. */
  BOT_TYPE: z.enum(['UserAssignedMSI', 'SingleTenant']),
  BOT_PASSWORD: z.string().optional(),
  APPROVALS_CHANNEL_ID: z
    .string()
    .regex(/^19:.+@thread\./, 'must be a channel id such as 19:...@thread.tacv2'),
  /** Addresses of the Bot Connector that may call; the first is also used before any of them has called. */
  BOT_SERVICE_URLS: z
    .string()
    .default('https://smba.trafficmanager.net/teams/')
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(z.url()).min(1)),
  /** Both only in local mode: where the keys of another connector than Microsoft's are published, and who issues. */
  BOT_OPENID_METADATA_URL: z.url().optional(),
  BOT_TOKEN_ISSUER: z.string().optional(),
  DEFAULT_ZONE: z.string().refine(isZone, 'must be a time zone such as Europe/Berlin').default('UTC'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info'),
});

export interface BotConfig {
  readonly mode: 'production' | 'local';
  readonly host: string;
  readonly port: number;
  readonly appId: string;
  readonly tenantId: string;
  readonly appType: 'UserAssignedMSI' | 'SingleTenant';
  readonly password: string | undefined;
  readonly approvalsChannelId: string;
  readonly serviceUrls: readonly string[];
  readonly localConnector: { readonly metadataUrl: string; readonly issuer: string } | undefined;
  readonly defaultZone: string;
  readonly logLevel: string;
}

type Values = z.infer<typeof schema>;

function crossProblems(values: Values): string[] {
  const local = values.RESTORE_DESK_MODE === 'local';
  const ownIssuer = values.BOT_OPENID_METADATA_URL !== undefined || values.BOT_TOKEN_ISSUER !== undefined;
  const both = values.BOT_OPENID_METADATA_URL !== undefined && values.BOT_TOKEN_ISSUER !== undefined;
  return [
    ...(!local && ownIssuer ? ['BOT_OPENID_METADATA_URL and BOT_TOKEN_ISSUER are for local mode only.'] : []),
    ...(!local && values.BOT_SERVICE_URLS.some((url) => !url.startsWith('https://'))
      ? ['BOT_SERVICE_URLS must be https.']
      : []),
    ...(ownIssuer && !both ? ['BOT_OPENID_METADATA_URL and BOT_TOKEN_ISSUER belong together.'] : []),
    ...(values.BOT_TYPE === 'SingleTenant' && !values.BOT_PASSWORD
      ? ['BOT_PASSWORD is needed for SingleTenant.']
      : []),
  ];
}

export function readBotConfig(environment: Readonly<Record<string, string | undefined>>): BotConfig {
  const read = schema.safeParse(
    Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== '')),
  );
  const problems = read.success
    ? crossProblems(read.data)
    : read.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}.`);
  if (!read.success || problems.length > 0) throw new DeskError(problem('CONFIGURATION', { problems }));
  const { data } = read;
  const { BOT_OPENID_METADATA_URL: metadataUrl, BOT_TOKEN_ISSUER: issuer } = data;
  return {
    mode: data.RESTORE_DESK_MODE,
    host: data.HOST,
    port: data.PORT,
    appId: data.BOT_ID,
    tenantId: data.BOT_TENANT_ID.toLowerCase(),
    appType: data.BOT_TYPE,
    password: data.BOT_PASSWORD,
    approvalsChannelId: data.APPROVALS_CHANNEL_ID,
    serviceUrls: data.BOT_SERVICE_URLS,
    localConnector: metadataUrl !== undefined && issuer !== undefined ? { metadataUrl, issuer } : undefined,
    defaultZone: data.DEFAULT_ZONE,
    logLevel: data.LOG_LEVEL,
  };
}

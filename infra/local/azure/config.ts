/** What local Azure is told by its environment; every problem is listed at once. */
import { isAbsolute, join } from 'node:path';

export interface AzureConfig {
  readonly stateDir: string;
  /** Everything local Azure keeps, below the state folder. */
  readonly azureDir: string;
  readonly httpPort: number;
  readonly httpsPort: number;
  /** First port tried for a PostgreSQL server. */
  readonly serversPort: number;
  /** Where the supervisor runs the blob service; undefined: local Azure runs one itself, on a free port. */
  readonly blobPort: number | undefined;
  /** Azure's waiting times are divided by this. */
  readonly timeScale: number;
  /** Folder with initdb, postgres and pg_basebackup. */
  readonly pgBin: string;
  /** The secret that the identity endpoint asks for in X-IDENTITY-HEADER. */
  readonly identityHeader: string;
  readonly pageSize: number;
  /** How much genuine history the seeded servers get, in seconds; tests shorten it. */
  readonly historySeconds: number;
  /** What came to be shows in Resource Graph this much later, in seconds of Azure's time. */
  readonly graphLagSeconds: number;
}

export class ConfigRefused extends Error {}

export function readAzureConfig(env: Readonly<Record<string, string | undefined>>): AzureConfig {
  const problems: string[] = [];
  const text = (name: string): string => {
    const value = env[name] ?? '';
    if (value === '') problems.push(`${name} is missing.`);
    return value;
  };
  const number = (name: string, fallback: number, lowest: number): number => {
    const value = Number(env[name] ?? fallback);
    if (Number.isFinite(value) && value >= lowest) return value;
    problems.push(`${name} must be a number of at least ${lowest}, not "${env[name] ?? ''}".`);
    return fallback;
  };
  const stateDir = text('LOCAL_STATE_DIR');
  if (stateDir !== '' && !isAbsolute(stateDir)) problems.push('LOCAL_STATE_DIR must be an absolute path.');
  const config: AzureConfig = {
    stateDir,
    azureDir: join(stateDir, 'azure'),
    httpPort: number('LOCAL_AZURE_HTTP_PORT', 4080, 0),
    httpsPort: number('LOCAL_AZURE_HTTPS_PORT', 4443, 0),
    serversPort: number('LOCAL_SERVERS_PORT', 5500, 1024),
    blobPort: env['LOCAL_BLOB_PORT'] ? number('LOCAL_BLOB_PORT', 0, 1) : undefined,
    timeScale: number('LOCAL_TIME_SCALE', 60, 0.001),
    pgBin: text('PG_BIN'),
    identityHeader: text('LOCAL_IDENTITY_HEADER'),
    pageSize: number('LOCAL_PAGE_SIZE', 50, 1),
    historySeconds: number('LOCAL_HISTORY_SECONDS', 7200, 60),
    graphLagSeconds: number('LOCAL_GRAPH_LAG_SECONDS', 60, 0),
  };
  if (problems.length > 0) throw new ConfigRefused(problems.join('\n'));
  return config;
}

import { join } from 'node:path';

export interface LocalTeamsConfig {
  readonly stateDir: string;
  readonly port: number;
  /** By how much the waiting times of Teams are divided; rate limits are never scaled. */
  readonly timeScale: number;
  readonly botEndpoint: string;
  readonly localAzureUrl: string;
}

/** Reads the whole configuration from environment variables; every problem is in the one error it throws. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): LocalTeamsConfig {
  const problems: string[] = [];
  const positive = (name: string, fallback: number, isAllowed: (n: number) => boolean): number => {
    const value = Number(env[name] ?? fallback);
    if (!isAllowed(value)) problems.push(`${name} is "${env[name]}", which is not a usable number.`);
    return value;
  };
  const loopbackUrl = (name: string, fallback: string): string => {
    const value = env[name] ?? fallback;
    const host = URL.canParse(value) ? new URL(value).hostname : '';
    if (!['127.0.0.1', 'localhost'].includes(host)) problems.push(`${name} must be a loopback address.`);
    return value.replace(/\/$/, '');
  };
  const config: LocalTeamsConfig = {
    stateDir: join(env['LOCAL_STATE_DIR'] ?? '.local', 'teams'),
    port: positive('LOCAL_TEAMS_PORT', 3979, (n) => Number.isInteger(n) && n >= 0 && n < 65_536),
    timeScale: positive('LOCAL_TIME_SCALE', 60, (n) => n > 0),
    botEndpoint: loopbackUrl('BOT_ENDPOINT', 'http://127.0.0.1:3978/api/messages'),
    localAzureUrl: loopbackUrl('LOCAL_AZURE_HTTP', 'http://127.0.0.1:4080'),
  };
  if (problems.length > 0) throw new Error(problems.join(' '));
  return config;
}

/** The one thing a newcomer reads: where to go, who to be, what to say. */
import { join } from 'node:path';
import type { LocalSettings } from './settings';

export function banner(settings: LocalSettings): string {
  const { ports, stateDir, databaseUrl } = settings;
  const http = (port: number): string => `http://127.0.0.1:${port}`;
  return [
    '',
    'Restore Desk is ready.',
    '',
    `  Open   ${http(ports.teams)}/?as=oncall     as Ines Okafor, the on-call engineer`,
    `  and    ${http(ports.teams)}/?as=manager    in a second window as Martin Hale, who signs off`,
    '',
    '  In the channel db-oncall, say:',
    '    @Restore Desk restore orders-pg to 10 min ago because INC-4711',
    '',
    `  Product         ${http(ports.product)}  (/healthz, /readyz, /metrics)`,
    `  Local Azure     https://127.0.0.1:${ports.azureHttps}  and ${http(ports.azureHttp)}`,
    `  Blob storage    https://127.0.0.1:${ports.blobs}`,
    `  State database  ${databaseUrl ? 'yours (DATABASE_URL)' : `127.0.0.1:${ports.stateDatabase}`}`,
    `  State and logs  ${stateDir}  (${join(stateDir, 'logs')})`,
    `  Certificate     ${join(stateDir, 'ca.pem')}`,
    '',
    '  Ctrl-C stops everything; the next start goes on from here, npm start -- --fresh begins anew.',
    '',
  ].join('\n');
}

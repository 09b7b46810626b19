/** The process: `npx tsx infra/local/azure/main.ts`, configured by environment alone (see config.ts). */
import { ConfigRefused, readAzureConfig } from './config';
import { StartRefused, startLocalAzure, type LocalAzure } from './local-azure';

let azure: LocalAzure | undefined;
let leaving = false;

function leave(): void {
  if (leaving) return;
  leaving = true;
  void (azure?.stop() ?? Promise.resolve()).then(() => process.exit(0));
}

async function main(): Promise<void> {
  process.on('SIGTERM', leave);
  process.on('SIGINT', leave);
  azure = await startLocalAzure(readAzureConfig(process.env));
  if (leaving) return void (await azure.stop().then(() => process.exit(0)));
  console.log(`Local Azure: http://127.0.0.1:${azure.httpPort} and https://127.0.0.1:${azure.httpsPort}`);
}

main().catch((error: unknown) => {
  const expected = error instanceof ConfigRefused || error instanceof StartRefused;
  console.error(expected ? error.message : error);
  process.exit(1);
});

import { readConfig } from './config';
import { startLocalTeams } from './server';

async function main(): Promise<void> {
  const teams = await startLocalTeams(readConfig(process.env));
  console.log(`Local Teams: ${teams.origin}`);
  const stop = (): void => {
    void teams.stop().then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

main().catch((error: unknown) => {
  const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
  const reason = error instanceof Error ? error.message : String(error);
  console.error(isTaken ? `Local Teams could not start: its port is taken (${reason}).` : reason);
  process.exit(1);
});

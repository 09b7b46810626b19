/** Composition root of the bot: settings -> restore service -> turns -> HTTP server -> worker; and the signals. */
import { pino } from 'pino';
import { buildApp } from './app';
import { buildServer } from './server';
import { composeRestoreDesk } from '../services/compose';
import { createDeliveries } from './deliveries';
import { createMetrics } from './metrics';
import { createTeamsMessenger } from './teams-messenger';
import { DeskAdapter } from './adapter';
import { DeskError } from '../services/restore/errors';
import { readBotConfig } from './config';
import { readServiceConfig } from '../services/config';
import { redaction } from './log-redaction';

async function main(): Promise<void> {
  const config = readBotConfig(process.env);
  const log = pino({ level: config.logLevel, ...redaction });
  const desk = await composeRestoreDesk(readServiceConfig(process.env), log);
  const adapter = new DeskAdapter(config);
  const metrics = createMetrics();
  const messengerDeps = {
    adapter,
    addressBook: desk.service.addressBook,
    approvalsChannelId: config.approvalsChannelId,
    tenantId: config.tenantId,
    defaultServiceUrl: config.serviceUrls[0] ?? '',
  };
  const turnLogic = buildApp({
    ...{ desk: desk.service, door: config, messenger: messengerDeps, log },
    deliveries: createDeliveries(),
  });
  const server = buildServer({
    config,
    log,
    unready: () => desk.unready(),
    metrics: metrics.scrape,
    turn: async (authorization, activity) => {
      const started = performance.now();
      const result = await adapter.run(authorization, activity, turnLogic);
      metrics.turnSeconds.record((performance.now() - started) / 1000, { type: activity.type });
      return result;
    },
  });
  // People are answered while unfinished work is still being taken up again.
  server.listen(config.port, config.host, () => log.info({ port: config.port }, 'restore desk listens'));
  await desk.start(createTeamsMessenger(messengerDeps));
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    server.close();
    void desk.stop().finally(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

main().catch((error: unknown) => {
  const words =
    error instanceof DeskError
      ? `${error.problem.sentence} ${error.problem.hint}`
      : String((error as Error)?.stack ?? error);
  process.stderr.write(`Restore Desk could not start. ${words}\n`);
  process.exit(1);
});

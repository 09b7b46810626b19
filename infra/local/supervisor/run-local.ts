/** The start of the local environment as a story: hold the folder, look at the ports, then one thing after the other. */
import { setTimeout as pause } from 'node:timers/promises';
import { blobServiceEnvironment } from '../blob-service';
import { ensureCertificates } from '../certificates';
import { banner } from './banner';
import { blobs, localAzure, localTeams, product, type ChildFacts } from './children';
import { ensureEvidenceKey } from './evidence-key';
import { takenPorts } from './ports';
import { findPostgresFolder } from './postgres-tools';
import type { LocalSettings } from './settings';
import { StartRefused } from './start-refused';
import {
  prepareStateDatabase,
  stateDatabaseChild,
  stateDatabaseUrl,
  type StateDatabase,
} from './state-database';
import { holdStateFolder, type HeldStateFolder } from './state-folder';
import { supervise } from './supervise';

export interface LocalRun {
  readonly settings: LocalSettings;
  readonly stop: AbortSignal;
  readonly say: (line: string) => void;
}

/** How long what a killed supervisor ran may take to end, before its ports count as taken by somebody else. */
const leftoverSeconds = 15;

export async function runLocal(run: LocalRun): Promise<void> {
  const { settings } = run;
  const postgresFolder = findPostgresFolder(settings.postgresFolder, settings.baseEnvironment['PATH']);
  const held = await holdStateFolder(settings.stateDir, settings.fresh);
  try {
    await refuseTakenPorts(settings, held.afterCrash ? leftoverSeconds : 0);
    await startAll(run, held, postgresFolder);
  } finally {
    await held.release();
  }
}

async function startAll(run: LocalRun, held: HeldStateFolder, postgresFolder: string): Promise<void> {
  const { settings, stop, say } = run;
  const { stateDir, ports } = settings;
  say(
    `Starting the local environment in ${stateDir}; the first start makes its servers and takes a little longer.`,
  );
  const password = held.secrets.stateDatabasePassword;
  const facts: ChildFacts = {
    settings,
    secrets: held.secrets,
    certificates: await ensureCertificates(stateDir),
    postgresFolder,
    databaseUrl: settings.databaseUrl ?? stateDatabaseUrl(ports.stateDatabase, password),
    evidenceKeyFile: await ensureEvidenceKey(stateDir),
    blobEnvironment: await blobServiceEnvironment(stateDir),
  };
  const state: StateDatabase = {
    ...{ stateDir, postgresFolder, password, port: ports.stateDatabase, env: settings.baseEnvironment },
  };
  if (!settings.databaseUrl) await prepareStateDatabase(state);
  await supervise({
    stateDir,
    stages: [
      settings.databaseUrl ? [] : [await stateDatabaseChild(state)],
      [localTeams(facts), localAzure(facts), blobs(facts)],
      [product(facts)],
    ],
    stop,
    say,
    onReady: () => say(banner(settings)),
  });
}

async function refuseTakenPorts(settings: LocalSettings, patienceSeconds: number): Promise<void> {
  const deadline = performance.now() + patienceSeconds * 1000;
  for (;;) {
    const sentences = await takenPorts(settings);
    if (sentences.length === 0) return;
    if (performance.now() > deadline) throw new StartRefused(sentences.join('\n'));
    await pause(200);
  }
}

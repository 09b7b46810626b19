/**
 * Starts stages of children one after the other, keeps all of them running, and stops them in reverse order.
 * Knows nothing of what they are: that is for children.ts.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { keepRunning, type ChildSpec, type KeptChild } from './child';
import { lastLines, rotateLog } from './log-tail';
import { processIdFile } from './process-ids';
import { StartRefused } from './start-refused';

export interface Supervision {
  readonly stateDir: string;
  /** The children of one stage start together; the next stage waits until all of them are ready. */
  readonly stages: readonly (readonly ChildSpec[])[];
  /** Stops everything when aborted. */
  readonly stop: AbortSignal;
  readonly say: (line: string) => void;
  readonly onReady: () => void;
}

const readyPollMs = 100;
const startMinutes = 5;
/** Silence longer than this looks like a hang. */
const noteEverySeconds = 15;
/** A child that ends this often before it was ever ready will not get there by itself. */
const deathsBeforeGivingUp = 5;
const excerptLines = 15;
/** A child that keeps dying shows its last lines now and then, not every time. */
const excerptEvery = 10;

class StopAsked extends Error {}

/** Resolves when all was stopped on request; throws StartRefused (with all stopped) when the start failed. */
export async function supervise(supervision: Supervision): Promise<void> {
  const { stop, say } = supervision;
  const ids = processIdFile(supervision.stateDir);
  const children: KeptChild[] = [];
  const events = {
    changed: () => ids.update(children),
    died: (child: KeptChild, how: string) => {
      say(`${child.spec.title} ended ${how}; starting it again (${child.spec.logFile}).`);
      const byItself = !how.startsWith('by ');
      if (byItself && child.deaths() % excerptEvery === 1) say(excerpt(child.spec));
    },
  };
  try {
    for (const stage of supervision.stages) {
      throwIfAsked(stop);
      const started = stage.map((spec) => {
        rotateLog(spec.logFile);
        return { child: keepRunning(spec, events), startedAt: performance.now() };
      });
      children.push(...started.map(({ child }) => child));
      events.changed();
      await Promise.all(
        started.map(async ({ child, startedAt }) => {
          await untilReady(child, supervision);
          say(`${child.spec.title} is ready (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`);
        }),
      );
    }
    throwIfAsked(stop);
    supervision.onReady();
    await untilAsked(stop);
  } catch (error) {
    if (!(error instanceof StopAsked)) throw error;
  } finally {
    if (stop.aborted) say(`Stopping (${String(stop.reason)}) ...`);
    for (const child of children.toReversed()) await child.stop();
    ids.remove();
  }
}

async function untilReady(child: KeptChild, { stop, say }: Supervision): Promise<void> {
  const deadline = performance.now() + startMinutes * 60_000;
  let nextNote = performance.now() + noteEverySeconds * 1000;
  const { title } = child.spec;
  for (;;) {
    throwIfAsked(stop);
    if (child.pid() !== undefined && (await child.spec.isReady())) return;
    if (child.deaths() >= deathsBeforeGivingUp) {
      throw new StartRefused(`${title} does not start.\n${excerpt(child.spec)}`);
    }
    if (performance.now() > deadline) {
      throw new StartRefused(
        `${title} was not ready within ${startMinutes} minutes.\n${excerpt(child.spec)}`,
      );
    }
    if (performance.now() > nextNote) {
      say(`Still waiting for ${title} (${child.spec.logFile}) ...`);
      nextNote += noteEverySeconds * 1000;
    }
    await pause(readyPollMs);
  }
}

function throwIfAsked(stop: AbortSignal): void {
  if (stop.aborted) throw new StopAsked();
}

function untilAsked(stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stop.aborted) resolve();
    else stop.addEventListener('abort', () => resolve(), { once: true });
  });
}

function excerpt(spec: ChildSpec): string {
  const lines = lastLines(spec.logFile, excerptLines);
  if (lines.length === 0) return `  (nothing in ${spec.logFile})`;
  return [`  The end of ${spec.logFile}:`, ...lines.map((line) => `  | ${line}`)].join('\n');
}

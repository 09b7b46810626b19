/** How long people wait for an answer while the whole local environment runs on the same machine. */
import { millis, type Figure } from './figures';
import { percentile } from './statistics';
import { startLocalEnvironment } from '../fixtures/local-environment';

const messages = 150;
/** Fast enough for a crowd, slow enough for the limit that Teams sets a bot (50 calls a second). */
const pauseMillis = 100;
const words = ['help', 'list', 'servers', 'status R-1'];

export async function localAnswers(): Promise<Figure[]> {
  const local = await startLocalEnvironment({ name: 'bench' });
  try {
    const latencies: number[] = [];
    for (let nth = 0; nth < messages; nth++) {
      const text = `@Restore Desk ${words[nth % words.length] ?? ''}`;
      const from = performance.now();
      const said = await fetch(`http://127.0.0.1:${local.ports.teams}/local/say`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ as: 'oncall', conversation: 'db-oncall', text }),
      });
      const { delivery } = (await said.json()) as { delivery?: string };
      if (delivery !== 'delivered') throw new Error(`A message was not delivered: ${String(delivery)}`);
      latencies.push(performance.now() - from);
      await new Promise((resolve) => setTimeout(resolve, pauseMillis));
    }
    const p99 = percentile(latencies.slice(words.length), 0.99);
    return [
      {
        id: '',
        what: 'Message to answer in the whole local environment, 99th percentile',
        measured: `${millis(p99)} (median ${millis(percentile(latencies, 0.5))})`,
        target: '< 200 ms',
        met: p99 < 200,
      },
    ];
  } finally {
    await local.stop();
  }
}

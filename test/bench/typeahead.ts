/** Typing a server's name into the form, with five thousand servers: from a keystroke's question to its answer. */
import { post, search, type Answer } from './activities';
import { millis, type Figure } from './figures';
import { listedServer, serverNames } from './many-servers';
import { percentile } from './statistics';
import { firstAnswer, type Stage } from './stage';
import type { MeasuredProcess } from './measured-process';

const servers = 5_000;
const keystrokes = 2_000;
/** Slow enough that the servers are read anew at least once meanwhile: that work belongs to the figure. */
const perSecond = 25;
const warmUps = 50;
const mostOffered = 15;

/** What people type: the beginning of a name, a part of it, now and then something that no server is called. */
function queries(names: readonly string[], count: number): string[] {
  return Array.from({ length: count }, (_, nth) => {
    const name = names[(nth * 7) % names.length] ?? '';
    if (nth % 20 === 19) return `nothing-${nth}`;
    if (nth % 3 === 0) return name.slice(name.indexOf('-') + 1, -3);
    return name.slice(0, 2 + (nth % (name.length - 2)));
  });
}

/** Throws unless it offers what fits, and nothing else. */
function offered(query: string, { status, body }: Answer): number {
  const answer = JSON.parse(body || '{}') as { value?: { results?: { title?: string }[] } };
  const results = answer.value?.results;
  const fits = (title = ''): boolean => title.toLowerCase().includes(query.toLowerCase());
  if (
    status !== 200 ||
    !results ||
    results.length > mostOffered ||
    !results.every(({ title }) => fits(title))
  )
    throw new Error(`"${query}" was answered with ${status}: ${body.slice(0, 300)}`);
  return results.length;
}

async function type(stage: Stage, port: number, asked: readonly string[]): Promise<number[]> {
  const from = performance.now();
  return Promise.all(
    asked.map(async (query, nth) => {
      const due = from + (nth * 1000) / perSecond;
      await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
      const answer = await post(stage.stub, port, search(stage.stub, query, mostOffered));
      const took = performance.now() - due;
      if (offered(query, answer) === 0 && !query.startsWith('nothing-'))
        throw new Error(`"${query}" was offered nothing.`);
      return took;
    }),
  );
}

/** Until then a question waits for Azure, which is not what is measured. */
async function serversKnown(stage: Stage, product: MeasuredProcess, name: string): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (offered(name, await post(stage.stub, product.port, search(stage.stub, name, mostOffered))) === 0) {
    if (product.hasEnded() || performance.now() > deadline)
      throw new Error(`The servers did not become known:\n${product.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export async function typeahead(stage: Stage): Promise<Figure[]> {
  const names = serverNames(servers);
  stage.stub.showServers(names.map(listedServer));
  const product = stage.startProduct();
  await firstAnswer(stage, product);
  await serversKnown(stage, product, names.at(-1) ?? '');
  await type(stage, product.port, queries(names, warmUps));
  const readBefore = stage.stub.lists();
  const latencies = await type(stage, product.port, queries(names, keystrokes));
  const readMeanwhile = stage.stub.lists() - readBefore;
  await product.stop();
  const p99 = percentile(latencies, 0.99);
  return [
    {
      id: '',
      what: 'Typing a server name with 5,000 servers, keystroke to answer, 99th percentile',
      measured: `${millis(p99)} (median ${millis(percentile(latencies, 0.5))}, worst ${millis(Math.max(...latencies))}, servers read anew ${readMeanwhile}x meanwhile)`,
      target: '< 50 ms',
      met: p99 < 50,
    },
  ];
}

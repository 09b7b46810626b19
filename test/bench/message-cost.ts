/** P1: what a durable, deduplicated, authorised message costs over a bare echo of it. */
import { message, post } from './activities';
import { megabytes, millis, ratio, type Figure } from './figures';
import { firstAnswer, type Stage } from './stage';
import { median, medianRatio, percentile } from './statistics';
import type { MeasuredProcess } from './measured-process';

const rounds = 5;
const messagesPerRound = 400;
const restMillis = 6_000;

interface Round {
  readonly cpuMillisPerMessage: number;
  readonly latencies: readonly number[];
}

async function sayMany(stage: Stage, bot: MeasuredProcess, count: number): Promise<Round> {
  const latencies: number[] = [];
  const before = bot.cpuMillis();
  for (let nth = 0; nth < count; nth++) {
    const said = message(stage.stub, nth % 2 === 0 ? 'help' : 'status R-1');
    const answer = await post(stage.stub, bot.port, said);
    if (answer.status !== 200) throw new Error(`A message was answered with ${answer.status}.`);
    latencies.push(answer.millis);
  }
  return { cpuMillisPerMessage: (bot.cpuMillis() - before) / count, latencies };
}

interface Rest {
  readonly residentBytes: number;
  /** Share of one core, in per cent. */
  readonly cpuPercent: number;
}

async function rest(bot: MeasuredProcess): Promise<Rest> {
  const before = bot.cpuMillis();
  await new Promise((resolve) => setTimeout(resolve, restMillis));
  return {
    residentBytes: bot.residentBytes(),
    cpuPercent: ((bot.cpuMillis() - before) / restMillis) * 100,
  };
}

export async function messageCost(stage: Stage): Promise<Figure[]> {
  const [product, bare] = [stage.startProduct(), stage.startBareBot()];
  await Promise.all([firstAnswer(stage, product), firstAnswer(stage, bare)]);
  const [productAtRest, bareAtRest] = await Promise.all([rest(product), rest(bare)]);
  for (const bot of [product, bare]) await sayMany(stage, bot, messagesPerRound);
  const [a, b]: [Round[], Round[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    a.push(await sayMany(stage, product, messagesPerRound));
    b.push(await sayMany(stage, bare, messagesPerRound));
  }
  await Promise.all([product.stop(), bare.stop()]);
  return figures(a, b, productAtRest, bareAtRest);
}

function figures(a: readonly Round[], b: readonly Round[], product: Rest, bare: Rest): Figure[] {
  const cpu = (all: readonly Round[]): number[] => all.map(({ cpuMillisPerMessage }) => cpuMillisPerMessage);
  const p99 = (all: readonly Round[]): number =>
    median(all.map(({ latencies }) => percentile(latencies, 0.99)));
  const cpuRatio = medianRatio(cpu(a), cpu(b));
  return [
    {
      id: 'P1',
      what: 'CPU of a message over a bare echo bot',
      measured: `${ratio(cpuRatio)} (${median(cpu(a)).toFixed(2)} over ${median(cpu(b)).toFixed(2)} ms)`,
      target: '<= 1.5x',
      met: cpuRatio <= 1.5,
    },
    {
      id: 'P1',
      what: 'Message to answer, 99th percentile',
      measured: `${millis(p99(a))} (bare ${millis(p99(b))})`,
      target: '<= 50 ms',
      met: p99(a) <= 50,
    },
    {
      id: '',
      what: 'Memory of the product at rest',
      measured: `${megabytes(product.residentBytes)} (bare ${megabytes(bare.residentBytes)})`,
      target: '< 250 MB',
      met: product.residentBytes < 250 * 1024 * 1024,
    },
    {
      id: '',
      what: 'CPU of the product at rest, of one core',
      measured: `${product.cpuPercent.toFixed(1)} % (bare ${bare.cpuPercent.toFixed(1)} %)`,
      target: '',
    },
  ];
}

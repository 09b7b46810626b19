/** P8: how soon a fresh process answers and has picked up a thousand restores that a dead one left behind. */
import { millis, ratio, type Figure } from './figures';
import { firstAnswer, type Stage } from './stage';
import { restoring, storeRequests } from './stored-requests';
import { median, medianRatio } from './statistics';
import type { MeasuredProcess } from './measured-process';

const rounds = 5;
const openRestores = 1_000;

/** As if the process had died a while ago and its queue entries with it. */
async function abandon(stage: Stage): Promise<void> {
  await stage.database.query(`update restore_request set next_look_at = now() - interval '1 minute'
    where phase = 'restoring'`);
  await stage.database.query('delete from pgboss.job');
  await stage.database.query('delete from outbox');
}

async function armed(stage: Stage): Promise<number> {
  const { rows } = await stage.database.query<{ n: number }>(
    `select count(distinct singleton_key)::int as n from pgboss.job where name = 'advance'`,
  );
  return rows[0]?.n ?? 0;
}

/** Milliseconds from the start of the process until every restore has a job again. */
async function allArmed(stage: Stage, product: MeasuredProcess): Promise<number> {
  const deadline = performance.now() + 60_000;
  while ((await armed(stage)) < openRestores) {
    if (product.hasEnded() || performance.now() > deadline)
      throw new Error(`The restores were not picked up:\n${product.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return performance.now() - product.startedAt;
}

export async function coldStart(stage: Stage): Promise<Figure[]> {
  // The first start of all makes the tables; that is not what is measured.
  const first = stage.startProduct();
  await firstAnswer(stage, first);
  await first.stop();
  await storeRequests(stage, openRestores, restoring);
  const [answered, bareAnswered, armedAfter]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < rounds; round++) {
    await abandon(stage);
    const product = stage.startProduct();
    const [answer, picked] = await Promise.all([firstAnswer(stage, product), allArmed(stage, product)]);
    await product.stop();
    const bare = stage.startBareBot();
    bareAnswered.push(await firstAnswer(stage, bare));
    await bare.stop();
    answered.push(answer);
    armedAfter.push(picked);
  }
  const over = medianRatio(answered, bareAnswered);
  return [
    {
      id: 'P8',
      what: 'Cold start to first answer with 1,000 open restores over a bare bot',
      measured: `${ratio(over)} (${millis(median(answered))} over ${millis(median(bareAnswered))})`,
      target: '<= 2x',
      met: over <= 2,
    },
    {
      id: 'P8',
      what: 'Start of the process until all 1,000 are armed again',
      measured: millis(median(armedAfter)),
      target: '<= 2000 ms',
      met: median(armedAfter) <= 2_000,
    },
  ];
}

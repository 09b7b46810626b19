/** P2: from a click on Approve to its recorded and answered decision, at a steady fifty a second. */
import { click, post } from './activities';
import { millis, type Figure } from './figures';
import { firstAnswer, type Stage } from './stage';
import { storeRequests, waiting } from './stored-requests';
import { median, percentile } from './statistics';
import type { RestoreRequest } from '../../services/restore/request';

const perSecond = 50;
const rounds = 5;
const secondsARound = 8;
const warmUps = 50;

const approve = (stage: Stage, { id, revision, nonce }: RestoreRequest): object =>
  click(stage.stub, 'request.approve', { about: 'request', id, revision, nonce }, `card-${id}`);

/** The cards are posted and written down, as they are when somebody looks at them. */
async function showCards(stage: Stage, requests: readonly RestoreRequest[]): Promise<void> {
  const slots = requests.flatMap(({ id, draftId, thread }) => [
    { slot: `${id}/approval/1`, id, conversation: '19:db-approvals@thread.tacv2', to: { kind: 'approvals' } },
    { slot: `draft/${draftId}`, id, conversation: thread, to: { kind: 'thread', thread } },
  ]);
  await stage.database.query(
    `insert into outbox (slot, request_id, destination, message, pace, sent, ref, last_sent_at)
     select s ->> 'slot', s ->> 'id', s -> 'to', '{}', 'at-once', 1,
            jsonb_build_object('conversation', s ->> 'conversation', 'messageId', 'card-' || (s ->> 'id')), now()
       from jsonb_array_elements($1::jsonb) s`,
    [JSON.stringify(slots)],
  );
}

/** Each click leaves at its own time, however long others take; late ones are late for the person too. */
async function clickSteadily(
  stage: Stage,
  port: number,
  requests: readonly RestoreRequest[],
): Promise<number[]> {
  const from = performance.now();
  return Promise.all(
    requests.map(async (request, nth) => {
      const due = from + (nth * 1000) / perSecond;
      await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
      const answer = await post(stage.stub, port, approve(stage, request));
      if (answer.status !== 200 || !answer.body.includes('card.adaptive'))
        throw new Error(`A click was answered with ${answer.status}: ${answer.body.slice(0, 300)}`);
      return performance.now() - due;
    }),
  );
}

async function recorded(stage: Stage): Promise<number> {
  const { rows } = await stage.database.query<{ n: number }>(
    `select count(*)::int as n from journal where kind = 'approved-by'`,
  );
  return rows[0]?.n ?? 0;
}

export async function approvalClicks(stage: Stage): Promise<Figure[]> {
  const product = stage.startProduct();
  await firstAnswer(stage, product);
  const requests = await storeRequests(stage, warmUps + perSecond * secondsARound * rounds, waiting);
  await showCards(stage, requests);
  await clickSteadily(stage, product.port, requests.slice(0, warmUps));
  const before = product.cpuMillis();
  const latencies: number[][] = [];
  for (let round = 0; round < rounds; round++) {
    const first = warmUps + round * perSecond * secondsARound;
    const clicks = requests.slice(first, first + perSecond * secondsARound);
    latencies.push(await clickSteadily(stage, product.port, clicks));
  }
  const all = latencies.flat();
  const cpu = (product.cpuMillis() - before) / all.length;
  const written = await recorded(stage);
  await product.stop();
  if (written !== requests.length) throw new Error(`${written} of ${requests.length} clicks were recorded.`);
  const p99 = median(latencies.map((round) => percentile(round, 0.99)));
  return [
    {
      id: 'P2',
      what: 'Approval click to recorded and answered, 50 a second, 99th percentile',
      measured: `${millis(p99)} (median ${millis(percentile(all, 0.5))}, worst ${millis(Math.max(...all))})`,
      target: '<= 100 ms',
      met: p99 <= 100,
    },
    {
      id: '',
      what: 'CPU of an approval click with its card edits',
      measured: millis(cpu),
      target: '',
    },
  ];
}

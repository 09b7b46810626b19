/** A sentence that Teams delivers again is answered once, whatever the state database says of the second delivery. */
import {
  envelope,
  press,
  dataOf,
  startEdgeStage,
  type Answered,
  type EdgeStage,
} from '../../faults/edge-stage';
import { ines, martin } from '../../fakes/facts';

jest.setTimeout(60_000);
let edge: EdgeStage;
beforeAll(async () => {
  edge = await startEdgeStage();
});
afterAll(() => edge?.end());

const said = (text: string): object => envelope({ person: martin }, { type: 'message', text });

/** Ends, like a database that goes away, whatever waits to write down a delivery; answers how many did. */
const breakWaiting = `select pg_terminate_backend(pid) from pg_stat_activity
  where wait_event_type = 'Lock' and query like 'insert into delivery%'`;

/** Runs the turns while the database is slow to say whether this was there before, and then goes away. */
async function whileAway(turns: () => Promise<Answered>[]): Promise<Answered[]> {
  const { desk } = edge.stage;
  await desk.ask('begin');
  await desk.ask('lock table delivery in access exclusive mode');
  let isOver = false;
  const all = Promise.all(turns()).finally(() => (isOver = true));
  while (!isOver) await edge.ask(breakWaiting);
  await desk.ask('commit');
  return all;
}

const repliesOf = (answers: readonly Answered[]): number =>
  answers.reduce((sum, { replies }) => sum + replies.length, 0);

test.each([
  ['a question', () => said('status R-1')],
  ['a decision', () => said('approve R-1 0000')],
  ['a wish to restore', () => said('restore orders-pg to 2026-11-19T13:05:00Z as once because INC-1')],
  [
    'a press of an older client',
    () => press({ person: ines }, 'submit', 'request.approve', dataOf(edge.template)),
  ],
])('%s that was answered is not answered again with a fault of the database', async (_what, make) => {
  const turn = edge.process();
  const activity = make();
  const first = await turn(activity);
  expect(first.faults).toEqual([]);
  const again = await whileAway(() => [turn(activity)]);
  expect(again).toEqual([{ replies: [], faults: [] }]);
});

test('a sentence that comes again while the database is asked for the first is answered once, with what came of it', async () => {
  const turn = edge.process();
  const activity = said('status R-1');
  const both = await whileAway(() => [turn(activity), turn(activity)]);
  expect(both.flatMap(({ faults }) => faults)).toEqual([
    expect.stringMatching(/DATABASE_UNREACHABLE|database/),
  ]);
  expect(repliesOf(both)).toBe(1);
  // Its sender was told to say it again; what comes late now does nothing behind their back.
  expect(await turn(activity)).toEqual({ replies: [], faults: [] });
  expect(repliesOf([await turn(said('status R-1'))])).toBe(1);
});

test('a sentence that reaches several processes is answered by one of them', async () => {
  const activity = said('status R-1');
  const answers = await Promise.all([1, 2, 3, 4].map(() => edge.process()(activity)));
  expect(repliesOf(answers)).toBe(1);
  expect(answers.flatMap(({ faults }) => faults)).toEqual([]);
});

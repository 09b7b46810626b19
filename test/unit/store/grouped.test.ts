/** Writes that share a transaction: each ends as its own, in order, and one that is wrong or held up harms no other. */
import { DeskError, problem } from '../../../services/restore/errors';
import { grouped } from '../../../services/store/grouped';

interface Gate {
  readonly groups: string[][];
  readonly alone: string[];
  /** Lets the group that is under way end. */
  readonly open: (answer: readonly string[] | Error) => void;
  readonly write: (item: string) => Promise<void>;
}

function gate(wrongAlone: readonly string[] = []): Gate {
  const groups: string[][] = [];
  const alone: string[] = [];
  let open: Gate['open'] = () => undefined;
  const write = grouped<string>({
    together: (items) =>
      new Promise((resolve, reject) => {
        groups.push([...items]);
        open = (answer) => (answer instanceof Error ? reject(answer) : resolve(answer));
      }),
    alone: async (item) => {
      alone.push(item);
      if (wrongAlone.includes(item)) throw new Error(`${item} is wrong`);
    },
  });
  return { groups, alone, write, open: (answer) => open(answer) };
}

/** Until everything that is ready to go on has gone on. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('what comes while a group is written is written in the next one, in the order in which it came', async () => {
  const { groups, write, open } = gate();
  const writing = ['a', 'b', 'c'].map(write);
  expect(groups).toEqual([['a']]);
  open([]);
  await writing[0];
  await settled();
  expect(groups).toEqual([['a'], ['b', 'c']]);
  const late = write('d');
  open([]);
  await Promise.all(writing);
  await settled();
  open([]);
  await late;
  expect(groups).toEqual([['a'], ['b', 'c'], ['d']]);
});

test('nobody is told that it is written before it is', async () => {
  const { write, open } = gate();
  const ended: string[] = [];
  const writing = ['a', 'b'].map(async (item) => {
    await write(item);
    ended.push(item);
  });
  await settled();
  expect(ended).toEqual([]);
  open([]);
  await settled();
  expect(ended).toEqual(['a']);
  open([]);
  await Promise.all(writing);
});

test('one that somebody else holds is written alone, and nobody waits for it', async () => {
  const { groups, alone, write, open } = gate();
  const [held, next] = [write('held'), write('next')];
  open(['held']);
  await settled();
  expect(groups).toEqual([['held'], ['next']]);
  open([]);
  await Promise.all([held, next]);
  expect(alone).toEqual(['held']);
});

test('of a group that is refused each is written alone, and only what is wrong fails', async () => {
  const { alone, write, open } = gate(['wrong']);
  const first = write('first');
  const writing = ['good', 'wrong', 'also good'].map(write);
  open([]);
  await first;
  await settled();
  open(new Error('a constraint'));
  const ends = await Promise.allSettled(writing);
  expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(alone).toEqual(['good', 'wrong', 'also good']);
});

test('what may have been committed on a connection that was lost is not written again, and the next group goes on', async () => {
  const { alone, write, open } = gate();
  const writing = write('a');
  open(new DeskError(problem('DATABASE_UNREACHABLE')));
  await expect(writing).rejects.toMatchObject({ problem: { code: 'DATABASE_UNREACHABLE' } });
  expect(alone).toEqual([]);
  const next = write('b');
  open([]);
  await next;
});

/** How many operations are followed with few reads, against a list and operations that are played here. */
import { createFollowedOperations } from '../../../../services/azure/followed-operations';
import { createReadPace } from '../../../../services/azure/read-pace';
import { createServerStates, type ServerStates } from '../../../../services/azure/server-states';
import type { ArmClient } from '../../../../services/azure/arm';
import type { OperationStatus } from '../../../../services/restore/ports';

const running: OperationStatus = { kind: 'running', retryAfterSeconds: 10 };
const idOf = (name: string): string => `/subscriptions/s-1/servers/${name}`;

/** Servers by name with their state; a page is a list of names. */
class Played {
  millis = 0;
  lists = 0;
  broken = false;
  pages: string[][] = [];
  readonly states = new Map<string, string>();
  readonly statuses = new Map<string, OperationStatus>();
  readonly asked: string[] = [];
  readonly #followed = createFollowedOperations(this.#states(), () => this.millis);

  add(names: readonly string[], state = 'Provisioning'): void {
    this.pages = [[...names]];
    for (const name of names) this.states.set(name, state);
  }
  poll(name: string): Promise<OperationStatus> {
    return this.#followed.status(idOf(name).toUpperCase(), async () => {
      this.asked.push(name);
      return this.statuses.get(name) ?? running;
    });
  }
  async pollAll(): Promise<OperationStatus[]> {
    return Promise.all([...this.states.keys()].map((name) => this.poll(name)));
  }
  #states(): ServerStates {
    const byPage = async function* (this: Played) {
      this.lists++;
      if (this.broken) throw new Error('no answer');
      for (const names of this.pages)
        yield names.map((name) => ({ id: idOf(name), state: this.states.get(name) }));
    }.bind(this);
    const client = { servers: { listBySubscription: () => ({ byPage }) } };
    return createServerStates(client as unknown as ArmClient, () => this.millis);
  }
}

const names = Array.from({ length: 10 }, (_, index) => `s${index}`);
let azure: Played;
beforeEach(() => {
  azure = new Played();
});

test('one operation is asked itself, since a list would be as dear', async () => {
  azure.add(['s0']);
  for (let turn = 0; turn < 3; turn++) expect(await azure.poll('s0')).toEqual(running);
  expect([azure.asked.length, azure.lists]).toEqual([3, 0]);
});

test('while a server is being made the list answers for it, and is as old as a Retry-After at most', async () => {
  azure.add(names);
  await azure.pollAll();
  // The first one is asked before the others are known.
  expect([azure.asked, azure.lists]).toEqual([['s0'], 1]);
  azure.millis = 9_999;
  expect((await azure.pollAll()).every(({ kind }) => kind === 'running')).toBe(true);
  expect([azure.asked.length, azure.lists]).toEqual([1, 1]);
  azure.millis = 10_000;
  await azure.pollAll();
  expect([azure.asked.length, azure.lists]).toEqual([1, 2]);
});

test('the next poll is asked for when the list has grown old, but not in a rush', async () => {
  azure.add(names);
  await azure.pollAll();
  azure.millis = 3_000;
  expect(await azure.poll('s1')).toEqual({
    kind: 'running',
    retryAfterSeconds: expect.closeTo(7.2),
  });
  azure.millis = 9_000;
  expect(await azure.poll('s2')).toEqual({ kind: 'running', retryAfterSeconds: 5 });
});

test.each(['Ready', 'Stopped', 'Dropping', 'Disabled', 'Inaccessible', 'unheard of'])(
  'a server that is %s is asked for itself',
  async (state) => {
    azure.add(names);
    await azure.pollAll();
    azure.states.set('s3', state);
    azure.statuses.set('s3', { kind: 'succeeded' });
    azure.millis = 10_000;
    expect((await azure.pollAll())[3]).toEqual({ kind: 'succeeded' });
    expect(azure.asked).toEqual(['s0', 's3']);
  },
);

test.each(['Updating', 'Starting', 'Restarting', 'provisioning'])('%s is on its way', async (state) => {
  azure.add(names, state);
  await azure.pollAll();
  expect(azure.asked).toEqual(['s0']);
});

test('a server that is not listed, yet or any more, is asked for itself', async () => {
  azure.add(names);
  azure.pages = [names.slice(0, 8)];
  await azure.pollAll();
  expect(azure.asked).toEqual(['s0', 's8', 's9']);
});

test('without a list every operation is asked, and the list not again before it is due', async () => {
  azure.add(names);
  azure.broken = true;
  await azure.pollAll();
  await azure.pollAll();
  expect([azure.asked.length, azure.lists]).toEqual([20, 1]);
});

test('a list of many pages is read only for more operations than it has pages', async () => {
  azure.add(names);
  azure.pages = names.map((name) => [name]);
  await azure.pollAll();
  expect(azure.lists).toBe(1);
  azure.asked.length = 0;
  azure.millis = 10_000;
  await azure.pollAll();
  expect([azure.asked.length, azure.lists]).toEqual([10, 1]);
});

test('who ended or is polled no more does not count', async () => {
  azure.add(names);
  await azure.pollAll();
  azure.asked.length = 0;
  azure.millis = 60_000;
  await azure.poll('s0');
  expect([azure.asked, azure.lists]).toEqual([['s0'], 1]);
  azure.states.set('s1', 'Ready');
  azure.statuses.set('s1', { kind: 'gone' });
  await azure.poll('s1');
  azure.asked.length = 0;
  azure.millis = 75_000;
  await azure.poll('s0');
  expect(azure.asked).toEqual(['s0']);
});

test('now and then an operation is asked although the list says that it goes on, and not all at once', async () => {
  azure.add(names);
  const askedIn: number[] = [];
  for (let turn = 0; turn < 130; turn++) {
    azure.millis = turn * 10_000;
    azure.asked.length = 0;
    await azure.pollAll();
    askedIn.push(azure.asked.length);
  }
  const later = askedIn.slice(1);
  expect(later.slice(0, 58)).toEqual(Array.from({ length: 58 }, () => 0));
  expect(Math.max(...later)).toBeLessThan(3);
  expect(later.reduce((sum, count) => sum + count)).toBeGreaterThanOrEqual(names.length);
});

test('a wait that one was told is not the pace of all', async () => {
  azure.add(names);
  azure.statuses.set('s0', { kind: 'running', retryAfterSeconds: 372 });
  await azure.pollAll();
  azure.millis = 60_000;
  await azure.pollAll();
  expect(azure.lists).toBe(2);
});

test('no second holds more than 25 reads of a subscription, and others do not wait for it', async () => {
  const starts: number[] = [];
  let millis = 0;
  const pace = createReadPace({
    now: () => millis,
    wait: async (wait) => {
      starts.push(millis + wait);
    },
  });
  for (let read = 0; read < 60; read++) await pace.turn('S-1');
  expect(starts).toHaveLength(35);
  const all = [...Array.from({ length: 25 }, () => 0), ...starts];
  for (const from of all)
    expect(all.filter((at) => at >= from && at < from + 1_000)).toHaveLength(
      Math.min(25, all.filter((at) => at >= from).length),
    );
  await pace.turn('s-2');
  expect(starts).toHaveLength(35);
  millis = 60_000;
  await pace.turn('s-1');
  expect(starts).toHaveLength(35);
});

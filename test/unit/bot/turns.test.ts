/** Whole turns over a desk that is played: how often a delivery has its effect, and how often its sender is answered. */
import { BotAdapter, TurnContext, type Activity, type ResourceResponse } from 'botbuilder';
import { buildApp } from '../../../bot/app';
import { createDeliveries } from '../../../bot/deliveries';
import { encodeCardKey, type CardVerb } from '../../../cards/actions';
import { problem } from '../../../services/restore/errors';
import type { CardKey } from '../../../services/restore/messages';
import type { MessengerDeps } from '../../../bot/teams-messenger';
import type { RestoreService } from '../../../services/restore-service';
import { ines } from '../../fakes/facts';

const tenantId = '22222222-2222-4222-8222-222222222222';
const key: CardKey = { about: 'request', id: 'R-42', revision: 1, nonce: 'n' };

class Line extends BotAdapter {
  readonly sent: Partial<Activity>[] = [];
  /** What Teams does with the next ones, beside taking them. */
  readonly failures: Error[] = [];
  override async sendActivities(
    _context: TurnContext,
    activities: Partial<Activity>[],
  ): Promise<ResourceResponse[]> {
    this.sent.push(...activities);
    const failure = this.failures.shift();
    if (failure) throw failure;
    return activities.map(() => ({ id: '1' }));
  }
  override updateActivity = (): Promise<void> => Promise.reject(new Error('a turn edits nothing'));
  override deleteActivity = (): Promise<void> => Promise.reject(new Error('a turn deletes nothing'));
  override continueConversation = (): Promise<void> => Promise.reject(new Error('a turn begins no other'));
}

const activity = (changes: object): Activity =>
  ({
    ...{ type: 'message', id: 'f:1', channelId: 'msteams', text: 'list' },
    ...{ serviceUrl: 'https://smba.trafficmanager.net/teams/', replyToId: '7' },
    from: { id: '29:ines', aadObjectId: ines.aadObjectId, name: ines.name },
    recipient: { id: '28:bot', name: 'Restore Desk' },
    conversation: { id: '19:a@thread.tacv2', tenantId },
    channelData: { tenant: { id: tenantId } },
    ...changes,
  }) as Activity;

const press = (verb: CardVerb, changes: object = {}): Activity =>
  activity({
    ...{ type: 'invoke', name: 'adaptiveCard/action', text: undefined },
    value: { action: { verb, data: { ...encodeCardKey(key), comment: 'why?' } } },
    ...changes,
  });

/** A desk whose decisions are all refused, with a store that knows what was delivered; it writes down what it is asked. */
function aStage() {
  const asked: string[] = [];
  const delivered = new Set<string>();
  const refused = { kind: 'refused', because: problem('REQUEST_UNKNOWN', { id: 'R-42' }) } as const;
  const noting = (room: string): object =>
    new Proxy(
      {},
      { get: (_room, name) => () => (asked.push(`${room}.${String(name)}`), Promise.resolve(refused)) },
    );
  const played = {
    answer: async (): Promise<object> => ({ kind: 'answer', version: 1, title: 'All is well', lines: [] }),
    isFirstDelivery: async (each: string): Promise<boolean> =>
      !delivered.has(each) && delivered.add(each) !== undefined,
    keepConversation: async (): Promise<void> => undefined,
  };
  const addressBook = {
    keepConversation: () => played.keepConversation(),
    keepMember: async () => undefined,
    members: async () => new Map(),
  };
  const desk = {
    ...{ decisions: noting('decisions'), drafting: noting('drafting'), cancelling: noting('cancelling') },
    answering: { answer: () => played.answer() },
    isFirstDelivery: (each: string) => played.isFirstDelivery(each),
    view: async () => undefined,
    addressBook,
  } as unknown as RestoreService;
  const logged: string[] = [];
  const log = {
    info: () => undefined,
    warn: (_facts: object, words: string) => void logged.push(words),
    error: (_facts: object, words: string) => void logged.push(words),
  };
  const line = new Line();
  const process = () => {
    const app = buildApp({
      ...{ desk, log, deliveries: createDeliveries() },
      door: { tenantId, defaultZone: 'UTC' },
      messenger: { addressBook } as unknown as MessengerDeps,
    });
    return (each: Activity) => app(new TurnContext(line, each));
  };
  return { asked, played, logged, line, turn: process(), elsewhere: process() };
}

const once: readonly [CardVerb, string][] = [
  ['request.ask', 'decisions.ask'],
  ['request.edit', 'drafting.edit'],
  ['request.retry', 'decisions.retry'],
  ['request.cancel', 'cancelling.ask'],
];

describe.each(once)('a press of %s', (verb, effect) => {
  test('that is delivered twice has its effect once, and is answered twice', async () => {
    const { turn, asked, line } = aStage();
    await turn(press(verb));
    await turn(press(verb));
    expect(asked).toEqual([effect]);
    const bodies = line.sent.map(({ value }) => (value as { body: { value: string } }).body.value);
    expect(bodies).toEqual([
      expect.stringContaining('R-42'),
      'This press came once before. The cards of R-42 show how it stands.',
    ]);
  });

  test('of an older client that is delivered again, to another process as well, has its effect once', async () => {
    const { turn, elsewhere, asked, line } = aStage();
    const older = press(verb, { type: 'message', value: { ...encodeCardKey(key), verb, comment: 'why?' } });
    await turn(older);
    await turn(older);
    await elsewhere(older);
    expect(asked).toEqual([effect]);
    expect(line.sent).toHaveLength(1);
  });

  test('that is made again has its effect again, and so has one that carries no id to be known by', async () => {
    const { turn, asked } = aStage();
    for (const id of ['f:1', 'f:2', undefined, undefined, '', 7]) await turn(press(verb, { id }));
    expect(asked).toEqual(Array<string>(6).fill(effect));
  });
});

test('a press that finds its own first one asks for it again, and is told the same both times', async () => {
  const { turn, asked, line } = aStage();
  await turn(press('request.approve'));
  await turn(press('request.approve'));
  expect(asked).toEqual(['decisions.approve', 'decisions.approve']);
  expect(line.sent[1]).toEqual(line.sent[0]);
});

test('sentences without an id to be known by are all answered', async () => {
  const { turn, line } = aStage();
  for (const id of [undefined, undefined]) await turn(activity({ id }));
  expect(line.sent).toHaveLength(2);
});

test('a turn that takes long shows nothing but its answer, also while others come and go', async () => {
  jest.useFakeTimers();
  try {
    const { turn, played, line } = aStage();
    const answers: ((answer: object) => void)[] = [];
    played.answer = () => new Promise((resolve) => answers.push(resolve));
    const slow = turn(activity({ id: 'slow' }));
    await jest.advanceTimersByTimeAsync(3_000);
    const quiet = turn(activity({ id: 'slow' }));
    await jest.advanceTimersByTimeAsync(3_000);
    expect(line.sent).toEqual([]);
    answers[0]?.({ kind: 'answer', version: 1, title: 'Late', lines: [] });
    await Promise.all([slow, quiet]);
    await jest.advanceTimersByTimeAsync(3_000);
    expect(line.sent.map(({ type }) => type)).toEqual(['message']);
  } finally {
    jest.useRealTimers();
  }
});

describe('an answer that cannot be sent', () => {
  test('for a reason that leaves open whether it arrived is not followed by a fault', async () => {
    const { turn, line, logged } = aStage();
    line.failures.push(new Error('socket hang up'));
    await turn(activity({}));
    expect(line.sent).toHaveLength(1);
    expect(logged).toEqual(['an answer may not have arrived']);
  });

  test('because Teams turned it away is followed by a sentence that says so', async () => {
    const { turn, line } = aStage();
    line.failures.push(Object.assign(new Error('too large'), { statusCode: 413 }));
    await turn(activity({}));
    expect(line.sent).toHaveLength(2);
    expect(JSON.stringify(line.sent[1])).toContain('went wrong');
  });
});

test('a press of an older client in which something goes wrong is told so: it is not taken again', async () => {
  const { turn, line, played } = aStage();
  played.isFirstDelivery = () => Promise.reject(new Error('away'));
  const older = press('request.ask', {
    type: 'message',
    value: { ...encodeCardKey(key), verb: 'request.ask' },
  });
  await turn(older);
  await turn(older);
  expect(line.sent).toHaveLength(1);
  expect(JSON.stringify(line.sent[0])).toContain('went wrong');
});

test('a sentence whose turn answered nobody may be delivered again', async () => {
  const { turn, line, played } = aStage();
  const keep = played.keepConversation;
  played.keepConversation = () => Promise.reject(new Error('away'));
  line.failures.push(new Error('away as well'));
  await expect(turn(activity({}))).rejects.toThrow('away as well');
  played.keepConversation = keep;
  await turn(activity({}));
  expect(JSON.stringify(line.sent.at(-1))).toContain('All is well');
});

test('a sentence that comes again while its first turn is at hand is not taken for answered before that is', async () => {
  const { turn, line, played } = aStage();
  const keep = played.keepConversation;
  let fail = (_error: Error): void => undefined;
  played.keepConversation = () => new Promise((_resolve, reject) => (fail = reject));
  line.failures.push(new Error('away as well'));
  const both = [turn(activity({})), turn(activity({}))];
  const ends = Promise.allSettled(both);
  await new Promise((resolve) => setImmediate(resolve));
  fail(new Error('away'));
  // Teams delivers again what was answered with a failure, and nothing else.
  expect((await ends).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  played.keepConversation = keep;
  await turn(activity({}));
  expect(JSON.stringify(line.sent.at(-1))).toContain('All is well');
});

test('a process remembers the last 10,000 deliveries, and no more', async () => {
  const deliveries = createDeliveries();
  let turns = 0;
  const deliver = (key: number): Promise<void> =>
    deliveries.once(
      {
        ...{ kind: 'message', text: 'list', deliveryKey: String(key) },
        by: { person: ines, teamsId: '29:ines', zone: 'UTC' },
        in: { thread: '19:a@thread.tacv2', serviceUrl: 'https://example.test/', kind: 'shared' },
      },
      async () => void (turns += 1),
    );
  for (let key = 0; key < 10_001; key++) await deliver(key);
  expect(turns).toBe(10_001);
  for (let key = 1; key < 10_001; key++) await deliver(key);
  expect(turns).toBe(10_001);
  await deliver(0);
  expect(turns).toBe(10_002);
});

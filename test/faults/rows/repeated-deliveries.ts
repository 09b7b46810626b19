/**
 * R6: Teams delivers again, late and out of order. Every press and every sentence is delivered two to five times, in any order,
 * some of it an hour late and after an edit; what it does it does once, and whoever comes later is told how it went.
 */
import { chanceOf, type Chance } from '../random';
import { createDecisions } from '../../../services/deciding';
import { divya, ines, martin } from '../../fakes/facts';
import {
  answerProblem,
  dataOf,
  edited,
  envelope,
  faultPolicy,
  press,
  startEdgeStage,
  wordsOf,
  type Answered,
  type EdgeStage,
  type Entry,
} from '../edge-stage';
import { inParallel, type Row, type Violation } from '../row';
import { shortHash } from '../../../services/restore/plan';
import type { RestoreRequest } from '../../../services/restore/request';
import type { Person } from '../../../services/restore/person';

interface Delivery {
  readonly name: string;
  readonly activity: object;
  /** In the journal, once at most. */
  readonly effect: string;
  readonly by: Person;
}

type Made = (request: RestoreRequest) => Delivery;

const pressed =
  (by: Person, verb: string, effect: string, comment = ''): Made =>
  (request) => ({
    ...{ name: `${verb} by ${by.name}`, effect, by },
    activity: press({ person: by }, 'execute', verb, dataOf(request, { comment })),
  });
const pressedOld =
  (by: Person, verb: string, effect: string, comment = ''): Made =>
  (request) => ({
    ...{ name: `${verb} by ${by.name}, old client`, effect, by },
    activity: press({ person: by }, 'submit', verb, dataOf(request, { comment })),
  });
const typed =
  (by: Person, effect: string, text: (request: RestoreRequest) => string): Made =>
  (request) => ({
    ...{
      name: text(request).replace(request.id, 'R').replace(shortHash(request.planHash), 'hash'),
      effect,
      by,
    },
    activity: envelope({ person: by }, { type: 'message', text: text(request) }),
  });

const approve = 'approved-by';
const waves: readonly (readonly Made[])[] = [
  [pressed(martin, 'request.approve', approve), pressed(divya, 'request.approve', approve)],
  [pressedOld(martin, 'request.approve', approve), pressed(divya, 'request.reject', 'rejected-by', 'no')],
  [pressed(martin, 'request.ask', 'question-asked', 'why?')],
  [
    pressed(martin, 'request.ask', 'question-asked', 'why?'),
    pressed(ines, 'request.answer', 'question-answered', 'because'),
  ],
  [pressed(ines, 'request.edit', 'edit-opened'), pressed(martin, 'request.approve', approve)],
  [pressed(ines, 'request.withdraw', 'withdrawn-by'), pressedOld(divya, 'request.approve', approve)],
  [
    typed(martin, approve, ({ id, planHash }) => `approve ${id} ${shortHash(planHash)}`),
    typed(divya, 'rejected-by', ({ id }) => `reject ${id} because not now`),
  ],
  [typed(divya, 'question-asked', ({ id }) => `ask ${id} which orders?`)],
  [typed(ines, 'edit-opened', ({ id }) => `edit ${id}`)],
  [typed(ines, 'withdrawn-by', ({ id }) => `withdraw ${id}`)],
];

const countOf = (journal: readonly Entry[], { effect, by }: Delivery): number =>
  journal.filter(
    ({ kind, actor }) => kind === effect && actor !== 'restore-desk' && actor.aadObjectId === by.aadObjectId,
  ).length;

const endings = ['rejected-by', 'withdrawn-by', 'expired'];

interface Story {
  readonly request: RestoreRequest;
  readonly made: readonly Made[];
  /** What comes between the first deliveries and the rest. */
  readonly between: 'nothing' | 'an hour' | 'an edit';
  /** Whether one process takes all of it, or another one each time. */
  readonly processes: 'one' | 'many';
}

const isMessage = (activity: object): boolean => (activity as { type?: string }).type === 'message';

async function pass(edge: EdgeStage, { request, between }: Story): Promise<void> {
  const { state } = await edge.stage.request(request.id);
  if (state.phase !== 'awaiting-approval') return;
  if (between === 'an edit') await edited(edge, request, `${request.inputs.target}-e`);
  if (between !== 'an hour') return;
  // A question stops the clock; it goes on after an hour, and ends an hour later.
  const at = (hours: number) => ({
    now: () => new Date(Date.parse(edge.stage.clock.now()) + hours * 3_600_000).toISOString(),
  });
  for (const hours of [1, 2, 3]) await createDecisions({ ...edge.deps, clock: at(hours) }).clock(request.id);
}

async function tell(edge: EdgeStage, story: Story, chance: Chance): Promise<[number, Violation[]]> {
  const deliveries = story.made.map((make) => make(story.request));
  const repeats = deliveries.flatMap((each) => Array<Delivery>(1 + chance.int(4)).fill(each));
  const [first, late] = [chance.shuffled(deliveries), chance.shuffled(repeats)];
  const told: (readonly [Delivery, Answered])[] = [];
  const turn = story.processes === 'one' ? edge.process() : edge.turn;
  const deliver = async (each: Delivery): Promise<void> => void told.push([each, await turn(each.activity)]);
  const journalNow = async (): Promise<readonly Entry[]> =>
    (await edge.journals([story.request.id])).get(story.request.id) ?? [];
  if (chance.in100(50)) await Promise.all([...first, ...first].map(deliver));
  else for (const each of first) await deliver(each);
  const atFirst = await journalNow();
  await pass(edge, story);
  const before = await journalNow();
  if (chance.in100(50)) await Promise.all(late.map(deliver));
  else for (const each of late) await deliver(each);
  const journal = await journalNow();
  const names = {
    between: story.between,
    processes: story.processes,
    first: first.map(({ name }) => name),
    late: late.map(({ name }) => name),
  };
  const broken = [
    ...told.flatMap(([{ activity }, answered]) => answerProblem(activity, answered) ?? []),
    ...deliveries.flatMap((each) => {
      // An edit in between opens a form of its own.
      const times = countOf(journal, each) - countOf(before, each) + countOf(atFirst, each);
      return times > 1 ? [`${each.name} has its effect ${times} times`] : [];
    }),
    ...(journal.filter(({ kind }) => endings.includes(kind)).length > 1 ? ['it ended twice'] : []),
    ...deliveries.flatMap((each) => repliesProblem(told, each)),
  ];
  return [told.length, broken.map((what) => ({ what, case: names }))];
}

/** A sentence is answered once; a press each time, since somebody waits for it. */
function repliesProblem(told: readonly (readonly [Delivery, Answered])[], each: Delivery): string[] {
  const answers = told.filter(([delivery]) => delivery === each).map(([, answered]) => answered);
  const replies = answers.reduce((sum, { replies }) => sum + replies.length, 0);
  if (isMessage(each.activity))
    return replies > 1
      ? [`${each.name} is answered ${replies} times: ${answers.map(wordsOf).join(' | ')}`]
      : [];
  return answers.every((answered) => wordsOf(answered).length > 20) ? [] : [`${each.name} is not answered`];
}

const perRound = 40;

export const repeatedDeliveries: Row = {
  id: 'R6',
  what: 'Repeated, late and reordered deliveries of presses and sentences, with an edit or an hour in between',
  full: 10_000,
  slice: 120,
  run: async (size, seed) => {
    const chance = chanceOf(seed);
    const edge = await startEdgeStage({ policy: faultPolicy({ needed: 2 }), cards: true });
    const violations: Violation[] = [];
    let delivered = 0;
    try {
      while (delivered < size && violations.length < 20) {
        const copies = await edge.copies(Math.min(perRound, Math.ceil((size - delivered) / 5)));
        const stories = copies.map((request): Story => {
          const made = chance.pick(waves);
          const processes = chance.pick(['one', 'many'] as const);
          return { request, made, processes, between: chance.pick(['nothing', 'an hour', 'an edit']) };
        });
        const found = await inParallel(stories, 6, (story) => tell(edge, story, chance));
        delivered += found.reduce((sum, [count]) => sum + count, 0);
        violations.push(...found.flatMap(([, broken]) => broken));
      }
      return {
        cases: delivered,
        checked:
          'each press and each sentence has its effect once and every request one end; a press is answered each time, a sentence once',
        violations,
      };
    } finally {
      await edge.end();
    }
  },
};

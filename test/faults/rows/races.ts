/**
 * R5: everybody at once, on several replicas over one database. Whatever the order, a request has one outcome, its journal one
 * deciding entry, its approvals are right, and all its cards tell the same.
 */
import { chanceOf, type Chance } from '../random';
import { createDecisions, type Decisions } from '../../../services/deciding';
import { createStore } from '../../../services/store/store';
import { divya, emil, ines, martin } from '../../fakes/facts';
import { edited, faultPolicy, nils, startEdgeStage, type EdgeStage, type Entry } from '../edge-stage';
import { testSigner } from '../../fakes/evidence-key';
import { inParallel, type Row, type Violation } from '../row';
import { openDatabase, type Database } from '../../../services/store/database';
import { requestKey, type RestoreRequest } from '../../../services/restore/request';
import type { Decided } from '../../../services/decided';
import type { Deps } from '../../../services/deps';
import type { Message, RequestMessage } from '../../../services/restore/messages';
import type { Person } from '../../../services/restore/person';

const replicaCount = 3;

/** What one person does, or the clock; on one of the replicas. */
interface Move {
  readonly name: string;
  readonly by: string;
  readonly make: (replica: Replica, request: RestoreRequest) => Promise<unknown>;
}

interface Replica {
  readonly deps: Deps;
  readonly decisions: Decisions;
  /** The same an hour later: the request has expired there. */
  readonly later: Decisions;
  readonly edge: EdgeStage;
}

const reference = (request: RestoreRequest) => ({ kind: 'card', key: requestKey(request) }) as const;

const decision = (
  name: string,
  by: Person,
  decide: (decisions: Decisions, request: RestoreRequest) => Promise<Decided>,
): Move => ({ name, by: by.name, make: ({ decisions }, request) => decide(decisions, request) });

const approves = (by: Person): Move =>
  decision('approve', by, (on, request) => on.approve(request.id, by, 'seen', reference(request)));
const rejects = decision('reject', divya, (on, request) =>
  on.reject(request.id, divya, 'no', reference(request)),
);
const withdraws = decision('withdraw', ines, (on, request) =>
  on.withdraw(request.id, ines, reference(request)),
);
const asks = (by: Person): Move =>
  decision('ask', by, (on, request) => on.ask(request.id, by, 'why?', reference(request)));
const answers = decision('answer', ines, (on, request) =>
  on.answer(request.id, ines, 'because', reference(request)),
);
const breaksGlass = decision('glass', nils, (on, request) =>
  on.breakGlass(request.id, nils, 'down', reference(request)),
);
const stranger = decision('approve', emil, (on, request) =>
  on.approve(request.id, emil, '', reference(request)),
);
const clock: Move = {
  ...{ name: 'expire', by: 'clock' },
  make: ({ later }, request) => later.clock(request.id),
};
const edits: Move = {
  ...{ name: 'edit', by: ines.name },
  make: ({ edge, deps }, request) =>
    edited({ ...edge, deps }, request, `${request.inputs.target}-${++edit}`).catch((error: unknown) => {
      // Somebody was quicker: the form, or the button that opens it, says so.
      if (!/no request|no form|NO_LONGER_OPEN|CARD_OUTDATED/.test(String(error))) throw error;
    }),
};
let edit = 0;

/** Who races whom. The first stand at the start of the issue; the last is everybody. */
const fields: readonly (readonly Move[])[] = [
  Array<Move>(8).fill(approves(martin)),
  [approves(martin), approves(divya)],
  [approves(martin), approves(divya), approves(martin), approves(divya)],
  [approves(martin), rejects],
  [approves(martin), withdraws, clock],
  [rejects, withdraws, clock],
  [approves(martin), edits],
  [approves(martin), approves(divya), edits],
  [edits, edits, approves(martin)],
  [asks(martin), answers, approves(divya)],
  [asks(martin), asks(divya), withdraws],
  [breaksGlass, approves(martin), withdraws],
  [breaksGlass, breaksGlass, rejects],
  [clock, clock, asks(martin)],
  [approves(martin), approves(divya), rejects, withdraws, clock, edits, asks(martin), breaksGlass, stranger],
];

const endings: Readonly<Record<string, string>> = {
  rejected: 'rejected-by',
  withdrawn: 'withdrawn-by',
  expired: 'expired',
};
const isDeciding = ({ kind, body }: Entry): boolean =>
  ['rejected-by', 'withdrawn-by', 'expired', 'glass-broken'].includes(kind) ||
  (kind === 'approved-by' && body['to'] === 'approved');

interface After {
  readonly request: RestoreRequest;
  readonly journal: readonly Entry[];
  readonly cards: readonly RequestMessage[];
  /** Jobs that start the restore. */
  readonly starts: number;
}

function approvalsOf({ state }: RestoreRequest): readonly { readonly by: Person }[] {
  if (state.phase === 'awaiting-approval') return state.approvals;
  return 'run' in state ? state.run.approvals : [];
}

/** What a card of the current revision says of the end, beside what the request says. */
const endingFor: Readonly<Record<string, readonly string[]>> = {
  'awaiting-approval': ['open'],
  approved: ['approved', 'started'],
  rejected: ['rejected'],
  withdrawn: ['withdrawn'],
  expired: ['expired'],
};

/** Sentences about what does not hold; `needed` is how many approvals the rule asks for. */
function brokenIn({ request, journal, cards, starts }: After, needed: number): string[] {
  const { phase } = request.state;
  const deciding = journal.filter(isDeciding);
  const glass = 'run' in request.state && request.state.run.glass !== undefined;
  const approvals = approvalsOf(request);
  const ofRevision = journal.filter(
    ({ kind, body }) => kind === 'approved-by' && body['revision'] === request.revision,
  );
  const people = new Set(approvals.map(({ by }) => by.aadObjectId));
  const current = cards.filter(({ key }) => key?.revision === request.revision);
  const expected = endings[phase] ?? (glass ? 'glass-broken' : 'approved-by');
  const checks: readonly (readonly [boolean, string])[] = [
    [deciding.length === (phase === 'awaiting-approval' ? 0 : 1), `${deciding.length} deciding entries`],
    [phase === 'awaiting-approval' || deciding[0]?.kind === expected, `${phase} by ${deciding[0]?.kind}`],
    [people.size === approvals.length, 'somebody approved twice'],
    [
      endings[phase] !== undefined || approvals.length === ofRevision.length,
      'approvals that the journal does not know',
    ],
    [phase !== 'approved' || glass || approvals.length === needed, `started with ${approvals.length}`],
    [ofRevision.every(({ body }) => body['planHash'] === request.planHash), 'a signature on another plan'],
    [starts === (phase === 'approved' ? 1 : 0), `${starts} jobs to start it`],
    [current.length >= 2, 'cards are missing'],
    [
      current.every(({ ending }) => endingFor[phase]?.includes(ending.kind)),
      `${phase}, but cards say ${current.map(({ ending }) => ending.kind).join(', ')}`,
    ],
  ];
  return checks.flatMap(([holds, what]) => (holds ? [] : [what]));
}

async function cardsOf(edge: EdgeStage, id: string): Promise<RequestMessage[]> {
  const rows = await edge.ask<{ message: Message }>(
    `select message from outbox where message ->> 'kind' = 'request' and message #>> '{key,id}' = $1`,
    [id],
  );
  return rows.map(({ message }) => message as RequestMessage);
}

async function afterOf(edge: EdgeStage, id: string): Promise<After> {
  const [job] = await edge.ask<{ count: string }>(
    `select count(*) from pgboss.job where name = 'advance' and data ->> 'requestId' = $1`,
    [id],
  );
  return {
    request: await edge.stage.request(id),
    journal: (await edge.journals([id])).get(id) ?? [],
    cards: await cardsOf(edge, id),
    starts: Number(job?.count),
  };
}

function replicasOf(edge: EdgeStage): { replicas: Replica[]; databases: Database[] } {
  const databases = Array.from({ length: replicaCount }, () =>
    openDatabase(edge.stage.desk.ownerUrl, () => undefined),
  );
  const replicas = databases.map((database): Replica => {
    const deps = { ...edge.deps, store: createStore(database, edge.stage.desk.boss, testSigner) };
    const hourLater = {
      now: () => new Date(Date.parse(edge.stage.clock.now()) + 3_600_000).toISOString(),
    };
    return {
      ...{ deps, edge, decisions: createDecisions(deps) },
      later: createDecisions({ ...deps, clock: hourLater }),
    };
  });
  return { replicas, databases };
}

async function race(
  edge: EdgeStage,
  replicas: readonly Replica[],
  request: RestoreRequest,
  moves: readonly Move[],
  needed: number,
): Promise<Violation[]> {
  const made = await Promise.allSettled(
    moves.map((move, nth) => move.make(replicas[nth % replicas.length] as Replica, request)),
  );
  const thrown = made.flatMap((each) => (each.status === 'rejected' ? [String(each.reason)] : []));
  const broken = brokenIn(await afterOf(edge, request.id), needed);
  const who = moves.map(({ name, by }) => `${name} by ${by}`);
  return [...thrown.map((what) => `a move failed: ${what}`), ...broken].map((what) => ({
    what,
    case: { needed, moves: who },
  }));
}

interface Planned {
  readonly moves: readonly Move[];
  readonly request: RestoreRequest;
}

async function races(size: number, needed: number, chance: Chance): Promise<[number, Violation[]]> {
  const edge = await startEdgeStage({ policy: faultPolicy({ needed }), cards: true });
  const { replicas, databases } = replicasOf(edge);
  const violations: Violation[] = [];
  let moved = 0;
  try {
    while (moved < size && violations.length < 20) {
      const round = fields.map((moves) => chance.shuffled(moves));
      const copies = await edge.copies(round.length);
      const planned = round.map((moves, nth): Planned => ({ moves, request: copies[nth] as RestoreRequest }));
      const found = await inParallel(planned, 5, ({ moves, request }) =>
        race(edge, replicas, request, moves, needed),
      );
      violations.push(...found.flat());
      moved += round.reduce((sum, moves) => sum + moves.length, 0);
    }
    return [moved, violations];
  } finally {
    await Promise.all(databases.map((database) => database.close()));
    await edge.end();
  }
}

export const racesRow: Row = {
  id: 'R5',
  what: `Races: moves of people and of the clock on one request at once, on ${replicaCount} replicas over one database`,
  full: 20_000,
  slice: 100,
  run: async (size, seed) => {
    const chance = chanceOf(seed);
    const [one, brokenOfOne] = await races(Math.ceil(size / 2), 1, chance);
    const [two, brokenOfTwo] = await races(Math.ceil(size / 2), 2, chance);
    return {
      cases: one + two,
      checked:
        'counted are the moves; for each request one outcome, one deciding entry in the journal, approvals of different people on the plan as it is, one job that starts it or none, and the same ending on all its cards',
      violations: [...brokenOfOne, ...brokenOfTwo],
    };
  },
};

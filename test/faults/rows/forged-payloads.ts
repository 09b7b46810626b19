/**
 * S1: payloads that no card of ours carries, by everybody, on everything. In the first kind nothing may change at all. In the
 * second the key is the right one and the sender may decide, and whatever else stands in the payload is left where it is.
 */
import { randomUUID } from 'node:crypto';
import { chanceOf, type Chance } from '../random';
import {
  answerProblem,
  asApprovers,
  dataOf,
  dora,
  greta,
  nils,
  press,
  startEdgeStage,
  strangerTenant,
  type EdgeStage,
  type Form,
  type Sender,
} from '../edge-stage';
import { aRun, divya, emil, ines, martin, serverGot } from '../../fakes/facts';
import { formOf } from '../../fakes/desk-stage';
import { inParallel, type Row, type Violation } from '../row';
import { problem } from '../../../services/restore/errors';
import type { CardKey } from '../../../services/restore/messages';
import type { Draft, RestoreRequest } from '../../../services/restore/request';
import type { RequestState } from '../../../services/restore/state';

const verbs = [
  ...['draft.submit', 'draft.update', 'draft.cancel', 'request.view.approval'],
  ...['request.view.receipt', 'request.approve', 'request.reject', 'request.ask', 'request.answer'],
  ...['request.edit', 'request.glass', 'request.review.approve', 'request.review.report'],
  ...['request.withdraw', 'request.retry', 'request.cancel', 'request.cancel.confirm', 'request.cancel.keep'],
  ...['request.apply.parameters', 'request.apply.firewall-rules', 'request.apply.administrators'],
  ...['request.apply.diagnostic-settings', 'request.apply.locks'],
];

const strangeVerbs: readonly unknown[] = [
  ...['', 'approve', 'Request.Approve', 'request.approve ', '__proto__', 'constructor', 'request.apply.'],
  ...['request.apply.everything', 'request.approve\u0000', 'x'.repeat(10_000), null, 7, true, {}],
  ...[[], ['request.approve'], { toString: 'request.approve' }, undefined],
];

const at = '2026-11-19T13:20:00.000Z';

/** A thing that a key can be of, and who may do what about it with the right key. */
interface Thing {
  readonly key: CardKey;
  readonly may: Readonly<Record<string, readonly string[]>>;
}

const deciding = ['request.approve', 'request.reject', 'request.ask'];
const stopping = ['request.cancel', 'request.cancel.confirm', 'request.cancel.keep'];
const everybody = [ines, martin, divya];
const only = (people: readonly { aadObjectId: string }[], what: readonly string[]) =>
  people.map(({ aadObjectId }) => [aadObjectId, what] as const);

const mayOf: Readonly<Record<string, Thing['may']>> = {
  waiting: Object.fromEntries([
    ...only(asApprovers, deciding),
    ...only([ines], ['request.withdraw', 'request.edit', 'request.cancel', 'request.answer']),
    ...only([nils], ['request.glass']),
  ]),
  running: Object.fromEntries(only(everybody, stopping)),
  failed: Object.fromEntries(only(everybody, ['request.retry'])),
  over: {},
  draft: Object.fromEntries(only([ines], ['draft.submit', 'draft.update', 'draft.cancel'])),
};

const failed: RequestState = {
  ...{ phase: 'failed', run: aRun({ checkedAt: at }), failure: problem('AZURE_INTERNAL') },
  ...{ serverMayExist: false, endedAt: at },
};
const states: readonly (readonly [string, RequestState | undefined])[] = [
  ['waiting', undefined],
  ['running', { phase: 'approved', run: aRun() }],
  ['running', { phase: 'restoring', run: aRun({ checkedAt: at, orderedAt: at }) }],
  ['failed', failed],
  [
    'over',
    {
      ...{ phase: 'completed', run: aRun(), verdict: { kind: 'unproven', why: 'x' } },
      ...{ endedAt: at, got: serverGot },
    },
  ],
  ['over', { phase: 'rejected', by: martin, reason: 'no', endedAt: at }],
  ['over', { phase: 'withdrawn', endedAt: at }],
  ['over', { phase: 'expired', endedAt: at }],
];

const keyOf = ({ id, revision, nonce }: RestoreRequest): CardKey => ({
  ...{ about: 'request', id, revision, nonce },
});

async function things(edge: EdgeStage): Promise<Thing[]> {
  const requests: Thing[] = [];
  for (const [kind, state] of states) {
    const copies = await edge.copies(2, { revision: 2, ...(state ? { state } : {}) });
    requests.push(...copies.map((copy) => ({ key: keyOf(copy), may: mayOf[kind] ?? {} })));
  }
  const drafts: Draft[] = [await edge.stage.openForm('form-a'), await edge.stage.openForm('form-b')];
  return [...requests, ...drafts.map((draft) => ({ key: formOf(draft), may: mayOf['draft'] ?? {} }))];
}

const persons = [ines, martin, divya, emil, nils, greta, dora];

const wrong: readonly unknown[] = [
  ...[null, true, false, 0, -1, 1, 2, 3, 1.5, 1e308, -0, '', ' ', 'R-1', 'R-0', 'R-999999', '__proto__'],
  ...['constructor', 'draft', 'request', '2', '../R-1', "R-1' or '1'='1", 'R-1\u0000', '\u202eR-1', 'Ｒ-1'],
  ...['\ud800', '٢', 'R-1\r\n', '%52-1', [], {}, [1], ['R-1'], [[[[]]]], { id: 'R-1' }, { $ne: null }],
  ...['x'.repeat(61), 'x'.repeat(100_000), Array(1_000).fill(0), { length: 1 }, { toString: 'R-1' }],
];

const fields = ['v', 'about', 'id', 'revision', 'nonce'] as const;

/** Nobody reads these: whoever believes them lets a person decide over a rule that they wrote themselves. */
const extras: Readonly<Record<string, unknown>> = {
  approver: true,
  approvers: [emil],
  approvals: [{ by: martin, at, comment: '' }],
  by: martin,
  comment: { toString: 'x' },
  constructor: { prototype: { approver: true } },
  from: { aadObjectId: martin.aadObjectId },
  needed: 0,
  phase: 'approved',
  plan: { target: { name: 'evil' } },
  planHash: 'f'.repeat(64),
  prototype: { approver: true },
  requester: emil,
  rule: { name: 'mine', stages: [], aliases: [] },
  standing: { account: 'member', belongsTo: [`user/${martin.aadObjectId}`] },
  state: { phase: 'approved' },
  tenantId: strangerTenant,
  viewer: 'approver',
};

/** A key of its own of that name, as it comes off the wire. */
const ownProto = (value: unknown): object =>
  JSON.parse(`{"__proto__": ${JSON.stringify(value ?? null)}}`) as object;

function withExtras(data: object, chance: Chance): object {
  const names = chance.shuffled(Object.keys(extras)).slice(0, chance.int(6));
  const more = Object.fromEntries(names.map((name) => [name, extras[name]]));
  const proto = chance.in100(20) ? JSON.stringify(extras) : undefined;
  const text = JSON.stringify({ ...more, ...data });
  return JSON.parse(
    proto === undefined ? text : `{"__proto__": ${proto}, ${text.slice(1)}`.replace(', }', '}'),
  ) as object;
}

/** One way of being wrong; another follows in some cases. */
function bent(data: unknown, all: readonly Thing[], chance: Chance): unknown {
  const fields_ = fields;
  const record = data as Record<string, unknown>;
  const field = chance.pick(fields_);
  switch (chance.int(8)) {
    case 0:
      return { ...record, [field]: chance.pick(wrong) };
    case 1:
      return Object.fromEntries(Object.entries(record).filter(([name]) => name !== field));
    case 2:
      return { ...record, [field]: (chance.pick(all).key as unknown as Record<string, unknown>)[field] };
    case 3:
      return { ...record, nonce: randomUUID() };
    case 4:
      return { ...record, revision: chance.pick([1, 3, 4, 1_000_000, 1_000_001]) };
    case 5:
      return ownProto(data);
    case 6:
      return { data };
    default:
      return chance.in100(90) ? withExtras(record, chance) : chance.pick(wrong);
  }
}

interface Forged {
  readonly sender: Sender;
  readonly form: Form;
  readonly verb: unknown;
  readonly data: unknown;
}

/** The thing whose exact key this is, read as a payload is: its own five fields and nothing inherited. */
function exactly(data: unknown, all: readonly Thing[]): Thing | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const own = (name: string): unknown =>
    Object.hasOwn(data, name) ? (data as Record<string, unknown>)[name] : undefined;
  return all.find(
    ({ key }) =>
      own('v') === 1 &&
      own('about') === key.about &&
      own('id') === key.id &&
      own('nonce') === key.nonce &&
      (key.about === 'draft' || own('revision') === key.revision),
  );
}

function forged(all: readonly Thing[], chance: Chance): Forged {
  const { key } = chance.pick(all);
  let data: unknown = withExtras({ v: 1, ...key, comment: 'because' }, chance);
  for (let bends = chance.pick([0, 1, 1, 1, 2, 3]); bends > 0; bends--)
    if (typeof data === 'object' && data !== null) data = bent(data, all, chance);
  const wire = JSON.parse(JSON.stringify({ data })) as { data?: unknown };
  const verb = chance.in100(10) ? chance.pick(strangeVerbs) : chance.pick(verbs);
  const person = chance.pick(persons);
  const form: Form = chance.in100(80) ? 'execute' : 'submit';
  const mine = exactly(wire.data, all);
  // Who may do this with this very key is no forger: somebody else sends it.
  const isAllowed = typeof verb === 'string' && mine?.may[person.aadObjectId]?.includes(verb) === true;
  const isElsewhere = chance.in100(10);
  return {
    ...{ form, verb, data: wire.data },
    sender: { person: isAllowed ? emil : person, ...(isElsewhere ? { tenant: strangerTenant } : {}) },
  };
}

/** Everything that a decision could leave behind, part by part. */
const world = async (edge: EdgeStage): Promise<Readonly<Record<string, string | null>>> => {
  const [row] = await edge.ask<Record<string, string | null>>(
    `select (select md5(string_agg(id || version || body::text, '|' order by id)) from restore_request) as requests,
            (select md5(string_agg(id || version || body::text, '|' order by id)) from draft) as forms,
            (select count(*) from journal) as journal, (select count(*) from start_intent) as intents,
            (select count(*) || '/' || sum(wanted) from outbox) as messages,
            (select count(*) from pgboss.job where name in ('advance', 'clock', 'apply', 'check-draft')) as jobs`,
  );
  return row ?? {};
};

/** Names of the parts that are not what they were. */
const changedIn = (
  before: Readonly<Record<string, string | null>>,
  after: Readonly<Record<string, string | null>>,
): string =>
  Object.keys(before)
    .filter((part) => before[part] !== after[part])
    .join(', ');

const send = async (edge: EdgeStage, { sender, form, verb, data }: Forged): Promise<Violation[]> => {
  const activity = press(sender, form, verb, data);
  const what = answerProblem(activity, await edge.turn(activity));
  return what === undefined ? [] : [{ what, case: { by: sender.person.name, form, verb, data } }];
};

/** Which of them did it: each once more, alone. */
async function culprits(edge: EdgeStage, batch: readonly Forged[], parts: string): Promise<Violation[]> {
  const found: Violation[] = [];
  for (const each of batch) {
    const before = await world(edge);
    await send(edge, each);
    const changed = changedIn(before, await world(edge));
    if (changed !== '')
      found.push({ what: `changed: ${changed}`, case: { ...each, sender: each.sender.person.name } });
  }
  return found.length > 0 ? found : [{ what: `changed: ${parts}`, case: `one of ${batch.length}` }];
}

async function nothingChanges(edge: EdgeStage, count: number, chance: Chance): Promise<Violation[]> {
  const all = await things(edge);
  const violations: Violation[] = [];
  for (let done = 0; done < count; done += 1_000) {
    const batch = Array.from({ length: Math.min(1_000, count - done) }, () => forged(all, chance));
    const before = await world(edge);
    violations.push(...(await inParallel(batch, 16, (each) => send(edge, each))).flat());
    const changed = changedIn(before, await world(edge));
    if (changed !== '') violations.push(...(await culprits(edge, batch, changed)));
    if (violations.length > 20) break;
  }
  return violations;
}

const permitted = [
  ['request.approve', martin, 'approved'],
  ['request.reject', divya, 'rejected'],
  ['request.withdraw', ines, 'withdrawn'],
  ['request.ask', martin, 'awaiting-approval'],
] as const;

/** The right key in the right hands, and a payload full of claims: it counts as the press of the button that it is. */
async function claimsAreLeft(edge: EdgeStage, count: number, chance: Chance): Promise<Violation[]> {
  const copies = await edge.copies(count);
  const violations = await inParallel(copies, 16, async (copy): Promise<Violation[]> => {
    const [verb, person, phase] = chance.pick(permitted);
    const data = withExtras(dataOf(copy, { comment: 'because' }), chance);
    const activity = press({ person }, chance.in100(80) ? 'execute' : 'submit', verb, data);
    const told = answerProblem(activity, await edge.turn(activity));
    const after = await edge.stage.request(copy.id);
    const asked = { by: person.name, verb, data };
    const same = (name: 'plan' | 'rule' | 'requester' | 'planHash' | 'revision'): boolean =>
      JSON.stringify(after[name]) === JSON.stringify(copy[name]);
    const approvals = after.state.phase === 'approved' ? after.state.run.approvals : [];
    return [
      ...(told === undefined ? [] : [{ what: told, case: asked }]),
      ...(after.state.phase === phase
        ? []
        : [{ what: `is ${after.state.phase} instead of ${phase}`, case: asked }]),
      ...((['plan', 'rule', 'requester', 'planHash', 'revision'] as const).every(same)
        ? []
        : [{ what: 'another plan, rule or requester', case: asked }]),
      ...(approvals.every(({ by }) => by.aadObjectId === person.aadObjectId)
        ? []
        : [{ what: 'an approval of somebody else', case: asked }]),
    ];
  });
  return violations.flat();
}

export const forgedPayloads: Row = {
  id: 'S1',
  what: 'Forged card payloads, by seven people and another tenant, on requests of every phase and on forms',
  full: 100_000,
  slice: 600,
  run: async (size, seed) => {
    const edge = await startEdgeStage();
    const chance = chanceOf(seed);
    const withClaims = Math.ceil(size / 50);
    try {
      const violations = [
        ...(await nothingChanges(edge, size - withClaims, chance)),
        ...(await claimsAreLeft(edge, withClaims, chance)),
      ];
      return {
        cases: size,
        checked: `nothing stored changes; every invoke is answered with a card, a sentence or an error; ${withClaims} of them the right key with false claims beside it: counted as what its sender may do, plan and rule as they were`,
        violations,
      };
    } finally {
      await edge.end();
    }
  },
};

/**
 * S2: clicks that were once valid, sent again: by somebody else, from another conversation, from another tenant, and after the
 * request was decided, expired, edited or withdrawn. Each is told how it went, and changes nothing.
 */
import { chanceOf, type Chance } from '../random';
import { createDecisions } from '../../../services/deciding';
import {
  answerProblem,
  dataOf,
  dora,
  edited,
  greta,
  press,
  startEdgeStage,
  strangerTenant,
  wordsOf,
  type EdgeStage,
  type Form,
  type Sender,
} from '../edge-stage';
import { divya, emil, ines, martin } from '../../fakes/facts';
import { inParallel, type Row, type Violation } from '../row';
import type { RestoreRequest } from '../../../services/restore/request';
import type { Person } from '../../../services/restore/person';

/** What has happened to the request since the click was valid, and what somebody is told then who sends it again. */
interface Since {
  readonly name: string;
  readonly happens: (edge: EdgeStage, request: RestoreRequest) => Promise<unknown>;
  readonly told: RegExp;
}

const click = (edge: EdgeStage, by: Person, verb: string, request: RestoreRequest, comment = 'no need') =>
  edge.turn(press({ person: by }, 'execute', verb, dataOf(request, { comment })));

const histories: readonly Since[] = [
  {
    name: 'rejected',
    happens: (edge, request) => click(edge, divya, 'request.reject', request),
    told: /Divya Rao rejected it/,
  },
  {
    name: 'withdrawn',
    happens: (edge, request) => click(edge, ines, 'request.withdraw', request),
    told: /Ines Okafor withdrew it/,
  },
  {
    name: 'expired',
    happens: async ({ stage, deps }, request) => {
      const late = { now: () => new Date(Date.parse(stage.clock.now()) + 3_600_000).toISOString() };
      await createDecisions({ ...deps, clock: late }).clock(request.id);
    },
    told: /it expired at/,
  },
  {
    name: 'edited',
    happens: (edge, request) => edited(edge, request, `${request.inputs.target}-e`),
    told: /is out of date/,
  },
  {
    name: 'approved',
    happens: (edge, request) => click(edge, divya, 'request.approve', request),
    told: /approved by|is running/,
  },
];

const senders: readonly Sender[] = [martin, divya, emil, ines, greta, dora].map((person) => ({ person }));
const elsewhere: readonly (object | undefined)[] = [
  undefined,
  { conversation: { id: 'a:chat-of-mine', tenantId: undefined } },
  { conversation: { id: '19:other@thread.tacv2;messageid=9' } },
];
/** Clicks that were valid while it waited, by whom they were. */
const clicks = ['request.approve', 'request.reject', 'request.ask'];

interface Replay {
  readonly request: RestoreRequest;
  readonly since: Since;
  readonly sender: Sender;
  readonly verb: string;
  readonly form: Form;
  readonly place: object | undefined;
}

function replay(request: RestoreRequest, since: Since, chance: Chance): Replay {
  const sender = chance.pick(senders);
  const isForeign = chance.in100(10);
  return {
    ...{ request, since, verb: chance.pick(clicks), form: chance.in100(75) ? 'execute' : 'submit' },
    sender: isForeign ? { ...sender, tenant: strangerTenant } : sender,
    place: isForeign ? undefined : chance.pick(elsewhere),
  };
}

const refusedTenant = /organisation|organization|tenant/i;

/** Who has approved finds their own approval, on the card. */
const wordsAfter = ({ since, sender, verb, form }: Replay): RegExp | undefined => {
  if (sender.tenant !== undefined) return form === 'execute' ? refusedTenant : /^\[null,\[\]\]$/;
  const isOwn = since.name === 'approved' && sender.person === divya && verb === 'request.approve';
  // An old client's button is edited in its channel and answered with nothing besides.
  return isOwn ? undefined : since.told;
};

async function send(edge: EdgeStage, each: Replay): Promise<Violation[]> {
  const { request, sender, verb, form, place, since } = each;
  const tenant = sender.tenant;
  const at = place && {
    conversation: { ...(place as { conversation: object }).conversation },
    ...(tenant === undefined ? {} : { channelData: { tenant: { id: tenant } } }),
  };
  const activity = press(sender, form, verb, dataOf(request, { comment: 'again' }), at ?? {});
  const answered = await edge.turn(activity);
  const asked = { since: since.name, by: sender.person.name, tenant, verb, form, place };
  const wrong = answerProblem(activity, answered);
  const words = wordsAfter(each);
  const isTold = words === undefined || words.test(wordsOf(answered));
  return [
    ...(wrong === undefined ? [] : [{ what: wrong, case: asked }]),
    ...(isTold ? [] : [{ what: `is not told: ${wordsOf(answered).slice(0, 400)}`, case: asked }]),
  ];
}

const stateOf = async (edge: EdgeStage, ids: readonly string[]): Promise<string[]> => {
  const [requests, journals] = [await edge.requests(ids), await edge.journals(ids)];
  return ids.map((id) => JSON.stringify([requests.get(id), journals.get(id)?.length]));
};

/** So many clicks are sent again on one request. */
const each = 25;

export const replayedClicks: Row = {
  id: 'S2',
  what: 'Replay of once valid clicks by other people, from other conversations and tenants, after every end and after an edit',
  full: 5_000,
  slice: 125,
  run: async (size, seed) => {
    const edge = await startEdgeStage();
    const chance = chanceOf(seed);
    try {
      const copies = await edge.copies(Math.max(histories.length, Math.ceil(size / each)));
      const violations: Violation[] = [];
      const told = await inParallel(copies, 8, async (copy) => {
        const since = histories[copies.indexOf(copy) % histories.length] as Since;
        await since.happens(edge, copy);
        const [before] = await stateOf(edge, [copy.id]);
        const replays = Array.from({ length: each }, () => replay(copy, since, chance));
        for (const one of replays) violations.push(...(await send(edge, one)));
        const [after] = await stateOf(edge, [copy.id]);
        if (before !== after)
          violations.push({ what: 'something changed', case: { since: since.name, id: copy.id } });
        return replays.length;
      });
      return {
        cases: told.reduce((sum, count) => sum + count, 0),
        checked:
          'nothing of the request or its journal changes; every one is told the outcome, the edit, or that they are of another tenant',
        violations,
      };
    } finally {
      await edge.end();
    }
  },
};

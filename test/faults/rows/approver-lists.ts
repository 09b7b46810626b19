/**
 * S4: who is on the list. Every way in which a list or an account can be no good, when the request is sent and between the card
 * and the click, for every decision; and the same clicks while Graph is away, slow or confused.
 */
import { createDecisions } from '../../../services/deciding';
import { createDrafting } from '../../../services/drafting';
import { createGraphDirectory } from '../../../services/azure/graph-directory';
import { productCredential } from '../../../services/azure/credential';
import { entraGroups, personas, productIdentity } from '../../../infra/local/identities';
import { divya, emil, ines, martin } from '../../fakes/facts';
import { asEntry, leads, leadsKey, paul } from '../../fakes/sign-off-stage';
import { formOf } from '../../fakes/desk-stage';
import {
  answerProblem,
  dataOf,
  faultPolicy,
  press,
  startEdgeStage,
  strangerTenant,
  wordsOf,
  type Answered,
  type EdgeStage,
} from '../edge-stage';
import { startDirectoryStage, type DirectoryStage } from '../../fixtures/directory-stage';
import type { Account } from '../../../services/restore/party';
import type { Deps } from '../../../services/deps';
import type { Person } from '../../../services/restore/person';
import type { RestoreRequest } from '../../../services/restore/request';
import type { Row, Violation } from '../row';

const ofLeads = { approvers: [leads], escalate: undefined, breakGlass: undefined };

/** Lists with which nobody could ever decide: the form says so, and there is no request. */
interface NoList {
  readonly name: string;
  readonly policy: Record<string, unknown>;
  readonly aliases?: readonly (readonly string[])[];
  readonly people: readonly Person[];
  readonly accounts?: readonly (readonly [Person, Account])[];
}

const second: Person = { aadObjectId: 'ccccccc1-0000-4000-8000-000000000001', name: 'Ines (second account)' };

const noLists: readonly NoList[] = [
  { name: 'an empty group', policy: ofLeads, people: [] },
  { name: 'a group of the requester alone', policy: ofLeads, people: [ines] },
  { name: 'a group of a guest', policy: ofLeads, people: [divya], accounts: [[divya, 'guest']] },
  { name: 'a group of somebody disabled', policy: ofLeads, people: [divya], accounts: [[divya, 'disabled']] },
  { name: 'a group of somebody who left', policy: ofLeads, people: [divya], accounts: [[divya, 'unknown']] },
  {
    ...{ name: 'a second account of the requester', policy: ofLeads, people: [second] },
    aliases: [[ines.aadObjectId, second.aadObjectId]],
  },
  {
    ...{ name: 'two accounts of one person for two signatures', people: [martin, paul] },
    policy: { ...ofLeads, needed: 2 },
    aliases: [[martin.aadObjectId, paul.aadObjectId]],
  },
  {
    ...{ name: 'one person in both stages', people: [martin] },
    policy: {
      ...{ approvers: undefined, needed: undefined, escalate: undefined, breakGlass: undefined },
      stages: [
        { name: 'leads', approvers: [leads], needed: 1 },
        { name: 'managers', approvers: [asEntry(martin)], needed: 1 },
      ],
    },
  },
];

const withPolicy = (edge: EdgeStage, policy: Record<string, unknown>, rest: object = {}): Deps => ({
  ...edge.deps,
  policy: { ...faultPolicy(policy), ...rest },
});

let forms = 0;

async function refusesTheForm(edge: EdgeStage, list: NoList): Promise<string[]> {
  const { directory } = edge.stage;
  directory.groups.set(leadsKey, list.people);
  for (const [who, account] of list.accounts ?? []) directory.accounts.set(who.aadObjectId, account);
  const deps = withPolicy(edge, list.policy, list.aliases ? { aliases: list.aliases } : {});
  const draft = await edge.stage.openForm(`no-list-${++forms}`);
  const drafting = createDrafting(deps);
  let answer = await drafting.submit(formOf(draft), ines, draft.inputs);
  while (answer.kind === 'form' && answer.message.state === 'checking')
    answer = await drafting.check(draft.id);
  for (const [who] of list.accounts ?? []) directory.accounts.delete(who.aadObjectId);
  const codes: readonly string[] =
    answer.kind === 'form' ? answer.message.problems.map(({ code }) => code) : [answer.kind];
  return codes.includes('NO_APPROVER_LEFT') ? [] : [`the form is answered with ${codes.join(', ')}`];
}

/** What happens to Divya, who could approve, between her card and her click; and what she is told. */
interface Change {
  readonly name: string;
  readonly happens: (edge: EdgeStage) => void;
  readonly told: RegExp;
  readonly tenant?: string;
}

const accountIs =
  (account: Account) =>
  ({ stage }: EdgeStage): void =>
    void stage.directory.accounts.set(divya.aadObjectId, account);

const changes: readonly Change[] = [
  {
    name: 'the group is emptied',
    happens: ({ stage }) => void stage.directory.groups.set(leadsKey, []),
    told: /not an approver|can decide|approvers/i,
  },
  {
    name: 'the group is deleted',
    happens: ({ stage }) => void stage.directory.groups.delete(leadsKey),
    told: /not an approver|can decide|approvers/i,
  },
  {
    name: 'she is taken out of it',
    happens: ({ stage }) => void stage.directory.groups.set(leadsKey, [paul]),
    told: /not an approver|can decide|approvers/i,
  },
  { name: 'she is a guest now', happens: accountIs('guest'), told: /a guest/ },
  { name: 'her account is disabled', happens: accountIs('disabled'), told: /disabled/ },
  { name: 'she leaves the company', happens: accountIs('unknown'), told: /not known/ },
  {
    name: 'the directory is away',
    happens: ({ stage }) => void (stage.directory.isAway = true),
    told: /directory of people does not answer/,
  },
  {
    name: 'she comes from another tenant',
    happens: () => undefined,
    told: /own organisation/,
    tenant: strangerTenant,
  },
];

const verbs = ['request.approve', 'request.reject', 'request.ask'];

/** With one group, and with the same person in two: out of both is out. */
const lists = [{ approvers: [leads] }, { approvers: [leads, { ...leads, name: 'again' }] }];

function back({ stage }: EdgeStage): void {
  stage.directory.groups.set(leadsKey, [divya, paul]);
  stage.directory.accounts.delete(divya.aadObjectId);
  stage.directory.isAway = false;
}

const stateOf = async (edge: EdgeStage, id: string): Promise<string> =>
  JSON.stringify([await edge.stage.request(id), (await edge.journals([id])).get(id)?.length]);

async function refusesTheClick(
  edge: EdgeStage,
  request: RestoreRequest,
  verb: string,
  change: Change,
): Promise<string[]> {
  const before = await stateOf(edge, request.id);
  change.happens(edge);
  const sender = { person: divya, ...(change.tenant === undefined ? {} : { tenant: change.tenant }) };
  const activity = press(sender, 'execute', verb, dataOf(request, { comment: 'why?' }));
  const answered: Answered = await edge.turn(activity);
  back(edge);
  const wrong = answerProblem(activity, answered);
  return [
    ...(wrong === undefined ? [] : [wrong]),
    ...(change.told.test(wordsOf(answered)) ? [] : [`is told: ${wordsOf(answered).slice(0, 300)}`]),
    ...((await stateOf(edge, request.id)) === before ? [] : ['something changed']),
  ];
}

/** Called by an escalation, and thrown out before the click: the same as anybody. */
async function escalated(edge: EdgeStage): Promise<string[]> {
  const [request] = await edge.copies(1);
  if (!request) return ['no request'];
  const late = { now: () => new Date(Date.parse(edge.stage.clock.now()) + 46 * 60_000).toISOString() };
  const decisions = createDecisions({ ...edge.deps, clock: late });
  const approve = async (): Promise<string> => {
    const key = { about: 'request', id: request.id, revision: 1, nonce: request.nonce } as const;
    const decided = await decisions.approve(request.id, emil, '', { kind: 'card', key });
    return decided.kind === 'done' ? decided.request.state.phase : decided.because.code;
  };
  const words = [await approve()];
  await decisions.clock(request.id);
  edge.stage.directory.accounts.set(emil.aadObjectId, 'disabled');
  words.push(await approve());
  edge.stage.directory.accounts.delete(emil.aadObjectId);
  words.push(await approve());
  const expected = 'NOT_AN_APPROVER, ACCOUNT_DOES_NOT_COUNT, approved';
  return words.join(', ') === expected ? [] : [`${words.join(', ')} instead of ${expected}`];
}

interface GraphFault {
  readonly name: string;
  readonly set: (graph: DirectoryStage) => Promise<void>;
  readonly unset?: (graph: DirectoryStage) => Promise<void>;
  readonly code: string;
}

const dba = personas.find(({ persona }) => persona === 'dba')?.aadObjectId ?? '';
const fault =
  (path: string, answer: unknown) =>
  (graph: DirectoryStage): Promise<void> =>
    graph.fault({ path, times: 9, answer });
const away = 'DIRECTORY_UNREACHABLE';

const graphFaults: readonly GraphFault[] = [
  ...['checkMemberGroups', '/users/'].flatMap((path): GraphFault[] => [
    { name: `${path}: silence`, set: fault(path, 'hang'), code: away },
    { name: `${path}: reset`, set: fault(path, 'reset'), code: away },
    { name: `${path}: half an answer`, set: fault(path, 'truncate'), code: away },
    { name: `${path}: garbage`, set: fault(path, { status: 200, body: 'yes' }), code: away },
    { name: `${path}: 403`, set: fault(path, { status: 403, body: { error: {} } }), code: away },
    { name: `${path}: 500`, set: fault(path, { status: 500, body: {} }), code: away },
    { name: `${path}: 429`, set: fault(path, { status: 429, headers: { 'retry-after': '60' } }), code: away },
  ]),
  {
    name: 'no list of groups',
    set: fault('checkMemberGroups', { status: 200, body: { value: 'all' } }),
    code: away,
  },
  {
    name: 'disabled',
    set: (graph) => graph.change({ user: dba, accountEnabled: false }),
    unset: (graph) => graph.change({ user: dba, accountEnabled: true }),
    code: 'ACCOUNT_DOES_NOT_COUNT',
  },
  {
    name: 'invited from elsewhere',
    set: (graph) => graph.change({ user: dba, creationType: 'Invitation' }),
    unset: (graph) => graph.change({ user: dba, creationType: 'LocalAccount' }),
    code: 'ACCOUNT_DOES_NOT_COUNT',
  },
  {
    name: 'taken out of the group in the group',
    set: (graph) => graph.change({ group: entraGroups.databaseSeniors.id, member: dba, in: false }),
    unset: (graph) => graph.change({ group: entraGroups.databaseSeniors.id, member: dba, in: true }),
    code: 'NOT_AN_APPROVER',
  },
];

/** The product's own adapter against the local Graph, over https; a directory of its own for each, since answers are kept. */
async function overGraph(edge: EdgeStage, request: RestoreRequest): Promise<[number, Violation[]]> {
  const graph = await startDirectoryStage();
  const group = { kind: 'group', ...entraGroups.databaseLeads } as const;
  const [stage] = request.rule.stages;
  if (!stage) throw new Error('no stage');
  const rule = { ...request.rule, stages: [{ ...stage, parties: [group] }] };
  const [copy] = await edge.copies(1, { rule });
  if (!copy) throw new Error('no request');
  const approve = async (timeoutSeconds = 30): Promise<string> => {
    const settings = { url: graph.url, timeoutSeconds };
    const credential = productCredential(productIdentity.clientId);
    const directory = createGraphDirectory(
      { ...settings, credential },
      { now: () => edge.stage.clock.now() },
    );
    const decided = await createDecisions({ ...edge.deps, directory }).approve(
      ...([copy.id, { aadObjectId: dba, name: 'Divya Rao' }, '', { kind: 'none' }] as const),
    );
    return decided.kind === 'done' ? decided.request.state.phase : decided.because.code;
  };
  const clock = { now: () => edge.stage.clock.now() };
  const violations: Violation[] = [];
  try {
    // The first token takes its time.
    await createGraphDirectory(
      { url: graph.url, timeoutSeconds: 30, credential: productCredential(productIdentity.clientId) },
      clock,
    ).standing(dba, [group]);
    for (const { name, set, unset, code } of graphFaults) {
      await set(graph);
      const word = await approve(name.endsWith('silence') ? 0.5 : 30);
      await graph.clearFaults();
      await unset?.(graph);
      if (word !== code) violations.push({ what: `${word} instead of ${code}`, case: `Graph: ${name}` });
    }
    const word = await approve();
    if (word !== 'approved') violations.push({ what: `${word} once all is well`, case: 'Graph' });
    return [graphFaults.length + 1, violations];
  } finally {
    await graph.end();
  }
}

async function table(edge: EdgeStage): Promise<[number, Violation[]]> {
  const violations: Violation[] = [];
  let cases = 0;
  const note = (name: string, found: readonly string[]): void => {
    cases += 1;
    violations.push(...found.map((what) => ({ what, case: name })));
  };
  for (const list of noLists) note(`form: ${list.name}`, await refusesTheForm(edge, list));
  back(edge);
  for (const { approvers } of lists) {
    const [stage] = edge.template.rule.stages;
    const parties = approvers.map(({ group, name }) => ({ kind: 'group', id: group, name }) as const);
    if (!stage) throw new Error('no stage');
    const [request] = await edge.copies(1, {
      rule: { ...edge.template.rule, stages: [{ ...stage, parties, people: [divya, paul] }] },
    });
    if (!request) throw new Error('no request');
    for (const verb of verbs)
      for (const change of changes)
        note(`${verb}, ${change.name}`, await refusesTheClick(edge, request, verb, change));
    // She is who she was again: what was refused before was refused for what had changed.
    const answered = await edge.turn(press({ person: divya }, 'execute', 'request.approve', dataOf(request)));
    const { phase } = (await edge.stage.request(request.id)).state;
    note('approve, as before', phase === 'approved' ? [] : [`${phase}: ${wordsOf(answered).slice(0, 200)}`]);
  }
  note('escalated', await escalated(edge));
  return [cases, violations];
}

export const approverLists: Row = {
  id: 'S4',
  what: 'Approver lists that are empty, unknown or changed, and accounts that do not count, at the form and at the click; Graph in trouble',
  full: 10,
  slice: 1,
  run: async (size) => {
    const edge = await startEdgeStage();
    try {
      const violations: Violation[] = [];
      let cases = 0;
      for (let round = 0; round < size; round++) {
        // Graph once: its token is kept for as long as the process lives. A slice leaves it to the contract tests of Graph.
        const isGraphTurn = round === 0 && size > 1;
        const found = [await table(edge), ...(isGraphTurn ? [await overGraph(edge, edge.template)] : [])];
        for (const [count, broken] of found) {
          cases += count;
          violations.push(...broken);
        }
      }
      return {
        cases,
        checked:
          'the form or the click is refused, its sender is told why, nothing of the request or its journal changes; the same person is let through once all is well again',
        violations,
      };
    } finally {
      await edge.end();
    }
  },
};

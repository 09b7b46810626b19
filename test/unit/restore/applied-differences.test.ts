/** Who may give a copy what it lacks, when, and what is kept of it. */
import { problem } from '../../../services/restore/errors';
import { sayOutcome } from '../../../services/restore/say-outcome';
import { transition, type RequestEvent } from '../../../services/restore/transition';
import type { ApplyEnd } from '../../../services/restore/applied';
import type { DifferenceGroup } from '../../../services/restore/differences';
import type { OutcomeMessage } from '../../../services/restore/messages';
import type { Account } from '../../../services/restore/party';
import type { Person } from '../../../services/restore/person';
import type { RestoreRequest } from '../../../services/restore/request';
import type { RequestState } from '../../../services/restore/state';
import {
  aRequest,
  aRule,
  aRun,
  aStage,
  asUser,
  divya,
  emil,
  ines,
  martin,
  serverGot,
  standingOf,
} from '../../fakes/facts';

const at = '2026-11-19T14:02:11.000Z';
const titled = { kind: 'firewall-rules', title: 'Firewall rules' } as const;
const rules: DifferenceGroup = {
  ...{ ...titled, found: 'differs', canApply: true, warnings: [], needsRestart: false },
  items: [{ what: 'office', source: '203.0.113.7', copy: 'none' }],
};
const byHand: DifferenceGroup = {
  ...{ kind: 'high-availability', title: 'High availability', found: 'differs', canApply: false },
  ...{ items: [{ what: 'standby server', source: 'SameZone', copy: 'none' }], commands: ['az ...'] },
};

type Completed = Extract<RequestState, { phase: 'completed' }>;
const completed = (changes: Partial<Completed> = {}): RestoreRequest =>
  aRequest({
    state: {
      ...{ phase: 'completed', run: aRun(), verdict: { kind: 'unproven', why: 'x' }, endedAt: at },
      got: { ...serverGot, differences: [rules, byHand] },
      ...changes,
    },
  });

const asked = (by: Person = martin, account: Account = 'member'): RequestEvent => ({
  kind: 'apply-asked',
  by,
  at,
  group: 'firewall-rules',
  standing: standingOf(by, account),
});
const ended = (results: ApplyEnd): RequestEvent => ({
  kind: 'applied',
  at,
  group: 'firewall-rules',
  results,
});

function after(request: RestoreRequest, ...events: RequestEvent[]): RestoreRequest {
  return events.reduce((current, event) => {
    const result = transition(current, event);
    if (result.kind === 'refused') throw new Error(result.because.code);
    return { ...current, state: result.state };
  }, request);
}

const codeOf = (request: RestoreRequest, event: RequestEvent): string => {
  const result = transition(request, event);
  return result.kind === 'refused' ? result.because.code : 'moved';
};
const lines = (request: RestoreRequest) => (sayOutcome(request) as OutcomeMessage).differences;

test('the approvers of the sealed rule may apply, and nobody else', () => {
  expect(codeOf(completed(), asked(martin))).toBe('moved');
  expect(codeOf(completed(), asked(divya))).toBe('moved');
  expect(codeOf(completed(), asked(emil))).toBe('APPLY_NOT_YOURS');
  expect(codeOf(completed(), asked(ines))).toBe('APPLY_NOT_YOURS');
});

test('the requester named as approver by a broken rule still may not', () => {
  const request = completed();
  const broken = { ...request, rule: aRule({ stages: [aStage([ines, martin])] }) };
  expect(codeOf(broken, asked(ines))).toBe('APPLY_NOT_YOURS');
});

test('where the policy has a rule of its own for applying, its people may and the approvers may not', () => {
  const apply = { parties: [asUser(emil), asUser(ines)], people: [emil] };
  const request = { ...completed(), rule: aRule({ apply }) };
  expect(codeOf(request, asked(emil))).toBe('moved');
  expect(codeOf(request, asked(martin))).toBe('APPLY_NOT_YOURS');
  expect(codeOf(request, asked(ines))).toBe('APPLY_NOT_YOURS');
  const nobody = { ...request, rule: aRule({ apply: { parties: [], people: [] } }) };
  expect(codeOf(nobody, asked(martin))).toBe('APPLY_NOT_YOURS');
});

test('a disabled account, an alias of the requester and an editor may not apply', () => {
  expect(codeOf(completed(), asked(martin, 'disabled'))).toBe('APPLY_NOT_YOURS');
  const aliases = [[ines.aadObjectId, martin.aadObjectId]];
  expect(codeOf({ ...completed(), rule: aRule({ aliases }) }, asked(martin))).toBe('APPLY_NOT_YOURS');
  expect(codeOf({ ...completed(), editors: [divya] }, asked(divya))).toBe('APPLY_NOT_YOURS');
});

test('nothing is applied to a copy whose data is contradicted, that was not compared, or lacks nothing of the kind', () => {
  const verdict = { kind: 'contradicted', why: 'x', newestWrite: at } as unknown as Completed['verdict'];
  for (const request of [
    completed({ verdict }),
    completed({ got: serverGot }),
    completed({ got: { ...serverGot, differences: [byHand] } }),
    completed({ got: { ...serverGot, differences: [{ ...titled, found: 'unknown', why: 'no answer' }] } }),
  ])
    expect(codeOf(request, asked())).toBe('APPLY_NOT_OFFERED');
  expect(lines(completed({ verdict }))?.some(({ canApply }) => canApply)).toBe(false);
});

test('what is at work or was applied whole is not asked for again; what was refused or came to nothing is', () => {
  const start = after(completed(), asked());
  expect(codeOf(start, asked(divya))).toBe('APPLY_UNDERWAY');
  const item = { what: 'office', outcome: { kind: 'applied' } } as const;
  const because = problem('AZURE_INTERNAL');
  const refused = { what: 'vpn', outcome: { kind: 'refused', because } } as const;
  const whole = after(start, ended({ kind: 'applied', items: [item], needsRestart: false }));
  expect(codeOf(whole, asked())).toBe('APPLY_UNDERWAY');
  const partly = after(start, ended({ kind: 'applied', items: [item, refused], needsRestart: false }));
  expect(codeOf(partly, asked())).toBe('moved');
  const nothing = after(start, ended({ kind: 'in-trouble', because }));
  expect(codeOf(nothing, asked())).toBe('moved');
  expect(
    [completed(), start, whole, partly, nothing].map((request) => lines(request)?.[0]?.canApply),
  ).toEqual([...[true, false, false, true, true]]);
});

test('an end that nobody asked for, or that comes twice, changes nothing', () => {
  const end = ended({ kind: 'applied', items: [], needsRestart: false });
  expect(codeOf(completed(), end)).toBe('NO_LONGER_OPEN');
  expect(codeOf(after(completed(), asked(), end), end)).toBe('NO_LONGER_OPEN');
});

test('an end keeps who asked for it, and the kinds beside it', () => {
  const parameters = { kind: 'at-work', by: divya, askedAt: at } as const;
  const request = after(
    completed({ applied: { parameters } }),
    asked(),
    ended({ kind: 'applied', items: [], needsRestart: true }),
  );
  expect(request.state).toMatchObject({
    applied: {
      parameters,
      'firewall-rules': { kind: 'applied', by: martin, askedAt: at, endedAt: at, needsRestart: true },
    },
  });
});

test('what the plan left for afterwards is said once: among what was found', () => {
  const request = completed();
  const { plan } = request;
  if (!('followUps' in plan)) throw new Error('no plan of a server');
  const planned = { ...plan, followUps: [{ kind: 'high-availability', mode: 'SameZone' }] } as typeof plan;
  expect(sayOutcome({ ...request, plan: planned })).toMatchObject({ followUps: [] });
  const notCompared = completed({ got: serverGot });
  expect((sayOutcome({ ...notCompared, plan: planned }) as OutcomeMessage).followUps).toHaveLength(1);
});

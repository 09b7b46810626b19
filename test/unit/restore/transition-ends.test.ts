/** What somebody who comes too late is told, who may stop a restore, and what is kept from one move to the next. */
import {
  isBeyondRecall,
  mayReuseApproval,
  outcomeSentence,
  stopRefusal,
  transition,
} from '../../../services/restore/transition';
import { makeVaultPlan } from '../../../services/restore/make-vault-plan';
import { problem } from '../../../services/restore/errors';
import {
  aRequest,
  aRule,
  aRun,
  divya,
  emil,
  ines,
  martin,
  policyOf,
  ruleDocument,
  serverGot,
} from '../../fakes/facts';
import { aVaultFacts, vaultInputs } from '../../fakes/vault-facts';
import type { LoadRun } from '../../../services/restore/load-run';
import type { Plan } from '../../../services/restore/plan';
import type { RequestEvent } from '../../../services/restore/transition';
import type { RequestState } from '../../../services/restore/state';
import type { RestoreRequest } from '../../../services/restore/request';

const at = '2026-11-19T13:30:00.000Z';
const later = '2026-11-19T13:40:00.000Z';
const run = aRun();
const glass = { by: emil, at, reason: 'down' };
const failure = problem('AZURE_INTERNAL');
const database = { kind: 'database', database: 'shop', file: { name: 'x', bytes: 1, etag: '1' } } as const;
const load: LoadRun = { files: [], parts: [{ part: database }] };

const verdict = { kind: 'unproven', why: 'nothing to look at' } as const;
const completed: RequestState = { phase: 'completed', run, verdict, endedAt: at, got: serverGot };
const failed: RequestState = {
  ...{ phase: 'failed', failure, serverMayExist: false, endedAt: at },
  run: aRun({ checkedAt: at }),
};
const pausing: RequestState = { phase: 'waiting-for-copy', run, askAgainAt: later, giveUpAt: later };

function vaultPlan(): Plan {
  const inputs = vaultInputs();
  const result = makeVaultPlan({ inputs, requester: ines }, aVaultFacts(inputs), policyOf([ruleDocument()]));
  if (result.kind !== 'plan') throw new Error(result.problems.map(({ sentence }) => sentence).join());
  return result.plan;
}

const after = (request: RestoreRequest, event: RequestEvent): RequestState => {
  const result = transition(request, event);
  if (result.kind === 'refused') throw new Error(result.because.sentence);
  return result.state;
};
const refusal = (request: RestoreRequest, event: RequestEvent) => {
  const result = transition(request, event);
  return result.kind === 'refused' ? result.because : undefined;
};

describe('somebody who comes too late', () => {
  const approved = 'it was approved by Martin Hale';
  test.each<[string, RequestState]>([
    [
      'Martin Hale rejected it at 2026-11-19 13:30:00 UTC',
      { phase: 'rejected', by: martin, reason: 'no', endedAt: at },
    ],
    ['Ines Okafor withdrew it at 2026-11-19 13:30:00 UTC', { phase: 'withdrawn', endedAt: at }],
    ['it expired at 2026-11-19 13:30:00 UTC', { phase: 'expired', endedAt: at }],
    ['it failed at 2026-11-19 13:30:00 UTC', failed],
    ['orders-pg-r1 is completed with warnings since 2026-11-19 13:30:00 UTC', completed],
    ['it waits for 1 of 2 approvers', { phase: 'awaiting-approval', approvals: [], expiresAt: later }],
    ...(['approved', 'ordering', 'restoring', 'loading', 'proving'] as const).map(
      (phase): [string, RequestState] => [`${approved} and is running`, { phase, run }],
    ),
    [`${approved} and waits for the first copy of the data in canadacentral`, pausing],
    [
      'Ines Okafor stopped it at 2026-11-19 13:30:00 UTC; what came into being is being removed',
      { phase: 'stopping', run, by: ines, askedAt: at },
    ],
    [
      'Ines Okafor stopped it after the start; orders-pg-r1 was deleted again',
      { phase: 'stopped', run, by: ines, removed: true, endedAt: at },
    ],
  ])('is told: %s', (sentence, state) => {
    const request = aRequest({ state });
    expect(outcomeSentence(request)).toBe(sentence);
    // Nothing but its own start moves a request on with this, and that one is not approved.
    if (state.phase !== 'stopping')
      expect(refusal(request, { kind: 'stopped', at, removed: false })?.sentence).toBe(
        `R-1 is no longer open: ${sentence}.`,
      );
  });
});

const running = ['approved', 'ordering', 'restoring', 'loading', 'proving'] as const;
const asked = (kind: 'stop-asked' | 'stop-considered' | 'stop-dismissed', by = ines): RequestEvent => ({
  ...{ kind, by, at: later },
});

describe('stopping', () => {
  test('is for who asked for it, also anew, and for who approves; others are told who they are', () => {
    const request = aRequest({ state: { phase: 'restoring', run } });
    expect(stopRefusal(request, emil)).toMatchObject({
      code: 'CANCEL_NOT_YOURS',
      sentence: 'Only Ines Okafor, Martin Hale, Divya Rao can stop R-1.',
    });
    expect(stopRefusal({ ...request, editors: [emil] }, emil)).toBeUndefined();
    for (const kind of ['stop-asked', 'stop-considered', 'stop-dismissed'] as const)
      expect(refusal(request, asked(kind, emil))?.code).toBe('CANCEL_NOT_YOURS');
  });

  test('of what has ended, or is being stopped, comes too late and tells how it went', () => {
    const stopping: RequestState = { phase: 'stopping', run, by: divya, askedAt: at };
    for (const state of [completed, failed, stopping, { phase: 'expired', endedAt: at } as const]) {
      const request = aRequest({ state });
      const sentence = `R-1 has ended: ${outcomeSentence(request)}.`;
      for (const kind of ['stop-asked', 'stop-considered', 'stop-dismissed'] as const)
        expect(refusal(request, asked(kind))).toMatchObject({ code: 'CANCEL_TOO_LATE', sentence });
    }
  });

  test('keeps who stopped it, when, and what had happened until then', () => {
    for (const phase of running)
      expect(after(aRequest({ state: { phase, run } }), asked('stop-asked'))).toEqual({
        ...{ phase: 'stopping', run, by: ines, askedAt: later },
      });
    const stopping = aRequest({ state: { phase: 'stopping', run, by: divya, askedAt: at } });
    expect(after(stopping, { kind: 'stopped', at: later, removed: false })).toEqual({
      ...{ phase: 'stopped', run, by: divya, removed: false, endedAt: later },
    });
  });

  test('is asked about first, and the question is taken back without a trace', () => {
    const request = aRequest({ state: pausing });
    const considered = after(request, asked('stop-considered'));
    expect(considered).toEqual({ ...pausing, run: { ...run, stopQuestion: { by: ines, at: later } } });
    expect(after({ ...request, state: considered }, asked('stop-dismissed', divya))).toEqual(pausing);
    const again = after({ ...request, state: considered }, {
      ...asked('stop-considered', divya),
      at,
    } as RequestEvent);
    expect(again).toEqual({ ...pausing, run: { ...run, stopQuestion: { by: divya, at } } });
  });

  test('the job of a vault is not possible while it may be at work', () => {
    const plan = vaultPlan();
    const possible = running.filter((phase) => !isBeyondRecall(aRequest({ plan, state: { phase, run } })));
    expect(possible).toEqual(['approved', 'loading']);
    expect(running.filter((phase) => isBeyondRecall(aRequest({ state: { phase, run } })))).toEqual([]);
    const request = aRequest({ plan, state: { phase: 'restoring', run } });
    for (const kind of ['stop-asked', 'stop-considered', 'stop-dismissed'] as const)
      expect(refusal(request, asked(kind))).toMatchObject({
        code: 'CANCEL_NOT_POSSIBLE',
        sentence: expect.stringMatching(/^R-1 cannot be stopped/),
      });
  });
});

describe('what is kept', () => {
  test('a failure keeps what is known of the server, and the run', () => {
    const event: RequestEvent = { kind: 'failed', at: later, failure, serverMayExist: true };
    for (const state of [...running.map((phase) => ({ phase, run })), pausing])
      expect(after(aRequest({ state }), event)).toEqual({
        ...{ phase: 'failed', run, failure, serverMayExist: true, endedAt: later },
      });
  });

  test('a restore that is put off is tried for so long since the first time, and asked for again when it was said', () => {
    const event = {
      kind: 'put-off',
      at: later,
      askAgainAt: '2026-11-19T13:45:00.000Z',
      patienceSeconds: 3_600,
    } as const;
    expect(after(aRequest({ state: { phase: 'restoring', run } }), event)).toEqual({
      ...{ phase: 'waiting-for-copy', run: { ...run, putOff: { since: later, tries: 1 } } },
      ...{ askAgainAt: '2026-11-19T13:45:00.000Z', giveUpAt: '2026-11-19T14:40:00.000Z' },
    });
    const again = aRun({ putOff: { since: at, tries: 4 } });
    expect(after(aRequest({ state: { phase: 'ordering', run: again } }), event)).toEqual({
      ...{ phase: 'waiting-for-copy', run: { ...run, putOff: { since: at, tries: 5 } } },
      ...{ askAgainAt: '2026-11-19T13:45:00.000Z', giveUpAt: '2026-11-19T14:30:00.000Z' },
    });
  });

  test('what goes on after a pause keeps who started it, the pauses and the open question, and no times of the order', () => {
    const kept = { glass, putOff: { since: at, tries: 2 }, stopQuestion: { by: ines, at } };
    const state: RequestState = { ...pausing, run: aRun({ ...kept, checkedAt: at, moment: at }) };
    const resumed = { kind: 'resumed', at: later, startBefore: later } as const;
    expect(after(aRequest({ state }), resumed)).toEqual({
      phase: 'approved',
      run: {
        ...{ ...kept, attempt: 2, resumed: 1, approvals: run.approvals },
        ...{ startedAt: run.startedAt, startBefore: later },
      },
    });
    expect(after(aRequest({ state: pausing }), resumed)).toEqual({
      phase: 'approved',
      run: { ...aRun({ startBefore: later }), attempt: 2, resumed: 1 },
    });
  });

  test('who started it without approval is kept when it is tried again', () => {
    const state = { ...failed, run: aRun({ checkedAt: at, glass }) };
    expect(after(aRequest({ state }), { kind: 'retried', at })).toMatchObject({ run: { attempt: 2, glass } });
  });

  test('a fetched point is fetched once: the first time stays', () => {
    const first = after(aRequest({ state: { phase: 'restoring', run } }), { kind: 'rehydrated', at });
    expect(first).toEqual({ phase: 'restoring', run: { ...run, rehydratedAt: at } });
    expect(after(aRequest({ state: first }), { kind: 'rehydrated', at: later })).toEqual(first);
  });
});

test('a retry tells why it is none: it did not fail, or its approval has run out', () => {
  expect(refusal(aRequest({ state: completed }), { kind: 'retried', at })).toMatchObject({
    code: 'NOT_RETRYABLE',
    sentence: expect.stringContaining('R-1'),
  });
  expect(refusal(aRequest({ state: failed }), { kind: 'retried', at: run.startBefore })).toMatchObject({
    code: 'APPROVAL_STALE',
    sentence: expect.stringContaining('2026-11-19 13:50:00 UTC'),
  });
});

test.each(['PLAN_CHANGED', 'TARGET_NAME_TAKEN', 'TARGET_FOREIGN', 'AZURE_NAME_HELD'] as const)(
  'after %s the same plan is not tried again',
  (code) => {
    const state: RequestState = { ...failed, failure: { ...failure, code } };
    expect(refusal(aRequest({ state }), { kind: 'retried', at })?.code).toBe('APPROVAL_STALE');
  },
);

test('what is on its way has no approval to be used again', () => {
  for (const phase of ['ordering', 'proving'] as const)
    expect(mayReuseApproval({ phase, run: aRun({ checkedAt: at }) }, at)).toBe(false);
});

describe('a load', () => {
  const loading = aRequest({ state: { phase: 'loading', run: { ...run, load } } });
  const loaded: RequestEvent = {
    ...{ kind: 'part-ended', at, part: 'database shop', result: { kind: 'loaded', notes: [] } },
  };
  const look: RequestEvent = { kind: 'looked-at', at: later, verdict, got: serverGot };

  test('keeps when a part has begun and how it ended', () => {
    const begun = after(loading, { kind: 'part-begun', at, part: 'database shop', how: { existed: true } });
    expect(begun).toEqual({
      phase: 'loading',
      run: { ...run, load: { files: [], parts: [{ part: database, begun: { existed: true, at } }] } },
    });
    expect(after(loading, loaded)).toEqual({
      phase: 'loading',
      run: {
        ...run,
        load: {
          files: [],
          parts: [{ part: database, ended: { at, result: { kind: 'loaded', notes: [] } } }],
        },
      },
    });
    expect(after(aRequest({ state: { phase: 'loading', run } }), { kind: 'files-pinned', at, load })).toEqual(
      loading.state,
    );
    expect(after(loading, { kind: 'loaded', at: later })).toEqual({
      ...{ phase: 'proving', run: { ...run, load, readyAt: later } },
    });
  });

  test('takes no part any more once its server is looked at', () => {
    const proving = aRequest({ state: { phase: 'proving', run: { ...run, load } } });
    expect(refusal(proving, loaded)?.code).toBe('NO_LONGER_OPEN');
  });

  test('is looked at when it is over, or when none of its files is the right one, and not in between', () => {
    const wrongFiles = aRequest({ state: { phase: 'loading', run } });
    expect(after(wrongFiles, look)).toEqual({
      phase: 'completed',
      run,
      verdict,
      got: serverGot,
      endedAt: later,
    });
    expect(refusal(loading, look)?.code).toBe('NO_LONGER_OPEN');
  });

  test('is tried again for what failed, until the instant at which an unused approval would run out', () => {
    const result = { kind: 'failed', because: failure, failures: [] } as const;
    const part = { part: database, begun: { existed: false, at }, ended: { at, result } };
    const state = { ...completed, run: { ...run, readyAt: at, load: { files: [], parts: [part] } } };
    const request = aRequest({ state, rule: aRule({ approvalGoodForMinutes: 10 }) });
    const retried = (when: string): RequestEvent => ({ kind: 'parts-retried', by: ines, at: when });
    expect(after(request, retried('2026-11-19T13:39:59.999Z'))).toEqual({
      phase: 'loading',
      run: { ...run, load: { files: [], parts: [{ part: database, begun: { existed: false, at } }] } },
    });
    expect(refusal(request, retried('2026-11-19T13:40:00.000Z'))).toMatchObject({
      code: 'APPROVAL_STALE',
      sentence: expect.stringContaining('2026-11-19 13:40:00 UTC'),
    });
    const whole = { part: database, ended: { at, result: { kind: 'loaded', notes: [] } } } as const;
    const nothingFailed = { ...state, run: { ...run, load: { files: [], parts: [whole] } } };
    expect(refusal(aRequest({ state: nothingFailed }), retried(at))?.code).toBe('NOT_RETRYABLE');
    expect(refusal(aRequest({ state: completed }), retried(at))).toMatchObject({
      code: 'NOT_RETRYABLE',
      sentence: expect.stringContaining('R-1'),
    });
  });
});

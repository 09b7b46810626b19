/** The question whether to stop: what each moment of a restore lets somebody undo. */
import { sayCancel, sayKept } from '../../../services/restore/say-cancel';
import { aRequest, aRun, ines, martin } from '../../fakes/facts';
import type { RequestState } from '../../../services/restore/state';

const at = '2026-11-19T13:30:00.000Z';
const run = aRun({ stopQuestion: { by: ines, at } });
const said = (state: RequestState) => sayCancel(aRequest({ state }))?.state;

test('nobody asked, nothing is shown', () => {
  expect(sayCancel(aRequest())).toBeUndefined();
  expect(sayCancel(aRequest({ state: { phase: 'restoring', run: aRun() } }))).toBeUndefined();
});

test.each(['approved', 'waiting-for-copy'] as const)('in phase %s nothing exists yet', (phase) => {
  const state = said({ phase, run, askAgainAt: at, giveUpAt: at });
  expect(state).toMatchObject({ phase: 'open' });
  expect(JSON.stringify(state)).toMatch(/No server has come into being yet/);
  expect(JSON.stringify(state)).not.toMatch(/is deleted/);
});

test.each(['ordering', 'restoring', 'proving'] as const)(
  'in phase %s it says what cannot be called back and what is deleted',
  (phase) => {
    const words = JSON.stringify(said({ phase, run }));
    expect(words).toMatch(/cannot call back/);
    expect(words).toMatch(/orders-pg-r1 is deleted .* once it is proven/);
    expect(words).toMatch(/orders-pg is not touched/);
  },
);

test('after an answer it tells what came of it', () => {
  expect(said({ phase: 'stopping', run, by: martin, askedAt: at })).toEqual({
    phase: 'confirmed',
    by: martin,
    at,
  });
  expect(said({ phase: 'stopped', run, by: martin, removed: true, endedAt: at })).toMatchObject({
    phase: 'over',
    outcome: expect.stringContaining('was deleted again'),
  });
  const question = sayCancel(aRequest({ state: { phase: 'restoring', run } }));
  expect(question && sayKept(question, martin).state).toEqual({
    phase: 'over',
    outcome: 'Martin Hale lets it go on',
  });
});

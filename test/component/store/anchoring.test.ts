/** When heads of the journal are put down outside, and what happens when that fails. */
import { createAnchoring } from '../../../services/anchoring';
import { createHeads } from '../../../services/store/heads';
import { DeskError, problem } from '../../../services/restore/errors';
import { readChain } from '../../fixtures/invariants';
import { startTestStore, type TestStore } from '../../fakes/state-database';
import { TestClock } from '../../fakes/fake-azure';
import type { AnchorLine } from '../../../services/restore/evidence-ports';

jest.setTimeout(60_000);
let desk: TestStore;
beforeAll(async () => {
  desk = await startTestStore();
});
afterAll(() => desk?.stop());

const clock = new TestClock();
const warned: string[] = [];
const log = {
  ...{ info: () => undefined, error: () => undefined },
  warn: (_facts: object, words: string) => void warned.push(words),
};
const written: AnchorLine[] = [];
let failure: Error | undefined;
const anchoring = () =>
  createAnchoring({
    ...{ store: desk.store, heads: createHeads(desk.database), clock, everySeconds: 300, log },
    anchor: {
      write: async (line) => {
        if (failure) throw failure;
        written.push(line);
      },
    },
  });
const add = (to: string) =>
  desk.store.change((changes) =>
    changes.journal({ requestId: 'R-1', kind: 'k', actor: 'restore-desk', at: clock.now(), body: { to } }),
  );

test('a head is put down after the pause, and soon after a request has ended; each once', async () => {
  const later = (seconds: number) =>
    clock.set(new Date(Date.parse(clock.now()) + seconds * 1_000).toISOString());
  await desk.ask(`update evidence_anchored set at = $1`, [clock.now()]);
  await add('approved');
  await anchoring().look();
  expect(written).toEqual([]);
  later(300);
  await Promise.all([anchoring().look(), anchoring().look()]);
  await anchoring().look();
  const [first] = await readChain(desk.ownerUrl);
  expect(written).toEqual([expect.objectContaining({ seq: 1, hash: first?.hash, writtenAt: clock.now() })]);
  later(5);
  await add('ordering');
  await anchoring().look();
  expect(written).toHaveLength(1);
  await add('completed');
  await anchoring().look();
  expect(written.map(({ seq }) => seq)).toEqual([1, 3]);
});

test('what could not be put down is said and tried again', async () => {
  failure = new DeskError(problem('AZURE_UNREACHABLE'));
  await add('failed');
  await anchoring().look();
  expect(warned).toEqual([expect.stringContaining('tried again')]);
  failure = undefined;
  await anchoring().look();
  expect(written.map(({ seq }) => seq)).toEqual([1, 3, 4]);
});

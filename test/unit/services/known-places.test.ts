/** What a form offers of places: at once from memory, read anew behind it, and never waited for. */
import { createKnownPlaces } from '../../../services/known-places';
import { DeskError, problem } from '../../../services/restore/errors';
import { FakeReader, TestClock } from '../../fakes/fake-azure';

const subscription = '11111111-1111-4111-8111-111111111111';

function stage() {
  const azure = new FakeReader();
  const clock = new TestClock();
  const asked: string[] = [];
  const groups = azure.resourceGroups.bind(azure);
  azure.resourceGroups = (id) => {
    asked.push(id);
    return groups(id);
  };
  return { azure, clock, asked, known: createKnownPlaces(azure, clock) };
}

const names = async (found: Promise<readonly { readonly name: string }[]>): Promise<string[]> =>
  (await found).map(({ name }) => name);

test('what was read is not read again for some minutes, and whoever asks meanwhile shares it', async () => {
  const { known, asked, clock } = stage();
  await Promise.all([known.groups(subscription), known.groups(subscription.toUpperCase())]);
  clock.pass(299);
  expect(await names(known.groups(subscription))).toEqual(['rg-shop', 'rg-dr']);
  expect(asked).toHaveLength(1);
});

test('what is old is shown at once and read anew behind it', async () => {
  const { known, azure, clock, asked } = stage();
  await known.groups(subscription);
  azure.groups.add('rg-new');
  clock.pass(301);
  expect(await names(known.groups(subscription))).toEqual(['rg-shop', 'rg-dr']);
  expect(asked).toHaveLength(2);
  expect(await names(known.groups(subscription))).toEqual(['rg-shop', 'rg-dr', 'rg-new']);
});

test('a failure leaves out what nobody knows, keeps what was known, and is not remembered', async () => {
  const { known, azure, clock } = stage();
  azure.failure = new DeskError(problem('AZURE_UNREACHABLE'));
  expect(await known.groups(subscription)).toEqual([]);
  expect(await known.region(subscription, 'canadacentral')).toBeUndefined();
  azure.failure = undefined;
  expect(await names(known.groups(subscription))).toEqual(['rg-shop', 'rg-dr']);
  azure.failure = new DeskError(problem('AZURE_UNREACHABLE'));
  clock.pass(301);
  expect(await names(known.groups(subscription))).toEqual(['rg-shop', 'rg-dr']);
});

test('an answer that comes too late is there for the next form', async () => {
  const { known, azure } = stage();
  let answer = (): void => undefined;
  const groups = azure.resourceGroups.bind(azure);
  const late = new Promise<void>((done) => (answer = done));
  azure.resourceGroups = async (id) => {
    await late;
    return groups(id);
  };
  expect(await known.groups(subscription)).toEqual([]);
  answer();
  expect(await names(known.groups(subscription))).toEqual(['rg-shop', 'rg-dr']);
});

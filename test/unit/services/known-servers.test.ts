import { createKnownServers } from '../../../services/known-servers';
import { FakeReader, TestClock } from '../../fakes/fake-azure';
import { aServer } from '../../fakes/facts';

function known() {
  const reader = new FakeReader();
  const clock = new TestClock();
  let reads = 0;
  const list = reader.list.bind(reader);
  reader.list = () => {
    reads += 1;
    return list();
  };
  return { reader, clock, servers: createKnownServers(reader, clock), reads: () => reads };
}

const names = async ({ servers }: ReturnType<typeof known>): Promise<string[]> =>
  (await servers.list()).servers.map(({ name }) => name);

test('a list that was just read is not read again', async () => {
  const stage = known();
  await names(stage);
  stage.clock.pass(14);
  await names(stage);
  expect(stage.reads()).toBe(1);
});

test('many questions at once are one question to Azure', async () => {
  const stage = known();
  await Promise.all([names(stage), names(stage), names(stage)]);
  expect(stage.reads()).toBe(1);
});

test('an old list is read anew before it is shown', async () => {
  const stage = known();
  await names(stage);
  stage.reader.put(aServer('new-pg'));
  stage.clock.pass(61);
  expect(await names(stage)).toContain('new-pg');
});

test('while Azure is silent the old list serves, and without any list it is said', async () => {
  const stage = known();
  stage.reader.fallSilent();
  await expect(names(stage)).rejects.toMatchObject({ problem: { code: 'AZURE_UNREACHABLE' } });
  await stage.servers.refresh();
  stage.reader.failure = undefined;
  await names(stage);
  stage.reader.fallSilent();
  stage.clock.pass(3_600);
  expect(await names(stage)).toContain('orders-pg');
});

test('an Azure that hangs does not hold up a form for longer than a person waits', async () => {
  const stage = known();
  await names(stage);
  stage.clock.pass(3_600);
  stage.reader.list = () => new Promise(() => undefined);
  const started = performance.now();
  expect(await names(stage)).toContain('orders-pg');
  expect(performance.now() - started).toBeLessThan(2_500);
});

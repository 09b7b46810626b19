/** Deleted servers and backups, as a form is given them. */
import { aServer } from '../../fakes/facts';
import { inventoryStage, mine, names, theirs } from './inventory-stage';
import type { BackupFacts, DeletedServer } from '../../../services/restore/servers';

const ordersId = aServer('orders-pg').id;

/** The deletion of a server, so many hours ago. */
const deletion = (name: string, now: string, hours: number, subscriptionId = mine): DeletedServer => {
  const deletedAt = new Date(Date.parse(now) - hours * 3_600_000).toISOString();
  const { id, resourceGroup } = aServer(name);
  return { id, name, subscriptionId, resourceGroup, deletedAt, submittedAt: deletedAt };
};

test('deleted servers of the last month come newest first, once each, and only those that may be shown', async () => {
  const { azure, clock, replica } = inventoryStage();
  azure.log = [
    deletion('old-pg', clock.now(), 29 * 24),
    deletion('too-old-pg', clock.now(), 30 * 24 + 1),
    deletion('new-pg', clock.now(), 1),
    deletion('hidden-pg', clock.now(), 2),
    deletion('new-pg', clock.now(), 30),
  ];
  const servers = replica({ isDeletedShown: ({ name }) => name !== 'hidden-pg' });
  const deleted = await servers.deleted();
  expect(names(deleted)).toEqual(['new-pg', 'old-pg']);
  expect(deleted[0]).toEqual(azure.log[2]);
});

test('what the desk saw of a server before it was deleted is told with it, also after a restart', async () => {
  const { azure, clock, replica } = inventoryStage();
  const servers = replica();
  await servers.list();
  clock.pass(60);
  azure.servers.delete(ordersId.toLowerCase());
  azure.log = [{ ...deletion('orders-pg', clock.now(), 0), id: ordersId.toUpperCase() }];
  const before = aServer('orders-pg');
  // The inventory has not noticed yet, and then it has.
  expect(await servers.deleted()).toMatchObject([{ name: 'orders-pg', before }]);
  clock.pass(61);
  await servers.refresh();
  expect(await servers.deleted()).toMatchObject([{ name: 'orders-pg', before }]);
  expect(await replica().deleted()).toMatchObject([{ name: 'orders-pg', before }]);
});

test('a server that was made anew under the same id is not offered as a deleted one', async () => {
  const { azure, clock, replica } = inventoryStage();
  azure.log = [deletion('orders-pg', clock.now(), 1), deletion('other-pg', clock.now(), 2)];
  const servers = replica();
  await servers.list();
  expect(names(await servers.deleted())).toEqual(['other-pg']);
});

test('the log is asked once a minute, and what it told serves while Azure is silent', async () => {
  const { azure, clock, replica } = inventoryStage();
  azure.log = [deletion('gone-pg', clock.now(), 1)];
  const servers = replica();
  await Promise.all([servers.deleted(), servers.deleted()]);
  clock.pass(59);
  await servers.deleted();
  expect(azure.asked).toEqual(['deletions']);
  azure.log = [...azure.log, deletion('newer-pg', clock.now(), 0)];
  clock.pass(1);
  expect(names(await servers.deleted())).toEqual(['newer-pg', 'gone-pg']);
  azure.isSilent = true;
  clock.pass(300);
  expect(names(await servers.deleted())).toEqual(['newer-pg', 'gone-pg']);
});

test('a subscription whose log may not be read does not hide the deletions of another', async () => {
  const { azure, clock, replica } = inventoryStage();
  azure.log = [deletion('gone-pg', clock.now(), 1), deletion('their-pg', clock.now(), 1, theirs)];
  azure.forbiddenSubscriptions.add(theirs);
  expect(names(await replica({ subscriptionIds: [theirs, mine] }).deleted())).toEqual(['gone-pg']);
});

test('while nobody has answered it is not said that there is no such server', async () => {
  const { azure, clock, replica } = inventoryStage();
  azure.log = [deletion('gone-pg', clock.now(), 1)];
  let answer = (): void => undefined;
  azure.held = new Promise((resolve) => (answer = resolve));
  const servers = replica();
  const started = performance.now();
  await expect(servers.deleted()).rejects.toMatchObject({ problem: { code: 'AZURE_UNREACHABLE' } });
  expect(performance.now() - started).toBeLessThan(4_000);
  answer();
  azure.held = undefined;
  expect(names(await servers.deleted())).toEqual(['gone-pg']);
});

const backup = (name: string, completedAt: string): BackupFacts => ({ name, kind: 'automatic', completedAt });

test('backups come newest first, and are asked for once while somebody fills in a form', async () => {
  const { azure, clock, replica } = inventoryStage();
  azure.backupsOf.set(ordersId.toLowerCase(), [
    backup('older', '2026-11-17T01:00:00.000Z'),
    backup('newer', '2026-11-18T01:00:00.000Z'),
  ]);
  const servers = replica();
  expect(names(await servers.backups(ordersId))).toEqual(['newer', 'older']);
  await servers.backups(ordersId.toUpperCase());
  expect(azure.asked).toEqual(['backups']);
  clock.pass(11);
  await servers.backups(ordersId);
  expect(azure.asked).toEqual(['backups', 'backups']);
});

test('backups that take too long are left out, and are there for the next look', async () => {
  const { azure, replica } = inventoryStage();
  azure.backupsOf.set(ordersId.toLowerCase(), [backup('one', '2026-11-17T01:00:00.000Z')]);
  let answer = (): void => undefined;
  azure.held = new Promise((resolve) => (answer = resolve));
  const servers = replica();
  const started = performance.now();
  expect(await servers.backups(ordersId)).toEqual([]);
  expect(performance.now() - started).toBeLessThan(1_500);
  answer();
  expect(names(await servers.backups(ordersId))).toEqual(['one']);
  expect(azure.asked).toEqual(['backups']);
});

test('a failure to read backups is none of the form, and is not remembered', async () => {
  const { azure, replica } = inventoryStage();
  azure.backupsOf.set(ordersId.toLowerCase(), [backup('one', '2026-11-17T01:00:00.000Z')]);
  const servers = replica();
  azure.isSilent = true;
  expect(await servers.backups(ordersId)).toEqual([]);
  azure.isSilent = false;
  expect(names(await servers.backups(ordersId))).toEqual(['one']);
});

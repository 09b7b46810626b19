/** The memory of servers: how it is filled, how long it holds, and what becomes of servers that Azure does not name any more. */
import { aServer } from '../../fakes/facts';
import { inventoryStage, listed, mine, names, theirs, type InventoryStage } from './inventory-stage';
import type { KnownServers } from '../../../services/known-servers';

const lists = ({ azure }: InventoryStage): number => azure.asked.filter((asked) => asked === 'list').length;
const gets = ({ azure }: InventoryStage): string[] => azure.asked.filter((asked) => asked.startsWith('get'));
const ordersId = aServer('orders-pg').id;
const reach = (servers: KnownServers, id = ordersId) => servers.known(id)?.reachable;

/** A reading in the background, a minute later. */
async function nextReading({ clock }: InventoryStage, servers: KnownServers): Promise<void> {
  clock.pass(61);
  await servers.refresh();
}

describe('a list', () => {
  test('that was just read is not read again', async () => {
    const stage = inventoryStage();
    const servers = stage.replica();
    await servers.list();
    stage.clock.pass(59);
    expect(await listed(servers)).toEqual(['billing-pg', 'orders-pg', 'search-pg']);
    expect(lists(stage)).toBe(1);
  });

  test('that many ask for at once is one question to Azure', async () => {
    const stage = inventoryStage();
    const servers = stage.replica();
    await Promise.all([listed(servers), listed(servers), listed(servers)]);
    expect(lists(stage)).toBe(1);
  });

  test('that is old is read anew before it is shown', async () => {
    const stage = inventoryStage();
    const servers = stage.replica();
    await servers.list();
    stage.azure.put(aServer('new-pg'));
    stage.clock.pass(61);
    expect(await listed(servers)).toContain('new-pg');
  });

  test('is not waited for longer than a person waits while Azure hangs', async () => {
    const stage = inventoryStage();
    const servers = stage.replica();
    const { readAt } = await servers.list();
    stage.clock.pass(3_600);
    stage.azure.held = new Promise(() => undefined);
    const started = performance.now();
    expect(await servers.list()).toMatchObject({ readAt });
    expect(performance.now() - started).toBeLessThan(2_500);
  });

  test('serves while Azure is silent, and Azure is not asked at every question then', async () => {
    const stage = inventoryStage();
    const servers = stage.replica();
    await servers.list();
    stage.azure.isSilent = true;
    stage.clock.pass(3_600);
    for (let nth = 0; nth < 5; nth++) expect(await listed(servers)).toContain('orders-pg');
    expect(lists(stage)).toBe(2);
    stage.azure.isSilent = false;
    stage.azure.put(aServer('new-pg'));
    stage.clock.pass(11);
    expect(await listed(servers)).toContain('new-pg');
  });

  test('that nobody has ever read is said to be missing while Azure is silent, until it answers', async () => {
    const stage = inventoryStage();
    const servers = stage.replica();
    stage.azure.isSilent = true;
    await expect(servers.list()).rejects.toMatchObject({ problem: { code: 'AZURE_UNREACHABLE' } });
    stage.azure.isSilent = false;
    expect(await listed(servers)).toHaveLength(3);
  });

  test('of no servers at all is an answer', async () => {
    const stage = inventoryStage();
    stage.azure.servers.clear();
    expect(await listed(stage.replica())).toEqual([]);
  });
});

describe('after a restart', () => {
  test('without Azure the stored servers are there at once, with the time they were read', async () => {
    const stage = inventoryStage();
    const { readAt } = await stage.replica().list();
    stage.azure.isSilent = true;
    stage.clock.pass(7_200);
    const restarted = stage.replica();
    expect(await restarted.list()).toMatchObject({ readAt, servers: { length: 3 } });
    expect(names(restarted.search('ord', 5))).toEqual(['orders-pg']);
    expect(restarted.known(ordersId)).toEqual({
      server: aServer('orders-pg'),
      seenAt: readAt,
      reachable: true,
    });
  });

  test('a subscription that does not exist for the desk any more is left out', async () => {
    const stage = inventoryStage();
    stage.azure.put(aServer('foreign-pg', { subscriptionId: theirs }));
    await stage.replica({ subscriptionIds: [mine, theirs] }).list();
    expect(await listed(stage.replica())).not.toContain('foreign-pg');
  });

  test('without the database it is said that nothing is known because of that', async () => {
    const stage = inventoryStage();
    stage.store.isAway = true;
    const servers = stage.replica();
    await expect(servers.list()).rejects.toMatchObject({ problem: { code: 'DATABASE_UNREACHABLE' } });
    await servers.refresh();
    stage.store.isAway = false;
    expect(await listed(servers)).toHaveLength(3);
  });
});

describe('of several replicas', () => {
  test('one reads, and the other takes what it stored', async () => {
    const stage = inventoryStage();
    const [one, other] = [stage.replica(), stage.replica()];
    await one.list();
    stage.azure.put(aServer('new-pg'));
    await nextReading(stage, one);
    stage.clock.pass(30);
    expect(await listed(other)).toContain('new-pg');
    expect(lists(stage)).toBe(2);
  });

  test('two that start on an empty store at the same time both have an answer', async () => {
    const stage = inventoryStage();
    const [one, other] = [stage.replica(), stage.replica()];
    const both = await Promise.all([listed(one), listed(other)]);
    expect(both[0]).toEqual(both[1]);
    expect(both[0]).toHaveLength(3);
  });
});

describe('a region that is down', () => {
  const downStage = async () => {
    const stage = inventoryStage();
    stage.azure.put(aServer('west-pg', { location: 'westeurope' }));
    const servers = stage.replica();
    const { readAt } = await servers.list();
    stage.azure.downRegions.add('westeurope');
    await nextReading(stage, servers);
    return { stage, servers, readAt, west: aServer('west-pg').id };
  };

  test('leaves its servers known and offered, as unreachable, with the time they were seen last', async () => {
    const { stage, servers, readAt, west } = await downStage();
    expect(await listed(servers)).toContain('west-pg');
    expect(names(servers.search('west', 5))).toEqual(['west-pg']);
    expect(servers.known(west.toUpperCase())).toMatchObject({ reachable: false, seenAt: readAt });
    expect(reach(servers)).toBe(true);
    // The same for a process that starts during the outage.
    const restarted = stage.replica();
    await restarted.list();
    expect(restarted.known(west)).toMatchObject({ reachable: false, seenAt: readAt });
  });

  test('that comes back makes them reachable', async () => {
    const { stage, servers, west } = await downStage();
    stage.azure.downRegions.clear();
    await nextReading(stage, servers);
    expect(reach(servers, west)).toBe(true);
  });

  test('of forty servers has them all asked for in turns, and none of them is lost', async () => {
    const stage = inventoryStage();
    const many = Array.from({ length: 40 }, (_, nth) => aServer(`west-${nth}`, { location: 'westeurope' }));
    stage.azure.put(...many);
    const servers = stage.replica();
    await servers.list();
    stage.azure.downRegions.add('westeurope');
    await nextReading(stage, servers);
    expect(gets(stage)).toHaveLength(25);
    await nextReading(stage, servers);
    expect(gets(stage)).toHaveLength(50);
    expect(new Set(gets(stage)).size).toBe(40);
    expect(await listed(servers)).toHaveLength(43);
  });

  test('that hangs instead of failing does not hold up the others', async () => {
    const { stage, servers, west } = await downStage();
    stage.azure.put(aServer('new-pg'));
    stage.azure.get = () => new Promise(() => undefined);
    stage.clock.pass(61);
    jest.useFakeTimers();
    try {
      const refreshed = servers.refresh();
      await jest.advanceTimersByTimeAsync(10_000);
      await refreshed;
    } finally {
      jest.useRealTimers();
    }
    expect(await listed(servers)).toContain('new-pg');
    expect(reach(servers, west)).toBe(false);
  });
});

describe('a server that a list does not name', () => {
  test('is gone when Azure says that there is none', async () => {
    const stage = inventoryStage();
    const servers = stage.replica();
    await servers.list();
    stage.azure.servers.delete(ordersId.toLowerCase());
    await nextReading(stage, servers);
    expect(await listed(servers)).toEqual(['billing-pg', 'search-pg']);
    expect(servers.known(ordersId)).toBeUndefined();
    expect(servers.search('orders', 5)).toEqual([]);
    expect(await listed(stage.replica())).toEqual(['billing-pg', 'search-pg']);
  });

  test('but that is there when asked for stays as it is', async () => {
    const stage = inventoryStage();
    const servers = stage.replica();
    await servers.list();
    const list = stage.azure.list.bind(stage.azure);
    stage.azure.list = async (id) => (await list(id)).filter(({ name }) => name !== 'orders-pg');
    await nextReading(stage, servers);
    expect(gets(stage)).toEqual(['get orders-pg']);
    expect(servers.known(ordersId)).toMatchObject({ reachable: true, seenAt: stage.clock.now() });
  });

  test('is kept until it was asked for, when hundreds are missing at once', async () => {
    const stage = inventoryStage();
    const many = Array.from({ length: 100 }, (_, nth) => aServer(`many-${nth}`));
    stage.azure.put(...many);
    const servers = stage.replica();
    await servers.list();
    for (const { id } of many) stage.azure.servers.delete(id.toLowerCase());
    await nextReading(stage, servers);
    expect(await listed(servers)).toHaveLength(3 + 75);
    for (const expected of [50, 25, 0]) {
      await nextReading(stage, servers);
      expect(await listed(servers)).toHaveLength(3 + expected);
    }
    expect(gets(stage)).toHaveLength(100);
  });
});

describe('a subscription that may not be read', () => {
  test('leaves the others as fresh as they are, is said once, and is not waited for', async () => {
    const stage = inventoryStage();
    stage.azure.forbiddenSubscriptions.add(theirs);
    const servers = stage.replica({ subscriptionIds: [theirs, mine] });
    expect(await listed(servers)).toHaveLength(3);
    stage.azure.put(aServer('new-pg'));
    await nextReading(stage, servers);
    await nextReading(stage, servers);
    expect(await listed(servers)).toContain('new-pg');
    expect(stage.warnings).toEqual(['the servers of a subscription cannot be read']);
    const before = lists(stage);
    await servers.list();
    expect(lists(stage)).toBe(before);
  });

  test('keeps its servers as they were when it could be read before', async () => {
    const stage = inventoryStage();
    stage.azure.put(aServer('their-pg', { subscriptionId: theirs }));
    const servers = stage.replica({ subscriptionIds: [mine, theirs.toUpperCase()] });
    const { readAt } = await servers.list();
    stage.azure.forbiddenSubscriptions.add(theirs);
    await nextReading(stage, servers);
    expect(await servers.list()).toMatchObject({ readAt, servers: { length: 4 } });
  });
});

describe('typing a name', () => {
  const typing = async () => {
    const stage = inventoryStage();
    stage.azure.put(...['Shop-Orders', 'orders-archive', 'hidden-orders'].map((name) => aServer(name)));
    let judged = 0;
    const servers = stage.replica({
      isShown: ({ name }) => {
        judged += 1;
        return name !== 'hidden-orders';
      },
    });
    await servers.refresh();
    return { stage, servers, judged: () => judged };
  };

  test('offers prefixes first, then by name, whatever the case, and never what may not be shown', async () => {
    const { servers } = await typing();
    expect(names(servers.search(' ORDERS ', 15))).toEqual(['orders-archive', 'orders-pg', 'Shop-Orders']);
    expect(names(servers.search('hidden', 15))).toEqual([]);
    expect(names(servers.search('pg', 2))).toEqual(['billing-pg', 'orders-pg']);
    expect(names(servers.search('o', 2))).toEqual(['orders-archive', 'orders-pg']);
    expect(names(servers.search('', 2))).toEqual(['billing-pg', 'orders-archive']);
    expect(names(servers.search('r', 0))).toEqual([]);
  });

  test('asks neither Azure nor the policy', async () => {
    const { stage, servers, judged } = await typing();
    const [before, asked] = [judged(), stage.azure.asked.length];
    stage.clock.pass(3_600);
    for (const query of ['o', 'or', 'ord', 'x']) servers.search(query, 15);
    expect([judged(), stage.azure.asked.length]).toEqual([before, asked]);
    expect(before).toBe(6);
  });
});

describe('in the background', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  const pass = async ({ clock }: InventoryStage, seconds: number): Promise<void> => {
    clock.pass(seconds);
    await jest.advanceTimersByTimeAsync(seconds * 1000);
  };

  test('the list is read every so often, until it is stopped', async () => {
    const stage = inventoryStage();
    const servers = stage.replica();
    servers.start();
    servers.start();
    await pass(stage, 60);
    expect(lists(stage)).toBe(1);
    await pass(stage, 60);
    expect(lists(stage)).toBe(2);
    await servers.stop();
    await pass(stage, 600);
    expect(lists(stage)).toBe(2);
  });

  test('a replica leaves Azure alone while another one has just read, and knows what that one knows', async () => {
    const stage = inventoryStage();
    const [one, other] = [stage.replica(), stage.replica()];
    one.start();
    await pass(stage, 30);
    other.start();
    for (let minute = 0; minute < 5; minute++) {
      await pass(stage, 30);
      stage.azure.put(aServer(`minute-${minute}`));
      await pass(stage, 30);
    }
    expect(lists(stage)).toBe(5);
    expect(names(other.search('minute-3', 5))).toEqual(['minute-3']);
    await Promise.all([one.stop(), other.stop()]);
  });
});

/** Servers that the policy keeps to some, and requests for them, are in no list of anybody else. */
import { seenBy } from '../../../services/seeing';
import { createAnswering } from '../../../services/answering';
import { nameable } from '../../../services/nameable';
import { partyKey, type Party } from '../../../services/restore/party';
import { searchList } from '../../../services/searching';
import { FakeDirectory } from '../../fakes/fake-directory';
import {
  aDeletedServer,
  aPlan,
  aRequest,
  aServer,
  divya,
  emil,
  ines,
  martin,
  now,
  policyOf,
  ruleDocument,
} from '../../fakes/facts';
import { anInstance } from '../../fakes/fake-vaults';
import type { Deps } from '../../../services/deps';
import type { RestoreRequest } from '../../../services/restore/request';
import type { Person } from '../../../services/restore/person';

const payroll: Party = { kind: 'group', id: '66666666-0000-4000-8000-000000000005', name: 'Payroll' };
const audit: Party = { kind: 'group', id: '66666666-0000-4000-8000-000000000006', name: 'Audit' };
const shown = (party: Party) => [{ group: party.id, name: party.name }];
const everything = [ruleDocument({ match: {} })];
const visible = [
  { server: 'payroll-*', to: shown(payroll) },
  { server: 'payroll-old*', to: shown(audit) },
];

function deskWith(rest: Record<string, unknown>) {
  const servers = ['orders-pg', 'payroll-old-pg', 'payroll-pg'].map((name) => aServer(name));
  const directory = new FakeDirectory();
  directory.groups.set(partyKey(payroll), [divya, ines]);
  directory.groups.set(partyKey(audit), [ines]);
  const instances = ['orders-pg', 'payroll-pg'].map((title) => anInstance(title));
  const deps = {
    policy: policyOf(everything, rest),
    directory,
    clock: { now: () => now },
    servers: {
      list: async () => ({ servers, readAt: now }),
      known: () => undefined,
      search: (query: string, limit: number) =>
        servers.filter(({ name }) => name.includes(query)).slice(0, limit),
      deleted: async () => [aDeletedServer('payroll-dead'), aDeletedServer('orders-dead')],
    },
    vaults: { instances: async () => ({ instances, knownFrom: 'graph' }) },
    knownVaults: { instances: async () => instances },
  } as unknown as Deps;
  return { deps, directory };
}

async function seen(by: Person | undefined, { deps } = deskWith({ visible })) {
  const desk = await seenBy(deps, by);
  const form = { source: '', mode: 'latest', region: '' } as unknown as Parameters<typeof searchList>[3];
  return {
    listed: (await desk.servers.list()).servers.map(({ name }) => name),
    typed: (await searchList(desk, 'servers', 'p', form)).map(({ value }) => value),
    deleted: (await desk.servers.deleted()).map(({ name }) => name),
    recognised: (await nameable(desk, 'restore payroll-pg')).servers.map(({ name }) => name),
    protected: (await desk.vaults.instances()).instances.map(({ title }) => title),
    offered: (await desk.knownVaults.instances())?.map(({ title }) => title),
  };
}

const open = ['orders-pg'];
const onlyOpen = {
  ...{ listed: open, deleted: ['orders-dead'], recognised: open, protected: open, offered: open },
  typed: [expect.stringContaining('orders-pg')],
};

test('who belongs to those whom an entry names sees what it means, and where two mean it who belongs to both', async () => {
  expect(await seen(divya)).toMatchObject({
    listed: ['orders-pg', 'payroll-pg'],
    deleted: ['payroll-dead', 'orders-dead'],
  });
  expect((await seen(ines)).listed).toEqual(['orders-pg', 'payroll-old-pg', 'payroll-pg']);
  expect((await seen(ines)).typed).toHaveLength(3);
});

test('others see none of it anywhere, not even under its full name', async () => {
  expect(await seen(emil)).toEqual(onlyOpen);
  expect(await seen(undefined)).toEqual(onlyOpen);
});

describe('requests', () => {
  const asked = (id: string, server: string, changes: Partial<RestoreRequest> = {}): RestoreRequest =>
    aRequest({
      ...{ id, plan: aPlan({ source: { ...aPlan().source, name: server, id: aServer(server).id } }) },
      ...changes,
    });
  const all = [
    asked('R-1', 'payroll-pg'),
    asked('R-2', 'orders-pg'),
    asked('R-3', 'payroll-pg', { requester: emil }),
    asked('R-4', 'payroll-old-pg', { editors: [emil] }),
  ];
  const rawDesk = (rest: Record<string, unknown>): Deps => {
    const { deps } = deskWith(rest);
    const store = {
      request: async (id: string) => {
        const value = all.find((request) => request.id === id);
        return value && { value, version: 1 };
      },
      requests: async (limit: number) => all.slice(0, limit),
    };
    return { ...deps, store } as unknown as Deps;
  };
  const deskWithRequests = (by: Person, rest: Record<string, unknown> = { visible }) =>
    seenBy(rawDesk(rest), by);
  const ids = (requests: readonly RestoreRequest[]) => requests.map(({ id }) => id);

  test('for what is kept to others are not there, but for those who are in them', async () => {
    const desk = await deskWithRequests(emil);
    expect(ids(await desk.store.requests(10))).toEqual(['R-2', 'R-3', 'R-4']);
    expect(await desk.store.request('R-1')).toBeUndefined();
    expect((await desk.store.request('R-3'))?.value.id).toBe('R-3');
  });

  test('are there for whom an escalation has called, and for whom it might call later they are not', async () => {
    const escalation = { afterMinutes: 30, parties: [], people: [emil] };
    const waiting = asked('R-5', 'payroll-pg', { rule: { ...aRequest().rule, escalation } });
    const escalated = asked('R-6', 'payroll-pg', { ...waiting, id: 'R-6', toldDirectly: [emil] });
    const store = { requests: async () => [waiting, escalated] };
    const desk = await seenBy({ ...deskWith({ visible }).deps, store } as unknown as Deps, emil);
    expect(ids(await desk.store.requests(10))).toEqual(['R-6']);
  });

  test('that are hidden take no place in a short list', async () => {
    expect(ids(await (await deskWithRequests(emil)).store.requests(2))).toEqual(['R-2', 'R-3']);
  });

  test('are there for whom the entry names, for an approver, and where nothing is kept to anybody', async () => {
    expect(ids(await (await deskWithRequests(ines)).store.requests(10))).toEqual(ids(all));
    expect(ids(await (await deskWithRequests(martin)).store.requests(10))).toEqual(ids(all));
    expect(ids(await (await deskWithRequests(emil, {})).store.requests(10))).toEqual(ids(all));
  });

  test('are told of by number only to those who see them', async () => {
    const titleFor = async (by: Person) =>
      (await createAnswering(rawDesk({ visible })).answer({ kind: 'status', requestId: 'R-1' }, by)).title;
    expect(await titleFor(emil)).toBe('There is no request R-1.');
    expect(await titleFor(divya)).toBe('R-1');
  });
});

test('a guest in the group, and anybody while the directory is away, see what everybody may', async () => {
  const desk = deskWith({ visible });
  desk.directory.accounts.set(divya.aadObjectId, 'guest');
  expect(await seen(divya, desk)).toEqual(onlyOpen);
  desk.directory.accounts.clear();
  desk.directory.isAway = true;
  expect(await seen(divya, desk)).toEqual(onlyOpen);
});

test('where nothing is kept to anybody nobody is looked up', async () => {
  const desk = deskWith({});
  expect((await seen(emil, desk)).listed).toHaveLength(3);
  expect(desk.directory.looked).toBe(0);
});

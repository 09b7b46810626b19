/** The restore service on a real store, with an Azure and a Teams that are played by the test. */
import { randomUUID } from 'node:crypto';
import { createDecisions, type Decisions } from '../../services/deciding';
import { createDrafting, type Drafting } from '../../services/drafting';
import { createNotifier, type Notifier } from '../../services/notifier';
import { createApplying, type Applying } from '../../services/applying';
import { createCancelling, type Cancelling } from '../../services/cancelling';
import { createRunning, type Running } from '../../services/running';
import { isCovered } from '../../services/restore/policy';
import type { Deps } from '../../services/deps';
import type { KnownServers } from '../../services/known-servers';
import type { ServerFacts } from '../../services/restore/servers';
import type { CardKey } from '../../services/restore/messages';
import type { Draft, RestoreRequest } from '../../services/restore/request';
import type { FormInputs } from '../../services/restore/form-inputs';
import type { Intent, JournalEntry, PlaceReader } from '../../services/restore/ports';
import { readChain } from '../fixtures/invariants';
import { FakeDumps, dumpDeps } from './fake-dumps';
import { FakeDirectory } from './fake-directory';
import { FakeSettings } from './fake-settings';
import { FakeVaults, vaultDeps } from './fake-vaults';
import { FakeMessenger, FakeOrders, FakeProbe, FakeReader, TestClock } from './fake-azure';
import { aServer, ines, martin, now, sha256, shopPolicy, someInputs } from './facts';
import { startTestStore, type TestStore } from './state-database';

export interface DeskStage {
  readonly desk: TestStore;
  readonly deps: Deps;
  readonly clock: TestClock;
  readonly drafting: Drafting;
  readonly decisions: Decisions;
  readonly running: Running;
  readonly cancelling: Cancelling;
  readonly applying: Applying;
  readonly notifier: Notifier;
  /** Fresh for every test through `reset`. */
  azure: FakeReader;
  orders: FakeOrders;
  probe: FakeProbe;
  messenger: FakeMessenger;
  vaults: FakeVaults;
  dumps: FakeDumps;
  settings: FakeSettings;
  directory: FakeDirectory;
  reset(): void;
  /** Opens a form for this target and answers the draft. */
  openForm(target: string, changes?: Partial<FormInputs>): Promise<Draft>;
  draft(id: string): Promise<Draft>;
  /** From a form to a request that waits for its approvers. */
  requested(target: string, changes?: Partial<FormInputs>): Promise<RestoreRequest>;
  /** The same, approved by Martin. */
  approved(target: string, changes?: Partial<FormInputs>): Promise<RestoreRequest>;
  request(id: string): Promise<RestoreRequest>;
  intent(id: string, attempt?: number): Promise<Intent | undefined>;
  journal(id: string): Promise<JournalEntry[]>;
  stop(): Promise<void>;
}

export const cardOf = (of: RestoreRequest): CardKey => ({
  about: 'request',
  id: of.id,
  revision: of.revision,
  nonce: of.nonce,
});

export const formOf = (draft: Draft): CardKey => ({
  about: 'draft',
  id: draft.id,
  revision: 1,
  nonce: draft.nonce,
});

/** The inventory as it would stand after a refresh, without one: whoever is in a region that is down is remembered. */
function playedInventory(played: { readonly azure: FakeReader }, clock: TestClock): KnownServers {
  const all = (): ServerFacts[] => [...played.azure.servers.values()];
  return {
    list: async () => {
      if (played.azure.failure) throw played.azure.failure;
      return { servers: all(), readAt: clock.now() };
    },
    known: (id) => {
      const server = played.azure.servers.get(id.toLowerCase());
      return server && { server, seenAt: now, reachable: !played.azure.down.has(server.location) };
    },
    search: (query, limit) =>
      all()
        .filter((server) => server.name.includes(query) && isCovered(shopPolicy, server))
        .slice(0, limit),
    deleted: async () => played.azure.deleted,
    backups: (id) => played.azure.backups(id),
    refresh: async () => undefined,
    start: () => undefined,
    stop: async () => undefined,
  };
}

export async function startDeskStage(): Promise<DeskStage> {
  const desk = await startTestStore();
  const clock = new TestClock();
  const played = {
    azure: new FakeReader(),
    orders: new FakeOrders(),
    probe: new FakeProbe(),
    messenger: new FakeMessenger(),
    vaults: new FakeVaults(),
    dumps: new FakeDumps(),
    settings: new FakeSettings(),
    directory: new FakeDirectory(),
  };
  const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const places: PlaceReader = {
    checkName: (subscription, name) => played.azure.checkName(subscription, name),
    resourceGroup: (subscription, name) => played.azure.resourceGroup(subscription, name),
    resourceGroups: (subscription) => played.azure.resourceGroups(subscription),
    region: (subscription, location) => played.azure.region(subscription, location),
    pair: (subscription, location) => played.azure.pair(subscription, location),
    quota: () => played.azure.quota(),
    missingRights: (scope, actions) => played.azure.missingRights(scope, actions),
    subnet: (id) => played.azure.subnet(id),
    subnets: (subscription, location) => played.azure.subnets(subscription, location),
    dnsZone: (id) => played.azure.dnsZone(id),
    dnsZones: () => played.azure.dnsZones(),
    subscriptionName: () => played.azure.subscriptionName(),
  };
  const ofVaults = vaultDeps(played);
  const deps: Deps = {
    store: desk.store,
    directory: {
      standing: (id, parties) => played.directory.standing(id, parties),
      people: (party, limit) => played.directory.people(party, limit),
    },
    reader: {
      list: () => played.azure.list(),
      get: (id) => played.azure.get(id),
      backups: (id) => played.azure.backups(id),
      deletions: () => played.azure.deletions(),
    },
    places,
    // A form in a test sees what stands there now.
    knownPlaces: {
      groups: (subscription) => places.resourceGroups(subscription).catch(() => []),
      region: (subscription, location) => places.region(subscription, location).catch(() => undefined),
      pair: (subscription, location) => places.pair(subscription, location).catch(() => undefined),
      subnets: (subscription, location) => places.subnets(subscription, location).catch(() => []),
      dnsZones: (subscription) => places.dnsZones(subscription).catch(() => []),
      subscriptionName: (subscription) => places.subscriptionName(subscription).catch(() => undefined),
    },
    locator: { locate: async (server) => ({ host: server.hostName ?? server.name, port: 5432 }) },
    orders: {
      send: (order, onAccepted) => played.orders.send(order, onAccepted),
      poll: () => played.orders.poll(),
      remove: (id) => played.orders.remove(id),
    },
    ...ofVaults,
    ...dumpDeps(played, { vaultTargets: ofVaults.vaultTargets, clock }),
    details: { details: (id) => played.settings.details(id) },
    differences: { apply: (copy, kind, source) => played.settings.apply(copy, kind, source) },
    prover: { look: (copy, task) => played.probe.look(copy, task) },
    losses: { since: () => played.azure.lossSince() },
    servers: playedInventory(played, clock),
    policy: shopPolicy,
    clock,
    ids: { nonce: () => randomUUID() },
    digest: sha256,
    faultPoint: () => undefined,
    settings: {
      unclearGraceSeconds: 180,
      lookAgainSeconds: 15,
      stalledAfterSeconds: 3_600,
      readyGraceSeconds: 180,
      giveUpAfterSeconds: 72 * 3_600,
      geoCopyPauseSeconds: 360,
      geoCopyPatienceSeconds: 3 * 3_600,
      comparePatienceSeconds: 0.2,
      azureClientId: '55555555-5555-4555-8555-555555555555',
      subscriptionIds: [aServer('orders-pg').subscriptionId],
      allowsSingleServers: true,
      guardRequests: [],
    },
    log: quiet,
  };
  const drafting = createDrafting(deps);
  const decisions = createDecisions(deps);
  const need = async <T>(found: Promise<{ readonly value: T } | undefined>): Promise<T> => {
    const read = await found;
    if (!read) throw new Error('not stored');
    return read.value;
  };
  const stage: DeskStage = Object.assign(played, {
    desk,
    deps,
    clock,
    drafting,
    decisions,
    running: createRunning(deps),
    cancelling: createCancelling(deps, decisions),
    applying: createApplying(deps),
    notifier: createNotifier({
      ...deps,
      outbox: desk.outbox,
      messenger: { send: (...args) => played.messenger.send(...args) },
    }),
    reset: () => {
      clock.set(now);
      Object.assign(played, {
        azure: new FakeReader(),
        orders: new FakeOrders(),
        probe: new FakeProbe(),
        messenger: new FakeMessenger(),
        vaults: new FakeVaults(),
        dumps: new FakeDumps(),
        settings: new FakeSettings(),
        directory: new FakeDirectory(),
      });
    },
    openForm: async (target: string, changes: Partial<FormInputs> = {}) => {
      const { source, reason } = someInputs(changes);
      await drafting.open({
        by: ines,
        zone: 'UTC',
        sentence: `${source} to 2026-11-19T13:05:00Z as ${target} because ${reason}`,
        thread: 'thread-1',
        deliveryKey: randomUUID(),
      });
      const [row] = await desk.ask<{ body: Draft }>(
        `select body from draft where body -> 'inputs' ->> 'target' = $1 and phase = 'open'`,
        [target],
      );
      if (!row) throw new Error(`no form for ${target}`);
      return row.body;
    },
    draft: (id: string) => need(desk.store.draft(id)),
    requested: async (target: string, changes: Partial<FormInputs> = {}) => {
      const draft = await stage.openForm(target, changes);
      const answer = await drafting.submit(formOf(draft), ines, { ...draft.inputs, ...changes });
      if (answer.kind !== 'request') throw new Error(`no request: ${JSON.stringify(answer)}`);
      return need(desk.store.request(answer.message.key.id));
    },
    approved: async (target: string, changes: Partial<FormInputs> = {}) => {
      const asked = await stage.requested(target, changes);
      const answer = await decisions.approve(asked.id, martin, 'fine', { kind: 'card', key: cardOf(asked) });
      if (answer.kind !== 'done') throw new Error(`not approved: ${answer.because.sentence}`);
      return need(desk.store.request(asked.id));
    },
    request: (id: string) => need(desk.store.request(id)),
    intent: (id: string, attempt = 1) => desk.store.intent(id, 1, attempt),
    journal: async (id: string) =>
      (await readChain(desk.ownerUrl)).filter(({ requestId }) => requestId === id),
    stop: () => desk.stop(),
  });
  return stage;
}

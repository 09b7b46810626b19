/** Azure and the restored data as our own ports see them, played by hand; and a clock that stands still until it is told. */
import { DeskError, problem } from '../../services/restore/errors';
import type {
  Clock,
  Intent,
  Messenger,
  MessageRef,
  OperationStatus,
  PlaceReader,
  RemoveAnswer,
  RestoreOrders,
  ServerReader,
  StartAnswer,
  StartOrder,
} from '../../services/restore/ports';
import type { Message } from '../../services/restore/messages';
import type {
  DnsZoneFacts,
  Quota,
  RegionFacts,
  RegionPair,
  ResourceGroupFacts,
  SubnetFacts,
} from '../../services/restore/places';
import type { BackupFacts, DeletedServer, NameCheck, ServerFacts } from '../../services/restore/servers';
import { aRegion, aServer, now, proofFindings, serverFindings } from './facts';
import type { CopyProver, ProofTask } from '../../services/restore/proof-ports';
import type { Loss, ProofFindings } from '../../services/restore/proof-findings';

export class TestClock implements Clock {
  #millis = Date.parse(now);
  now(): string {
    return new Date(this.#millis).toISOString();
  }
  set(instant: string): void {
    this.#millis = Date.parse(instant);
  }
  pass(seconds: number): void {
    this.#millis += seconds * 1000;
  }
}

/** The reading half of Azure; servers and the places around them. */
export class FakeReader implements ServerReader, PlaceReader {
  readonly servers = new Map<string, ServerFacts>();
  readonly taken = new Set<string>();
  readonly groups = new Set(['rg-shop', 'rg-dr']);
  readonly regions = new Map<string, RegionFacts>();
  readonly pairs = new Map([['canadacentral', 'canadaeast']]);
  readonly networks: SubnetFacts[] = [];
  readonly zones: DnsZoneFacts[] = [];
  readonly deleted: DeletedServer[] = [];
  /** Regions whose servers Azure does not answer for. */
  readonly down = new Set<string>();
  readonly missing: string[] = [];
  /** What the source tells of what was written since a moment. */
  loss: Loss | 'silent' = { kind: 'unknown' };
  lossSince(): Promise<Loss> {
    const { loss } = this;
    return loss === 'silent' ? new Promise(() => undefined) : Promise.resolve(loss);
  }
  cores: Quota | undefined = { limit: 100, used: 8 };
  /** Thrown by every read while it is set. */
  failure: Error | undefined;

  /** Backups by the server's id in lower case. */
  readonly backupsOf = new Map<string, readonly BackupFacts[]>();
  constructor() {
    for (const name of ['orders-pg', 'billing-pg', 'search-pg']) this.put(aServer(name));
    for (const location of ['canadacentral', 'canadaeast']) this.regions.set(location, aRegion(location));
  }
  put(server: ServerFacts): void {
    this.servers.set(server.id.toLowerCase(), server);
  }
  /** Azure lets nobody make servers in the source's region any more. */
  restrict(): void {
    this.regions.set('canadacentral', aRegion('canadacentral', { restricted: true }));
  }
  fallSilent(): void {
    this.failure = new DeskError(problem('AZURE_UNREACHABLE'));
  }
  async list(): Promise<readonly ServerFacts[]> {
    return this.#read([...this.servers.values()].filter(({ location }) => !this.down.has(location)));
  }
  async get(id: string): Promise<ServerFacts | undefined> {
    const server = this.servers.get(id.toLowerCase());
    if (server && this.down.has(server.location)) throw new DeskError(problem('AZURE_UNREACHABLE'));
    return this.#read(server);
  }
  async backups(id: string): Promise<readonly BackupFacts[]> {
    return this.#read(this.backupsOf.get(id.toLowerCase()) ?? []);
  }
  async deletions(): Promise<readonly DeletedServer[]> {
    return this.#read(this.deleted);
  }
  async checkName(_subscriptionId: string, name: string): Promise<NameCheck> {
    const used = this.taken.has(name) || [...this.servers.values()].some((server) => server.name === name);
    return this.#read({ kind: used ? 'taken' : 'free' });
  }
  async resourceGroup(subscriptionId: string, name: string): Promise<ResourceGroupFacts | undefined> {
    return this.#read(
      this.groups.has(name) ? { name, subscriptionId, location: 'canadacentral' } : undefined,
    );
  }
  async resourceGroups(subscriptionId: string): Promise<readonly ResourceGroupFacts[]> {
    return this.#read([...this.groups].map((name) => ({ name, subscriptionId, location: 'canadacentral' })));
  }
  async region(_subscriptionId: string, location: string): Promise<RegionFacts> {
    return this.#read(this.regions.get(location) ?? aRegion(location, { restricted: true }));
  }
  async subscriptionName(): Promise<string | undefined> {
    return this.#read('Shop');
  }
  async pair(_subscriptionId: string, location: string): Promise<RegionPair> {
    const pair = this.pairs.get(location);
    return this.#read({ knownFrom: 'azure', ...(pair === undefined ? {} : { location: pair }) });
  }
  async quota(): Promise<Quota | undefined> {
    return this.#read(this.cores);
  }
  async missingRights(_scope: string, actions: readonly string[]): Promise<readonly string[]> {
    return this.#read(actions.filter((action) => this.missing.includes(action)));
  }
  async subnet(id: string): Promise<SubnetFacts | undefined> {
    return this.#read(this.networks.find((subnet) => subnet.id === id));
  }
  async subnets(_subscriptionId: string, location: string): Promise<readonly SubnetFacts[]> {
    return this.#read(this.networks.filter((subnet) => subnet.location === location));
  }
  async dnsZone(id: string): Promise<DnsZoneFacts | undefined> {
    return this.#read(this.zones.find((zone) => zone.id === id));
  }
  async dnsZones(): Promise<readonly DnsZoneFacts[]> {
    return this.#read(this.zones);
  }
  #read<T>(value: T): T {
    if (this.failure) throw this.failure;
    return value;
  }
}

/** Answers orders as the test wrote them down; accepts with an operation when nothing is written. */
export class FakeOrders implements RestoreOrders {
  readonly sent: StartOrder[] = [];
  readonly answers: StartAnswer[] = [];
  readonly polls: OperationStatus[] = [];
  /** What the acceptance carries; undefined plays a 202 without an address. */
  operation: string | undefined = 'https://azure/operations/1';

  async send(
    order: StartOrder,
    onAccepted: (operation: string | undefined) => Promise<void>,
  ): Promise<StartAnswer> {
    this.sent.push(order);
    const answer = this.answers.shift() ?? { kind: 'accepted' };
    if (answer.kind === 'accepted') await onAccepted(this.operation);
    return answer;
  }
  async poll(): Promise<OperationStatus> {
    return this.polls.shift() ?? { kind: 'running', retryAfterSeconds: 15 };
  }
  readonly removed: string[] = [];
  readonly removals: RemoveAnswer[] = [];
  async remove(serverId: string): Promise<RemoveAnswer> {
    this.removed.push(serverId);
    return this.removals.shift() ?? { kind: 'accepted' };
  }
}

/** The server that an order made, as Azure shows it. */
export const madeBy = (
  intent: Pick<Intent, 'nonce'>,
  name: string,
  changes: Partial<ServerFacts> = {},
): ServerFacts => aServer(name, { tags: { 'restore-desk-nonce': intent.nonce }, createdAt: now, ...changes });

export class FakeProbe implements CopyProver {
  /** Newest write in the copy; undefined when it cannot be opened. */
  newest: string | undefined = '2026-11-19T13:04:59.800Z';
  /** What the copy holds, where a test asks for that. */
  tables: readonly { readonly database: string; readonly tables: readonly string[] }[] = [];
  /** What was found besides. */
  found: Partial<ProofFindings> = {};
  /** What it was asked for. */
  readonly tasks: ProofTask[] = [];
  async look(_copy: ServerFacts, task: ProofTask): Promise<ProofFindings> {
    this.tasks.push(task);
    if (this.newest === undefined) throw new Error('connection refused');
    const databases = this.tables.map(({ database, tables }, index) => ({
      ...{ oid: 16_384 + index, name: database, bytes: 1, extensions: [], indexes: [] },
      ...{ sequences: [], behind: [] },
      tables: tables.map((name, at) => ({
        oid: 20_000 + at,
        name,
        schema: 'public',
        bytes: 8_192,
        holds: 'rows' as const,
      })),
    }));
    return proofFindings({
      writes: [{ inCopy: this.newest }],
      copy: serverFindings({ databases }),
      ...this.found,
    });
  }
}

export interface Sent {
  readonly message: Message;
  readonly edit: MessageRef | undefined;
}

export class FakeMessenger implements Messenger {
  readonly sent: Sent[] = [];
  /** Messages that somebody deleted: an edit becomes a new post. */
  readonly deleted = new Set<string>();
  failure: Error | undefined;
  #last = 0;
  async send(_destination: unknown, message: Message, edit: MessageRef | undefined): Promise<MessageRef> {
    if (this.failure) throw this.failure;
    this.sent.push({ message, edit });
    if (edit && !this.deleted.has(edit.messageId)) return edit;
    this.#last += 1;
    return { conversation: 'c', messageId: `m${this.#last}` };
  }
}

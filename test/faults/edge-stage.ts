/**
 * The desk behind its real door: activities as Teams sends them go through the turn of the bot to a real database. What is
 * played is Azure, the directory and the clock; the token check is a row of its own.
 */
import { BotAdapter, TurnContext, type Activity, type ResourceResponse } from 'botbuilder';
import { randomUUID } from 'node:crypto';
import { Pool } from 'pg';
import { bot, tenantId } from '../../infra/local/identities';
import { buildApp } from '../../bot/app';
import { createAddressBook } from '../../services/store/address-book';
import { createDeliveries, type Deliveries } from '../../bot/deliveries';
import { createRestoreService, type RestoreService } from '../../services/restore-service';
import { DeskAdapter } from '../../bot/adapter';
import { formOf, startDeskStage, type DeskStage } from '../fakes/desk-stage';
import { divya, emil, martin, person, policyOf, ruleDocument, sha256 } from '../fakes/facts';
import { asEntry } from '../fakes/sign-off-stage';
import { createDrafting, type Drafting } from '../../services/drafting';
import { hashPlan } from '../../services/restore/plan';
import { requestCards } from '../../services/telling';
import { requestKey, clockOf, type Draft, type RestoreRequest } from '../../services/restore/request';
import type { FormInputs } from '../../services/restore/form-inputs';
import { waitingSince } from '../../services/restore/waiting';
import type { BotConfig } from '../../bot/config';
import type { Deps } from '../../services/deps';
import type { Person } from '../../services/restore/person';
import type { Policy } from '../../services/restore/policy';

/** `wire` is what the service says of the sender; the tenant is ours unless it is given. */
export interface Sender {
  readonly person: Person;
  readonly tenant?: string;
}

export const greta = person(5, 'Greta Lind (Guest)');
export const dora = person(6, 'Dora Disabled');
export const nils = person(8, 'Nils Berg');
export const strangerTenant = '99999999-2222-4222-8222-222222222222';

export const asApprovers = [martin, divya];

/** Two of Martin and Divya within the hour, and Nils who may start it without them. */
export const faultPolicy = (changes: Record<string, unknown> = {}): Policy => {
  const common = {
    ...{ needed: 1, approvers: asApprovers.map(asEntry), expiresAfterMinutes: 60, remindAfterMinutes: 30 },
    escalate: { afterMinutes: 45, to: [asEntry(emil)] },
    breakGlass: { people: [asEntry(nils)], atMost: { times: 20, hours: 1 }, reviewWithinMinutes: 60 },
  };
  return policyOf([ruleDocument({ ...common, ...changes })]);
};

export interface Answered {
  /** Of an invoke. */
  readonly response?: { readonly status?: number; readonly body?: InvokeBody };
  /** Messages that were sent in the turn. */
  readonly replies: readonly Partial<Activity>[];
  /** Whatever the turn threw, or wrote down as a fault of its own. */
  readonly faults: readonly string[];
}

export interface InvokeBody {
  readonly statusCode: number;
  readonly type: string;
  readonly value: unknown;
}

class Line extends BotAdapter {
  readonly sent: Partial<Activity>[] = [];
  override async sendActivities(
    _context: TurnContext,
    activities: Partial<Activity>[],
  ): Promise<ResourceResponse[]> {
    this.sent.push(...activities);
    return activities.map(() => ({ id: randomUUID() }));
  }
  override updateActivity(): Promise<void> {
    throw new Error('a turn edits nothing');
  }
  override deleteActivity(): Promise<void> {
    throw new Error('a turn deletes nothing');
  }
  override continueConversation(): Promise<void> {
    throw new Error('a turn begins no other');
  }
}

const appConfig: BotConfig = {
  ...{ mode: 'local', host: '127.0.0.1', port: 0, appId: bot.appId, tenantId, appType: 'UserAssignedMSI' },
  ...{ password: undefined, approvalsChannelId: '19:db-approvals@thread.tacv2' },
  ...{ serviceUrls: ['https://smba.trafficmanager.net/teams/'], localConnector: undefined },
  ...{ defaultZone: 'UTC', logLevel: 'error' },
};

export type Turn = (activity: object) => Promise<Answered>;

export interface EdgeStage {
  readonly stage: DeskStage;
  readonly deps: Deps;
  readonly service: RestoreService;
  /** Each on a process of its own, which remembers nothing of the others. */
  readonly turn: Turn;
  /** The turns of one process. */
  readonly process: () => Turn;
  /** A request as the form makes one, for copies of it. */
  readonly template: RestoreRequest;
  /** So many copies of the template, each stored like one that somebody asked for, with a target of its own. */
  copies(count: number, changes?: Partial<RestoreRequest>): Promise<RestoreRequest[]>;
  requests(ids: readonly string[]): Promise<ReadonlyMap<string, RestoreRequest>>;
  /** By request, in the order of the journal. */
  journals(ids: readonly string[]): Promise<ReadonlyMap<string, readonly Entry[]>>;
  readonly ask: <Row extends object>(sql: string, values?: unknown[]) => Promise<Row[]>;
  end(): Promise<void>;
}

export interface Entry {
  readonly kind: string;
  readonly actor: Person | 'restore-desk';
  readonly body: Readonly<Record<string, unknown>>;
}

/** The turn of the bot over these parts; `faults` hears what it would have logged as one. */
function turnOver(
  deps: Deps,
  service: RestoreService,
  config: BotConfig,
  deliveriesOf: () => Deliveries,
): Turn {
  const messenger = {
    adapter: new DeskAdapter(config),
    addressBook: service.addressBook,
    approvalsChannelId: config.approvalsChannelId,
    tenantId: config.tenantId,
    defaultServiceUrl: config.serviceUrls[0] ?? '',
  };
  return async (activity) => {
    const faults: string[] = [];
    const fault = (facts: object): void => void faults.push(String((facts as { error?: unknown }).error));
    const log = { ...deps.log, error: fault };
    const line = new Line();
    const deliveries = deliveriesOf();
    const app = buildApp({ desk: service, door: config, messenger, deliveries, log });
    await app(new TurnContext(line, activity as Activity)).catch((error: unknown) =>
      faults.push(String(error)),
    );
    const response = line.sent.find(({ type }) => type === 'invokeResponse')?.value as Answered['response'];
    return {
      ...(response ? { response } : {}),
      replies: line.sent.filter(({ type }) => type !== 'invokeResponse'),
      faults,
    };
  };
}

/** Sends a form and answers the number of its request; a check that takes long is waited for. */
async function submitted(drafting: Drafting, draft: Draft, inputs: FormInputs): Promise<string> {
  let answer = await drafting.submit(formOf(draft), draft.requester, inputs);
  while (answer.kind === 'form' && answer.message.state === 'checking')
    answer = await drafting.check(draft.id);
  if (answer.kind !== 'request') throw new Error(`no request: ${JSON.stringify(answer)}`);
  return answer.message.key.id;
}

/** The requester opens the form of a request that waits and sends it with another target: the next revision. */
export async function edited(
  { deps, ask }: EdgeStage,
  request: RestoreRequest,
  target: string,
): Promise<void> {
  const drafting = createDrafting(deps);
  const opened = await drafting.edit(request.id, request.requester, { kind: 'none' });
  if (opened.kind !== 'done') throw new Error(opened.because.code);
  const [row] = await ask<{ body: Draft }>(
    `select body from draft where body #>> '{edits,requestId}' = $1 order by created_at desc, id limit 1`,
    [request.id],
  );
  if (!row) throw new Error('no form');
  await submitted(drafting, row.body, { ...row.body.inputs, target });
}

let made = 0;

function copyOf(template: RestoreRequest, id: string, now: string): RestoreRequest {
  const name = `copy-${++made}`;
  const target = { ...template.plan.target, name, id: template.plan.target.id.replace(/[^/]+$/, name) };
  const plan = { ...template.plan, target } as RestoreRequest['plan'];
  return {
    ...template,
    ...{ id, plan, planHash: hashPlan(plan, sha256), nonce: randomUUID(), draftId: randomUUID() },
    inputs: { ...template.inputs, target: name },
    createdAt: now,
    state: waitingSince(template.rule, now),
  };
}

export interface EdgeSettings {
  readonly policy?: Policy;
  readonly cards?: boolean;
}

export async function startEdgeStage({
  policy = faultPolicy(),
  cards = false,
}: EdgeSettings = {}): Promise<EdgeStage> {
  const stage = await startDeskStage();
  const deps: Deps = { ...stage.deps, policy };
  stage.directory.accounts.set(greta.aadObjectId, 'guest').set(dora.aadObjectId, 'disabled');
  const service = createRestoreService(deps, stage.desk.outbox, createAddressBook(stage.desk.database));
  // Apart from the one connection of the stage: many look at once.
  const pool = new Pool({ connectionString: stage.desk.ownerUrl, max: 4 });
  const ask = async <Row extends object>(sql: string, values: unknown[] = []): Promise<Row[]> =>
    (await pool.query<Row>(sql, values)).rows;
  const draft = await stage.openForm('template');
  const template = await stage.request(await submitted(createDrafting(deps), draft, draft.inputs));
  return {
    ...{ stage, deps, service, template, ask },
    turn: turnOver(deps, service, appConfig, createDeliveries),
    process: () => {
      const deliveries = createDeliveries();
      return turnOver(deps, service, appConfig, () => deliveries);
    },
    copies: (count, changes = {}) =>
      stage.desk.store.change(async (write) => {
        const added: RestoreRequest[] = [];
        for (let nth = 0; nth < count; nth++) {
          const copy = await write.addRequest((id) => ({
            ...copyOf(template, id, stage.clock.now()),
            ...changes,
          }));
          for (const message of cards ? requestCards(copy, { kind: 'none' }) : []) await write.post(message);
          const clock = clockOf(copy);
          if (cards && clock !== undefined) await write.enqueue({ kind: 'clock', requestId: copy.id }, clock);
          added.push(copy);
        }
        return added;
      }),
    requests: async (ids) => {
      const rows = await ask<{ id: string; body: RestoreRequest }>(
        'select id, body from restore_request where id = any($1)',
        [ids],
      );
      return new Map(rows.map(({ id, body }) => [id, body]));
    },
    journals: async (ids) => {
      const rows = await ask<Entry & { request_id: string }>(
        'select request_id, kind, actor, body from journal where request_id = any($1) order by seq',
        [ids],
      );
      const found = new Map<string, Entry[]>(ids.map((id) => [id, []]));
      for (const { request_id, ...entry } of rows) found.get(request_id)?.push(entry);
      return found;
    },
    end: async () => {
      await pool.end();
      await stage.stop();
    },
  };
}

let sent = 0;

/** What the Teams service fills in; nothing of it can be typed by a person. */
export const envelope = ({ person: by, tenant = tenantId }: Sender, facts: object = {}): object => ({
  id: `f:${++sent}`,
  channelId: 'msteams',
  serviceUrl: 'https://smba.trafficmanager.net/teams/',
  from: { id: `29:${by.aadObjectId}`, name: by.name, aadObjectId: by.aadObjectId },
  recipient: { id: bot.teamsId, name: bot.name },
  conversation: { id: '19:db-approvals@thread.tacv2;messageid=1', tenantId: tenant },
  channelData: { tenant: { id: tenant } },
  ...facts,
});

export type Form = 'execute' | 'submit';

/** A press of a button, as newer clients send it or as older ones do. */
export const press = (
  sender: Sender,
  form: Form,
  verb: unknown,
  data: unknown,
  facts: object = {},
): object =>
  form === 'execute'
    ? envelope(sender, {
        ...{ type: 'invoke', name: 'adaptiveCard/action', replyToId: 'card-1' },
        value: { action: { type: 'Action.Execute', verb, data }, trigger: 'manual' },
        ...facts,
      })
    : envelope(sender, {
        ...{ type: 'message', text: '', replyToId: 'card-1' },
        value: typeof data === 'object' && data !== null ? { ...data, verb } : { data, verb },
        ...facts,
      });

export const dataOf = (request: RestoreRequest, inputs: object = {}): Record<string, unknown> => ({
  v: 1,
  ...requestKey(request),
  ...inputs,
});

/** What somebody reads who gets this answer. */
export const wordsOf = ({ response, replies }: Answered): string =>
  JSON.stringify([response?.body ?? null, replies.map(({ text, attachments }) => ({ text, attachments }))]);

const insides = /\n\s+at |node_modules|\.ts:\d+|DeskError|password|syntax error|duplicate key|invalid input/;

const types = [
  'application/vnd.microsoft.card.adaptive',
  'application/vnd.microsoft.activity.message',
  'application/vnd.microsoft.error',
  'application/vnd.microsoft.search.searchResponse',
];

/** What is wrong with an answer, whatever was asked: a fault, silence to an invoke, or a look inside. */
export function answerProblem(activity: object, answered: Answered): string | undefined {
  const [fault] = answered.faults;
  if (fault !== undefined) return `the turn failed: ${fault}`;
  if (insides.test(wordsOf(answered))) return 'the answer shows how the desk is made';
  if ((activity as { type?: string }).type !== 'invoke') return undefined;
  const { status, body } = answered.response ?? {};
  if (status !== 200 || !body || !types.includes(body.type)) return 'an invoke has no proper answer';
  return body.statusCode >= 500 ? `an invoke is answered with ${body.statusCode}` : undefined;
}

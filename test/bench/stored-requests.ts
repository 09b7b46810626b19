/** Requests as the product stores them, written straight into its database: how they came about is not measured here. */
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mainSubscriptionId, personas } from '../../infra/local/identities';
import { hashPlan, type Plan } from '../../services/restore/plan';
import { noInputs } from '../../services/restore/form-inputs';
import { testSigner } from '../fakes/evidence-key';
import { openDatabase } from '../../services/store/database';
import { openQueues } from '../../services/store/queues';
import { parsePolicy } from '../../services/policy-file';
import { createStore } from '../../services/store/store';
import type { RequestState } from '../../services/restore/state';
import type { RestoreRequest } from '../../services/restore/request';
import type { Stage } from './stage';

const groupId = `/subscriptions/${mainSubscriptionId}/resourceGroups/rg-shop`;
const serverId = (name: string): string =>
  `${groupId}/providers/Microsoft.DBforPostgreSQL/flexibleServers/${name}`;
const people = personas.map(({ aadObjectId, name }) => ({ aadObjectId, name }));
const [requester = { aadObjectId: '', name: '' }, ...others] = people;

/** A plan of another version than the product's is not decided about. */
const policyVersion = parsePolicy(readFileSync(join(__dirname, 'policy.yaml'), 'utf8')).version;

const planFor = (target: string): Plan => ({
  version: 1,
  mode: 'latest',
  source: { id: serverId('orders-pg'), name: 'orders-pg', location: 'canadacentral' },
  target: {
    id: serverId(target),
    name: target,
    subscriptionId: mainSubscriptionId,
    resourceGroup: 'rg-shop',
    location: 'canadacentral',
  },
  network: { kind: 'public' },
  geoRedundantBackup: false,
  tags: {},
  followUps: [],
  policy: { version: policyVersion, rule: 'bench' },
});

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

function requestIn(state: RequestState, id: string): RestoreRequest {
  const target = `bench-${id.toLowerCase()}`;
  const plan = planFor(target);
  return {
    id,
    revision: 1,
    nonce: randomUUID(),
    requester,
    zone: 'Europe/Berlin',
    inputs: {
      ...{ ...noInputs, source: 'orders-pg', mode: 'latest', zone: 'UTC', target, resourceGroup: 'rg-shop' },
      reason: 'orders table dropped by a migration',
      ticket: 'INC-4711',
    },
    plan,
    planHash: hashPlan(plan, digest),
    rule: {
      ...{ name: 'bench', expiresAfterMinutes: 600, approvalGoodForMinutes: 600, aliases: [] },
      stages: [
        {
          ...{ name: 'approval', needed: 2, people: others.slice(0, 2) },
          parties: others
            .slice(0, 2)
            .map(({ aadObjectId, name }) => ({ kind: 'user', id: aadObjectId, name }) as const),
        },
      ],
    },
    shown: { sku: 'Standard_D2ds_v5', storageGb: 32, postgresVersion: '15' },
    draftId: randomUUID(),
    thread: `19:db-oncall@thread.tacv2;messageid=${id}`,
    createdAt: new Date().toISOString(),
    state,
  };
}

const later = (minutes: number): string => new Date(Date.now() + minutes * 60_000).toISOString();

export const waiting = (): RequestState => ({
  phase: 'awaiting-approval',
  approvals: [],
  expiresAt: later(600),
});

export function restoring(): RequestState {
  const at = later(-1);
  const approvals = others.slice(0, 2).map((by) => ({ by, at, comment: '' }));
  return {
    phase: 'restoring',
    run: { attempt: 1, approvals, startBefore: later(600), startedAt: at, checkedAt: at, orderedAt: at },
  };
}

/** Stores `count` requests, with the intents and the operations that running ones have. */
export async function storeRequests(
  stage: Stage,
  count: number,
  state: () => RequestState,
): Promise<RestoreRequest[]> {
  const database = openDatabase(stage.databaseUrl, () => undefined);
  const store = createStore(
    database,
    openQueues(stage.databaseUrl, () => undefined),
    testSigner,
  );
  const stored = await store.change(async (changes) => {
    const added: RestoreRequest[] = [];
    for (let nth = 0; nth < count; nth++) {
      const request = await changes.addRequest((id) => requestIn(state(), id));
      added.push(request);
      if (!('run' in request.state)) continue;
      await changes.addIntent({
        ...{ requestId: request.id, revision: 1, attempt: 1, sendings: 1, nameSeenTaken: false },
        ...{ nonce: randomUUID(), targetId: request.plan.target.id, moment: later(0), createdAt: later(-1) },
      });
    }
    return added;
  });
  await database.close();
  await stage.database.query(
    `update start_intent set accepted_at = now(), sendings = 1, operation_url = $1 || request_id`,
    [`${stage.stub.armUrl}/subscriptions/${mainSubscriptionId}/azureAsyncOperation/`],
  );
  return stored;
}

/** Activities as Teams sends them, and the way to a bot that takes them. */
import { Agent, request } from 'node:http';
import { bot, personas, tenantId } from '../../infra/local/identities';
import type { ConnectorStub } from './connector-stub';

const [oncall, manager] = personas;

let made = 0;

function activity(stub: ConnectorStub, by: typeof oncall, conversation: string, facts: object): object {
  return {
    id: `bench-${process.pid}-${++made}`,
    timestamp: new Date().toISOString(),
    channelId: 'msteams',
    serviceUrl: stub.url,
    from: { id: by?.teamsId, name: by?.name, aadObjectId: by?.aadObjectId },
    recipient: { id: bot.teamsId, name: bot.name },
    conversation: { id: conversation, conversationType: 'channel', isGroup: true, tenantId },
    channelData: { tenant: { id: tenantId } },
    entities: [{ type: 'clientInfo', locale: 'en-US', country: 'DE', timezone: by?.timeZone }],
    ...facts,
  };
}

/** Every few messages somebody begins a new thread, as people do. */
const messagesPerThread = 4;

export const message = (stub: ConnectorStub, text: string): object =>
  activity(stub, oncall, `19:db-oncall@thread.tacv2;messageid=${Math.floor(made / messagesPerThread)}`, {
    type: 'message',
    textFormat: 'plain',
    text,
  });

/** A click of the manager on a button of a request's approval card. */
export const click = (stub: ConnectorStub, verb: string, key: object, cardId: string): object =>
  activity(stub, manager, `19:db-approvals@thread.tacv2;messageid=${cardId}`, {
    type: 'invoke',
    name: 'adaptiveCard/action',
    replyToId: cardId,
    value: { action: { type: 'Action.Execute', verb, data: { v: 1, ...key } }, trigger: 'manual' },
  });

/** A keystroke in the form's field for the source server. */
export const search = (stub: ConnectorStub, queryText: string, top: number): object =>
  activity(stub, oncall, '19:db-oncall@thread.tacv2;messageid=form', {
    type: 'invoke',
    name: 'application/search',
    value: { queryText, dataset: 'servers', queryOptions: { skip: 0, top } },
  });

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly millis: number;
}

/** Idle connections are given up before a server does it: a request may not meet its connection's end. */
const agent = new Agent({ keepAlive: true, maxSockets: 64, timeout: 3_000 });

/** Posts one signed activity; rejects when nobody listens. */
export function post(stub: ConnectorStub, port: number, body: object): Promise<Answer> {
  const payload = Buffer.from(JSON.stringify(body));
  const from = performance.now();
  return new Promise((resolve, reject) => {
    const call = request(
      {
        ...{ host: '127.0.0.1', port, path: '/api/messages', method: 'POST', agent },
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'content-length': payload.length,
          authorization: stub.authorization,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            body: Buffer.concat(chunks).toString(),
            millis: performance.now() - from,
          }),
        );
      },
    );
    call.on('error', reject);
    call.end(payload);
  });
}

/** The other side of the wire for one test file: an https server that answers what the test says and keeps what it heard. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureCertificates } from '../../../infra/local/certificates';
import type { ArmSettings } from '../../../services/azure/arm';
import { createReadPace } from '../../../services/azure/read-pace';
import { trustLocalCa } from '../../fakes/trust-local-ca';

export interface Heard {
  readonly method: string;
  /** Decoded, in the case in which it came. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
  readonly url: string;
}

interface Spoken {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A string goes out as it is, everything else as JSON. */
  readonly body?: unknown;
}

/** `truncate` and `stall`: status and headers of an acceptance, half a body, and then the end or nothing. */
export type Answer = Spoken | 'reset' | 'hang' | 'truncate' | 'stall';

type Route = readonly [string, RegExp, (heard: Heard, times: number) => Answer];

export interface VaultWire {
  readonly url: string;
  readonly settings: ArmSettings;
  readonly heard: readonly Heard[];
  /** The newest answer that fits wins; the path is matched without its query. */
  on(method: string, path: RegExp, answer: Answer | ((heard: Heard, times: number) => Answer)): void;
  /** Forgets what was heard and what was to be answered. */
  clear(): void;
  count(method: string, path: RegExp): number;
  end(): Promise<void>;
}

export const ok = (body: unknown, headers: Readonly<Record<string, string>> = {}): Spoken => ({
  ...{ status: 200, body, headers },
});
export const failing = (status: number, code: string, message = 'Because of a reason.'): Spoken => ({
  ...{ status, body: { error: { code, message } } },
});

export const subscriptionId = '11111111-1111-4111-8111-111111111111';
export const otherSubscriptionId = '33333333-3333-4333-8333-333333333333';

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return text === '' ? undefined : (JSON.parse(text) as unknown);
}

function speak(answer: Answer, response: ServerResponse): void {
  if (answer === 'hang') return;
  if (answer === 'reset') {
    response.socket?.destroy();
    return;
  }
  if (answer === 'truncate' || answer === 'stall') {
    response.writeHead(202, { 'content-type': 'application/json', 'content-length': '100' });
    response.write('{"half":', () => void (answer === 'truncate' && response.socket?.destroy()));
    return;
  }
  const { status, headers = {}, body } = answer;
  const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
}

export async function startVaultWire(): Promise<VaultWire> {
  const folder = mkdtempSync(join(tmpdir(), 'restore-desk-vault-wire-'));
  const { caFile, certFile, keyFile } = await ensureCertificates(folder);
  const [ca = '', cert = '', key = ''] = [caFile, certFile, keyFile].map((file) =>
    readFileSync(file, 'utf8'),
  );
  trustLocalCa(ca);
  const heard: Heard[] = [];
  const routes: Route[] = [];
  const listen = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '', `https://${request.headers.host ?? ''}`);
    const one: Heard = {
      method: request.method ?? '',
      path: decodeURIComponent(url.pathname),
      query: Object.fromEntries(url.searchParams),
      headers: request.headers,
      body: await bodyOf(request),
      url: request.url ?? '',
    };
    const route = routes.findLast(([method, path]) => method === one.method && path.test(one.path));
    const times = heard.filter(({ method, path }) => method === route?.[0] && route[1].test(path)).length;
    heard.push(one);
    speak(route?.[2](one, times) ?? failing(404, 'ResourceNotFound'), response);
  };
  const server = createServer({ cert, key }, (request, response) => {
    listen(request, response).catch(() => response.destroy());
  });
  // An idle connection stays: closing one just as it is used again would be an answer that nobody asked for.
  server.keepAliveTimeout = 0;
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    settings: {
      credential: {
        getToken: async (scopes) => ({
          token: Buffer.from(String(scopes)).toString('base64'),
          expiresOnTimestamp: Date.now() + 3_600_000,
        }),
      },
      endpoint: url,
      subscriptionIds: [subscriptionId, otherSubscriptionId],
      timeoutSeconds: 30,
      pace: createReadPace(),
    },
    heard,
    on: (method, path, answer) =>
      void routes.push([method, path, typeof answer === 'function' ? answer : () => answer]),
    clear: () => {
      heard.length = 0;
      routes.length = 0;
    },
    count: (method, path) => heard.filter((one) => one.method === method && path.test(one.path)).length,
    end: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { controlRouter, loopbackGuard } from '../../../infra/local/wire/control';
import { faultMiddleware } from '../../../infra/local/wire/fault-middleware';
import { createFaults } from '../../../infra/local/wire/faults';
import { openJournal, type Journal } from '../../../infra/local/wire/journal';

const folder = mkdtempSync(join(tmpdir(), 'faults-'));
let server: Server;
let origin: string;
let journal: Journal;
let handled: string[];

beforeEach(async () => {
  handled = [];
  journal = openJournal(
    join(folder, `${expect.getState().currentTestName ?? ''}.jsonl`.replaceAll(/\W/g, '-')),
  );
  const faults = createFaults();
  const app = express();
  app.use('/local', loopbackGuard(), controlRouter({ journal, faults }));
  app.use(faultMiddleware({ journal, faults }));
  app.use(express.json());
  app.all('/*path', (request, response) => {
    handled.push(`${request.method} ${request.path}`);
    response.locals['operationId'] = 'op-1';
    response.status(request.path === '/refused' ? 409 : 202).json({ said: 'yes', padding: 'x'.repeat(500) });
  });
  server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// A connection of its own for every call: what a fault did to one must not meet the next.
const alone = { 'content-type': 'application/json', connection: 'close' };
const order = (fault: unknown, headers: Record<string, string> = {}) =>
  fetch(`${origin}/local/faults`, {
    method: 'POST',
    headers: { ...alone, ...headers },
    body: JSON.stringify(fault),
  });
const put = (path: string, signal?: AbortSignal) =>
  fetch(`${origin}${path}`, {
    method: 'PUT',
    headers: alone,
    body: '{"a":1}',
    ...(signal ? { signal } : {}),
  });
const lines = () =>
  journal.entries().map(({ method, path, status, answered }) => ({ method, path, status, answered }));

test('an accepted call is journaled with its body and operation, a refused or reading one is not', async () => {
  await put('/a?x=1');
  await put('/refused');
  await fetch(`${origin}/a`);
  expect(journal.entries()).toEqual([
    {
      ...{ seq: 1, at: expect.any(String), method: 'PUT', path: '/a', query: { x: '1' }, body: { a: 1 } },
      ...{ status: 202, answered: true, operationId: 'op-1' },
    },
  ]);
});

test('a fault answers in place of the service, as often as it was ordered, by method and path', async () => {
  const fault = {
    method: 'put',
    path: '/THINGS/',
    times: 2,
    answer: { status: 503, headers: { 'retry-after': '7' }, body: { no: 1 } },
  };
  expect((await order(fault)).status).toBe(200);
  expect((await fetch(`${origin}/things/1`)).status).toBe(202);
  const refused = await put('/things/1');
  expect([refused.status, refused.headers.get('retry-after'), await refused.json()]).toEqual([
    503,
    '7',
    { no: 1 },
  ]);
  expect((await put('/things/1')).status).toBe(503);
  expect((await put('/things/1')).status).toBe(202);
  expect(lines()).toHaveLength(1);
});

test.each(['accept-then-reset', 'truncate'])(
  '"%s" lets the call be accepted and loses the answer',
  async (answer) => {
    await order({ path: '/a', answer });
    await expect(put('/a').then((response) => response.text())).rejects.toThrow();
    expect(handled).toEqual(['PUT /a']);
    expect(lines()).toEqual([{ method: 'PUT', path: '/a', status: 202, answered: false }]);
  },
);

test('"accept-then-500" answers with a failure although the call was accepted', async () => {
  await order({ path: '/a', answer: 'accept-then-500' });
  const response = await put('/a');
  expect([response.status, await response.json()]).toMatchObject([
    500,
    { error: { code: 'InternalServerError' } },
  ]);
  expect(lines()).toMatchObject([{ status: 202, answered: false }]);
});

test.each([
  ['hang', 0],
  ['accept-then-hang', 1],
])('"%s" leaves the caller waiting', async (answer, accepted) => {
  await order({ path: '/a', answer });
  const waiting = new AbortController();
  const asked = put('/a', waiting.signal);
  // The next call is answered while the first one still hangs.
  expect((await put('/b')).status).toBe(202);
  waiting.abort();
  await expect(asked).rejects.toThrow();
  expect(lines().filter(({ path }) => path === '/a')).toHaveLength(accepted);
});

test('"reset" cuts the line before the service hears of the call', async () => {
  await order({ path: '/a', answer: 'reset' });
  await expect(put('/a')).rejects.toThrow();
  expect(handled).toEqual([]);
});

test('deleting the faults ends them', async () => {
  await order({ path: '/a', answer: 'reset' });
  expect((await fetch(`${origin}/local/faults`, { method: 'DELETE' })).status).toBe(204);
  expect((await put('/a')).status).toBe(202);
});

test.each([
  [{ answer: 'hang' }, /"path" must be/],
  [{ path: '(', answer: 'hang' }, /not a regular expression/],
  [{ path: '/a', answer: 'explode' }, /"answer" must be/],
  [{ path: '/a', answer: { status: 42 } }, /from 200 to 599/],
  [{ path: '/a', times: 0, answer: 'hang' }, /at least 1/],
  [{ path: '/a', answer: 'hang', delay: 3 }, /"delay" is not part of a fault/],
])('an order that makes no sense is refused with one sentence: %j', async (fault, sentence) => {
  const response = await order(fault);
  expect(response.status).toBe(400);
  expect(((await response.json()) as { error: string }).error).toMatch(sentence);
});

test('a page of another origin cannot reach the control routes', async () => {
  expect((await order({ path: '/a', answer: 'hang' }, { origin: 'https://evil.example' })).status).toBe(403);
  expect((await order({ path: '/a', answer: 'hang' }, { origin })).status).toBe(200);
});

import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openJournal } from '../../../infra/local/wire/journal';

const folder = mkdtempSync(join(tmpdir(), 'journal-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const call = {
  at: '2026-05-20T10:00:00.000Z',
  method: 'PUT',
  path: '/servers/a',
  query: { 'api-version': '2025-08-01' },
  body: { location: 'canadacentral' },
  status: 202,
  answered: true,
};

test('a journal that is opened again goes on where it stopped', () => {
  const file = join(folder, 'again.jsonl');
  openJournal(file).record(call);
  openJournal(file).record({ ...call, answered: false, operationId: 'op-2' });
  expect(openJournal(file).entries()).toEqual([
    { seq: 1, ...call },
    { seq: 2, ...call, answered: false, operationId: 'op-2' },
  ]);
});

test('a line cut short by a kill is skipped and harms no later line', () => {
  const file = join(folder, 'cut.jsonl');
  openJournal(file).record(call);
  appendFileSync(file, '{"seq":2,"at":"20');
  openJournal(file).record(call);
  expect(
    openJournal(file)
      .entries()
      .map(({ seq }) => seq),
  ).toEqual([1, 2]);
});

test('passwords and tokens never reach the file, however deep they stand', () => {
  const file = join(folder, 'secrets.jsonl');
  const body = { properties: { administratorLoginPassword: 'hush-1', list: [{ access_token: 'hush-2' }] } };
  openJournal(file).record({ ...call, body });
  const text = readFileSync(file, 'utf8');
  expect(text).not.toContain('hush');
  expect(text).toContain('administratorLoginPassword');
});

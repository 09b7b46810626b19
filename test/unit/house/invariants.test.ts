/** The checker of the invariants sees what must not happen, and excuses nothing but what the chain tells. */
import { problemsIn } from '../../fixtures/invariants';
import type { ChainedEntry } from '../../../services/restore/evidence-entry';

const target = '/subscriptions/s/resourceGroups/g/providers/Microsoft.DBforPostgreSQL/flexibleServers/copy';
const at = (second: number): string => `2026-11-19T13:00:${String(second).padStart(2, '0')}.000Z`;

const entry = (second: number, kind: string, body: Record<string, unknown> = {}): ChainedEntry => ({
  seq: second,
  at: at(second),
  requestId: 'R-1',
  kind,
  actor: 'restore-desk',
  body,
  prevHash: '',
  hash: '',
  own: null,
  format: 1,
});
const sent = (second: number, to = target): ChainedEntry => entry(second, 'order-sent', { target: to });
const call = (second: number, method: string, path = target) => ({
  ...{ seq: second, at: at(second), method, path, status: 202 },
});
const approval = entry(1, 'approved-by', { planHash: 'h', revision: 1 });

test('one approved order that the chain knows is in order', () => {
  expect(problemsIn([approval, sent(2)], [call(3, 'PUT')])).toEqual([]);
});

test.each([
  ['an order that the chain does not know', [approval], [call(3, 'PUT')], /not in the chain/],
  ['an order without an approval', [sent(2)], [call(3, 'PUT')], /without an approval/],
  [
    'two orders for one sending',
    [approval, sent(2)],
    [call(3, 'PUT'), call(4, 'PUT')],
    /was started 2 times/,
  ],
  [
    'two orders under one approval',
    [approval, sent(2), sent(4)],
    [call(3, 'PUT'), call(5, 'PUT')],
    /was started 2 times/,
  ],
  [
    'another order after one that failed for another reason',
    [approval, sent(2), entry(4, 'failed'), sent(6)],
    [call(3, 'PUT'), call(7, 'PUT')],
    /was started 2 times/,
  ],
  [
    'two orders of which only one was put off',
    [approval, sent(2), entry(5, 'put-off'), sent(6)],
    [call(3, 'PUT'), call(4, 'PUT'), call(7, 'PUT')],
    /was started 2 times/,
  ],
  [
    'the deletion of a server that was never ordered',
    [approval, sent(2)],
    [call(3, 'DELETE', `${target}-2`)],
    /its order is not in the chain/,
  ],
  [
    'the deletion of an ordered server that nobody stopped',
    [approval, sent(2)],
    [call(3, 'PUT'), call(4, 'DELETE')],
    /deletion 4 .* is not in the chain/,
  ],
  [
    'a deletion that was written down only afterwards',
    [approval, sent(2), entry(5, 'removal-sent', { target })],
    [call(3, 'PUT'), call(4, 'DELETE')],
    /deletion 4 .* is not in the chain/,
  ],
])('%s is found', (_what, chain, azure, says) => {
  expect(problemsIn(chain, azure)).toEqual([expect.stringMatching(says)]);
});

test('an accepted order that Azure failed with nothing made is no second start when it was put off', () => {
  const chain = [approval, sent(2), entry(4, 'put-off'), sent(6)];
  expect(problemsIn(chain, [call(3, 'PUT'), call(7, 'PUT')])).toEqual([]);
});

test('the deletion of what was ordered and stopped is in order', () => {
  const chain = [approval, sent(2), entry(4, 'removal-sent', { target })];
  expect(problemsIn(chain, [call(3, 'PUT'), call(5, 'DELETE')])).toEqual([]);
});

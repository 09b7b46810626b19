/** The checker finds what the chain tells and did not happen, what happened and is not told, and what never ended. */
import { chained, told } from '../../fakes/evidence-chain';
import { doneButNotTold, notEnded, toldButNotDone, type Journals } from '../../fixtures/agreement';
import { ines, martin } from '../../fakes/facts';
import type { JournalEntry } from '../../../services/restore/ports';

const path = '/subscriptions/s/resourceGroups/g/providers/Microsoft.DBforPostgreSQL/flexibleServers/copy';
const body = { location: 'canadacentral', tags: { nonce: 'n' } };
const conversation = 'c';
const entries: readonly JournalEntry[] = [
  told(1, 'requested', { revision: 1 }, { actor: ines }),
  told(2, 'message-posted', { messageId: 'm1', conversation }),
  told(3, 'approved-by', { to: 'approved' }, { actor: martin }),
  told(4, 'order-sent', { request: { method: 'PUT', path, body } }),
  told(5, 'order-answered', { answer: 'accepted', operation: { id: 'op-1', urlHash: 'h' } }),
  told(6, 'looked-at', { to: 'completed' }),
  told(7, 'message-edited', { messageId: 'm1', conversation }),
];
const call = (minute: number, method: string, called: string, more: object = {}) => ({
  ...{ seq: minute, at: told(minute, '', {}).at, method, path: called, status: 200, body: {} },
  ...more,
});
const posted = call(2, 'POST', '/v3/conversations/c/activities', {
  operationId: 'm1',
  body: 'APPROVAL NEEDED',
});
const edited = call(7, 'PUT', '/v3/conversations/c/activities/m1', { body: 'COMPLETED' });
const ordered = call(4, 'PUT', path, { body, operationId: 'op-1' });
const journals: Journals = { azure: [ordered], teams: [posted, edited] };
const chain = chained(entries);
const without = (kind: string) => chained(entries.filter((entry) => entry.kind !== kind));

test('a story that all three tell alike is in order', () => {
  expect(toldButNotDone(chain, journals)).toEqual([]);
  expect(doneButNotTold(chain, journals, false)).toEqual([]);
  expect(notEnded(chain, journals.teams)).toEqual([]);
});

test.each([
  ['an order that Azure never had', { ...journals, azure: [] }, /entry 5: Azure has accepted no such order/],
  [
    'an order with another body',
    { ...journals, azure: [{ ...ordered, body: { ...body, location: 'elsewhere' } }] },
    /entry 5: Azure has accepted no such order/,
  ],
  [
    'another operation',
    { ...journals, azure: [{ ...ordered, operationId: 'op-2' }] },
    /entry 5: Azure knows the operation as op-2/,
  ],
  ['a message that was never posted', { ...journals, teams: [edited] }, /entry 2: nothing was posted as m1/],
  ['an edit that was never made', { ...journals, teams: [posted] }, /m1 was edited 0 times, not 1/],
])('%s is found', (_what, heard, says) => {
  expect(toldButNotDone(chain, heard)).toEqual([expect.stringMatching(says)]);
});

test.each([
  ['an order that is not told', without('order-sent'), journals, /call 4 \(PUT .*copy\) is not in the chain/],
  [
    'an order that was told as another one',
    chain,
    { ...journals, azure: [{ ...ordered, body: { ...body, tags: {} } }] },
    /call 4 .* is not in the chain/,
  ],
  [
    'an order from before it was written down',
    chain,
    { ...journals, azure: [{ ...ordered, at: told(3, '', {}).at }] },
    /call 4 .* is not in the chain/,
  ],
  [
    'a deletion',
    chain,
    { ...journals, azure: [ordered, call(8, 'DELETE', path)] },
    /call 8 \(DELETE .*\) is not in the chain/,
  ],
  [
    'a change to the copy that nobody asked for',
    chain,
    { ...journals, azure: [ordered, call(8, 'PUT', `${path}/firewallRules/office`)] },
    /firewallRules\/office\) is not in the chain/,
  ],
  ['a message that is not told', without('message-posted'), journals, /message m1 is not in the chain/],
  [
    'an edit that is not told',
    without('message-edited'),
    journals,
    /m1 was edited 1 times; the chain tells 0/,
  ],
])('%s is found', (_what, of, heard, says) => {
  expect(doneButNotTold(of, heard, false)).toEqual([expect.stringMatching(says)]);
});

test('what somebody asked to be given to the copy is in order', () => {
  const asked = chained([...entries, told(8, 'apply-asked', { group: 'firewall-rules' }, { actor: martin })]);
  const azure = [ordered, call(9, 'PUT', `${path}/firewallRules/office`)];
  expect(doneButNotTold(asked, { ...journals, azure }, false)).toEqual([]);
});

test('what the copy is told to have got was asked of Azure', () => {
  const request = { method: 'PUT', path: `${path}/firewallRules/office`, body: { properties: {} } };
  const items = [{ what: 'office', outcome: { kind: 'applied' }, request }];
  const applied = chained([...entries, told(8, 'applied', { results: { kind: 'applied', items } })]);
  const put = call(8, 'PUT', request.path, { body: request.body });
  expect(toldButNotDone(applied, { ...journals, azure: [ordered, put] })).toEqual([]);
  expect(toldButNotDone(applied, journals)).toEqual([
    expect.stringMatching(/entry 8: Azure was not asked for office/),
  ]);
});

test('after a kill messages may have been sent twice, orders not', () => {
  expect(doneButNotTold(without('message-edited'), journals, true)).toEqual([]);
  expect(doneButNotTold(without('order-sent'), journals, true)).toHaveLength(1);
});

test('an approved request that comes to nothing, one that nobody decided, and a card that went stale are found', () => {
  expect(notEnded(without('looked-at'), journals.teams)).toEqual([
    'R-1 was approved and is lost in approved',
  ]);
  expect(notEnded(chained(entries.slice(0, 2)), journals.teams)).toEqual([
    'R-1 has not ended: awaiting-approval',
  ]);
  expect(notEnded(chain, [posted])).toEqual(['R-1 has ended, and message m1 does not show it']);
});

/** Which events of the activity log are the deletion of a server. */
import { deletedServers } from '../../../../services/azure/deleted-servers';

const id = (name: string): string =>
  `/subscriptions/s-1/resourceGroups/rg-shop/providers/Microsoft.DBforPostgreSQL/flexibleServers/${name}`;
const event = (name: string, at: string, more: object = {}) => ({
  ...{ resourceId: id(name), correlationId: `c-${name}`, eventDataId: `e-${at}` },
  ...{ eventTimestamp: `2026-11-${at}.1234567Z`, submissionTimestamp: '2026-11-19T12:00:00Z' },
  operationName: { value: 'Microsoft.DBforPostgreSQL/flexibleServers/delete' },
  ...{ status: { value: 'Succeeded' }, ...more },
});

test('a deletion is told with what the log says, newest first', () => {
  const deleted = deletedServers([event('old-pg', '17T10:00:00'), event('new-pg', '18T10:00:00')]);
  expect(deleted).toEqual([
    {
      ...{ id: id('new-pg'), name: 'new-pg', subscriptionId: 's-1', resourceGroup: 'rg-shop' },
      ...{ deletedAt: '2026-11-18T10:00:00.123Z', submittedAt: '2026-11-19T12:00:00.000Z' },
    },
    expect.objectContaining({ name: 'old-pg' }),
  ]);
});

test.each([
  ['a start', { status: { value: 'Started' } }],
  ['a failure', { status: { value: 'Failed' } }],
  ['a database', { operationName: { value: 'Microsoft.DBforPostgreSQL/flexibleServers/databases/delete' } }],
  ['what lies below a server', { resourceId: `${id('a-pg')}/databases/shop` }],
  ['another kind of server', { resourceId: id('a-pg').replace('flexibleServers', 'servers') }],
  ['an event without a time', { eventTimestamp: undefined }],
  ['an event without a resource', { resourceId: undefined }],
  ['an event without a status', { status: undefined }],
])('%s is no deletion of a server', (_words, more) => {
  expect(deletedServers([event('a-pg', '17T10:00:00', more)])).toEqual([]);
});

test('letter case and a missing submission do not matter', () => {
  const shouted = {
    ...{ resourceId: id('a-pg').toUpperCase(), submissionTimestamp: undefined },
    operationName: { value: 'MICROSOFT.DBFORPOSTGRESQL/FLEXIBLESERVERS/DELETE' },
    status: { value: 'succeeded' },
  };
  const [deleted] = deletedServers([event('a-pg', '17T10:00:00', shouted)]);
  expect(deleted?.submittedAt).toBe(deleted?.deletedAt);
});

test('one deletion that is told twice is one, two deletions of one name are two', () => {
  const twice = [event('a-pg', '17T10:00:00'), event('a-pg', '17T10:00:05')];
  expect(deletedServers(twice).map(({ deletedAt }) => deletedAt)).toEqual(['2026-11-17T10:00:00.123Z']);
  const again = event('a-pg', '18T10:00:00', { correlationId: 'c-later' });
  expect(deletedServers([...twice, again])).toHaveLength(2);
});

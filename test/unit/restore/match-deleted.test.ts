/** Deleted servers by name, and two of one name told apart by when each was deleted. */
import { deletedValue, matchDeleted } from '../../../services/restore/match-deleted';
import { aDeletedServer } from '../../fakes/facts';

const catalog = aDeletedServer('catalog-pg');
const twice = [
  aDeletedServer('archive-pg', { id: '/a', deletedAt: '2026-11-18T10:00:00.123Z' }),
  aDeletedServer('archive-pg', { id: '/b', deletedAt: '2026-11-17T10:00:00.456Z' }),
];
const all = [catalog, ...twice];

test('a name that was deleted once is enough, and so is its beginning', () => {
  expect(deletedValue(catalog, all)).toBe('catalog-pg');
  for (const asked of ['catalog-pg', 'CATALOG', ' cat '])
    expect(matchDeleted(asked, all)).toEqual({ kind: 'one', server: { kind: 'deleted', server: catalog } });
});

test('each value of a list names exactly the server it stands for', () => {
  for (const server of all)
    expect(matchDeleted(deletedValue(server, all), all)).toEqual({
      kind: 'one',
      server: { kind: 'deleted', server },
    });
});

test('a name that was deleted twice is asked back with the times, an unknown one with what is near', () => {
  expect(matchDeleted('archive-pg', all)).toEqual({
    kind: 'several',
    names: ['archive-pg (deleted 2026-11-18 10:00:00 UTC)', 'archive-pg (deleted 2026-11-17 10:00:00 UTC)'],
  });
  expect(matchDeleted('catalog-pq', all)).toMatchObject({ kind: 'none', nearest: ['catalog-pg'] });
  expect(matchDeleted('archive-pg@2026-11-16', all)).toMatchObject({ kind: 'none' });
});

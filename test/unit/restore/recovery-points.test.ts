/** Which recovery point words mean, and what the files of a restore prove. */
import { aPoint, somePoints } from '../../fakes/fake-vaults';
import { choosePoint } from '../../../services/restore/choose-point';
import { describeFiles } from '../../../services/restore/restored-files';
import { judgeFiles, readMark } from '../../../services/restore/judge-files';

const nothing = { backup: '', moment: '', zone: 'UTC', rehydration: '' };
const chosen = (wish: Partial<typeof nothing>, points = somePoints) => {
  const found = choosePoint('orders-pg', points, { ...nothing, ...wish });
  return found.kind === 'one' ? [found.point.time.slice(0, 10), found.why] : found.because.code;
};

test.each([
  ['nothing', {}, ['2026-11-18', 'the newest recovery point']],
  ['the newest', { backup: 'newest' }, ['2026-11-18', 'the newest recovery point']],
  ['its id, in any spelling', { backup: 'POINT-2026-11-11' }, ['2026-11-11', '']],
  ['a day that has one', { moment: '2026-11-11' }, ['2026-11-11', 'the newest recovery point of 2026-11-11']],
  [
    'a day without one',
    { moment: '2026-11-13' },
    ['2026-11-11', '2026-11-13 has no recovery point; this is the newest one before'],
  ],
  [
    'a moment',
    { moment: '2026-11-18 03:09:59' },
    ['2026-11-11', 'the newest recovery point up to 2026-11-18 03:09:59 UTC'],
  ],
  ['the archive', { rehydration: 'Standard' }, ['2026-10-10', 'the newest recovery point']],
  ['a day before them all', { moment: '2026-09-01' }, 'POINT_NONE'],
  ['an id that is gone', { backup: 'gone' }, 'POINT_GONE'],
  ['words that are no time', { moment: 'soon' }, 'MOMENT_UNREADABLE'],
  ['a zone that there is not', { moment: '2026-11-11', zone: 'Mars/Base' }, 'ZONE_UNKNOWN'],
])('%s means the right point', (_what, wish, expected) => {
  expect(chosen(wish)).toEqual(expected);
});

test('an archive without the wished point tells of what the vault tier has', () => {
  const hint = (moment: string, points = somePoints): string => {
    const found = choosePoint('orders-pg', points, { ...nothing, moment, rehydration: 'Standard' });
    return found.kind === 'none' ? found.because.hint : '';
  };
  const recent = 'The newest one that is not archived is of 2026-11-18 03:10:00 UTC';
  expect(hint('2026-09-01')).toContain(`The oldest one is of 2026-10-10 03:10:00 UTC. ${recent}`);
  expect(hint('2026-11-19', somePoints.slice(0, 2))).toContain(recent);
  expect(hint('', [])).toBe('There is none at all yet.');
});

test('a day is that of the zone in which it was said', () => {
  const points = [aPoint('2026-11-17T23:30:00.000Z'), aPoint('2026-11-16T10:00:00.000Z')];
  expect(chosen({ moment: '2026-11-18', zone: 'Europe/Berlin' }, points)).toEqual([
    '2026-11-17',
    'the newest recovery point of 2026-11-18',
  ]);
  expect(chosen({ moment: '2026-11-17', zone: 'Europe/Berlin' }, points)[0]).toBe('2026-11-16');
});

const names = [
  '_database_shop.sql',
  '_roles.sql',
  '_marker.txt',
  '_schemas.sql',
  '_tablespaces.sql',
  '_other.bin',
];
const blobs = names.map((name) => ({ name: `try-1${name}`, bytes: 10 }));

test('files are told apart by their names, the mark first', () => {
  expect(describeFiles(blobs, 'try-1').map(({ kind, database }) => database ?? kind)).toEqual([
    ...['time mark', 'shop', 'roles', 'schemas', 'tablespaces', 'other'],
  ]);
});

test('a database called like a part of the server is still a database', () => {
  const [file] = describeFiles([{ name: 'try-1_database_my_roles.sql', bytes: 1 }], 'try-1');
  expect(file).toMatchObject({ kind: 'database', database: 'my_roles' });
});

const files = describeFiles(blobs, 'try-1');
const at = '2026-11-18T03:10:00.000Z';

test.each([
  ['all of it and the right time', { files, markedAt: at, notArchives: [] }, 'proven'],
  ['no file', { files: [], notArchives: [] }, 'contradicted'],
  [
    'an empty archive',
    { files: files.map((file) => ({ ...file, bytes: 0 })), notArchives: [] },
    'contradicted',
  ],
  ['another time', { files, markedAt: '2026-11-11T03:10:00.000Z', notArchives: [] }, 'contradicted'],
  ['no mark', { files, notArchives: [] }, 'unproven'],
  [
    'no database',
    { files: files.filter(({ kind }) => kind !== 'database'), markedAt: at, notArchives: [] },
    'unproven',
  ],
  [
    'text instead of an archive',
    { files, markedAt: at, notArchives: ['try-1_database_shop.sql'] },
    'unproven',
  ],
])('%s: the verdict is %3$s', (_what, findings, kind) => {
  expect(judgeFiles(findings, at).kind).toBe(kind);
});

test.each([
  ['Backup time: 2026-11-18T03:10:00Z', '2026-11-18T03:10:00.000Z'],
  ['2026-11-18 03:10:00 UTC', '2026-11-18T03:10:00.000Z'],
  ['2026-11-18T04:10:00+01:00', '2026-11-18T03:10:00.000Z'],
  ['2026-11-18 03:10:00.126', '2026-11-18T03:10:00.126Z'],
  ['no time at all', undefined],
  ['2026-99-99 99:99:99', undefined],
])('the mark %p is read as %p', (text, expected) => {
  expect(readMark(text)).toBe(expected);
});

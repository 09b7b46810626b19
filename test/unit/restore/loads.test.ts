/** Loading dump files, as far as it is pure: sentences, choices, parts, and what may be tried again. */
import { aRequest, aRun, aServer, ines, martin } from '../../fakes/facts';
import { anArchive } from '../../fakes/fake-dumps';
import {
  earlierTries,
  isLoadOver,
  newLoadRun,
  withBegun,
  withEnded,
  withoutFailed,
} from '../../../services/restore/load-run';
import { loadTargetProblems } from '../../../services/restore/judge-load';
import { parseRestore } from '../../../services/restore/parse-request';
import { partKey } from '../../../services/restore/dump-ports';
import { problem } from '../../../services/restore/errors';
import { readNames, readOwnerMap, writeNames } from '../../../services/restore/load-choices';
import { loadWarnings } from '../../../services/restore/say-load';
import { sayDumpSet } from '../../../services/restore/say-dump-set';
import { serverCores } from '../../../services/restore/server-cores';
import { shopPolicy } from '../../fakes/facts';
import { transition } from '../../../services/restore/transition';
import type { DumpFile, LoadTerms } from '../../../services/restore/load-plan';
import type { KnownNames } from '../../../services/restore/parsed-restore';
import type { RestoreRequest } from '../../../services/restore/request';

const names = {
  servers: [aServer('orders-pg'), aServer('orders-dr')],
  deleted: [],
  protectedTitles: ['orders-pg', 'legacy-srv/orders'],
} as unknown as KnownNames;

const read = (sentence: string) =>
  parseRestore(sentence, names, { now: '2026-11-21T12:00:00.000Z', zone: 'Europe/Berlin' });

test.each([
  [
    'orders-pg from vault yesterday into orders-pg-dr because INC-4711',
    {
      mode: 'vault-to-server',
      source: 'orders-pg',
      target: 'orders-pg-dr',
      moment: '2026-11-20',
      reason: 'INC-4711',
    },
  ],
  ['orders-pg from vault to orders-dr', { mode: 'vault-to-server', target: 'orders-dr', moment: '' }],
  ['orders-pg from vault to yesterday', { mode: 'vault-files', target: '', moment: '2026-11-20' }],
  [
    'orders-pg from vault in canadaeast into orders-dr only database shop',
    { mode: 'vault-to-server', region: 'canadaeast', target: 'orders-dr', database: 'shop' },
  ],
  ['orders-pg from vault as files to shoprestores/restores', { mode: 'vault-files', target: '' }],
  [
    'files shoprestores/restores/orders-pg-2026 into orders-dr because test',
    {
      mode: 'files-to-server',
      container: 'shoprestores/restores',
      prefix: 'orders-pg-2026',
      target: 'orders-dr',
      reason: 'test',
    },
  ],
  [
    'database shop and ledger from shoprestores/restores/x into orders-dr without owners and grants INC-12',
    {
      mode: 'files-to-server',
      database: 'shop, ledger',
      owners: 'drop',
      grants: 'drop',
      target: 'orders-dr',
      ticket: 'INC-12',
    },
  ],
  ['orders-pg to 10 min ago as orders-pg-r1', { mode: 'point-in-time', container: '' }],
])('%s', (sentence, inputs) => {
  const parsed = read(sentence);
  expect(parsed.inputs).toMatchObject(inputs);
  expect(parsed.notUnderstood).toEqual([]);
});

test('a reason may tell of files without asking for them', () => {
  expect(read('orders-pg latest because files shoprestores/restores/x are broken').inputs.mode).toBe(
    'latest',
  );
});

test('names with commas, quotes and spaces are read back as they were written', () => {
  const odd = ['plain', 'with, comma', 'with "quotes"', ' spaces '];
  expect(readNames(writeNames(odd))).toEqual(odd);
  expect(readNames(' a ,a\nb ')).toEqual(['a', 'b']);
});

test('an owner mapping is pairs, or nothing', () => {
  expect(readOwnerMap('old=new, a = b\n')).toEqual({ old: 'new', a: 'b' });
  expect(readOwnerMap('')).toEqual({});
  for (const text of ['old', 'a=b=c', '=b', 'a=']) expect(readOwnerMap(text)).toBeUndefined();
});

test.each([
  ['Standard_D4ds_v5', 4],
  ['Standard_B1ms', 1],
  ['Standard_E96ads_v5', 96],
  ['', 1],
])('%s has %i cores', (sku, cores) => expect(serverCores(sku)).toBe(cores));

const file = (kind: DumpFile['kind'], database?: string): DumpFile => ({
  ...{ name: `x_${kind}_${database ?? ''}`, bytes: 20_480, etag: '"1"', kind },
  ...(database === undefined ? {} : { database }),
});
const files = [
  file('time mark'),
  file('database', 'shop'),
  file('database', 'postgres'),
  file('database', 'azure_sys'),
  file('roles'),
  file('schemas'),
];
const server = { id: '/s', name: 'orders-dr', subscriptionId: 's', resourceGroup: 'rg', location: 'x' };
const terms = (changes: Partial<LoadTerms> = {}): LoadTerms => ({
  ...{ server, databases: [], extras: [] },
  choices: { owners: 'keep', grants: 'keep', ownerMap: {} },
  ...changes,
});
const keysOf = (of: LoadTerms): string[] =>
  newLoadRun(files, undefined, of).parts.map(({ part }) => partKey(part));

test('an approver is told with whose rights code in the files runs', () => {
  const told = (owners: 'keep' | 'drop'): string =>
    loadWarnings(terms({ choices: { owners, grants: 'keep', ownerMap: {} } })).join(' ');
  expect(told('keep')).toMatch(/with the rights of the owners that the files name/);
  expect(told('drop')).toMatch(/with no rights but to what is loaded/);
  expect(told('drop')).toMatch(/everything will belong to a role of its own, loaded_ and the name/);
  for (const owners of ['keep', 'drop'] as const)
    expect(told(owners)).not.toMatch(/rights of the identity|belong to the identity/);
});

test('roles come first, databases of Azure are left out, the rest only on request', () => {
  expect(keysOf(terms())).toEqual(['roles', 'database shop']);
  expect(keysOf(terms({ databases: ['postgres'], extras: ['schemas'] }))).toEqual([
    ...['roles', 'schemas', 'database postgres'],
  ]);
});

test('what an earlier try found is kept, and only what failed is open again', () => {
  const at = '2026-11-21T12:00:00.000Z';
  const because = problem('BLOB_GONE', { name: 'x' });
  let load = newLoadRun(files, undefined, terms());
  load = withBegun(load, 'database shop', { existed: true }, at);
  load = withBegun(load, 'database shop', { existed: false }, at);
  load = withEnded(load, 'roles', { kind: 'loaded', notes: [] }, at);
  load = withEnded(load, 'database shop', { kind: 'failed', because, failures: [] }, at);
  expect(isLoadOver(load)).toBe(true);
  const again = withoutFailed(load);
  expect(isLoadOver(again)).toBe(false);
  expect(earlierTries(again)).toMatchObject({
    ended: ['roles'],
    begun: { 'database shop': { existed: true } },
  });
});

const loading = (): RestoreRequest =>
  aRequest({ state: { phase: 'loading', run: aRun({ load: newLoadRun(files, undefined, terms()) }) } });

test('parts are noted only while files are pinned; what failed is open again for as long as an approval stands unused', () => {
  const at = '2026-11-21T12:00:00.000Z';
  const because = problem('BLOB_GONE', { name: 'x' });
  const request = loading();
  const result = { kind: 'failed' as const, because, failures: [] };
  const ended = transition(request, { kind: 'part-ended', at, part: 'database shop', result });
  if (ended.kind !== 'moved' || !('run' in ended.state)) throw new Error('not moved');
  const { run } = ended.state;
  const completed: RestoreRequest = {
    ...request,
    state: {
      ...{ phase: 'completed', run, endedAt: at },
      verdict: { kind: 'unproven', why: 'x' },
      got: { kind: 'loaded', hostName: 'h', address: { host: 'h', port: 5432 } },
    },
  };
  const retry = (when: string) => transition(completed, { kind: 'parts-retried', by: ines, at: when });
  expect(retry('2026-11-21T12:29:00.000Z')).toMatchObject({ kind: 'moved', state: { phase: 'loading' } });
  expect(retry('2026-11-21T12:31:00.000Z')).toMatchObject({ because: { code: 'APPROVAL_STALE' } });
  expect(transition(request, { kind: 'stop-asked', by: martin, at })).toMatchObject({
    state: { phase: 'stopping' },
  });
});

test('a form tells how much there is, of when, and what it needs', () => {
  const contents = { x_database_shop: anArchive('shop', { postgresVersion: '16.3' }) };
  const said = sayDumpSet(
    { hasContainer: true, files, contents, markedAt: '2026-11-20T12:00:00.000Z' },
    '2026-11-21T12:00:00.000Z',
  );
  expect(said).toMatch(
    /^123 kB, backup of 2026-11-20 12:00:00 UTC \(24 h ago\): shop \(20 kB, 1 table\), .*roles, schemas\. Needs PostgreSQL 16 or newer\.$/,
  );
});

test('of a server that the policy does not let anybody load into nothing else is told', () => {
  const match = {
    kind: 'one',
    server: { name: 'search-pg', resourceGroup: 'rg', tags: {}, state: 'Stopped' },
  } as never;
  const inputs = { target: 'search-pg' } as never;
  expect(loadTargetProblems(inputs, { match }, shopPolicy).map(({ code }) => code)).toEqual([
    'LOAD_TARGET_NOT_COVERED',
  ]);
});

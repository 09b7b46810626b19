/** The product's directory adapter against the local Graph: the real client, the real credential, real https. */
import { createGraphDirectory } from '../../../services/azure/graph-directory';
import { productCredential } from '../../../services/azure/credential';
import { entraGroups, personas, productIdentity, team } from '../../../infra/local/identities';
import { partyKey, type Party } from '../../../services/restore/party';
import { codeOf } from './adapter-stage';
import { startDirectoryStage, type DirectoryStage } from '../../fixtures/directory-stage';
import type { Directory } from '../../../services/restore/directory-ports';

let stage: DirectoryStage;
let directory: Directory;
/** What the adapter's clock shows, in milliseconds. */
let clockMillis = Date.parse('2026-05-04T10:00:00.000Z');

const idOf = (persona: string): string =>
  personas.find((person) => person.persona === persona)?.aadObjectId ?? '';
const leads: Party = { kind: 'group', ...entraGroups.databaseLeads };
const nobodysGroup: Party = { kind: 'group', id: '66666666-0000-4000-8000-00000000ffff', name: 'Gone' };
const owners: Party = { kind: 'team', id: team.aadGroupId, name: team.name, who: 'owners' };
const members: Party = { ...owners, who: 'members' };
const divya: Party = { kind: 'user', id: idOf('dba'), name: 'Divya' };

const startAfresh = (timeoutSeconds = 2, clientId: string = productIdentity.clientId): Directory =>
  createGraphDirectory(
    { credential: productCredential(clientId), url: stage.url, timeoutSeconds },
    { now: () => new Date(clockMillis).toISOString() },
  );

beforeAll(async () => {
  stage = await startDirectoryStage();
  await startAfresh().standing(idOf('dba'), []);
});
beforeEach(() => {
  directory = startAfresh();
  stage.asked();
});
afterEach(() => stage.clearFaults());
afterAll(() => stage.end());

const keys = (...parties: readonly Party[]): string[] => parties.map(partyKey);
const names = async (party: Party, limit = 10): Promise<string[]> =>
  (await directory.people(party, limit)).map(({ name }) => name);

describe('standing', () => {
  const all = [leads, owners, members, divya, nobodysGroup];

  test('a person belongs to groups in groups, to a team as its owner or member, and to themselves', async () => {
    expect(await directory.standing(idOf('dba'), all)).toEqual({
      account: 'member',
      belongsTo: keys(leads, members, divya),
    });
    expect(await directory.standing(idOf('manager').toUpperCase(), all)).toEqual({
      account: 'member',
      belongsTo: keys(leads, owners, members),
    });
    expect((await directory.standing(idOf('engineer'), [leads, owners])).belongsTo).toEqual([]);
  });

  test('a guest in a group, a disabled, an invited and an unknown account belong to nothing', async () => {
    expect(await directory.standing(idOf('guest'), all)).toEqual({ account: 'guest', belongsTo: [] });
    await stage.change({ user: idOf('dba'), accountEnabled: false });
    expect(await directory.standing(idOf('dba'), all)).toEqual({ account: 'disabled', belongsTo: [] });
    await stage.change({ user: idOf('dba'), accountEnabled: true, creationType: 'Invitation' });
    expect((await startAfresh().standing(idOf('dba'), all)).account).toBe('guest');
    await stage.change({ user: idOf('dba'), creationType: 'LocalAccount', userType: 'Guest' });
    expect((await startAfresh().standing(idOf('dba'), all)).account).toBe('guest');
    expect(await startAfresh().people(leads, 10)).toMatchObject([{ name: 'Martin Hale' }]);
    await stage.change({ user: idOf('dba'), userType: 'Visitor' });
    expect((await startAfresh().standing(idOf('dba'), all)).account).toBe('unknown');
    await stage.change({ user: idOf('dba'), userType: 'Member' });
    const stranger = 'bbbbbbb9-0000-4000-8000-000000000009';
    expect(await directory.standing(stranger, all)).toEqual({ account: 'unknown', belongsTo: [] });
  });

  test('no more than twenty groups are asked for in one call', async () => {
    const many = Array.from({ length: 21 }, (_, index): Party => ({
      kind: 'group',
      id: `77777777-0000-4000-8000-0000000000${String(index).padStart(2, '0')}`,
      name: `g${index}`,
    }));
    expect(await directory.standing(idOf('dba'), [...many, leads])).toEqual({
      account: 'member',
      belongsTo: keys(leads),
    });
    expect(stage.asked().filter((path) => path.endsWith('/checkMemberGroups'))).toHaveLength(2);
  });

  test('it is read again after a minute, and never later', async () => {
    expect((await directory.standing(idOf('dba'), [leads])).belongsTo).toEqual(keys(leads));
    await stage.change({ group: entraGroups.databaseSeniors.id, member: idOf('dba'), in: false });
    clockMillis += 59_000;
    expect((await directory.standing(idOf('dba'), [leads])).belongsTo).toEqual(keys(leads));
    clockMillis += 1_000;
    expect((await directory.standing(idOf('dba'), [leads])).belongsTo).toEqual([]);
    await stage.change({ group: entraGroups.databaseSeniors.id, member: idOf('dba'), in: true });
    clockMillis -= 30_000;
    expect((await directory.standing(idOf('dba'), [leads])).belongsTo).toEqual(keys(leads));
  });

  test('equal questions asked at once are one', async () => {
    await Promise.all([1, 2, 3].map(() => directory.standing(idOf('dba'), [leads])));
    expect(stage.asked()).toHaveLength(2);
  });
});

describe('people', () => {
  test('of a group, through its pages and the groups in it', async () => {
    expect(await names(leads)).toEqual(['Divya Rao', 'Martin Hale']);
    expect(await names(members)).toEqual(['Divya Rao', 'Emil Novak', 'Ines Okafor', 'Martin Hale']);
    expect(await names(owners)).toEqual(['Martin Hale']);
    expect(await names(nobodysGroup)).toEqual([]);
  });

  test('at most as many as are asked for, guests and disabled accounts not counted', async () => {
    await stage.change({ user: idOf('engineer'), accountEnabled: false });
    expect(await names(members, 2)).toEqual(['Divya Rao', 'Ines Okafor']);
    await stage.change({ user: idOf('engineer'), accountEnabled: true });
  });

  test('of a single person, who has to be there and enabled', async () => {
    expect(await directory.people(divya, 5)).toEqual([{ aadObjectId: idOf('dba'), name: 'Divya Rao' }]);
    expect(await names({ ...divya, id: idOf('guest') })).toEqual([]);
  });
});

describe('no answer is never a yes', () => {
  const standing = () => codeOf(directory.standing(idOf('dba'), [leads, owners]));

  test.each([
    ['a refusal', { status: 403, body: { error: { code: 'Authorization_RequestDenied' } } }],
    ['words without sense', { status: 200, body: 'yes' }],
    ['a list that is none', { status: 200, body: { value: 'all of them' } }],
    ['a broken line', 'reset'],
    ['half an answer', 'truncate'],
  ])('%s', async (_what, answer) => {
    await stage.fault({ path: 'checkMemberGroups', times: 5, answer });
    expect(await standing()).toBe('DIRECTORY_UNREACHABLE');
  });

  test('silence, after its time', async () => {
    directory = startAfresh(0.3);
    await stage.fault({ path: '/users/', times: 5, answer: 'hang' });
    expect(await standing()).toBe('DIRECTORY_UNREACHABLE');
  });

  test('no token', async () => {
    directory = startAfresh(1, '99999999-0000-4000-8000-000000000009');
    expect(await standing()).toBe('DIRECTORY_UNREACHABLE');
  });

  test('a right that was taken away', async () => {
    await stage.change({ consented: false });
    expect(await codeOf(directory.people(leads, 5))).toBe('DIRECTORY_UNREACHABLE');
    await stage.change({ consented: true });
  });

  test('a next page elsewhere gets no token of ours', async () => {
    const body = { value: [], '@odata.nextLink': 'https://127.0.0.1:1/v1.0/elsewhere' };
    await stage.fault({ path: 'transitiveMembers', answer: { status: 200, body } });
    expect(await codeOf(directory.people(leads, 5))).toBe('DIRECTORY_UNREACHABLE');
  });

  test('one stumble is tried again at once, a long wait is not waited for', async () => {
    await stage.fault({ path: 'checkMemberGroups', answer: { status: 503 } });
    expect(await standing()).toBe('answered');
    directory = startAfresh();
    await stage.fault({
      path: 'checkMemberGroups',
      answer: { status: 429, headers: { 'retry-after': '30' } },
    });
    expect(await standing()).toBe('DIRECTORY_UNREACHABLE');
    expect(await standing()).toBe('answered');
  });
});

/** The local Graph speaks as Graph does: its errors, its pages, its limits; and what was changed stays changed. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../../infra/local/azure/store';
import { entraGroups, personas, team } from '../../../infra/local/identities';
import { callOverTls, startDirectoryStage, type DirectoryStage } from '../../fixtures/directory-stage';

let stage: DirectoryStage;
beforeAll(async () => {
  stage = await startDirectoryStage(2);
});
afterAll(() => stage?.end());

const idOf = (persona: string): string =>
  personas.find((each) => each.persona === persona)?.aadObjectId ?? '';
const eventual = { consistencylevel: 'eventual' };

async function tokenFor(resource: string): Promise<string> {
  const url = `${process.env['IDENTITY_ENDPOINT'] ?? ''}?api-version=2019-08-01&resource=${resource}`;
  const headers = { 'x-identity-header': process.env['IDENTITY_HEADER'] ?? '' };
  const { body } = await callOverTls(url, 'GET', undefined, headers);
  return (JSON.parse(body) as { access_token: string }).access_token;
}

interface Call {
  readonly method?: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly resource?: string;
}

async function call(path: string, { method = 'GET', body, headers = {}, resource }: Call = {}) {
  const token = await tokenFor(resource ?? 'https://graph.microsoft.com');
  const url = path.startsWith('https:') ? path : `${stage.url}${path}`;
  const answer = await callOverTls(url, method, body, { ...headers, authorization: `Bearer ${token}` });
  return { status: answer.status, body: JSON.parse(answer.body) as Record<string, unknown> };
}

test('a token is needed, and one for Graph', async () => {
  const { status, body } = await callOverTls(`${stage.url}/users/${idOf('dba')}`, 'GET');
  expect([status, JSON.parse(body)]).toMatchObject([401, { error: { code: 'InvalidAuthenticationToken' } }]);
  const foreign = await call(`/users/${idOf('dba')}`, { resource: 'https://management.azure.com' });
  expect(foreign).toMatchObject({
    status: 401,
    body: { error: { message: expect.stringMatching(/audience/) } },
  });
});

test('a user is told with what was selected, and whether an account is enabled only then', async () => {
  const user = `/users/${idOf('guest')}`;
  expect((await call(user)).body).not.toHaveProperty('accountEnabled');
  expect((await call(`${user}?$select=id,accountEnabled,userType,mail`)).body).toMatchObject({
    ...{ id: idOf('guest'), accountEnabled: true, userType: 'Guest', mail: null },
  });
  expect((await call('/users/dba@shop.example')).body).toMatchObject({ displayName: 'Divya Rao' });
  expect(await call('/users/nobody@shop.example')).toMatchObject({
    status: 404,
    body: { error: { code: 'Request_ResourceNotFound', innerError: { 'request-id': expect.any(String) } } },
  });
});

test('groups inside groups count, at most twenty are asked for, and unknown ones are left out', async () => {
  const path = `/users/${idOf('dba')}/checkMemberGroups`;
  const asked = [entraGroups.databaseLeads.id, team.aadGroupId, '99999999-0000-4000-8000-000000000009'];
  expect(await call(path, { method: 'POST', body: { groupIds: asked } })).toMatchObject({
    status: 200,
    body: { value: asked.slice(0, 2) },
  });
  const many = Array.from({ length: 21 }, () => team.aadGroupId);
  expect((await call(path, { method: 'POST', body: { groupIds: many } })).status).toBe(400);
  expect((await call(path, { method: 'POST', body: { groupIds: ['leads'] } })).status).toBe(400);
  expect((await call(path, { method: 'POST', body: {} })).status).toBe(400);
});

test('members come in pages whose links lead back the way they were asked', async () => {
  const path = `/groups/${team.aadGroupId}/transitiveMembers/microsoft.graph.user`;
  expect((await call(`${path}?$count=true`)).body).toMatchObject({
    error: { code: 'Request_UnsupportedQuery' },
  });
  const names: unknown[] = [];
  let next: unknown = `${path}?$count=true&$select=displayName`;
  let pages = 0;
  for (; typeof next === 'string'; pages++) {
    const { body } = await call(next, { headers: eventual });
    names.push(...(body['value'] as { displayName: string }[]).map(({ displayName }) => displayName));
    next = body['@odata.nextLink'];
    if (next !== undefined) expect(next).toMatch(new RegExp(`^${stage.url}/groups/`));
  }
  expect([pages, names]).toEqual([3, personas.map(({ name }) => name).sort()]);
});

test('what makes no sense is refused by the control route', async () => {
  await expect(stage.change({ user: 'nobody' })).rejects.toThrow('answered 400');
  await expect(stage.change({ group: team.aadGroupId, member: idOf('dba') })).rejects.toThrow('answered 400');
  await expect(stage.change({})).rejects.toThrow('answered 400');
});

test('what was changed outlives a restart, and a state of before knows everybody', () => {
  const folder = mkdtempSync(join(tmpdir(), 'graph-state-'));
  const file = join(folder, 'state.json');
  const store = openStore(file);
  store.state.directory.users = store.state.directory.users.slice(1);
  store.save();
  expect(openStore(file).state.directory.users).toHaveLength(personas.length - 1);
  rmSync(folder, { recursive: true, force: true });
  expect(openStore(file).state.directory.users).toHaveLength(personas.length);
  rmSync(folder, { recursive: true, force: true });
});

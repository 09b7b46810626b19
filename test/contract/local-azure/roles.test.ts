import { mainSubscriptionId, productIdentity, vaultIdentities } from '../../../infra/local/identities';
import { arm, rgShop, type ArmBody } from './arm-client';
import { startTestAzure, type TestAzure } from './start-local-azure';

jest.setTimeout(120_000);
let azure: TestAzure;
const subscription = `/subscriptions/${mainSubscriptionId}`;
const grant = (principal: string, role: string, scope: string, given = true) =>
  azure.control<{ changed: number }>('POST', '/roles', { principal, role, scope, grant: given });
beforeAll(async () => {
  azure = await startTestAzure({ LOCAL_HISTORY_SECONDS: '120', LOCAL_TIME_SCALE: '600' });
});
afterAll(() => azure.remove());

const vaultIdentity = '88888888-8888-4888-8888-888888888888';
const account = `${rgShop}/providers/Microsoft.Storage/storageAccounts/shoprestores`;
const container = `${account}/blobServices/default/containers/restores`;
const blobContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe';
const authorization = (method: string, path: string, body?: unknown) =>
  arm(azure, method, path, { version: '2022-04-01', ...(body === undefined ? {} : { body }) });
const assignments = async (scope: string, filter: string) => {
  const path = `${scope}/providers/Microsoft.Authorization/roleAssignments?$filter=${encodeURIComponent(filter)}`;
  return (await authorization('GET', path)).body.value as unknown as {
    properties: { scope: string; roleDefinitionId: string; principalId: string };
  }[];
};
const assignment = (scope: string, name: string) =>
  `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`;
const gift = (principalId: string, role = blobContributor) => ({
  properties: {
    roleDefinitionId: `${subscription}/providers/Microsoft.Authorization/roleDefinitions/${role}`,
    ...{ principalId, principalType: 'ServicePrincipal' },
  },
});
const codeOf = ({ status, body }: { status: number; body: ArmBody }) => [status, body.error.code];

test('what any principal was given is found at, above and below a scope, and only there', async () => {
  await grant(vaultIdentity, 'Storage Blob Data Contributor', container);
  await grant(vaultIdentity, 'Reader', rgShop);
  const scopes = async (scope: string, filter: string) =>
    (await assignments(scope, filter)).map(({ properties }) => properties.scope).sort();
  const byPrincipal = `principalId eq '${vaultIdentity}'`;
  expect(await scopes(account, byPrincipal)).toEqual([rgShop, container]);
  expect(await scopes(container.toUpperCase(), byPrincipal)).toEqual([rgShop, container]);
  expect(await scopes(account, `assignedTo('${vaultIdentity}')`)).toEqual([rgShop, container]);
  expect(await scopes(`${rgShop}/providers/Microsoft.KeyVault/vaults/kv-shop`, byPrincipal)).toEqual([
    rgShop,
  ]);
  const all = await assignments(account, 'atScope()');
  const { 'vault-east': _standsElsewhere, ...vaults } = vaultIdentities;
  expect(new Set(all.map(({ properties }) => properties.principalId))).toEqual(
    new Set([productIdentity.principalId, vaultIdentity, ...Object.values(vaults)]),
  );
  const ids = (await assignments(container, byPrincipal)).map(
    ({ properties }) => properties.roleDefinitionId,
  );
  expect(ids.some((id) => id.endsWith(`/roleDefinitions/${blobContributor}`))).toBe(true);
  expect((await grant(vaultIdentity, 'Reader', rgShop, false)).body).toEqual({ changed: 1 });
  expect(await scopes(account, byPrincipal)).toEqual([container]);
});

test('a role is found by its name and by its id', async () => {
  const path = `${account}/providers/Microsoft.Authorization/roleDefinitions`;
  const byName = await authorization(
    'GET',
    `${path}?$filter=${encodeURIComponent("roleName eq 'Storage Blob Data Contributor'")}`,
  );
  expect(byName.body.value).toMatchObject([
    { name: blobContributor, properties: { roleName: 'Storage Blob Data Contributor' } },
  ]);
  expect((await authorization('GET', `${path}/${blobContributor}`)).body.name).toBe(blobContributor);
  expect(codeOf(await authorization('GET', `${path}/${vaultIdentity}`))).toEqual([
    404,
    'RoleDefinitionDoesNotExist',
  ]);
  const none = await authorization('GET', `${path}?$filter=${encodeURIComponent("roleName eq 'Nobody'")}`);
  expect(none.body.value).toEqual([]);
});

test('an owner gives a role once and takes it away; a contributor may not', async () => {
  const principal = '99999999-9999-4999-8999-999999999999';
  const path = assignment(account, '00000000-0000-4000-8000-000000000001');
  expect(codeOf(await authorization('PUT', path, gift(principal)))).toEqual([403, 'AuthorizationFailed']);
  await grant(productIdentity.principalId, 'Owner', rgShop);
  expect((await authorization('PUT', path, gift(principal))).status).toBe(201);
  expect((await authorization('PUT', path, gift(principal))).status).toBe(200);
  expect((await authorization('GET', path)).body).toMatchObject({
    id: path,
    properties: { principalId: principal, scope: account },
  });
  const beside = assignment(account, '00000000-0000-4000-8000-000000000002');
  expect(codeOf(await authorization('PUT', beside, gift(principal)))).toEqual([409, 'RoleAssignmentExists']);
  expect(codeOf(await authorization('PUT', path, gift(vaultIdentity)))).toEqual([
    409,
    'RoleAssignmentUpdateNotPermitted',
  ]);
  expect(codeOf(await authorization('PUT', beside, gift(vaultIdentity, vaultIdentity)))).toEqual([
    400,
    'RoleDefinitionDoesNotExist',
  ]);
  expect(codeOf(await authorization('PUT', beside, gift('nobody')))).toEqual([400, 'InvalidPrincipalId']);
  expect((await authorization('DELETE', path)).status).toBe(200);
  expect((await authorization('DELETE', path)).status).toBe(204);
  expect(codeOf(await authorization('GET', path))).toEqual([404, 'RoleAssignmentNotFound']);
  expect(await assignments(account, `principalId eq '${principal}'`)).toEqual([]);
});

/** Control of the local Entra: who is disabled, a guest or gone, who is in which group, and whether we may read it at all. */
import { json, Router } from 'express';
import { findGroup, findUser, type EntraGroup, type EntraState } from './entra-directory';
import type { Store } from './store';

type Body = Readonly<Record<string, unknown>>;

const shapes =
  'Send {user, accountEnabled?, userType?, creationType?, deleted?}, {group, member, in: true or false}, {group, owner, in} or {consented}.';

export function entraControlRoutes(store: Store): Router {
  const router = Router();
  router.post('/directory', json(), (request, response) => {
    const refusal = change(store.state.directory, (request.body ?? {}) as Body);
    if (refusal !== undefined) return void response.status(400).json({ error: refusal });
    store.save();
    response.json(store.state.directory);
  });
  return router;
}

function change(state: EntraState, body: Body): string | undefined {
  if (typeof body['user'] === 'string') return changeUser(state, body['user'], body);
  if (typeof body['group'] === 'string') return changeGroup(state, body['group'], body);
  if (typeof body['consented'] !== 'boolean') return shapes;
  state.consented = body['consented'];
  return undefined;
}

function changeUser(state: EntraState, key: string, body: Body): string | undefined {
  const user = findUser(state, key);
  if (!user) return `There is no user ${key}.`;
  if (body['deleted'] === true) {
    state.users = state.users.filter(({ id }) => id !== user.id);
    return undefined;
  }
  const { accountEnabled, userType, creationType } = body;
  const changed = {
    ...user,
    ...(typeof accountEnabled === 'boolean' ? { accountEnabled } : {}),
    ...(typeof userType === 'string' ? { userType } : {}),
    ...(typeof creationType === 'string' ? { creationType } : {}),
  };
  state.users = state.users.map((each) => (each.id === user.id ? changed : each));
  return undefined;
}

function changeGroup(state: EntraState, key: string, body: Body): string | undefined {
  const group = findGroup(state, key);
  if (!group) return `There is no group ${key}.`;
  const list = typeof body['owner'] === 'string' ? 'owners' : 'members';
  const named = body['owner'] ?? body['member'];
  const found = typeof named === 'string' ? (findUser(state, named) ?? findGroup(state, named)) : undefined;
  if (!found || typeof body['in'] !== 'boolean') return shapes;
  const others = group[list].filter((id) => id !== found.id);
  const changed: EntraGroup = { ...group, [list]: body['in'] ? [...others, found.id] : others };
  state.groups = state.groups.map((each) => (each.id === group.id ? changed : each));
  return undefined;
}

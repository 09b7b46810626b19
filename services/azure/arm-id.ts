/** Names of things in Azure: ids, what stands in them, and regions. */

/** Azure answers "Canada Central" for what was asked as canadacentral. */
export const normaliseLocation = (location: string): string => location.toLowerCase().replace(/\s/g, '');

/** An ARM id as the path of an address; undefined when it is none, or would lead somewhere else. */
export function armPath(id: string): string | undefined {
  const [first, ...segments] = id.split('/');
  const isPath =
    first === '' &&
    segments.length > 1 &&
    segments.every((segment) => !/^\.{0,2}$|\p{Surrogate}/u.test(segment));
  return isPath ? `/${segments.map(encodeURIComponent).join('/')}` : undefined;
}

export const subscriptionOf = (id: string): string => /^\/subscriptions\/([^/]+)/i.exec(id)?.[1] ?? '';

export interface ArmId {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
}

/** Takes a full server id apart; undefined when it is not one. */
export function parseServerId(id: string): ArmId | undefined {
  const parts =
    /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.DBforPostgreSQL\/flexibleServers\/([^/]+)$/i.exec(
      id,
    );
  const [, subscriptionId, resourceGroup, name] = parts ?? [];
  if (subscriptionId === undefined || resourceGroup === undefined || name === undefined) return undefined;
  return { subscriptionId, resourceGroup, name };
}

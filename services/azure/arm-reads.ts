/** Reading from Azure: one client per configured subscription, plain answers, and nothing thrown but our own problems. */
import { createPipelineRequest } from '@azure/core-rest-pipeline';
import { readingClient, type ArmClient, type ArmSettings } from './arm';
import { armPath, subscriptionOf } from './arm-id';
import { failedAnswer, isNotFound, readFailure, unreadableAnswer } from './errors';

export interface ArmReads {
  /** Undefined for a subscription that does not exist for the desk. */
  client(subscriptionId: string): ArmClient | undefined;
  /** The resource of an id; undefined where nothing is. */
  resource(id: string, apiVersion: string): Promise<unknown>;
  /** All items of a list, page after page. Throws as `failedAnswer` does, also when there is no such list. */
  list(path: string, query: Readonly<Record<string, string>>): Promise<readonly unknown[]>;
}

/** Reads are asked again this often when Azure does not answer. */
const readRetries = 2;

export function createArmReads(settings: ArmSettings): ArmReads {
  const clients = new Map(
    settings.subscriptionIds.map((id) => [id.toLowerCase(), readingClient(settings, id, readRetries)]),
  );
  const clientFor = (subscriptionId: string): ArmClient | undefined =>
    clients.get(subscriptionId.toLowerCase());
  const addressOf = (path: string, query: Readonly<Record<string, string>>): string =>
    `${settings.endpoint}${path}?${new URLSearchParams(query).toString().replaceAll('+', '%20')}`;
  return {
    client: clientFor,
    resource: async (id, apiVersion) => {
      const [client, path] = [clientFor(subscriptionOf(id)), armPath(id)];
      if (!client || path === undefined) return undefined;
      return found(readJson(client, addressOf(path, { 'api-version': apiVersion })));
    },
    list: async (path, query) => {
      const [client, safePath] = [clientFor(subscriptionOf(path)), armPath(path)];
      if (!client || safePath === undefined) return [];
      const all: unknown[] = [];
      const read = (url: string): Promise<unknown> => readJson(client, url);
      for await (const page of pagesFrom(addressOf(safePath, query), settings, read)) all.push(...page);
      return all;
    },
  };
}

/** Runs a read; whatever goes wrong with it becomes a problem of the catalogue. */
export async function reading<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw readFailure(error);
  }
}

/** What is not there is undefined and no failure. */
export const found = <T>(read: Promise<T>): Promise<T | undefined> =>
  read.catch((error: unknown) => {
    if (isNotFound(error)) return undefined;
    throw error;
  });

/** One paged list of the SDK as a whole. */
export async function collect<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of pages) all.push(item);
  return all;
}

async function readJson(client: ArmClient, url: string): Promise<unknown> {
  const answer = await client.sendRequest(createPipelineRequest({ url, method: 'GET' }));
  if (answer.status !== 200) throw failedAnswer(answer);
  try {
    return JSON.parse(answer.bodyAsText ?? '') as unknown;
  } catch (error) {
    throw unreadableAnswer(error);
  }
}

interface Page {
  readonly value?: readonly unknown[];
  readonly nextLink?: string | null;
}

/** More pages than any list of Azure that is read here has: a link that leads in a circle ends somewhere. */
const mostPages = 1_000;

/** The pages of a list, one after the other. Next links are followed as they are, and only at Azure's own address. */
export async function* pagesFrom(
  firstUrl: string,
  { endpoint }: Pick<ArmSettings, 'endpoint'>,
  read: (url: string) => Promise<unknown>,
): AsyncGenerator<readonly unknown[], void, void> {
  const home = new URL(endpoint).origin;
  let url: string | null | undefined = firstUrl;
  for (let page = 0; page < mostPages && url !== undefined && url !== null && url !== ''; page++) {
    // The request carries our token; it goes to Azure or nowhere.
    if (!URL.canParse(url) || new URL(url).origin !== home) throw unreadableAnswer();
    const { value, nextLink } = ((await read(url)) ?? {}) as Page;
    yield Array.isArray(value) ? (value as unknown[]) : [];
    url = nextLink;
  }
}

/** How calls to Azure Backup are made: reads at our pace and more than once, whatever takes longer once only. */
import { createPipelineRequest, type PipelineResponse } from '@azure/core-rest-pipeline';
import { plainOrderingClient, plainReadingClient, type ArmSettings } from '../arm';
import { pagesFrom } from '../arm-reads';
import { failedAnswer, isRestError, unreadableAnswer } from '../errors';
import { sendOnce } from '../send-once';
import { parseAnyCase } from './property-names';

/** A list as a whole or page after page, as the official clients give it. */
export interface Paged<T> extends AsyncIterable<T> {
  byPage(): AsyncIterable<readonly T[]>;
}

export interface ListOptions {
  /** Sees every answer as it came, before its page is handed out. */
  readonly onResponse?: (answer: PipelineResponse) => void;
}

export type Query = Readonly<Record<string, string | undefined>>;

/** Paths are lists of segments; whatever stands in one stays in it. */
export type Path = readonly string[];

export interface Wire {
  /** One resource. Throws a RestError for every answer but 200. */
  get<T>(path: Path): Promise<T>;
  /** A question that is asked with a body and changes nothing. */
  ask<T>(path: Path, body: object): Promise<T>;
  list<T>(path: Path, query: Query, options?: ListOptions): Paged<T>;
  /** A list that is asked for with a body. */
  askList<T>(path: Path, body: object, query: Query, options?: ListOptions): Paged<T>;
  /** Sent once, never again by itself; undefined when there is no answer. */
  submit(path: Path, body: object): Promise<PipelineResponse | undefined>;
}

/** Reads are asked again this often when Azure does not answer. */
const readRetries = 2;

function parsed(answer: PipelineResponse): unknown {
  if (answer.status !== 200) throw failedAnswer(answer);
  try {
    return parseAnyCase(answer.bodyAsText ?? '');
  } catch (error) {
    throw unreadableAnswer(error);
  }
}

function paged<T>(pages: () => AsyncIterable<readonly T[]>): Paged<T> {
  return {
    byPage: pages,
    [Symbol.asyncIterator]: async function* () {
      for await (const page of pages()) yield* page;
    },
  };
}

/** Answers that say that a page cannot be asked for in this way. */
const isWrongMethod = (error: unknown): boolean =>
  isRestError(error) && (error.statusCode === 404 || error.statusCode === 405);

export function createWire(settings: ArmSettings, apiVersion: string): Wire {
  const [reading, ordering] = [plainReadingClient(settings, readRetries), plainOrderingClient(settings)];
  const addressOf = (path: Path, query: Query = {}): string => {
    const url = new URL(`${settings.endpoint}/${path.map(encodeURIComponent).join('/')}`);
    for (const [name, value] of Object.entries({ 'api-version': apiVersion, ...query }))
      if (value !== undefined) url.searchParams.set(name, value);
    return url.href.replaceAll('+', '%20');
  };
  const read = async (url: string, body?: object, options: ListOptions = {}): Promise<unknown> => {
    const request = createPipelineRequest({ url, method: body === undefined ? 'GET' : 'POST' });
    request.headers.set('accept', 'application/json');
    if (body !== undefined) {
      request.headers.set('content-type', 'application/json; charset=utf-8');
      request.body = JSON.stringify(body);
    }
    const answer = await reading.sendRequest(request);
    options.onResponse?.(answer);
    return parsed(answer);
  };
  return {
    get: async <T>(path: Path) => (await read(addressOf(path))) as T,
    ask: async <T>(path: Path, body: object) => (await read(addressOf(path), body)) as T,
    list: <T>(path: Path, query: Query, options?: ListOptions) =>
      paged(
        () =>
          pagesFrom(addressOf(path, query), settings, (url) =>
            read(url, undefined, options),
          ) as AsyncIterable<readonly T[]>,
      ),
    askList: <T>(path: Path, body: object, query: Query, options?: ListOptions) => {
      const first = addressOf(path, query);
      // The official client asks for later pages with GET; the documents do not say whether that is right.
      const page = (url: string): Promise<unknown> =>
        url === first
          ? read(url, body, options)
          : read(url, undefined, options).catch((error: unknown) => {
              if (isWrongMethod(error)) return read(url, body, options);
              throw error;
            });
      return paged(() => pagesFrom(first, settings, page) as AsyncIterable<readonly T[]>);
    },
    submit: (path, body) => sendOnce(ordering, { url: addressOf(path), method: 'POST', body }),
  };
}

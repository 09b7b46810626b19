/** Blobs as local Azure itself reads and writes them: the wire of the blob service, spoken with a token. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { request } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export interface Blob {
  readonly name: string;
  /** In bytes. */
  readonly size: number;
}

export interface BlobStore {
  hasContainer(account: string, container: string): Promise<boolean>;
  /** Names and sizes (bytes) of the blobs that begin with the prefix. */
  list(account: string, container: string, prefix: string): Promise<readonly Blob[]>;
  /** Uploads a file as a block blob; fails when the blob is there already. */
  put(account: string, container: string, name: string, file: string): Promise<void>;
}

/** What stands behind the ARM calls of storage accounts and behind the control routes. */
export interface BlobService extends BlobStore {
  /** Makes the container, or leaves the one that is there. */
  createContainer(account: string, container: string): Promise<void>;
  containers(account: string): Promise<readonly string[]>;
  /** Undefined when there is no such blob. */
  read(account: string, container: string, name: string): Promise<Buffer | undefined>;
  /** Puts these bytes in the place of whatever was there. */
  write(account: string, container: string, name: string, content: Buffer): Promise<void>;
}

export interface BlobStoreDeps {
  /** `https://127.0.0.1:<port>`; an account is the first part of the path. */
  readonly endpoint: () => Promise<string>;
  readonly ca: string | Buffer;
  /** A token for https://storage.azure.com. */
  readonly token: () => Promise<string>;
  /** How much one page of a list holds; the service's own choice when undefined. */
  readonly pageSize?: number;
}

/** The blob service said no; `code` is its word for the reason. */
export class BlobCallFailed extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, what: string) {
    super(`The blob service answered ${status} ${code} to ${what}.`);
    this.status = status;
    this.code = code;
  }
}

/** The blob service could not be asked: it is being started again, or it hangs. */
export class BlobServiceAway extends Error {}

interface Content {
  readonly bytes: number;
  readonly open: () => Readable;
}

interface Call {
  readonly method: 'GET' | 'HEAD' | 'PUT';
  /** Account, container and blob name, as far as the call has them. */
  readonly path: readonly string[];
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly content?: Content;
}

interface Reply {
  readonly status: number;
  readonly code: string;
  readonly body: Buffer;
}

const wireVersion = '2023-11-03';
/** A silence of this length is a failure: nothing the service does takes it long. */
const silenceMs = 30_000;

export function createBlobStore(deps: BlobStoreDeps): BlobService {
  const call = async (wanted: Call, ...alsoFine: readonly number[]): Promise<Reply> => {
    const reply = await send(deps, wanted).catch((error: unknown) => {
      throw new BlobServiceAway('The blob service does not answer.', { cause: error });
    });
    if (reply.status < 300 || alsoFine.includes(reply.status)) return reply;
    throw new BlobCallFailed(reply.status, reply.code, `${wanted.method} ${wanted.path.join('/')}`);
  };
  const pages = deps.pageSize === undefined ? {} : { maxresults: String(deps.pageSize) };
  const upload = (path: readonly string[], content: Content, headers: Record<string, string>) =>
    call({ method: 'PUT', path, headers: { 'x-ms-blob-type': 'BlockBlob', ...headers }, content });
  return {
    hasContainer: async (account, container) => {
      const asked: Call = {
        method: 'HEAD',
        path: [account, container],
        query: { restype: 'container' },
      };
      return (await call(asked, 404)).status === 200;
    },
    createContainer: async (account, container) => {
      await call({ method: 'PUT', path: [account, container], query: { restype: 'container' } }, 409);
    },
    containers: (account) =>
      allPages(
        call,
        { method: 'GET', path: [account], query: { comp: 'list', ...pages } },
        readContainerNames,
      ),
    list: (account, container, prefix) => {
      const query = { restype: 'container', comp: 'list', prefix, ...pages };
      return allPages(call, { method: 'GET', path: [account, container], query }, readBlobs);
    },
    put: async (account, container, name, file) => {
      const content = { bytes: (await stat(file)).size, open: () => createReadStream(file) };
      await upload([account, container, name], content, { 'if-none-match': '*' });
    },
    read: async (account, container, name) => {
      const reply = await call({ method: 'GET', path: [account, container, name] }, 404);
      return reply.status === 404 ? undefined : reply.body;
    },
    write: async (account, container, name, content) => {
      const open = (): Readable => Readable.from(content.length === 0 ? [] : [content]);
      await upload([account, container, name], { bytes: content.length, open }, {});
    },
  };
}

async function allPages<T>(
  call: (wanted: Call) => Promise<Reply>,
  first: Call,
  readPage: (xml: string) => readonly T[],
): Promise<readonly T[]> {
  const found: T[] = [];
  for (let marker = ''; ;) {
    const query = { ...first.query, ...(marker === '' ? {} : { marker }) };
    const xml = (await call({ ...first, query })).body.toString();
    found.push(...readPage(xml));
    marker = element(xml, 'NextMarker') ?? '';
    if (marker === '') return found;
  }
}

/** The text of the first element of this name; the service's lists nest none of these in another of the same name. */
function element(xml: string, name: string): string | undefined {
  const text = new RegExp(`<${name}(?:\\s[^>]*)?>([^<]*)</${name}>`).exec(xml)?.[1];
  return text === undefined ? undefined : unescaped(text);
}

const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

const unescaped = (text: string): string =>
  text.replace(
    /&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi,
    (whole, hex?: string, decimal?: string, name?: string) =>
      hex !== undefined
        ? String.fromCodePoint(parseInt(hex, 16))
        : decimal !== undefined
          ? String.fromCodePoint(Number(decimal))
          : (named[name ?? ''] ?? whole),
  );

const elements = (xml: string, name: string): string[] =>
  xml.match(new RegExp(`<${name}>.*?</${name}>`, 'gs')) ?? [];

const readContainerNames = (xml: string): readonly string[] =>
  elements(xml, 'Container').map((container) => element(container, 'Name') ?? '');

const readBlobs = (xml: string): readonly Blob[] =>
  elements(xml, 'Blob').map((blob) => ({
    name: element(blob, 'Name') ?? '',
    size: Number(element(blob, 'Content-Length') ?? 0),
  }));

async function send(deps: BlobStoreDeps, { method, path, query, headers, content }: Call): Promise<Reply> {
  // A name may hold slashes, which are not encoded: they are what makes folders of it.
  const encoded = path.map((part) => part.split('/').map(encodeURIComponent).join('/')).join('/');
  const url = new URL(`${await deps.endpoint()}/${encoded}`);
  for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
  const outgoing = request(url, {
    ...{ method, ca: deps.ca, agent: false, timeout: silenceMs },
    headers: {
      authorization: `Bearer ${await deps.token()}`,
      'x-ms-version': wireVersion,
      'x-ms-date': new Date().toUTCString(),
      'content-length': String(content?.bytes ?? 0),
      ...headers,
    },
  });
  const answered = new Promise<Reply>((resolve, reject) => {
    outgoing.once('error', reject);
    outgoing.once('timeout', () => outgoing.destroy(new Error('The blob service keeps silent.')));
    outgoing.once('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          code: String(response.headers['x-ms-error-code'] ?? ''),
          body: Buffer.concat(chunks),
        }),
      );
    });
  });
  const sent = content === undefined ? void outgoing.end() : pipeline(content.open(), outgoing);
  // An answer may come before everything was sent: the refusal of a blob that is there already, for one.
  await Promise.resolve(sent).catch((error: unknown) =>
    answered.catch(() => {
      throw error;
    }),
  );
  return answered;
}

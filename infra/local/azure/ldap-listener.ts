/**
 * The smallest directory that PostgreSQL can ask about a password: simple bind and unbind of LDAP v3, nothing else.
 * The servers use it for Entra sign-in: name = role, password = access token. All lengths are BER, short or long form.
 */
import { createServer, type Server, type Socket } from 'node:net';

export interface Directory {
  readonly port: number;
  close(): Promise<void>;
}

/** Answers whether this password is good for this distinguished name. */
export type BindCheck = (name: string, password: string) => Promise<boolean>;

const tags = { sequence: 0x30, integer: 0x02, octets: 0x04, bind: 0x60, unbind: 0x42, simple: 0x80 } as const;
const results = { success: 0, protocolError: 2, invalidCredentials: 49 } as const;
const messageLimitBytes = 128 * 1024;

export async function startDirectory(check: BindCheck): Promise<Directory> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    serve(socket, check);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  return {
    port: portOf(server),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function serve(socket: Socket, check: BindCheck): void {
  let waiting = Buffer.alloc(0);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    waiting = Buffer.concat([waiting, chunk]);
    for (let message = readElement(waiting, 0); message; message = readElement(waiting, 0)) {
      const content = message.content;
      waiting = waiting.subarray(message.end);
      answer(content, check).then(
        (reply) => (reply === undefined ? socket.end() : socket.write(reply)),
        () => socket.destroy(),
      );
    }
    if (waiting.length > messageLimitBytes) socket.destroy();
  });
}

interface Element {
  readonly tag: number;
  readonly content: Buffer;
  readonly end: number;
}

/** Reads one tag-length-value; undefined while it is not complete. */
function readElement(bytes: Buffer, start: number): Element | undefined {
  const tag = bytes[start];
  const first = bytes[start + 1];
  if (tag === undefined || first === undefined) return undefined;
  const extra = first < 0x80 ? 0 : first & 0x7f;
  if (bytes.length < start + 2 + extra) return undefined;
  const length = extra === 0 ? first : bytes.readUIntBE(start + 2, Math.min(extra, 6));
  const end = start + 2 + extra + length;
  return bytes.length < end ? undefined : { tag, content: bytes.subarray(start + 2 + extra, end), end };
}

function readAll(bytes: Buffer): Element[] {
  const elements: Element[] = [];
  for (let element = readElement(bytes, 0); element; element = readElement(bytes, element.end))
    elements.push(element);
  return elements;
}

/** The reply to one message, or undefined when the line should end. */
async function answer(message: Buffer, check: BindCheck): Promise<Buffer | undefined> {
  const [id, operation] = readAll(message);
  if (!id || !operation || operation.tag === tags.unbind) return undefined;
  if (operation.tag !== tags.bind) return bindResponse(id.content, results.protocolError);
  const [, name, credential] = readAll(operation.content);
  if (!name || credential?.tag !== tags.simple) return bindResponse(id.content, results.protocolError);
  const password = credential.content.toString('utf8');
  // An empty password is an anonymous bind in LDAP and would succeed on a real directory; here it never does.
  const good = password !== '' && (await check(name.content.toString('utf8'), password));
  return bindResponse(id.content, good ? results.success : results.invalidCredentials);
}

function element(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([tag, content.length]), content]);
}

function bindResponse(messageId: Buffer, resultCode: number): Buffer {
  const empty = element(tags.octets, Buffer.alloc(0));
  const result = Buffer.concat([Buffer.from([0x0a, 1, resultCode]), empty, empty]);
  return element(tags.sequence, Buffer.concat([element(tags.integer, messageId), element(0x61, result)]));
}

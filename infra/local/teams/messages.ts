/**
 * The messages of all conversations, kept in memory and in an append-only file: each change appends the whole record,
 * and the last record of a message wins. The file is written anew at start, so that it holds each message once.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from './json';

export interface MessageAuthor {
  readonly id: string;
  readonly name: string;
  readonly kind: 'user' | 'bot';
}

/** A card that one person got as an answer; it stands for as long as the message is not edited. */
export interface PersonalCard {
  readonly card: JsonObject;
  readonly at: string;
}

export type Delivery = 'not-for-bot' | 'delivering' | 'delivered' | 'not-delivered';

export interface Message {
  readonly id: string;
  readonly conversation: string;
  readonly rootId: string;
  readonly replyToId: string | null;
  readonly from: MessageAuthor;
  /** As it went over the wire, mentions still marked up. */
  readonly text: string;
  readonly textFormat: string;
  readonly entities: readonly unknown[];
  readonly card: JsonObject | null;
  readonly createdAt: string;
  readonly editedAt: string | null;
  readonly deletedAt: string | null;
  /** Counts the edits of the bot. */
  readonly revision: number;
  readonly personalCards: Readonly<Record<string, PersonalCard>>;
  readonly delivery: Delivery;
  /** What the bot was sent, kept so that it can be sent once more. */
  readonly activity: JsonObject | null;
}

export type NewMessage = Omit<
  Message,
  'id' | 'createdAt' | 'editedAt' | 'deletedAt' | 'revision' | 'personalCards' | 'rootId'
> & { readonly rootId?: string | undefined; readonly id?: string };

export interface MessageStore {
  /** Ids look like those of Teams: milliseconds of the epoch, never twice the same. */
  nextId(): string;
  add(message: NewMessage): Message;
  change(id: string, change: Partial<Message>): Message;
  find(id: string): Message | undefined;
  /** Oldest first. */
  of(conversation: string): Message[];
  /** Whether the bot was told that it is a member; `unknown` until it was told for the first time. */
  installationOf(conversation: string): 'installed' | 'removed' | 'unknown';
  setInstalled(conversation: string, installed: boolean): void;
  onChange(listener: (message: Message) => void): void;
}

type StoredLine = { message: Message } | { conversation: string; installed: boolean };

export function openMessageStore(stateDir: string, now: () => number = Date.now): MessageStore {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const file = join(stateDir, 'messages.jsonl');
  const { messages, installed } = readStored(file);
  writeCompacted(file, messages, installed);
  const listeners: ((message: Message) => void)[] = [];
  let lastId = Math.max(0, ...[...messages.keys()].map(Number));

  const append = (line: StoredLine): void => appendFileSync(file, `${JSON.stringify(line)}\n`);
  const put = (message: Message): Message => {
    messages.set(message.id, message);
    append({ message });
    for (const listener of listeners) listener(message);
    return message;
  };
  const nextId = (): string => {
    lastId = Math.max(now(), lastId + 1);
    return String(lastId);
  };

  return {
    nextId,
    add: (message) => {
      const id = message.id ?? nextId();
      return put({
        ...message,
        id,
        rootId: message.rootId ?? id,
        createdAt: new Date(Number(id)).toISOString(),
        editedAt: null,
        deletedAt: null,
        revision: 0,
        personalCards: {},
      });
    },
    change: (id, change) => {
      const message = messages.get(id);
      if (!message) throw new Error(`Message ${id} is not in the store.`);
      return put({ ...message, ...change });
    },
    find: (id) => messages.get(id),
    of: (conversation) => [...messages.values()].filter((message) => message.conversation === conversation),
    installationOf: (conversation) => {
      const isInstalled = installed.get(conversation);
      if (isInstalled === undefined) return 'unknown';
      return isInstalled ? 'installed' : 'removed';
    },
    setInstalled: (conversation, isInstalled) => {
      installed.set(conversation, isInstalled);
      append({ conversation, installed: isInstalled });
    },
    onChange: (listener) => listeners.push(listener),
  };
}

function readStored(file: string): { messages: Map<string, Message>; installed: Map<string, boolean> } {
  const messages = new Map<string, Message>();
  const installed = new Map<string, boolean>();
  if (!existsSync(file)) return { messages, installed };
  for (const text of readFileSync(file, 'utf8').split('\n')) {
    const line = parseLine(text);
    if (!line) continue;
    if ('message' in line) messages.set(line.message.id, line.message);
    else installed.set(line.conversation, line.installed);
  }
  return { messages, installed };
}

/** The last line may be half written when the process was killed; it is the only one that can be. */
function parseLine(text: string): StoredLine | undefined {
  if (!text) return undefined;
  try {
    return JSON.parse(text) as StoredLine;
  } catch {
    return undefined;
  }
}

function writeCompacted(
  file: string,
  messages: ReadonlyMap<string, Message>,
  installed: ReadonlyMap<string, boolean>,
): void {
  const lines: StoredLine[] = [
    ...[...installed].map(([conversation, isInstalled]) => ({ conversation, installed: isInstalled })),
    ...[...messages.values()].map((message) => ({ message })),
  ];
  writeFileSync(`${file}.new`, lines.map((line) => `${JSON.stringify(line)}\n`).join(''), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

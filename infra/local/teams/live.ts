/** Server-sent events: who has which chat open, and what they are told as it happens. */
import type { Response } from 'express';
import type { Persona } from '../identities';
import type { Conversation } from './conversations';

const HEARTBEAT_MILLISECONDS = 20_000;

export interface Listener {
  readonly person: Persona;
  /** The chat on the screen; the rail only needs to know that something is new elsewhere. */
  readonly openConversation: string;
  readonly response: Response;
}

export interface Live {
  add(listener: Listener): void;
  /** Everybody who has the chat on the screen now, each person once. */
  viewersOf(conversation: string): Persona[];
  /** Tells all listeners who are in the conversation; `event` makes each one's own data. */
  tell(conversation: Conversation, name: string, event: (listener: Listener) => unknown): void;
  close(): void;
}

export function createLive(): Live {
  const listeners = new Set<Listener>();
  const heartbeat = setInterval(() => {
    for (const { response } of listeners) response.write(': still here\n\n');
  }, HEARTBEAT_MILLISECONDS);
  heartbeat.unref();
  return {
    add: (listener) => {
      listeners.add(listener);
      listener.response.on('close', () => listeners.delete(listener));
      listener.response
        .status(200)
        .set({ 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' });
      listener.response.write('retry: 1000\nevent: hello\ndata: {}\n\n');
    },
    viewersOf: (conversation) => [
      ...new Set(
        [...listeners].filter((l) => l.openConversation === conversation).map((listener) => listener.person),
      ),
    ],
    tell: (conversation, name, event) => {
      for (const listener of listeners) {
        if (!conversation.members.includes(listener.person)) continue;
        listener.response.write(`event: ${name}\ndata: ${JSON.stringify(event(listener))}\n\n`);
      }
    },
    close: () => {
      clearInterval(heartbeat);
      for (const { response } of listeners) response.end();
      listeners.clear();
    },
  };
}

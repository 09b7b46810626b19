/**
 * A sentence is answered once, however often Teams delivers it. The state database knows what was delivered before, on every
 * replica; this knows, beside it, what this process has at hand or has answered, so that a second delivery is not answered with
 * a fault because the database cannot be asked about it.
 */
import type { BotEvent } from './activity';

export interface Deliveries {
  /**
   * Runs the turn, unless it was begun here before; then it ends as that one does. One that throws has answered nobody and may
   * be delivered again.
   */
  once(event: BotEvent, turn: () => Promise<void>): Promise<void>;
}

/** Teams delivers again within minutes; the oldest are forgotten, and then the database is asked alone. */
const mostRemembered = 10_000;

/** Invokes are answered each time: somebody waits for every one of them. */
function keyOf(event: BotEvent): string | undefined {
  if (event.kind === 'message') return event.deliveryKey;
  return event.kind === 'card-action' && !event.invoke ? event.deliveryKey : undefined;
}

export function createDeliveries(): Deliveries {
  // In the order in which they came.
  const begun = new Map<string, Promise<void>>();
  return {
    once: async (event, turn) => {
      const key = keyOf(event);
      if (key === undefined) return turn();
      const before = begun.get(key);
      if (before) return before;
      const running = turn();
      begun.set(key, running);
      for (const oldest of begun.keys()) {
        if (begun.size <= mostRemembered) break;
        begun.delete(oldest);
      }
      try {
        await running;
      } catch (error) {
        begun.delete(key);
        throw error;
      }
    },
  };
}

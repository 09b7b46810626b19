/** Keeps the shop alive: a heartbeat every second and an order every few, as long as orders-pg runs. */
import type { Client } from 'pg';
import { heartbeatSql, orderSql } from './seed-databases';
import { openSession, type SessionTarget } from './server-session';

export interface Ticker {
  stop(): Promise<void>;
}

const orderEverySeconds = 4;

/** `target` is asked anew at every connection; undefined while the server is not there. */
export function startTicker(target: () => SessionTarget | undefined): Ticker {
  let client: Client | undefined;
  let busy: Promise<void> | undefined;
  let second = 0;

  const tick = async (): Promise<void> => {
    try {
      const where = target();
      if (!where) return;
      client ??= await openSession(where);
      second += 1;
      const order = second % orderEverySeconds === 0 ? `;${orderSql.replaceAll('$n', orderNumber())}` : '';
      await client.query(heartbeatSql + order);
    } catch {
      // The server is being stopped or started, or the table is gone by somebody's accident: try again in a second.
      await client?.end().catch(() => undefined);
      client = undefined;
    }
  };
  const timer = setInterval(() => {
    busy ??= tick().finally(() => {
      busy = undefined;
    });
  }, 1000);
  return {
    stop: async () => {
      clearInterval(timer);
      await busy;
      await client?.end().catch(() => undefined);
    },
  };
}

const orderNumber = (): string => String(Math.floor(Date.now() / 1000 / orderEverySeconds) % 1_000_000);

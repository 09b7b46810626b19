/** Picks loopback ports for PostgreSQL servers, from one number up, never the same twice in one process. */
import { createServer } from 'node:net';

export interface PortPool {
  /** The preferred port when it is free, otherwise the next free one from the start of the range. */
  take(preferred?: number): Promise<number>;
  release(port: number): void;
}

const rangeLength = 400;

export function createPortPool(firstPort: number): PortPool {
  const taken = new Set<number>();
  return {
    take: async (preferred) => {
      const range = Array.from({ length: rangeLength }, (_, index) => firstPort + index);
      for (const port of preferred === undefined || preferred === 0 ? range : [preferred, ...range]) {
        if (taken.has(port)) continue;
        taken.add(port);
        if (await isFree(port)) return port;
        taken.delete(port);
      }
      throw new Error(
        `No free port for a PostgreSQL server between ${firstPort} and ${firstPort + rangeLength}.`,
      );
    },
    release: (port) => taken.delete(port),
  };
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

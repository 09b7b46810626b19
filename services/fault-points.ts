/**
 * Named places where the process dies as if the machine had lost power. Only local mode has them: a file names the points
 * that are armed, one a line, and a point disarms itself before it kills, so that the next start gets past it.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { FaultPoint } from './restore/ports';

/** Without a file nothing can ever be armed. */
export function createFaultPoints(file: string | undefined, die: () => void): FaultPoint {
  if (file === undefined) return () => undefined;
  return (name) => {
    if (!existsSync(file)) return;
    const armed = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
    if (!armed.includes(name)) return;
    writeFileSync(file, armed.filter((line) => line !== name).join('\n'));
    die();
  };
}

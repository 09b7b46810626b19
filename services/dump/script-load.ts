/** Loads the script of one database: as the login of the order, and then to its keeper. */
import type { PartResult } from '../restore/dump-ports';
import { problem } from '../restore/errors';
import { leaveToHeir } from './keeper';
import { seconds } from './meter';
import { meterOf, type DatabasePart, type OrderRun } from './order-run';
import { runScript } from './plain-sql';
import { inSession } from './sessions';

export async function loadScript(
  run: OrderRun,
  part: DatabasePart,
  {
    path,
    keeper,
    notes,
  }: { readonly path: string; readonly keeper: string; readonly notes: readonly string[] },
): Promise<PartResult> {
  const { tools, door, budget, watch } = run;
  const { database } = part;
  const failure = await budget.use(1, () =>
    runScript(tools, door, {
      ...{ name: part.file.name, path, database, signal: watch.signal },
      onFed: fedTo(run, part),
    }),
  );
  if (failure !== undefined) return failure;
  const stays = await budget.use(1, () =>
    inSession(door, database, (client) => leaveToHeir(client, door.login, keeper)),
  );
  if (stays === undefined) return { kind: 'loaded', notes };
  const because = problem('DATABASE_INCOMPLETE', { database, count: 1 });
  return { kind: 'failed', because, failures: [{ object: `OWNER ${keeper}`, message: stays }] };
}

function fedTo(run: OrderRun, part: DatabasePart): (bytes: number) => void {
  const meter = meterOf(run, part);
  const cost = seconds.dataBytes(part.file.bytes);
  let fed = 0;
  meter.planned(0, cost);
  return (bytes) => {
    fed += bytes;
    meter.reached(0, (cost * fed) / Math.max(1, part.file.bytes), `script of ${part.database}`);
  };
}

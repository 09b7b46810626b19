/** Where a program and its children stand in a file that they read, as the kernel tells. */
import { readdir, readFile, readlink } from 'node:fs/promises';

/** Offsets in `path`, one of each process that has it open; none where the system does not tell. */
export async function readPositions(pid: number, path: string): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const pids = [String(pid), ...children.split(' ').filter((one) => one !== '')];
  return (await Promise.all(pids.map((one) => positionOf(one, path)))).flat();
}

async function positionOf(pid: string, path: string): Promise<number[]> {
  const folder = `/proc/${pid}`;
  const open = await readdir(`${folder}/fd`).catch(() => []);
  const positions: number[] = [];
  for (const fd of open) {
    const file = await readlink(`${folder}/fd/${fd}`).catch(() => undefined);
    if (file !== path) continue;
    const info = await readFile(`${folder}/fdinfo/${fd}`, 'utf8').catch(() => '');
    positions.push(Number(/^pos:\s+(\d+)/m.exec(info)?.[1] ?? 0));
  }
  return positions;
}

/** The ways in which a person, a terminal or npm asks for the end. Asking twice is asking once. */
import { readFileSync } from 'node:fs';

const parentLookMs = 500;

/** Aborts with the reason when everything should stop. */
export function stopRequest(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // `on`, not `once`: npm passes Ctrl-C on to a child that already got it from the terminal.
    process.on(signal, () => controller.abort(signal));
  }
  // A parent that was killed outright (npm, a test run) passes nothing on; only the ids of our ancestors tell.
  const parentIsThere = parentWatch();
  const look = setInterval(() => {
    if (!parentIsThere()) controller.abort('the process that started this is gone');
  }, parentLookMs);
  look.unref();
  // Nobody reads any more when the parent is gone; that must not keep us from stopping in order.
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
  return controller.signal;
}

/** Watches our parent, and its parent when ours is but a shell: the one npm puts between lives on when npm is killed. */
function parentWatch(): () => boolean {
  const parent = process.ppid;
  const status = readStatus(parent);
  const grandparent = status && /^(ba|da|a|z|k)?sh$/.test(status.name) ? status.parentId : undefined;
  return () =>
    process.ppid === parent && (grandparent === undefined || readStatus(parent)?.parentId === grandparent);
}

function readStatus(pid: number): { readonly name: string; readonly parentId: string } | undefined {
  try {
    const [, name, parentId] = /\((.*)\) \S (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    return name !== undefined && parentId !== undefined ? { name, parentId } : undefined;
  } catch {
    return undefined;
  }
}

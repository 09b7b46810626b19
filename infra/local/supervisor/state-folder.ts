/**
 * The state folder: ours is known by a marker file, held by one supervisor at a time, and removed by `--fresh` only when
 * it carries the marker. Anything else that happens to have the same name is left alone.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, link, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartRefused } from './start-refused';

const markerName = 'restore-desk-local-state';
const lockName = 'supervisor.lock';

export interface HeldStateFolder {
  readonly secrets: LocalSecrets;
  /** True when the supervisor before us ended without tidying up; what it ran may still be ending. */
  readonly afterCrash: boolean;
  release(): Promise<void>;
}

export interface LocalSecrets {
  readonly stateDatabasePassword: string;
  /** What the identity endpoint asks for, as App Service does. */
  readonly identityHeader: string;
}

/** Makes or reopens the folder and takes it; throws StartRefused with the reason when it may not be used. */
export async function holdStateFolder(stateDir: string, fresh: boolean): Promise<HeldStateFolder> {
  try {
    await refuseForeignFolder(stateDir);
    const holder = await readHolder(stateDir);
    if (holder && isRunning(holder)) throw alreadyHeld(stateDir, holder.pid);
    if (fresh) await rm(stateDir, { recursive: true, force: true });
    await mkdir(join(stateDir, 'logs'), { recursive: true });
    await writeFile(
      join(stateDir, markerName),
      'The local environment keeps its state here; --fresh removes it.\n',
    );
    await takeLock(stateDir, fresh ? undefined : holder);
    const release = (): Promise<void> => rm(join(stateDir, lockName), { force: true });
    return { secrets: await keepSecrets(stateDir), afterCrash: holder !== undefined, release };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
      throw new StartRefused(
        `The state folder ${stateDir} may not be written by this user (was it made by another one?): remove it as its owner, or set LOCAL_STATE_DIR to another folder.`,
      );
    }
    throw error;
  }
}

async function refuseForeignFolder(stateDir: string): Promise<void> {
  if (!existsSync(stateDir) || existsSync(join(stateDir, markerName))) return;
  const found = await readdir(stateDir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOTDIR')
      throw new StartRefused(`LOCAL_STATE_DIR ${stateDir} is a file, not a folder.`);
    throw error;
  });
  if (found.length === 0) return;
  throw new StartRefused(
    `The folder ${stateDir} holds files that are not ours (there is no ${markerName} in it), so it is neither used nor removed: set LOCAL_STATE_DIR to a new or empty folder.`,
  );
}

interface Holder {
  readonly pid: number;
  /** When the process began, in the kernel's words: a process id comes back, this does not. */
  readonly began: string;
}

const alreadyHeld = (stateDir: string, pid: number): StartRefused =>
  new StartRefused(
    `The local environment is already running on ${stateDir} (process ${pid}): stop that one first, or set LOCAL_STATE_DIR and the ports for a second one.`,
  );

async function readHolder(stateDir: string): Promise<Holder | undefined> {
  const text = await readFile(join(stateDir, lockName), 'utf8').catch(() => undefined);
  const [pid, began] = text?.trim().split(' ') ?? [];
  return pid ? { pid: Number(pid), began: began ?? '' } : undefined;
}

function isRunning(holder: Holder): boolean {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return processBegan(holder.pid) === holder.began;
}

/** Field 22 of the kernel's status line; the name in field 2 may hold spaces, so count from behind it. */
function processBegan(pid: number): string {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return status.slice(status.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

async function takeLock(stateDir: string, stale: Holder | undefined): Promise<void> {
  const lock = join(stateDir, lockName);
  const own = `${lock}.${process.pid}`;
  await writeFile(own, `${process.pid} ${processBegan(process.pid)}\n`);
  try {
    if (stale) await rm(lock, { force: true });
    // A hard link is made by one process only, and is complete from its first moment.
    await link(own, lock);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const holder = await readHolder(stateDir);
    throw alreadyHeld(stateDir, holder?.pid ?? 0);
  } finally {
    await rm(own, { force: true });
  }
}

async function keepSecrets(stateDir: string): Promise<LocalSecrets> {
  const file = join(stateDir, 'secrets.json');
  if (existsSync(file)) return JSON.parse(await readFile(file, 'utf8')) as LocalSecrets;
  const secret = (): string => randomBytes(24).toString('hex');
  const secrets: LocalSecrets = { stateDatabasePassword: secret(), identityHeader: secret() };
  await writeFile(`${file}.new`, JSON.stringify(secrets), { mode: 0o600 });
  await chmod(`${file}.new`, 0o600);
  await rename(`${file}.new`, file);
  return secrets;
}

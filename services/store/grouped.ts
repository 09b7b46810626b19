/**
 * Writes that come while another is under way share the next transaction and its wait for the disk: the group commit that
 * writers of one chain, who wait for each other's commits, cannot get from the database.
 */
import { DeskError } from '../restore/errors';

export interface Writes<T> {
  /** Writes these in one transaction, or none of them; answers those it left out because somebody else holds them. */
  together(items: readonly T[]): Promise<readonly T[]>;
  alone(item: T): Promise<void>;
}

interface Waiting<T> {
  readonly item: T;
  readonly written: () => void;
  readonly refused: (error: unknown) => void;
}

/** Nobody knows what a connection that was lost has committed: writing it again could tell it twice. */
const mayBeWritten = (error: unknown): boolean =>
  error instanceof DeskError && error.problem.code === 'DATABASE_UNREACHABLE';

async function writeGroup<T>(writes: Writes<T>, group: readonly Waiting<T>[]): Promise<void> {
  const writeAlone = ({ item, written, refused }: Waiting<T>): void =>
    void writes.alone(item).then(written, refused);
  try {
    const left = await writes.together(group.map(({ item }) => item));
    for (const one of group) {
      if (left.includes(one.item)) writeAlone(one);
      else one.written();
    }
  } catch (error) {
    // One of them may be what is wrong: it must not take the others with it.
    for (const one of group) {
      if (mayBeWritten(error)) one.refused(error);
      else writeAlone(one);
    }
  }
}

/** The promise of an item ends as its own write does. */
export function grouped<T>(writes: Writes<T>): (item: T) => Promise<void> {
  let waiting: Waiting<T>[] = [];
  let isWriting = false;
  const writeAll = async (): Promise<void> => {
    isWriting = true;
    while (waiting.length > 0) {
      const group = waiting;
      waiting = [];
      await writeGroup(writes, group);
    }
    isWriting = false;
  };
  return (item) =>
    new Promise((written, refused) => {
      waiting.push({ item, written, refused });
      if (!isWriting) void writeAll();
    });
}

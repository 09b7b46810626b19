/**
 * The journal of a local service: every mutating call it accepted, in order, also those whose answer got lost.
 * One JSON line per call, written before the answer leaves, so that it tells the truth after a kill and a restart.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

export interface JournalEntry {
  readonly seq: number;
  /** ISO instant at which the call was taken. */
  readonly at: string;
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  /** Status the service gave, even when the caller never saw it. */
  readonly status: number;
  readonly operationId?: string;
  /** False when the answer was withheld, replaced, cut off or could not be delivered. */
  readonly answered: boolean;
}

export interface Journal {
  record(entry: Omit<JournalEntry, 'seq'>): void;
  entries(): readonly JournalEntry[];
}

/** Opens (or begins) a journal file; numbers go on where the file stops. */
export function openJournal(file: string): Journal {
  mkdirSync(dirname(file), { recursive: true });
  const kept = existsSync(file) ? readEntries(readFileSync(file, 'utf8')) : [];
  // A process killed in the middle of a line leaves a half line; the next entry must not be glued to it.
  if (existsSync(file) && !endsWithNewline(file)) appendFileSync(file, '\n');
  return {
    record: (entry) => {
      const numbered: JournalEntry = {
        seq: (kept.at(-1)?.seq ?? 0) + 1,
        ...entry,
        query: withoutSecrets(entry.query) as Record<string, unknown>,
        body: withoutSecrets(entry.body),
      };
      appendFileSync(file, `${JSON.stringify(numbered)}\n`, { mode: 0o600 });
      kept.push(numbered);
    },
    entries: () => kept,
  };
}

function endsWithNewline(file: string): boolean {
  const text = readFileSync(file, 'utf8');
  return text === '' || text.endsWith('\n');
}

function readEntries(text: string): JournalEntry[] {
  return text.split('\n').flatMap((line) => {
    try {
      return line === '' ? [] : [JSON.parse(line) as JournalEntry];
    } catch {
      return [];
    }
  });
}

const secretName = /password|secret|^(access|refresh|id)?_?token$|^authorization$|^assertion$/i;

/** A deep copy in which every value that stands under a secret's name is starred out. */
function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      secretName.test(name) && typeof inner === 'string' ? '***' : withoutSecrets(inner),
    ]),
  );
}

/** What a command of the owner's command line is made of. */
import type { Environment } from '../config';

export interface Terminal {
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
}

/** `restore-desk policy check`: `run` gets the words after the two, and gives the exit code. */
export interface Verb {
  /** `policy check [file]`. */
  readonly usage: string;
  /** One line of help. */
  readonly what: string;
  readonly run: (
    words: readonly string[],
    environment: Environment,
    terminal: Terminal,
  ) => Promise<0 | 1 | 2>;
}

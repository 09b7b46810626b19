import type { Person } from './restore/person';
import type { ThreadKey } from './restore/request';

/** A sentence that somebody said to the desk. */
export interface Asked {
  readonly by: Person;
  /** IANA zone of the person who asks. */
  readonly zone: string;
  readonly sentence: string;
  readonly thread: ThreadKey;
  /** The same for every delivery of the same message. */
  readonly deliveryKey: string;
}

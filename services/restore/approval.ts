/** One signature under a plan. */
import type { Instant } from './instant';
import type { Person } from './person';

export interface Approval {
  readonly by: Person;
  readonly at: Instant;
  readonly comment: string;
}

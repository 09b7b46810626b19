/** What is owed after somebody started a restore without approval: that an approver looks at it. */
import { plusSeconds, type Instant } from './instant';
import type { Person } from './person';

export interface Glass {
  readonly by: Person;
  readonly at: Instant;
  readonly reason: string;
}

export type Review = Glass & { readonly dueAt: Instant } & (
    | {
        readonly kind: 'due';
        /** Asked for again then; once it is overdue, each time that the rule gives for a review has passed. */
        readonly remindAt: Instant;
        readonly reminders: number;
      }
    | {
        readonly kind: 'approved' | 'reported';
        readonly reviewedBy: Person;
        readonly reviewedAt: Instant;
        readonly comment: string;
      }
  );

/** Half of the time is left when it is asked for again. */
export const reviewOf = (glass: Glass, withinMinutes: number): Review => ({
  ...glass,
  kind: 'due',
  dueAt: plusSeconds(glass.at, withinMinutes * 60),
  remindAt: plusSeconds(glass.at, withinMinutes * 30),
  reminders: 0,
});

export type DueReview = Extract<Review, { kind: 'due' }>;

/** The next reminder: at the half, when it is due, and from then on once in every such time. */
export function reminded(review: DueReview, withinMinutes: number, now: Instant): DueReview {
  const next = now < review.dueAt ? review.dueAt : plusSeconds(now, withinMinutes * 60);
  return { ...review, remindAt: next, reminders: review.reminders + 1 };
}

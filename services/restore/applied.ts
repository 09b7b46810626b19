/** What became of giving a copy what it lacks: one kind of difference after the other, each as one. */
import type { ApplicableKind } from './difference-changes';
import type { AppliedItem } from './difference-ports';
import type { Instant } from './instant';
import type { Person } from './person';
import type { Problem } from './errors';
import type { Standing } from './party';

/** How one try ended. */
export type ApplyEnd =
  | { readonly kind: 'applied'; readonly items: readonly AppliedItem[]; readonly needsRestart: boolean }
  /** Nothing was changed. */
  | { readonly kind: 'in-trouble'; readonly because: Problem };

interface Asked {
  readonly by: Person;
  readonly askedAt: Instant;
}

/** The last try of one kind. */
export type Applied =
  (Asked & { readonly kind: 'at-work' }) | (Asked & ApplyEnd & { readonly endedAt: Instant });

export type AppliedKinds = Readonly<Partial<Record<ApplicableKind, Applied>>>;

/** Somebody asked for it. */
export interface ApplyAsked extends Pick<Asked, 'by'> {
  readonly kind: 'apply-asked';
  readonly at: Instant;
  readonly group: ApplicableKind;
  /** Looked up for this very click. */
  readonly standing: Standing;
}

/** It was tried. */
export interface ApplyEnded {
  readonly kind: 'applied';
  readonly at: Instant;
  readonly group: ApplicableKind;
  readonly results: ApplyEnd;
}

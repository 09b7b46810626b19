/** How far the signatures of a request are, in words. */
import { currentStage, type SealedRule } from './sealed-rule';
import type { Run } from './state';
import type { Approval } from './approval';

/** `1 of 3 approvers`, `1 more of 3 approvers`, `2 more from database leads`. */
export function stillNeeded(
  rule: Pick<SealedRule, 'stages'>,
  { approvals }: { readonly approvals: readonly Pick<Approval, 'by'>[] },
): string {
  const current = currentStage(rule, approvals);
  if (!current) return 'nobody';
  const { stage, missing } = current;
  const more = missing < stage.needed ? `${missing} more` : `${missing}`;
  const of = `${more} of ${stage.people.length} approvers`;
  return rule.stages.length === 1 ? of : `${of} (${stage.name})`;
}

/** `approved by Martin Hale and Divya Rao`, `started without approval by Ines Ortega`. */
export const letThrough = ({ approvals, glass }: Pick<Run, 'approvals' | 'glass'>): string =>
  glass
    ? `started without approval by ${glass.by.name}`
    : `approved by ${approvals.map(({ by }) => by.name).join(' and ')}`;

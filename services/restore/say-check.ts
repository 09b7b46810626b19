/** The answer to "could this be restored?": everything that stands in the way, or that nothing does. Pure. */
import { isVaultPlan, loadTerms, promised } from './plan';
import { pointWords, vaultOptions, vaultWarnings } from './say-vault';
import type { AnswerLine, AnswerMessage } from './messages';
import type { Draft } from './request';
import type { PlanResult } from './make-plan';

const answer = (title: string, lines: readonly AnswerLine[], hint: string): AnswerMessage => ({
  kind: 'answer',
  version: 1,
  title,
  lines,
  hint,
});

const understood = ({ understood: said, notUnderstood }: Draft): AnswerLine[] => [
  ...(said.length === 0 ? [] : [{ text: `Understood: ${said.join(' · ')}` }]),
  ...(notUnderstood.length === 0
    ? []
    : [{ text: `Not understood: ${notUnderstood.map((part) => `"${part}"`).join(', ')}` }]),
];

export const sayChecking = (draft: Draft): AnswerMessage =>
  answer(
    'Checking with Azure',
    understood(draft),
    'Azure takes about half a minute; this card changes by itself.',
  );

/** One line for each thing in the way: what, and who can change it how. */
export function sayChecked(draft: Draft, planned: PlanResult): AnswerMessage {
  const nothing = 'Nothing was requested or started.';
  if (planned.kind === 'refused')
    return answer(
      planned.problems.length === 1
        ? 'One thing is in the way'
        : `${planned.problems.length} things are in the way`,
      [
        ...understood(draft),
        ...planned.problems.map(({ sentence, hint }) => ({ text: sentence, detail: hint })),
      ],
      nothing,
    );
  const { plan, shown } = planned;
  const lines: AnswerLine[] = isVaultPlan(plan)
    ? [
        { text: `${plan.source.name} from ${pointWords(plan)}`, detail: vaultOptions(plan).join(' · ') },
        {
          text: `to ${plan.target.name}${loadTerms(plan) ? `, then into ${promised(plan).name}` : ''}`,
          detail: `${plan.target.location}, ${plan.target.resourceGroup}`,
        },
        ...vaultWarnings(plan).map((text) => ({ text })),
      ]
    : [
        {
          text: `${plan.source.name} → ${plan.target.name}`,
          detail: `${plan.target.location}, ${plan.target.resourceGroup}`,
        },
      ];
  const warnings = (shown.warnings ?? []).map((text) => ({ text }));
  return answer(
    'It can be restored as things stand now',
    [...understood(draft), ...lines, ...warnings],
    `${nothing} Say "restore" with the same words to ask for it.`,
  );
}

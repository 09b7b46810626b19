/** `who can approve R-1`: by stage, as the directory has it now. */
import { currentStage } from './restore/sealed-rule';
import { outcomeSentence } from './restore/transition';
import { readRequest } from './moving';
import { shortHash } from './restore/plan';
import { statusWord } from './restore/state';
import { stillEligible } from './restore/who-can-approve';
import { stillNeeded } from './restore/say-signatures';
import { utc } from './restore/instant';
import type { AnswerLine, AnswerMessage } from './restore/messages';
import type { Deps } from './deps';
import type { Party } from './restore/party';
import type { RestoreRequest } from './restore/request';

/** By stage: who could sign, as far as the directory tells it now, and what is missing. */
export async function answerWho(deps: Deps, id: string): Promise<AnswerMessage> {
  const { request } = await readRequest(deps, id);
  const { state, rule } = request;
  const answered = { kind: 'answer', version: 1, status: statusWord(state) } as const;
  if (state.phase !== 'awaiting-approval')
    return {
      ...answered,
      title: `Nobody has to decide about ${id} any more.`,
      lines: [{ text: 'Now', detail: outcomeSentence(request) }],
    };
  const current = currentStage(rule, state.approvals);
  const escalated = state.escalatedAt === undefined ? undefined : rule.escalation;
  const stages = await Promise.all(
    [
      ...rule.stages,
      ...(escalated ? [{ ...escalated, name: 'called by the escalation', needed: 0 }] : []),
    ].map(async (stage): Promise<AnswerLine> => ({
      text: stageTitle(stage, stage === current?.stage, current?.missing ?? 0),
      detail: (await deciders(deps, request, stage.parties)).join(', ') || 'nobody',
    })),
  );
  const given = state.approvals.map(({ by, at }) => ({ text: `Approved by ${by.name}`, detail: utc(at) }));
  return {
    ...answered,
    title: `${id} waits for ${stillNeeded(rule, state)}`,
    lines: [...given, ...stages],
    hint: `Rule ${rule.name}, plan ${shortHash(request.planHash)}.`,
  };
}

function stageTitle(
  { name, needed }: { name: string; needed: number },
  isNow: boolean,
  missing: number,
): string {
  if (needed === 0) return name;
  return isNow ? `${name}: ${missing} more needed now` : `${name}: ${needed} needed`;
}

/** So many of one stage are named. */
const mostNamed = 12;

/** Members now, without whoever wrote the request or has signed it. */
async function deciders(deps: Deps, request: RestoreRequest, parties: readonly Party[]): Promise<string[]> {
  const members = await Promise.all(parties.map((party) => deps.directory.people(party, 100)));
  const names = stillEligible(request, members.flat()).map(({ name }) => name);
  return names.length > mostNamed
    ? [...names.slice(0, mostNamed), `${names.length - mostNamed} more`]
    : names;
}

/** `policy explain R-1`: which rule holds and why, whose approval would count now, and what is missing. It decides nothing. */
import { createGraphDirectory } from '../azure/graph-directory';
import { currentStage } from '../restore/sealed-rule';
import { DeskError, problem } from '../restore/errors';
import { freezeFor } from '../restore/policy';
import { judgedRules, partyNames, stagesInWords, type Asked, type JudgedRule } from '../restore/policy-words';
import { loadPolicy } from '../policy-file';
import { openPastRequests } from '../store/past-requests';
import { partiesAskedNow, whoCanApprove } from '../restore/who-can-approve';
import { partyKey } from '../restore/party';
import { productCredential } from '../azure/credential';
import { promised } from '../restore/plan';
import { readServiceConfig } from '../config';
import { subjectsOfPast } from './past-subjects';
import type { Directory } from '../restore/directory-ports';
import type { Policy } from '../restore/policy-schema';
import type { RestoreRequest } from '../restore/request';
import type { Verb } from './verb';

const directoryTimeoutSeconds = 5;
/** So many people of one group are named. */
const mostPeople = 100;

const now = (): string => new Date().toISOString();

function ruleLine({ rule, verdict, open }: JudgedRule, isHeld: boolean): string {
  const words = stagesInWords(rule);
  if (verdict === 'no') return `  no     ${rule.name} (${open.join(', ')})`;
  if (verdict === 'maybe') return `  maybe  ${rule.name}, ${words} (not known: ${open.join(', ')})`;
  return `  ${isHeld ? 'holds' : 'yes  '}  ${rule.name}, ${words}`;
}

function rulesNow(policy: Policy, asked: readonly Asked[]): string[] {
  const { holds, rules } = judgedRules(policy, asked);
  const freezes = asked.flatMap(({ subject, ask }) => freezeFor(policy, subject, ask, now()) ?? []);
  return [
    `Under the policy as it is now (${policy.version}):`,
    ...rules.map((judged) => ruleLine(judged, judged.rule === holds)),
    holds
      ? `  ${holds.name} holds: of all that match it is the strictest (most approvals, then most stages, then fewest who can give them).`
      : '  No rule holds: it would be refused.',
    ...freezes.map(({ name, to }) => `  Frozen until ${to} (${name}).`),
  ];
}

function signatures({ rule, state }: RestoreRequest): string[] {
  if (state.phase !== 'awaiting-approval') return [`It is ${state.phase}; nobody is asked to approve it.`];
  const current = currentStage(rule, state.approvals);
  const given = state.approvals.map(({ by }) => by.name).join(', ');
  return [
    ...(given === '' ? [] : [`Approved so far by ${given}.`]),
    ...(current
      ? [
          `Missing: ${current.missing} in stage "${current.stage.name}", of ${partyNames(current.stage.parties)}.`,
          `It expires at ${state.expiresAt}.`,
        ]
      : []),
    ...(state.question ? [`A question of ${state.question.by.name} is open.`] : []),
  ];
}

async function couldApprove(directory: Directory, request: RestoreRequest): Promise<string[]> {
  const parties = partiesAskedNow(request);
  if (parties.length === 0) return [];
  const members = await Promise.all(
    parties.map(async (party) => [partyKey(party), await directory.people(party, mostPeople)] as const),
  );
  const people = whoCanApprove(request, new Map(members)).map(({ name }) => name);
  return [people.length === 0 ? 'Nobody could approve it now.' : `Could approve now: ${people.join(', ')}.`];
}

function glass({ rule, state }: RestoreRequest): string[] {
  if (state.phase !== 'awaiting-approval') return [];
  if (!rule.breakGlass) return ['Nobody may start it without approval.'];
  const { parties, atMost, reviewWithinMinutes } = rule.breakGlass;
  return [
    `May start it without approval: ${partyNames(parties)}, ${atMost.times} in ${atMost.hours} h, looked at within ${reviewWithinMinutes} min.`,
  ];
}

export const policyExplain: Verb = {
  usage: 'policy explain R-1',
  what: 'Tells which rule a request is under and why, who could approve it now, and what is missing.',
  run: async ([id], environment, { out, err }) => {
    if (id === undefined) {
      err('Name a request, such as R-1.');
      return 2;
    }
    const config = readServiceConfig(environment);
    const policy = await loadPolicy(config.policyFile);
    const directory = createGraphDirectory(
      {
        credential: productCredential(config.azureClientId),
        url: config.graphUrl,
        timeoutSeconds: directoryTimeoutSeconds,
      },
      { now },
    );
    const past = openPastRequests(config.databaseUrl);
    try {
      const request = await past.request(id);
      if (!request) throw new DeskError(problem('REQUEST_UNKNOWN', { id }));
      const { plan, requester, rule } = request;
      const what = `${plan.mode} of ${plan.source.name} to ${promised(plan).name}`;
      out(`${request.id}: ${what}, asked by ${requester.name} at ${request.createdAt}.`);
      out(`It was planned under rule ${rule.name} of policy ${plan.policy.version}.`);
      for (const line of [
        ...signatures(request),
        ...(await couldApprove(directory, request)),
        ...glass(request),
      ])
        out(line);
      for (const line of rulesNow(policy, subjectsOfPast(request, await past.servers()))) out(line);
      return 0;
    } finally {
      await past.close();
    }
  },
};

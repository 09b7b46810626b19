/** Answers about vaults: what they protect, their recovery points, their jobs. Short, read-only. */
import { crossRegionCommand, crossRegionCost, immutabilityCommand } from './restore/catalogue/vault';
import { instanceSubject, matchInstance } from './protected';
import { isCovered } from './restore/policy';
import { millisBetween, plusSeconds, span, utc, type Instant } from './restore/instant';
import type { AnswerLine, AnswerMessage } from './restore/messages';
import type { Deps } from './deps';
import type { InstanceFacts, JobFacts, RecoveryPoint, VaultFacts } from './restore/vaults';

const answer = (title: string, lines: readonly AnswerLine[], hint?: string): AnswerMessage => ({
  kind: 'answer',
  version: 1,
  title,
  lines,
  ...(hint === undefined ? {} : { hint }),
});

const most = 15;

const redundancyWords = { local: 'locally redundant', zone: 'zone-redundant', geo: 'geo-redundant' } as const;

function vaultWords({
  redundancy,
  crossRegionRestore,
  secondaryRegion,
  immutability,
  isGuarded,
}: VaultFacts): string {
  return [
    redundancyWords[redundancy],
    ...(redundancy !== 'geo'
      ? []
      : [
          crossRegionRestore
            ? `copies in ${secondaryRegion ?? 'its paired region'}`
            : 'restores in another region are off',
        ]),
    immutability === 'off' ? 'not immutable' : immutability === 'locked' ? 'immutable for good' : 'immutable',
    ...(isGuarded ? ['behind a resource guard'] : []),
  ].join(', ');
}

async function instanceLine(
  deps: Deps,
  instance: InstanceFacts,
  vault: VaultFacts | undefined,
): Promise<AnswerLine> {
  const secondary =
    vault?.crossRegionRestore === true ? (instance.secondaryRegion ?? vault.secondaryRegion) : undefined;
  const [points, there] = await Promise.all([
    deps.knownVaults.points(instance),
    secondary === undefined ? [] : deps.knownVaults.points(instance, secondary),
  ]);
  const newest = (all: readonly RecoveryPoint[]): string =>
    all[0] ? utc(all[0].time) : 'no recovery point seen yet';
  return {
    text: `${instance.title} in ${instance.vaultName}`,
    detail: [
      `${instance.location} · newest ${newest(points)}`,
      ...(secondary === undefined ? [] : [`in ${secondary} newest ${newest(there)}`]),
      instance.protectionState,
    ].join(' · '),
  };
}

const named = ({ name, resourceGroup, subscriptionId }: VaultFacts) => ({
  vault: name,
  group: resourceGroup,
  subscriptionId,
});

/** Guided commands for the owner of a vault; nothing of it is run from here. */
function vaultLines(vault: VaultFacts): AnswerLine[] {
  const canGoFurther = vault.redundancy === 'geo' && !vault.crossRegionRestore;
  return [
    { text: `Vault ${vault.name}`, detail: `${vault.location} · ${vaultWords(vault)}` },
    ...(canGoFurther
      ? [
          {
            text: crossRegionCommand(named(vault)),
            code: true,
            detail: `Restores in another region. ${crossRegionCost}.`,
          },
        ]
      : []),
    ...(vault.immutability === 'off'
      ? [
          {
            text: immutabilityCommand(named(vault)),
            code: true,
            detail:
              'Keeps recovery points from being deleted before their time; what is kept longer is paid for longer. Once it is locked it cannot be undone.',
          },
        ]
      : []),
  ];
}

export async function answerInstances(deps: Deps): Promise<AnswerMessage> {
  const [{ instances, knownFrom }, vaults] = await Promise.all([
    deps.vaults.instances(),
    deps.vaults.vaults(),
  ]);
  const covered = instances.filter((instance) => isCovered(deps.policy, instanceSubject(deps, instance)));
  if (covered.length === 0)
    return answer(
      'Nothing that a vault protects can be restored here.',
      [],
      'The policy covers none of it, or there is none.',
    );
  const vaultOf = (instance: InstanceFacts): VaultFacts | undefined =>
    vaults.find(({ id }) => id.toLowerCase() === instance.vaultId.toLowerCase());
  const shown = covered.slice(0, most);
  const lines = await Promise.all(shown.map((instance) => instanceLine(deps, instance, vaultOf(instance))));
  const used = [...new Set(shown.map(vaultOf))].filter((vault) => vault !== undefined);
  const hint = [
    ...(covered.length > most ? [`The first ${most} are shown.`] : []),
    ...(knownFrom === 'vaults' ? ['Resource Graph did not answer; the vaults were asked one by one.'] : []),
    '"points" and a name tell its recovery points.',
  ].join(' ');
  return answer(`${covered.length} protected by vaults`, [...lines, ...used.flatMap(vaultLines)], hint);
}

const pointLine = (point: RecoveryPoint, now: Instant): AnswerLine => ({
  text: utc(point.time),
  detail: [
    `${span(millisBetween(point.time, now))} before now`,
    point.store === 'archive' ? 'archive tier' : 'vault tier',
    ...(point.rehydratedUntil === undefined ? [] : [`fetched back until ${utc(point.rehydratedUntil)}`]),
    ...(point.expiresAt === undefined ? [] : [`kept until ${utc(point.expiresAt)}`]),
    ...(point.isComplete ? [] : ['not complete']),
  ].join(' · '),
});

/** Undefined where no vault protects anything of that name. */
export async function answerVaultPoints(deps: Deps, source: string): Promise<AnswerMessage | undefined> {
  const { instances } = await deps.vaults.instances();
  const covered = instances.filter((instance) => isCovered(deps.policy, instanceSubject(deps, instance)));
  const match = matchInstance(deps, covered, { source, vault: '' });
  if (match.kind !== 'one') return undefined;
  const instance = match.server;
  const points = await deps.vaults.points(instance);
  const now = deps.clock.now();
  return answer(
    `${instance.title} has ${points.length} recovery points in ${instance.vaultName}`,
    points.slice(0, most).map((point) => pointLine(point, now)),
    points.length > most ? `The newest ${most} are shown.` : undefined,
  );
}

/** Jobs of the last weeks are what somebody looks for. */
const jobDays = 30;

const jobStatusWords: Readonly<Record<JobFacts['status'], string>> = {
  running: 'running',
  completed: 'completed',
  'completed-with-warnings': 'completed with warnings',
  failed: 'failed',
  cancelled: 'cancelled',
};

function jobLine(job: JobFacts, now: Instant): AnswerLine {
  const took =
    job.endedAt === undefined
      ? `since ${span(millisBetween(job.startedAt, now))}`
      : `took ${span(millisBetween(job.startedAt, job.endedAt))}`;
  return {
    text: `${job.title} · ${jobStatusWords[job.status]}`,
    detail: [
      `${utc(job.startedAt)}, ${took}`,
      `${job.vaultName}${job.isCrossRegion ? ', in its secondary region' : ''}`,
      ...(job.pointTime === undefined ? [] : [`point of ${utc(job.pointTime)}`]),
      ...(job.prefix === undefined ? [] : [`files ${job.prefix}…`]),
      ...(job.failure ? [job.failure.sentence] : []),
      `job ${job.id}`,
    ].join(' · '),
  };
}

/** Every restore job of what the policy covers, whoever started it. */
export async function answerJobs(deps: Deps): Promise<AnswerMessage> {
  const now = deps.clock.now();
  const [jobs, { instances }] = await Promise.all([
    deps.vaults.jobs(plusSeconds(now, -jobDays * 86_400)),
    deps.vaults.instances(),
  ]);
  const covered = instances.filter((instance) => isCovered(deps.policy, instanceSubject(deps, instance)));
  const ids = new Set(covered.map(({ id }) => id.toLowerCase()));
  const shown = jobs.filter(
    ({ instanceId }) => instanceId !== undefined && ids.has(instanceId.toLowerCase()),
  );
  if (shown.length === 0) return answer(`No vault has restored anything in the last ${jobDays} days.`, []);
  return answer(
    `${shown.length} restore jobs in the last ${jobDays} days`,
    shown.slice(0, most).map((job) => jobLine(job, now)),
    shown.length > most ? `The newest ${most} are shown.` : 'Also those that nobody asked Restore Desk for.',
  );
}

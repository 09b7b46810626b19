/**
 * Which data is wanted: a moment, a backup, the latest state, the copy in the paired region, what a deletion left.
 * Refusing happens here, before a manager is asked: Azure would take a future moment as now, and answer a moment before
 * the window with a bare internal error half an hour later.
 */
import { problem, type Problem } from './errors';
import {
  isZone,
  plusSeconds,
  resolveWallClock,
  utc,
  utcExact,
  utcFrom,
  type Instant,
  type ResolvedMoment,
} from './instant';
import type { BackupFacts, DeletedServer, Source } from './servers';
import type { DroppedPlan, FastPlan, RestoreMode } from './plan';
import { newestBackup, type FormInputs } from './form-inputs';
import { restoreModes } from './restore-modes';

export type PlannedMoment =
  | { readonly mode: 'latest' }
  | { readonly mode: 'geo' }
  | { readonly mode: 'point-in-time'; readonly moment: Instant }
  | { readonly mode: 'fast'; readonly moment: Instant; readonly backup: FastPlan['backup'] }
  | { readonly mode: 'dropped'; readonly moment: Instant; readonly deletedAt: DroppedPlan['deletedAt'] };

export interface JudgedMoment {
  readonly planned?: PlannedMoment;
  readonly problems: readonly Problem[];
}

/** The rule is looked up and fields are shown even where the mode cannot be read, so that all problems are told at once. */
export const modeOf = ({ mode }: Pick<FormInputs, 'mode'>): RestoreMode =>
  restoreModes.find((known) => known === mode) ?? 'point-in-time';

/** How long Azure keeps what is left of a deleted server. */
const keptSeconds = 5 * 24 * 3600;

export const revivableUntil = ({ deletedAt }: Pick<DeletedServer, 'deletedAt'>): Instant =>
  plusSeconds(deletedAt, keptSeconds);

function momentProblem(inputs: FormInputs, resolved: ResolvedMoment): Problem[] {
  const text = inputs.moment.trim();
  switch (resolved.kind) {
    case 'instant':
      return [];
    case 'unreadable':
      return [text === '' ? problem('MOMENT_MISSING') : problem('MOMENT_UNREADABLE', { text })];
    case 'skipped':
      return [problem('MOMENT_SKIPPED', { text, zone: inputs.zone })];
    case 'twice':
      return [
        problem('MOMENT_TWICE', {
          text,
          zone: inputs.zone,
          first: utc(resolved.first),
          second: utc(resolved.second),
        }),
      ];
  }
}

function windowProblems(moment: Instant, earliest: Instant | undefined, now: Instant): Problem[] {
  if (moment > now) return [problem('MOMENT_IN_FUTURE', { moment: utcExact(moment), now: utc(now) })];
  if (earliest !== undefined && moment < earliest) {
    return [problem('MOMENT_BEFORE_WINDOW', { moment: utcExact(moment), earliest: utcFrom(earliest) })];
  }
  return [];
}

/** The SDK's dates cut microseconds off, so a backup's completion is asked for one millisecond later: never before it. */
const justAfter = (instant: Instant): Instant => new Date(Date.parse(instant) + 1).toISOString();

function judgeBackup(
  inputs: FormInputs,
  earliest: Instant | undefined,
  backups: readonly BackupFacts[],
): JudgedMoment {
  const name = inputs.backup.trim();
  if (name === '') return { problems: [problem('BACKUP_MISSING')] };
  const found = name === newestBackup ? backups[0] : backups.find((backup) => backup.name === name);
  if (!found) return { problems: [problem('BACKUP_GONE', { name })] };
  const { completedAt } = found;
  const moment = justAfter(completedAt);
  return {
    planned: { mode: 'fast', moment, backup: { name: found.name, completedAt } },
    // A backup that is there is not of the future, whatever our clock says.
    problems: windowProblems(moment, earliest, moment),
  };
}

function judgeWallClock(inputs: FormInputs, earliest: Instant | undefined, now: Instant): JudgedMoment {
  if (!isZone(inputs.zone)) return { problems: [problem('ZONE_UNKNOWN', { zone: inputs.zone })] };
  const resolved = resolveWallClock(inputs.moment, inputs.zone);
  if (resolved.kind !== 'instant') return { problems: momentProblem(inputs, resolved) };
  return {
    planned: { mode: 'point-in-time', moment: resolved.instant },
    problems: windowProblems(resolved.instant, earliest, now),
  };
}

/** Azure wants the time at which its log took the deletion, and gives what the server held when it was deleted. */
function judgeDeletion(source: Source | undefined, now: Instant): JudgedMoment {
  if (source?.kind !== 'deleted') return { problems: [] };
  const { name, deletedAt, submittedAt } = source.server;
  const until = revivableUntil(source.server);
  return {
    planned: { mode: 'dropped', moment: submittedAt, deletedAt },
    problems:
      now < until
        ? []
        : [problem('DELETED_TOO_LONG_AGO', { name, deletedAt: utc(deletedAt), until: utc(until) })],
  };
}

/** Reads mode, moment, zone and backup; also used to echo the moment on the form while other fields are still wrong. */
export function judgeMoment(
  inputs: FormInputs,
  source: Source | undefined,
  now: Instant,
  backups: readonly BackupFacts[],
): JudgedMoment {
  const earliest = source && source.kind !== 'deleted' ? source.server.earliestRestoreAt : undefined;
  switch (restoreModes.find((known) => known === inputs.mode)) {
    case 'latest':
      return { planned: { mode: 'latest' }, problems: [] };
    case 'geo':
      return { planned: { mode: 'geo' }, problems: [] };
    case 'fast':
      return judgeBackup(inputs, earliest, backups);
    case 'point-in-time':
      return judgeWallClock(inputs, earliest, now);
    case 'dropped':
      return judgeDeletion(source, now);
    case 'files-to-server':
    case 'vault-to-server':
    case 'vault-files':
    case 'vault-database':
      // Files are of a moment of their own; vaults hold recovery points, which are judged with what else is known of them.
      return { problems: [] };
    case undefined:
      return { problems: [problem('MODE_UNKNOWN', { mode: inputs.mode })] };
  }
}

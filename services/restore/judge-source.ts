/** Whether the data of a restore can be had from the source that was named. */
import { problem, type Problem } from './errors';
import { utc } from './instant';
import { modeOf } from './judge-moment';
import type { FormInputs } from './form-inputs';
import type { RegionPair } from './places';
import type { Source, SourceMatch } from './servers';

type Existing = Exclude<Source, { kind: 'deleted' }>;

function geoProblems({ server }: Existing, pair: RegionPair | undefined): Problem[] {
  const { name, location } = server;
  if (!server.geoRedundantBackup) return [problem('NO_GEO_BACKUP', { name })];
  if (pair && pair.location === undefined) return [problem('NO_REGION_PAIR', { location })];
  return server.encryption && !server.encryption.geoBackup
    ? [problem('GEO_KEY_MISSING', { name, pair: pair?.location ?? 'the paired region' })]
    : [];
}

/** In its own region a restore needs the server itself; its copy elsewhere stays when the region is down. */
function existingProblems(inputs: FormInputs, source: Existing, pair: RegionPair | undefined): Problem[] {
  const { server } = source;
  const { name, location, state } = server;
  if (modeOf(inputs) === 'geo') return geoProblems(source, pair);
  if (source.kind === 'remembered')
    return [problem('SOURCE_UNREACHABLE', { name, location, seenAt: utc(source.seenAt) })];
  return [
    ...(state === 'Ready' ? [] : [problem('SOURCE_NOT_READY', { name, state })]),
    ...(server.earliestRestoreAt === undefined ? [problem('NO_BACKUP_YET', { name })] : []),
  ];
}

/** `pair` is that of the source's region, where it was looked up. */
export function sourceProblems(
  inputs: FormInputs,
  match: SourceMatch,
  pair: RegionPair | undefined,
): Problem[] {
  const name = inputs.source.trim();
  if (name === '') return [problem('SOURCE_MISSING')];
  const dropped = modeOf(inputs) === 'dropped';
  switch (match.kind) {
    case 'none':
      return [problem(dropped ? 'DELETED_UNKNOWN' : 'SOURCE_UNKNOWN', { name, nearest: match.nearest })];
    case 'several':
      return [problem('SOURCE_AMBIGUOUS', { name, matches: match.names })];
    case 'one': {
      const source = match.server;
      if (source.kind === 'deleted') return [];
      return dropped
        ? [problem('SOURCE_NOT_DELETED', { name: source.server.name })]
        : existingProblems(inputs, source, pair);
    }
  }
}

/** The form's view model: what was typed, what it means, and what Azure allows. */
import { isCovered } from './restore/policy';
import { isZone } from './restore/instant';
import { judgeMoment } from './restore/make-plan';
import { matchServer, type BackupFacts, type ServerFacts } from './restore/servers';
import { visibleFirst } from './preflight';
import type { Deps } from './deps';
import type { Draft } from './restore/request';
import type { FormMessage, ServerChoice } from './restore/messages';

const usualZones = [
  'UTC',
  'Europe/Berlin',
  'Europe/London',
  'America/New_York',
  'America/Toronto',
  'Asia/Tokyo',
];

/** A card shows at most this many servers at once; the rest is found by typing. */
const choiceLimit = 15;

export const serverChoices = (
  deps: Pick<Deps, 'policy'>,
  servers: readonly ServerFacts[],
  query: string,
): ServerChoice[] =>
  servers
    .filter(
      (server) =>
        isCovered(deps.policy, server) && server.name.toLowerCase().includes(query.trim().toLowerCase()),
    )
    .sort((a, b) => a.name.localeCompare(b.name))
    .slice(0, choiceLimit)
    .map((server) => ({
      name: server.name,
      label: `${server.name} (${server.location}, ${server.resourceGroup})`,
    }));

function follows(server: ServerFacts): string {
  const network = server.network.kind === 'public' ? 'public access' : 'private access in the same network';
  const redundancy = server.geoRedundantBackup ? 'geo-redundant backup' : 'locally redundant backup';
  return `PostgreSQL ${server.version}, ${server.sku}, ${server.storageGb} GB, ${network}, ${redundancy}, administrator, region ${server.location}`;
}

/** The chosen server is always among the choices, or the client could not show it. */
function withChosen(choices: readonly ServerChoice[], chosen: ServerFacts | undefined): ServerChoice[] {
  if (!chosen || choices.some(({ name }) => name === chosen.name)) return [...choices];
  return [
    { name: chosen.name, label: `${chosen.name} (${chosen.location}, ${chosen.resourceGroup})` },
    ...choices,
  ];
}

/** What a form lets people choose from; a form that is no longer open needs neither. */
export interface FormFacts {
  readonly servers: readonly ServerFacts[];
  readonly backups: readonly BackupFacts[];
}

export const nothingToChoose: FormFacts = { servers: [], backups: [] };

export function sayForm(
  deps: Pick<Deps, 'policy' | 'clock'>,
  draft: Draft,
  { servers, backups }: FormFacts,
): FormMessage {
  const { inputs } = draft;
  const now = deps.clock.now();
  const match = matchServer(inputs.source, visibleFirst(deps, servers, inputs.source));
  const source = match.kind === 'one' ? match.server : undefined;
  const judged = judgeMoment(inputs, source, now, backups);
  const groups = new Set([
    ...servers.filter((server) => isCovered(deps.policy, server)).map(({ resourceGroup }) => resourceGroup),
    inputs.resourceGroup,
  ]);
  const state = draft.state.phase === 'submitted' ? 'checking' : draft.state.phase;
  return {
    kind: 'form',
    version: 1,
    key: { about: 'draft', id: draft.id, revision: 1, nonce: draft.nonce },
    requester: draft.requester,
    inputs: source ? { ...inputs, source: source.name } : inputs,
    understood: draft.understood,
    notUnderstood: draft.notUnderstood,
    problems: draft.problems,
    servers: withChosen(serverChoices(deps, servers, ''), source),
    backups,
    resourceGroups: [...groups].filter((name) => name !== '').sort(),
    zones: [...new Set([...(isZone(inputs.zone) ? [inputs.zone] : []), draft.zone, ...usualZones])],
    now,
    zone: draft.zone,
    state,
    ...(judged.planned && judged.planned.mode !== 'latest' ? { moment: judged.planned.moment } : {}),
    ...(source
      ? {
          follows: follows(source),
          window: {
            server: source.name,
            ...(source.earliestRestoreAt === undefined ? {} : { earliest: source.earliestRestoreAt }),
          },
        }
      : {}),
  };
}

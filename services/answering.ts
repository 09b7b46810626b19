/** Answers to text commands: short, read-only. */
import { DeskError, problem, type Problem } from './restore/errors';
import { commandWords, type Command } from './restore/parse-request';
import { millisBetween, momentLine, span, utc, utcExact, utcFrom } from './restore/instant';
import { answerWho } from './who-answer';
import { isCovered } from './restore/policy';
import { matchServer, type BackupFacts, type ServerFacts } from './restore/servers';
import { outcomeSentence } from './restore/transition';
import { isOpen, statusWord } from './restore/state';
import { readRequest } from './moving';
import { isVaultMode, promised, sealedMoment, shortHash, type RestoreMode } from './restore/plan';
import { answerInstances, answerJobs, answerVaultPoints } from './vault-answers';
import { answerTimeline } from './timeline-answer';
import { seenBy } from './seeing';
import { visibleFirst } from './preflight';
import type { AnswerLine, AnswerMessage } from './restore/messages';
import type { Deps } from './deps';
import type { Person } from './restore/person';
import type { RestoreRequest } from './restore/request';

const answer = (title: string, lines: readonly AnswerLine[], hint?: string): AnswerMessage => ({
  kind: 'answer',
  version: 1,
  title,
  lines,
  ...(hint === undefined ? {} : { hint }),
});

export const sayProblem = (because: Problem): AnswerMessage => answer(because.sentence, [], because.hint);

const usage: readonly AnswerLine[] = [
  {
    text: 'restore orders-pg to 10 minutes ago as orders-pg-r1 because INC-4711',
    detail: 'opens a form; nothing starts before a manager approves',
    code: true,
  },
  {
    text: 'restore orders-pg to the paired region as orders-pg-dr',
    detail: 'from the copy of its backups in the other region, also while its own is down',
    code: true,
  },
  { text: 'restore deleted catalog-pg', detail: 'a server deleted in the last five days', code: true },
  {
    text: 'restore orders-pg from vault yesterday as files to shoprestores/restores',
    detail:
      'from a Backup vault; also "from archive", "in canadaeast from vault", "as database orders_r1 on legacy-srv"',
    code: true,
  },
  {
    text: 'validate orders-pg from vault as files to shoprestores/restores',
    detail: 'checks everything that a request would be checked for, without asking for one',
    code: true,
  },
  { text: 'instances', detail: 'what vaults protect, and their copies in other regions', code: true },
  { text: 'jobs', detail: 'restore jobs of all vaults, whoever started them', code: true },
  { text: 'status R-1', detail: 'where a request stands', code: true },
  { text: 'timeline R-1', detail: 'what became of it, step by step: when, what, who', code: true },
  { text: 'list', detail: 'open requests, then the latest ended ones', code: true },
  { text: 'withdraw R-1', detail: 'takes back your own request before it is decided', code: true },
  {
    text: 'cancel R-1',
    detail: 'stops a restore that has started, after telling what that means',
    code: true,
  },
  { text: 'approve R-1 7f3a', detail: 'approves the plan with that short hash', code: true },
  { text: 'reject R-1 reason', detail: 'rejects it and says why', code: true },
  {
    text: 'ask R-1 question',
    detail: 'asks its requester; our clocks stand still until they answer',
    code: true,
  },
  { text: 'who can approve R-1', detail: 'who may decide now, and what is missing', code: true },
  { text: 'edit R-1', detail: 'changes your own request; decisions given so far are void then', code: true },
  {
    text: 'break-glass R-1 7f3a reason',
    detail: 'starts it without approval, where its rule lets you; an approver looks at it afterwards',
    code: true,
  },
  { text: 'servers', detail: 'servers that can be restored', code: true },
  { text: 'points orders-pg', detail: 'moments and backups a server can be restored to', code: true },
];

const help = (): AnswerMessage =>
  answer(
    'What Restore Desk understands',
    usage,
    'In a channel, mention @Restore Desk first. Times: 10 minutes ago, yesterday 14:05 CET, 2026-11-19T13:05:00Z, latest, the last full backup.',
  );

function unknownCommand(command: Extract<Command, { kind: 'unknown' }>): AnswerMessage {
  const nearest = command.nearest.length > 0 ? command.nearest : commandWords.slice(0, 2);
  const lines = nearest.map(
    (word) => usage.find(({ text }) => text.startsWith(word)) ?? { text: word, code: true },
  );
  return answer('That is not a command.', lines, 'Say "help" for all of them.');
}

const incompleteCommand = (command: Extract<Command, { kind: 'incomplete' }>): AnswerMessage =>
  answer(
    `"${command.command}" needs more.`,
    [{ text: command.usage, code: true }],
    'Say "help" for all commands.',
  );

/** `to 2026-11-19 14:05:00 UTC`, `to the latest moment`, `into the paired region`. */
function modeWords(mode: RestoreMode, moment: string | undefined): string {
  if (mode === 'files-to-server') return 'from files in a container';
  if (isVaultMode(mode)) return `from the recovery point of ${moment ?? ''}`;
  if (mode === 'dropped') return `as it was when it was deleted (${moment ?? ''})`;
  if (mode === 'geo') return 'into the paired region';
  return `to ${moment ?? 'the latest moment'}`;
}

/** One line for a list: number, what, state, and what it waits for. */
function requestLine(request: RestoreRequest): AnswerLine {
  const { plan, state } = request;
  const moment = sealedMoment(plan);
  return {
    text: `${request.id} · ${plan.source.name} → ${promised(plan).name} · ${statusWord(state)}`,
    detail: `${modeWords(plan.mode, moment === undefined ? undefined : utcExact(moment))}, asked by ${request.requester.name}; ${outcomeSentence(request)}`,
  };
}

async function list(deps: Deps): Promise<AnswerMessage> {
  const requests = await deps.store.requests(10);
  if (requests.length === 0)
    return answer('There are no requests yet.', [], 'Say "restore" and what you need.');
  const open = requests.filter(({ state }) => isOpen(state)).length;
  return answer(
    `${open} open, ${requests.length - open} of the latest ended`,
    requests.map(requestLine),
    '"status R-1" tells more.',
  );
}

async function status(deps: Deps, id: string): Promise<AnswerMessage> {
  const { request } = await readRequest(deps, id);
  const { plan, state } = request;
  const now = deps.clock.now();
  const moment = sealedMoment(plan);
  const lines: AnswerLine[] = [
    {
      text: `${plan.source.name} → ${promised(plan).name}`,
      detail: modeWords(plan.mode, moment === undefined ? undefined : momentLine(moment, request.zone, now)),
    },
    {
      text: `Asked by ${request.requester.name}`,
      detail: `${utc(request.createdAt)} · plan ${shortHash(request.planHash)}`,
    },
    { text: 'Now', detail: outcomeSentence(request) },
    ...('run' in state && !('endedAt' in state)
      ? [{ text: 'Running for', detail: span(millisBetween(state.run.startedAt, now)) }]
      : []),
    ...(state.phase === 'failed' ? [{ text: state.failure.sentence, detail: state.failure.hint }] : []),
  ];
  return { ...answer(id, lines), status: statusWord(state) };
}

/** What Azure does not answer for is told as it was seen last. */
const stateWords = (deps: Deps, server: ServerFacts): string => {
  const known = deps.servers.known(server.id);
  return known?.reachable === false ? `does not answer, last seen ${utc(known.seenAt)}` : server.state;
};

const serverLine = (deps: Deps, server: ServerFacts): AnswerLine => ({
  text: server.name,
  detail: `${server.location}, ${server.resourceGroup} · PostgreSQL ${server.version} · ${stateWords(deps, server)} · ${
    server.earliestRestoreAt === undefined
      ? 'no backup yet'
      : `restorable from ${utcFrom(server.earliestRestoreAt)}`
  }`,
});

async function servers(deps: Deps): Promise<AnswerMessage> {
  const known = await deps.servers.list();
  const covered = known.servers
    .filter((server) => isCovered(deps.policy, server))
    .sort((a, b) => a.name.localeCompare(b.name));
  if (covered.length === 0)
    return answer(
      'No server can be restored here.',
      [],
      'The policy covers none of the servers that Azure lists.',
    );
  const shown = covered.slice(0, 20).map((server) => serverLine(deps, server));
  return answer(
    `${covered.length} servers can be restored`,
    shown,
    covered.length > 20 ? 'The first 20 by name are shown.' : undefined,
  );
}

const backupLine = (backup: BackupFacts, now: string): AnswerLine => ({
  text: utc(backup.completedAt),
  detail: `${backup.kind === 'automatic' ? 'full backup' : 'on-demand backup'} · ${span(millisBetween(backup.completedAt, now))} before now`,
});

/** Vaults that do not answer are no reason to keep the backups of the server itself from anybody. */
function unanswered(error: unknown): undefined {
  if (!(error instanceof DeskError)) throw error;
  return undefined;
}

const vaultPart = (inVault: AnswerMessage | undefined): AnswerLine[] =>
  inVault ? [{ text: inVault.title }, ...inVault.lines.slice(0, 5)] : [];

async function points(deps: Deps, asked: string): Promise<AnswerMessage> {
  const known = await deps.servers.list();
  const match = matchServer(asked, visibleFirst(deps, known.servers, asked));
  const inVault = await answerVaultPoints(deps, asked).catch(unanswered);
  if (match.kind !== 'one' && inVault) return inVault;
  if (match.kind === 'none')
    return sayProblem(problem('SOURCE_UNKNOWN', { name: asked.slice(0, 80), nearest: match.nearest }));
  if (match.kind === 'several')
    return sayProblem(problem('SOURCE_AMBIGUOUS', { name: asked.slice(0, 80), matches: match.names }));
  const { server } = match;
  if (!isCovered(deps.policy, server)) return sayProblem(problem('NO_POLICY_RULE', { name: server.name }));
  const seen = deps.servers.known(server.id);
  if (seen?.reachable === false) {
    const { name, location } = server;
    return sayProblem(problem('SOURCE_UNREACHABLE', { name, location, seenAt: utc(seen.seenAt) }));
  }
  if (server.earliestRestoreAt === undefined)
    return sayProblem(problem('NO_BACKUP_YET', { name: server.name }));
  const now = deps.clock.now();
  const backups = await deps.reader.backups(server.id);
  return answer(
    `${server.name} can be restored to any moment from ${utcFrom(server.earliestRestoreAt)} until now`,
    [...backups.slice(0, 10).map((backup) => backupLine(backup, now)), ...vaultPart(inVault)],
    'The last minutes may not be archived yet (up to about 5 min).',
  );
}

export interface Answering {
  answer(
    command: Extract<
      Command,
      {
        kind:
          | 'status'
          | 'timeline'
          | 'who'
          | 'list'
          | 'servers'
          | 'instances'
          | 'jobs'
          | 'points'
          | 'help'
          | 'empty'
          | 'unknown'
          | 'incomplete';
      }
    >,
    /** Who asks; without them nothing is told of servers that the policy keeps to some. */
    by?: Person,
  ): Promise<AnswerMessage>;
}

/** A refusal is an answer too; a database that is away is not, and stays thrown. */
export const createAnswering = (all: Deps): Answering => ({
  answer: async (command, by) => {
    try {
      const deps = await seenBy(all, by);
      switch (command.kind) {
        case 'status':
          return await status(deps, command.requestId);
        case 'timeline':
          return await answerTimeline(deps, command.requestId);
        case 'who':
          return await answerWho(deps, command.requestId);
        case 'list':
          return await list(deps);
        case 'servers':
          return await servers(deps);
        case 'instances':
          return await answerInstances(deps);
        case 'jobs':
          return await answerJobs(deps);
        case 'points':
          return await points(deps, command.server);
        case 'help':
        case 'empty':
          return help();
        case 'unknown':
          return unknownCommand(command);
        case 'incomplete':
          return incompleteCommand(command);
      }
    } catch (error) {
      if (error instanceof DeskError && error.problem.code !== 'DATABASE_UNREACHABLE')
        return sayProblem(error.problem);
      throw error;
    }
  },
});

/** The facts of a request, in the order in which they decide. */
import { cardMention, mentionAll, type Mentioned } from './mention';
import { inert } from './escape';
import { millisBetween, span, utcExact, type Instant } from '../services/restore/instant';
import { approversOf } from '../services/restore/sealed-rule';
import { costWords } from '../services/restore/prices';
import { demandWords, nextAsked } from './signatures';
import { rangeWords } from '../services/restore/steps';
import {
  isFilesPlan,
  isVaultPlan,
  shortHash,
  type Plan,
  type ServerMode,
  type ServerPlan,
} from '../services/restore/plan';
import type { LoadServer } from '../services/restore/load-plan';
import type { VaultPlan } from '../services/restore/vault-plan';
import type { Circle } from './circle';
import type { Loss } from '../services/restore/proof-findings';
import type { Network } from '../services/restore/servers';
import type { RequestMessage, Viewer } from '../services/restore/messages';

interface Fact {
  readonly title: string;
  readonly value: string;
}

/** A card has room for a few names; who else may decide is counted. */
const namedApprovers = 6;

function lossWords({ plan, createdAt, loss }: RequestMessage): string {
  if (isVaultPlan(plan)) return lossSince(plan.point.time, createdAt, loss);
  if (isFilesPlan(plan))
    return plan.markedAt === undefined
      ? 'unknown: no file tells the time of the backup'
      : lossSince(plan.markedAt, createdAt, loss);
  if (plan.mode === 'latest')
    return 'what is written after the start; the last minutes may not be archived yet (up to about 5 min)';
  if (plan.mode === 'geo')
    return 'writes that have not arrived in that region when it starts: up to about 1 h of the newest';
  if (plan.mode === 'dropped')
    return 'perhaps the last minutes before the deletion (up to about 5 min); everything older is there';
  return lossSince(plan.moment, createdAt, loss);
}

function lossSince(at: Instant, createdAt: Instant, loss: Loss | undefined): string {
  const lost = millisBetween(at, createdAt);
  const about = lost < 1_000 ? 'only what came after the request' : `about ${span(lost)}`;
  const isSameDay = at.slice(0, 10) === createdAt.slice(0, 10);
  const moment = utcExact(at);
  return `everything written after ${isSameDay ? moment.slice(11) : moment}: ${about}${loss === undefined ? '' : transactionWords(loss)}`;
}

/** `, ~4,200 transactions`: nobody decides by the last digit. */
function transactionWords(loss: Loss): string {
  if (loss.kind === 'unknown') return '; how much that is the source does not tell';
  const { transactions } = loss;
  if (loss.kind === 'counted' && transactions === 0) return ', in which nothing was written';
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, transactions))) - 1);
  const about = (Math.round(transactions / unit) * unit).toLocaleString('en-US');
  return loss.kind === 'counted'
    ? `, ~${about} transactions`
    : `, ~${about} transactions by the average of the server`;
}

function durationWords({ duration }: RequestMessage): string {
  if (duration.kind === 'none') return 'no history yet';
  return `usually ${rangeWords(duration.fromMillis, duration.toMillis)} (${duration.restores} past restores)`;
}

function askedBy(message: RequestMessage, viewer: Viewer, circle: Circle): Fact {
  const who = viewer === 'requester' ? 'you' : cardMention(message.requester, circle).text;
  const parts = [who, message.reason === '' ? '' : `"${inert(message.reason)}"`, inert(message.ticket, 80)];
  return { title: 'Asked by', value: parts.filter((part) => part !== '').join(' · ') };
}

const canDecide = (message: RequestMessage, circle: Circle): Mentioned =>
  mentionAll(nextAsked(message), circle, cardMention, namedApprovers);

function ruleWords(message: RequestMessage, circle: Circle): string {
  const { rule } = message;
  const demand = `${inert(rule.name, 80)}: ${demandWords(rule)}`;
  if (message.ending.kind !== 'open') return `${demand} · plan ${shortHash(message.planHash)}`;
  return `${demand} · can decide now: ${canDecide(message, circle).text}`;
}

/** In which subnet a private server will stand: by its name, the full id is in the exact request. */
function reachWords(network: Network, mode: ServerMode): string {
  // How a deleted server was reached may be unknown.
  if (network.kind === 'public') return mode === 'dropped' ? 'public' : 'public, as the source is';
  return `private, in the subnet ${inert(network.delegatedSubnetId.split('/').at(-1) ?? '', 80)}`;
}

function placeWords(plan: ServerPlan): string {
  const where = `${inert(plan.target.location, 60)}, ${inert(plan.target.resourceGroup, 90)}`;
  // A deleted server cannot be changed; of every other one people want to know that it is safe.
  const safe = plan.mode === 'dropped' ? '' : ' The source is not changed.';
  return `${where}, ${reachWords(plan.network, plan.mode)}.${safe}`;
}

/** Where the files or the database will be, and what is left alone. */
function destinationWords(plan: VaultPlan): string {
  const { target } = plan;
  const where = `${inert(target.location, 60)}, ${inert(target.resourceGroup, 90)}`;
  if (plan.mode === 'vault-to-server')
    return `${loadPlaceWords(plan.load.server)} On the way: container ${inert(plan.target.container, 80)} of the storage account ${inert(plan.target.account, 80)} in ${where}. The source is not changed.`;
  return plan.mode === 'vault-files'
    ? `container ${inert(plan.target.container, 80)} of the storage account ${inert(plan.target.account, 80)} in ${where}. Nothing there is overwritten, and the source is not changed.`
    : `server ${inert(plan.target.server, 80)} in ${where}. An existing database is never overwritten, and the source is not changed.`;
}

/** The server that files are loaded into. */
const loadPlaceWords = ({ name, location, resourceGroup }: LoadServer): string =>
  `server ${inert(name, 80)} in ${inert(location, 60)}, ${inert(resourceGroup, 90)}. Nothing there is overwritten.`;

const withoutOwners = (plan: VaultPlan): boolean => plan.source.name.includes('/');

function missingWords(plan: VaultPlan): string {
  return withoutOwners(plan)
    ? 'owners and grants: dumps of a single server carry none'
    : 'databases that belong to Azure itself, server parameters, firewall rules';
}

function maybeMissing(plan: Plan): string {
  if (isVaultPlan(plan)) return missingWords(plan);
  return isFilesPlan(plan)
    ? 'passwords of roles, server parameters, firewall rules'
    : 'firewall rules, changed parameters, high availability and replicas of the source';
}

function placeFact(plan: Plan): Fact {
  if (isFilesPlan(plan)) return { title: 'Goes to', value: loadPlaceWords(plan.target) };
  return isVaultPlan(plan)
    ? { title: 'Goes to', value: destinationWords(plan) }
    : { title: 'New server', value: placeWords(plan) };
}

/** What differs from the source or is asked for on top; the exact request behind the fold has it in full. */
const listed = (lines: readonly string[], most: number): string =>
  [...lines.slice(0, most).map((line) => inert(line, 120)), ...(lines.length > most ? ['…'] : [])].join(
    ' · ',
  );

const expiryOf = (plan: Plan): string | undefined => ('expires' in plan ? plan.expires : undefined);

export function requestFacts(message: RequestMessage, viewer: Viewer, circle: Circle): readonly Fact[] {
  const isReceipt = message.place === 'receipt';
  const all: readonly (Fact | false)[] = [
    askedBy(message, viewer, circle),
    { title: 'Not in the copy', value: lossWords(message) },
    !isReceipt && {
      title: 'May be missing',
      value: maybeMissing(message.plan),
    },
    message.followUps.length > 0 && {
      title: 'Left for afterwards',
      value: listed(
        message.followUps.map(({ what }) => what),
        5,
      ),
    },
    placeFact(message.plan),
    message.options.length > 0 && { title: 'With', value: listed(message.options, 12) },
    { title: 'Takes', value: durationWords(message) },
    message.cost !== undefined && {
      title: 'Costs',
      value: costWords(message.cost, message.createdAt, expiryOf(message.plan)),
    },
    { title: 'Rule', value: ruleWords(message, circle) },
  ];
  return all.filter((fact) => fact !== false);
}

/** The entities of the mentions that the card really shows; one without its text would be refused or ignored. */
export function mentionsIn(card: object, message: RequestMessage, circle: Circle): object[] {
  const shown = JSON.stringify(card);
  const people = [message.requester, ...approversOf(message.rule)];
  return mentionAll(people, circle, cardMention, people.length)
    .mentions.filter(({ text }) => shown.includes(JSON.stringify(text).slice(1, -1)))
    .map(({ text, id, name }) => ({ type: 'mention', text, mentioned: { id, name } }));
}

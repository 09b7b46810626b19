/**
 * Whether a rule means a request: yes, no, or maybe where something is not known. A maybe can make stricter, and covers nothing.
 */
import { isWithin } from './policy-clock';
import { matchesPattern } from './policy-patterns';
import type { Ask, Destination, PolicySubject } from './policy-subject';
import type { NamedPlaces, Policy, PolicyMatch } from './policy-schema';

export type Verdict = 'yes' | 'maybe' | 'no';

/** One thing that a rule asks for, by its path in `match`. */
export interface Condition {
  readonly key: string;
  readonly verdict: Verdict;
}

type Places = Pick<Policy, 'environments' | 'dataClasses'>;

const said = (fits: boolean): Verdict => (fits ? 'yes' : 'no');

/** Nothing is asked: yes. Nothing is known: maybe. */
function held<W, K>(
  wanted: W | undefined,
  known: K | undefined,
  fits: (wanted: W, known: K) => boolean,
): Verdict {
  if (wanted === undefined) return 'yes';
  return known === undefined ? 'maybe' : said(fits(wanted, known));
}

const like = (wanted: string | undefined, known: string | undefined): Verdict =>
  held(wanted, known, (wildcard, text) => matchesPattern(text, wildcard));

export function every(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('no')) return 'no';
  return verdicts.includes('maybe') ? 'maybe' : 'yes';
}

function some(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('yes')) return 'yes';
  return verdicts.includes('maybe') ? 'maybe' : 'no';
}

interface Spot {
  readonly subscriptionId?: string;
  readonly resourceGroup: string;
  /** Absent for a container, which no pattern of servers means. */
  readonly server?: string;
}

const within = (places: NamedPlaces | undefined, { subscriptionId, resourceGroup, server }: Spot): Verdict =>
  some(
    (places ?? []).map((place) =>
      every([
        like(place.subscription, subscriptionId),
        like(place.resourceGroup, resourceGroup),
        server === undefined ? said(place.server === undefined) : like(place.server, server),
      ]),
    ),
  );

const isWithinNamed = (
  named: Readonly<Record<string, NamedPlaces>>,
  name: string | undefined,
  spot: Spot,
): Verdict => (name === undefined ? 'yes' : within(named[name], spot));

const spotOf = ({ name, ...place }: PolicySubject): Spot => ({ ...place, server: name });

/** Of the source. Tags only tighten: where they are unknown a rule that asks for some counts, lest a looser one took its place. */
export function sourceConditions(places: Places, match: PolicyMatch, subject: PolicySubject): Condition[] {
  const { tags } = subject;
  const asked = Object.entries(match.tags ?? {});
  const tagged: Verdict =
    asked.length === 0
      ? 'yes'
      : held(asked, tags, (wanted, known) => wanted.every(([key, value]) => known[key] === value));
  return [
    { key: 'server', verdict: like(match.server, subject.name) },
    { key: 'resourceGroup', verdict: like(match.resourceGroup, subject.resourceGroup) },
    { key: 'subscription', verdict: like(match.subscription, subject.subscriptionId) },
    { key: 'environment', verdict: isWithinNamed(places.environments, match.environment, spotOf(subject)) },
    { key: 'dataClass', verdict: isWithinNamed(places.dataClasses, match.dataClass, spotOf(subject)) },
    { key: 'network', verdict: held(match.network, subject.network, (wanted, { kind }) => kind === wanted) },
    { key: 'tags', verdict: tagged },
  ];
}

function destinationConditions(
  places: Places,
  wanted: NonNullable<PolicyMatch['to']>,
  to: Destination | undefined,
): Condition[] {
  if (!to) return [{ key: 'to', verdict: Object.keys(wanted).length === 0 ? 'yes' : 'maybe' }];
  const isServer = to.kind === 'server';
  const server = isServer ? like(wanted.server, to.server) : said(wanted.server === undefined);
  const container = isServer ? said(wanted.container === undefined) : like(wanted.container, to.container);
  return [
    { key: 'to.subscription', verdict: like(wanted.subscription, to.subscriptionId) },
    { key: 'to.resourceGroup', verdict: like(wanted.resourceGroup, to.resourceGroup) },
    { key: 'to.region', verdict: like(wanted.region, to.region) },
    { key: 'to.server', verdict: server },
    { key: 'to.container', verdict: container },
    // Who reaches a storage account is not known here.
    {
      key: 'to.network',
      verdict: held(wanted.network, isServer ? to.network : undefined, (network, known) => network === known),
    },
    { key: 'to.environment', verdict: isWithinNamed(places.environments, wanted.environment, to) },
  ];
}

/** Of everything but the source, for one of the places that it goes to. */
export function askConditions(
  places: Places,
  match: PolicyMatch,
  ask: Ask,
  to: Destination | undefined,
): Condition[] {
  return [
    { key: 'actions', verdict: said(match.actions?.includes(ask.action) ?? true) },
    { key: 'modes', verdict: said(match.modes?.includes(ask.mode) ?? true) },
    {
      key: 'regionChange',
      verdict: held(match.regionChange, ask.regionChange, (wanted, known) => wanted === known),
    },
    { key: 'hours', verdict: held(match.hours, ask.at, isWithin) },
    ...destinationConditions(places, match.to ?? {}, to),
  ];
}

export const verdictOf = (conditions: readonly Condition[]): Verdict =>
  every(conditions.map(({ verdict }) => verdict));

/** What a copy does not carry: in one fact, with a button for each kind that can be applied, and the rest behind a fold. */
import { applyVerb, execute } from './actions';
import { inert, oneLine } from './escape';
import { applicableKinds, type ApplicableKind } from '../services/restore/difference-changes';
import { countedKind, kindNoun } from '../services/restore/difference-names';
import { utc, type Instant } from '../services/restore/instant';
import type { Applied } from '../services/restore/applied';
import type { DifferenceLine, OutcomeMessage } from '../services/restore/messages';

const asSentence = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;

/** Applied, and nothing of it refused: the line about it says the rest. */
const isWhole = ({ applied, canApply }: DifferenceLine): boolean => applied?.kind === 'applied' && !canApply;

/** Of what somebody applied only what Azure refused is left. */
function countLeft({ group, applied }: DifferenceLine): number {
  if (group.found === 'unknown') return 0;
  return applied?.kind === 'applied'
    ? applied.items.filter(({ outcome }) => outcome.kind === 'refused').length
    : group.items.length;
}

/** `2 firewall rules, 3 parameters, high availability · not known: locks`; empty where nothing was compared. */
export function differsWords({ differences, notCompared }: OutcomeMessage): string {
  if (!differences) return notCompared === undefined ? '' : inert(notCompared, 200);
  const open = differences.filter((line) => !isWhole(line));
  const found = open.flatMap((line) =>
    line.group.found === 'differs' ? [countedKind(line.group.kind, countLeft(line))] : [],
  );
  const unknown = open.flatMap(({ group }) => (group.found === 'unknown' ? [kindNoun(group.kind, 2)] : []));
  const known = differences.length === 0 ? ['in nothing that was compared'] : found;
  return [
    ...(known.length === 0 ? [] : [known.join(', ')]),
    ...(unknown.length === 0 ? [] : [`not known: ${unknown.join(', ')}`]),
  ].join(' · ');
}

/** On the day of the outcome the time says enough. */
const time = (at: Instant, endedAt: Instant): string =>
  at.slice(0, 10) === endedAt.slice(0, 10) ? utc(at).slice(11) : utc(at);

const mostRefusals = 2;

function itemWords({ items }: Extract<Applied, { kind: 'applied' }>, most: number): string {
  if (items.length === 0) return 'nothing was missing any more';
  const refused = items.flatMap(({ what, outcome }) =>
    outcome.kind === 'refused' ? [`${inert(what, 63)}: ${inert(outcome.because.sentence, 200)}`] : [],
  );
  const shown = refused.slice(0, Math.min(most, mostRefusals));
  const more = refused.length - shown.length;
  return [
    `${items.length - refused.length} of ${items.length}`,
    ...shown,
    ...(more > 0 ? [`and ${more} more refused`] : []),
  ].join('; ');
}

function resultWords(
  kind: ApplicableKind,
  applied: Applied,
  { endedAt, target }: OutcomeMessage,
  most: number,
): string {
  const what = asSentence(kindNoun(kind, 2));
  const who = inert(applied.by.name, 80);
  switch (applied.kind) {
    case 'at-work':
      return `${what}: being applied, asked by ${who} at ${time(applied.askedAt, endedAt)}`;
    case 'in-trouble':
      return `${what}: asked by ${who}, not applied at ${time(applied.endedAt, endedAt)}: ${inert(applied.because.sentence, 300)}`;
    case 'applied': {
      const restart = applied.needsRestart ? ` · in force after a restart of ${inert(target, 63)}` : '';
      return `${what}: applied by ${who} at ${time(applied.endedAt, endedAt)} (${itemWords(applied, most)})${restart}`;
    }
  }
}

const kindOf = ({ group }: DifferenceLine): ApplicableKind | undefined =>
  applicableKinds.find((kind) => kind === group.kind);

const results = (message: OutcomeMessage, most: number): readonly { line: string }[] =>
  (message.differences ?? []).flatMap((difference) => {
    const kind = kindOf(difference);
    const { applied } = difference;
    return kind && applied ? [{ line: resultWords(kind, applied, message, most) }] : [];
  });

function buttons({ differences = [], key }: OutcomeMessage): readonly object[] {
  if (!key) return [];
  return differences.flatMap((line) => {
    const kind = line.canApply ? kindOf(line) : undefined;
    const title = kind && `Apply ${kindNoun(kind, 2)}`;
    return kind && title ? [execute(title, applyVerb(kind), key, { withInputs: false })] : [];
  });
}

const mostWarnings = 3;

interface Warnings {
  readonly open: readonly { readonly line: string }[];
  /** Some of them are only read behind the fold. */
  readonly goOn: boolean;
}

/** Of what can be pressed: they are read before the press. */
function warningsOf({ differences = [] }: OutcomeMessage, most: number): Warnings {
  const all = differences.flatMap(({ group, canApply }) =>
    canApply && group.found === 'differs' && group.canApply ? group.warnings : [],
  );
  const open = all.slice(0, Math.min(most, mostWarnings)).map((words) => ({ line: inert(words, 200) }));
  const more = all.length - open.length;
  return more > 0
    ? { open: [...open, { line: `and ${more} more, under What differs` }], goOn: true }
    : { open, goOn: false };
}

interface FoldedGroup {
  readonly title: string;
  readonly lines: readonly { readonly line: string }[];
  readonly commands: readonly { readonly command: string }[];
}

function foldedGroup({ group }: DifferenceLine, most: number, warns: boolean): FoldedGroup {
  const { title } = group;
  if (group.found === 'unknown')
    return {
      title,
      lines: [{ line: `not known: ${inert(group.why, most === 0 ? 60 : 300)}` }],
      commands: [],
    };
  const shown = group.items
    .slice(0, most)
    .map(({ what, source, copy }) =>
      inert(`${oneLine(what, 80)}: ${oneLine(source, 120)} · copy: ${oneLine(copy, 120)}`),
    );
  const more = group.items.length - shown.length;
  const woken =
    warns && group.canApply ? group.warnings.slice(0, most).map((words) => inert(words, 200)) : [];
  const lines = [...woken, ...shown, ...(more > 0 ? [`and ${more} more`] : [])];
  const commands = group.canApply ? [] : group.commands.slice(0, Math.min(most, 3));
  return {
    title: group.canApply ? title : `${title} (by hand)`,
    lines: lines.map((line) => ({ line })),
    commands: commands.map((command) => ({ command: inert(command, 600) })),
  };
}

/** What the template of the outcome names. `most` items of each kind; the rest is counted. */
export function differencesData(message: OutcomeMessage, most: number) {
  const { differences = [] } = message;
  const [offered, warned, told] = [buttons(message), warningsOf(message, most), results(message, most)];
  return {
    applyButtons: offered,
    hasApplyButtons: offered.length > 0,
    applyWarnings: warned.open,
    applyResults: told,
    hasApplying: offered.length + warned.open.length + told.length > 0,
    differences: differences.map((line) => foldedGroup(line, most, warned.goOn)),
    hasDifferences: differences.length > 0,
  };
}

/** From a document to the policy, or to everything that is wrong with it, each with its path. */
import type { z } from 'zod/v4';
import { DeskError, problem } from './errors';
import { endsTooEarly, freezeTimes, hasNoLength, hoursSchema } from './policy-clock';
import { policySchema, type Policy } from './policy-schema';
import { signOffProblems, type RuleProblem } from './policy-sign-off';

type Json = Readonly<Record<string, unknown>>;

export type PolicyReading =
  | { readonly kind: 'policy'; readonly policy: Policy }
  | { readonly kind: 'wrong'; readonly problems: readonly RuleProblem[] };

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const objectOf = (value: unknown): Json => (isObject(value) ? value : {});
const entriesOf = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.map(objectOf) : []);

const below = (path: readonly PropertyKey[], problems: readonly RuleProblem[]): RuleProblem[] =>
  problems.map((each) => ({
    ...each,
    path: [...path, ...each.path],
  }));

function doubledNames(rules: readonly Json[]): RuleProblem[] {
  return rules.flatMap(({ name }, index) =>
    typeof name === 'string' && rules.findIndex((other) => other['name'] === name) < index
      ? [{ path: ['rules', index, 'name'], message: `is the name of another rule already: ${name}` }]
      : [],
  );
}

/** Names that are used, and written down nowhere, would silently match nothing. */
function unknownNames(document: Json, match: Json): RuleProblem[] {
  const known = (where: string): readonly string[] => Object.keys(objectOf(document[where]));
  const used = [
    { path: ['environment'], name: match['environment'], where: 'environments' },
    { path: ['to', 'environment'], name: objectOf(match['to'])['environment'], where: 'environments' },
    { path: ['dataClass'], name: match['dataClass'], where: 'dataClasses' },
  ];
  return used.flatMap(({ path, name, where }) =>
    typeof name === 'string' && !known(where).includes(name)
      ? [{ path, message: `${name} is not described under ${where}` }]
      : [],
  );
}

function matchProblems(document: Json, match: unknown): RuleProblem[] {
  const asked = objectOf(match);
  const hours = hoursSchema.safeParse(asked['hours']);
  return [
    ...unknownNames(document, asked),
    ...(hours.success && hasNoLength(hours.data)
      ? [{ path: ['hours', 'to'], message: 'must not be the same time as from' }]
      : []),
  ];
}

function freezeProblems(document: Json): RuleProblem[] {
  return entriesOf(document['freezes']).flatMap((freeze, index) => {
    const from = freezeTimes.from.safeParse(freeze['from']);
    const to = freezeTimes.to.safeParse(freeze['to']);
    return [
      ...(from.success && to.success && endsTooEarly({ from: from.data, to: to.data })
        ? [{ path: ['freezes', index, 'to'], message: 'must be after from' }]
        : []),
      ...below(['freezes', index, 'match'], matchProblems(document, freeze['match'])),
    ];
  });
}

/** What no single field shows. Looked for in whatever can be read, so that nothing waits for another correction. */
function crossProblems(document: Json): RuleProblem[] {
  const rules = entriesOf(document['rules']);
  return [
    ...doubledNames(rules),
    ...rules.flatMap((rule, index) => [
      ...below(['rules', index], signOffProblems(rule)),
      ...below(['rules', index, 'match'], matchProblems(document, rule['match'])),
    ]),
    ...freezeProblems(document),
    ...entriesOf(document['visible']).flatMap((entry, index) =>
      below(['visible', index], unknownNames(document, entry)),
    ),
  ];
}

type Issue = z.core.$ZodIssue;

/** A key that is not allowed is looked for itself, and not the map around it. */
const problemsOf = (issue: Issue): RuleProblem[] =>
  issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => ({
        path: issue.path,
        message: `does not know the key ${key}`,
        at: [...issue.path, key],
      }))
    : [{ path: issue.path, message: issue.message }];

/** Every problem at once, in the order of the document's parts. */
export function checkPolicy(document: unknown): PolicyReading {
  const read = policySchema.safeParse(document);
  const wrong = read.success ? [] : read.error.issues.flatMap(problemsOf);
  const problems = [...wrong, ...crossProblems(objectOf(document))];
  if (read.success && problems.length === 0) return { kind: 'policy', policy: read.data };
  return { kind: 'wrong', problems };
}

/** As text: `rules.0.needed: ...`. */
export const problemText = ({ path, message }: RuleProblem): string =>
  `${path.map(String).join('.') || '(top)'}: ${message}.`;

/** Throws CONFIGURATION with every problem. */
export function readPolicy(document: unknown): Policy {
  const reading = checkPolicy(document);
  if (reading.kind === 'policy') return reading.policy;
  const problems = reading.problems.map((each) => `policy ${problemText(each)}`);
  throw new DeskError(problem('CONFIGURATION', { problems }));
}

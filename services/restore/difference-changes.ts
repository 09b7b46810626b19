/** Which of the source's settings a copy lacks, as things that can be done to the copy by name. */
import { canonicalJson } from './canonical-json';
import type {
  AddressRange,
  ChangedParameter,
  Detail,
  DiagnosticSetting,
  EntraAdministrator,
  ResourceLock,
  ServerDetails,
} from './server-details';
import { isSecretParameter } from './server-details';

/** In the order in which they are best applied: a lock may forbid what comes after it. */
export const applicableKinds = [
  'parameters',
  'firewall-rules',
  'administrators',
  'diagnostic-settings',
  'locks',
] as const;

export type ApplicableKind = (typeof applicableKinds)[number];

/** `present` is what the copy has under that name instead. */
export type Change =
  | {
      readonly kind: 'parameters';
      readonly wanted: ChangedParameter;
      readonly present: ChangedParameter | undefined;
    }
  | {
      readonly kind: 'firewall-rules';
      readonly wanted: AddressRange;
      readonly present: AddressRange | undefined;
    }
  | {
      readonly kind: 'administrators';
      readonly wanted: EntraAdministrator;
      readonly present: EntraAdministrator | undefined;
    }
  | {
      readonly kind: 'diagnostic-settings';
      readonly wanted: DiagnosticSetting;
      readonly present: DiagnosticSetting | undefined;
    }
  | { readonly kind: 'locks'; readonly wanted: ResourceLock; readonly present: ResourceLock | undefined };

interface Missing<T> {
  readonly wanted: T;
  readonly present: T | undefined;
}

const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** What of the source's list the copy does not have just so; `unknown` where either side could not be read. */
function missing<T>(
  source: Detail<readonly T[]>,
  copy: Detail<readonly T[]>,
  isSameThing: (a: T, b: T) => boolean,
  isSatisfied: (wanted: T, there: readonly T[]) => boolean,
): Detail<readonly Missing<T>[]> {
  if (source.kind === 'unknown') return { kind: 'unknown', why: `source: ${source.why}` };
  // What the source has nothing of cannot be missing.
  if (source.value.length === 0) return { kind: 'read', value: [] };
  if (copy.kind === 'unknown') return { kind: 'unknown', why: `copy: ${copy.why}` };
  const lacked = source.value.filter((wanted) => !isSatisfied(wanted, copy.value));
  const present = (wanted: T): T | undefined => copy.value.find((there) => isSameThing(there, wanted));
  return { kind: 'read', value: lacked.map((wanted) => ({ wanted, present: present(wanted) })) };
}

const sameRange = (a: AddressRange, b: AddressRange): boolean => a.start === b.start && a.end === b.end;

/** Lists of categories come in any order. */
const sent = (settings: readonly object[]): string => settings.map(canonicalJson).sort().join();

const sameSetting = (a: DiagnosticSetting, b: DiagnosticSetting): boolean =>
  sameName(a.name, b.name) &&
  sent([a.destinations]).toLowerCase() === sent([b.destinations]).toLowerCase() &&
  sent(a.logs) === sent(b.logs) &&
  sent(a.metrics) === sent(b.metrics);

const tagged = <K extends ApplicableKind, T>(
  kind: K,
  found: Detail<readonly Missing<T>[]>,
): Detail<readonly (Missing<T> & { readonly kind: K })[]> =>
  found.kind === 'unknown' ? found : { kind: 'read', value: found.value.map((each) => ({ ...each, kind })) };

const parameterChanges = (source: ServerDetails, copy: ServerDetails): Detail<readonly Change[]> => {
  const found = missing(
    source.parameters,
    copy.parameters,
    (a, b) => sameName(a.name, b.name),
    (wanted, there) =>
      isSecretParameter(wanted.name) ||
      there.some(({ name, value }) => sameName(name, wanted.name) && value === wanted.value),
  );
  return tagged('parameters', found);
};

/** Everything of one kind that would have to be done to the copy. */
export function changesOf(
  kind: ApplicableKind,
  source: ServerDetails,
  copy: ServerDetails,
): Detail<readonly Change[]> {
  switch (kind) {
    case 'parameters':
      return parameterChanges(source, copy);
    case 'firewall-rules':
      return tagged(
        kind,
        missing(
          source.firewallRules,
          copy.firewallRules,
          (a, b) => sameName(a.name, b.name),
          // Under another name it lets in the same.
          (wanted, there) => there.some((rule) => sameRange(rule, wanted)),
        ),
      );
    case 'administrators':
      return tagged(
        kind,
        missing(
          source.administrators,
          copy.administrators,
          (a, b) => sameName(a.objectId, b.objectId),
          (wanted, there) => there.some(({ objectId }) => sameName(objectId, wanted.objectId)),
        ),
      );
    case 'diagnostic-settings':
      return tagged(
        kind,
        missing(
          source.diagnosticSettings,
          copy.diagnosticSettings,
          (a, b) => sameName(a.name, b.name),
          (wanted, there) => there.some((setting) => sameSetting(setting, wanted)),
        ),
      );
    case 'locks':
      return tagged(
        kind,
        missing(
          source.locks,
          copy.locks,
          (a, b) => sameName(a.name, b.name),
          (wanted, there) =>
            there.some(({ name, level }) => sameName(name, wanted.name) && level === wanted.level),
        ),
      );
  }
}

/**
 * The error catalogue: every refusal and failure a person can meet has a stable code, one sentence that says what and
 * where, a hint that says who does what next, and whether trying again helps. Vendor errors are translated into it at
 * the edges; their own code and correlation id travel along in small print.
 */
import { asked } from './catalogue/asked';
import { azure } from './catalogue/azure';
import { differences } from './catalogue/differences';
import { dump } from './catalogue/dump';
import { load } from './catalogue/load';
import { own } from './catalogue/own';
import { people } from './catalogue/people';
import { place } from './catalogue/place';
import { running } from './catalogue/running';
import { spool } from './catalogue/spool';
import { vault } from './catalogue/vault';
import { vaultAzure } from './catalogue/vault-azure';
import type { Explanation } from './catalogue/explanation';

const catalogue = {
  ...{ ...asked, ...place, ...people, ...running },
  ...{ ...azure, ...vault, ...vaultAzure, ...own },
  ...{ ...dump, ...load, ...spool, ...differences },
};

export type ProblemCode = keyof typeof catalogue;

/** One entry of the catalogue, filled in: what a card, a text answer and the journal show. */
export interface Problem extends Explanation {
  readonly code: ProblemCode;
  /** The vendor's own code, shown in small print. */
  readonly vendorCode?: string;
  /** The vendor's tracking or correlation id, shown in small print. */
  readonly correlationId?: string;
}

type Parameters_<C extends ProblemCode> = Parameters<(typeof catalogue)[C]>;

export function problem<C extends ProblemCode>(code: C, ...parameters: Parameters_<C>): Problem {
  const explain = catalogue[code] as (...p: Parameters_<C>) => Explanation;
  return { code, ...explain(...parameters) };
}

/** Adds the vendor's own words for support: never shown alone, never dropped. */
export function withVendor(
  base: Problem,
  vendorCode: string | undefined,
  correlationId: string | undefined,
): Problem {
  return {
    ...base,
    ...(vendorCode === undefined ? {} : { vendorCode }),
    ...(correlationId === undefined ? {} : { correlationId }),
  };
}

/** The one error class of the product: a problem that travels as an exception. */
export class DeskError extends Error {
  readonly problem: Problem;
  constructor(of: Problem, cause?: unknown) {
    super(`${of.code}: ${of.sentence}`, cause === undefined ? undefined : { cause });
    this.problem = of;
  }
}

/** For branches that the types rule out. */
export function impossible(value: never): never {
  throw new DeskError(problem('INTERNAL', { what: `unexpected ${JSON.stringify(value)}` }));
}

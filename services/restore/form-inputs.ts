/** What a person can fill in on the request form: always text, kept as typed until it is judged. */
export interface FormInputs {
  readonly source: string;
  readonly mode: string;
  /** `2026-11-19 14:05:00` on the wall clock of `zone`, or an ISO 8601 instant. */
  readonly moment: string;
  readonly zone: string;
  /** Name of the backup to restore, for the mode `fast`. */
  readonly backup: string;
  readonly target: string;
  readonly resourceGroup: string;
  readonly reason: string;
  readonly ticket: string;
}

export const formFields = [
  'source',
  'mode',
  'moment',
  'zone',
  'backup',
  'target',
  'resourceGroup',
  'reason',
  'ticket',
] as const;

/** Longest accepted texts, in characters; longer input is refused, never cut silently. */
export const fieldLimits: Readonly<Record<keyof FormInputs, number>> = {
  source: 300,
  mode: 40,
  moment: 60,
  zone: 60,
  backup: 128,
  target: 80,
  resourceGroup: 90,
  reason: 500,
  ticket: 60,
};

/** Takes the known text fields out of anything; everything else, prototype keys included, is left where it is. */
export function pickInputs(from: unknown, base: FormInputs): FormInputs {
  if (typeof from !== 'object' || from === null) return base;
  const picked = formFields.map((field) => {
    const value: unknown = Object.hasOwn(from, field) ? (from as Record<string, unknown>)[field] : undefined;
    return [field, typeof value === 'string' ? value : base[field]] as const;
  });
  return Object.fromEntries(picked) as unknown as FormInputs;
}

/** What a person can fill in on the request form: always text, kept as typed until it is judged. */
export interface FormInputs {
  /** Name or id of the server; in the mode `dropped` of the deleted one. */
  readonly source: string;
  readonly mode: string;
  /** `2026-11-19 14:05:00` on the wall clock of `zone`, or an ISO 8601 instant. */
  readonly moment: string;
  readonly zone: string;
  /** Name of the backup to restore, for the mode `fast`; of a vault the id of the recovery point; or `newest`. */
  readonly backup: string;
  /** Where the new server shall be, for the modes `geo` and `dropped`; of a vault the region whose copies are restored. Empty for the only one possible. */
  readonly region: string;
  readonly target: string;
  /** Id; empty for that of the source. */
  readonly subscription: string;
  readonly resourceGroup: string;
  /** 1, 2 or 3; empty where Azure chooses; `none` for none. */
  readonly availabilityZone: string;
  /** Empty for that of the source. */
  readonly storageType: string;
  /** `on`, `off`, or empty for as the source where that is possible. */
  readonly geoRedundancy: string;
  /** Full id of a delegated subnet; empty for that of the source where it can be used. */
  readonly subnet: string;
  /** Full id of a private DNS zone; empty for that of the source where it can be used. */
  readonly dnsZone: string;
  /** `SameZone` or `ZoneRedundant`; empty for none. */
  readonly highAvailability: string;
  /** `key=value`, separated by commas or lines. */
  readonly tags: string;
  /** YYYY-MM-DD; empty for none. */
  readonly expires: string;
  /** Name of the vault, where the source is protected in several. */
  readonly vault: string;
  /** `account/container`, for files from a vault. */
  readonly container: string;
  /** What the names of the files begin with. */
  readonly prefix: string;
  /**
   * Name of the new database, for the mode `vault-database`; `target` is the server then. Where files are loaded the
   * databases to take, separated by commas or lines; empty for all.
   */
  readonly database: string;
  /** `vault/name` of the key vault secret with the login to restore with. */
  readonly secret: string;
  /** `Standard` or `High`: how quickly an archived recovery point is fetched back. */
  readonly rehydration: string;
  /** Days for which it then stays. */
  readonly rehydrationDays: string;
  /** `keep` or `drop`: whether what is loaded belongs to whom it belonged. */
  readonly owners: string;
  /** `keep` or `drop`. */
  readonly grants: string;
  /** `old=new`, separated by commas or lines: roles of the files and who owns their things on the server. */
  readonly ownerMap: string;
  /** `schemas` and `tablespaces`, separated by commas: files that are loaded only on request. */
  readonly extras: string;
  readonly reason: string;
  readonly ticket: string;
}

/** Stands for the newest backup until somebody has read which one that is. */
export const newestBackup = 'newest';

export type FormField = keyof FormInputs;

/** Longest accepted texts, in characters; longer input is refused, never cut silently. */
export const fieldLimits: Readonly<Record<FormField, number>> = {
  source: 300,
  mode: 40,
  moment: 60,
  zone: 60,
  backup: 128,
  region: 60,
  target: 80,
  subscription: 60,
  resourceGroup: 90,
  availabilityZone: 10,
  storageType: 40,
  geoRedundancy: 10,
  subnet: 400,
  dnsZone: 400,
  highAvailability: 40,
  tags: 1000,
  expires: 40,
  vault: 60,
  container: 120,
  prefix: 100,
  database: 300,
  secret: 160,
  rehydration: 20,
  rehydrationDays: 10,
  owners: 10,
  grants: 10,
  ownerMap: 200,
  extras: 40,
  reason: 500,
  ticket: 60,
};

export const formFields = Object.keys(fieldLimits) as readonly FormField[];

export const noInputs: FormInputs = Object.fromEntries(
  formFields.map((field) => [field, '']),
) as unknown as FormInputs;

/** Takes the known text fields out of anything; everything else, prototype keys included, is left where it is. */
export function pickInputs(from: unknown, base: FormInputs): FormInputs {
  if (typeof from !== 'object' || from === null) return base;
  const picked = formFields.map((field) => {
    const value: unknown = Object.hasOwn(from, field) ? (from as Record<string, unknown>)[field] : undefined;
    return [field, typeof value === 'string' ? value : base[field]] as const;
  });
  return Object.fromEntries(picked) as unknown as FormInputs;
}

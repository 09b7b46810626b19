/** What belongs to a server and is not its data: none of it is sure to come along with a copy. */

/** Reading one kind may fail while others are known. */
export type Detail<T> =
  { readonly kind: 'read'; readonly value: T } | { readonly kind: 'unknown'; readonly why: string };

/** A server parameter that somebody has changed. */
export interface ChangedParameter {
  readonly name: string;
  /** As Azure writes it; a number is in `unit`. */
  readonly value: string;
  readonly unit?: string;
  /** Takes effect only with a restart of the server. */
  readonly needsRestart: boolean;
}

export interface AddressRange {
  readonly name: string;
  readonly start: string;
  readonly end: string;
}

export interface EntraAdministrator {
  readonly objectId: string;
  /** Name of its role in the server. */
  readonly name: string;
  /** `User`, `Group`, `ServicePrincipal`. */
  readonly type: string;
  readonly tenantId: string;
}

/** On the server itself; what lies on its group or subscription holds for every server there. */
export interface ResourceLock {
  readonly name: string;
  /** `CanNotDelete`, `ReadOnly`. */
  readonly level: string;
  readonly notes?: string;
}

/** Where logs and metrics of the server are sent. */
export interface DiagnosticSetting {
  readonly name: string;
  /** Property of Azure to id or name of the destination: `workspaceId`, `storageAccountId`, ... */
  readonly destinations: Readonly<Record<string, string>>;
  /** What is sent, in Azure's words for it; handed on as it was read. */
  readonly logs: readonly object[];
  readonly metrics: readonly object[];
}

export interface PrivateEndpoint {
  readonly name: string;
  readonly endpointId: string;
  /** `Approved`, `Pending`, ... */
  readonly status: string;
}

export interface HighAvailability {
  /** `Disabled`, `SameZone`, `ZoneRedundant`. */
  readonly mode: string;
  readonly standbyZone?: string;
}

export interface ServerDetails {
  readonly id: string;
  readonly name: string;
  readonly parameters: Detail<readonly ChangedParameter[]>;
  readonly firewallRules: Detail<readonly AddressRange[]>;
  readonly administrators: Detail<readonly EntraAdministrator[]>;
  readonly locks: Detail<readonly ResourceLock[]>;
  readonly diagnosticSettings: Detail<readonly DiagnosticSetting[]>;
  readonly highAvailability: Detail<HighAvailability>;
  /** Names. */
  readonly replicas: Detail<readonly string[]>;
  readonly privateEndpoints: Detail<readonly PrivateEndpoint[]>;
}

/** Parameters that hold something secret, or the address of something that does, are neither read nor shown nor applied. */
export const isSecretParameter = (name: string): boolean =>
  /conninfo|passphrase|secret|_key$|credential|access_token/i.test(name);

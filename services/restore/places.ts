/** What the desk knows of the place where a new server shall stand: subscription, region, group, network. */

/** What Azure offers one subscription in one region. */
export interface RegionFacts {
  /** Normalised, for example canadacentral. */
  readonly location: string;
  /** Azure lets the subscription make no servers here; waiting does not help. */
  readonly restricted: boolean;
  /** Major versions, for example 16. */
  readonly versions: readonly string[];
  readonly skus: readonly SkuFacts[];
  readonly storageTypes: readonly string[];
  readonly geoBackup: boolean;
}

export interface SkuFacts {
  readonly name: string;
  readonly vCores: number;
  /** Empty where the region has no availability zones. */
  readonly zones: readonly string[];
}

/** Cores of flexible servers that a subscription may use in a region, and uses. */
export interface Quota {
  readonly limit: number;
  readonly used: number;
}

export interface RegionPair {
  /** Absent where the region has none. */
  readonly location?: string;
  /** `azure`: told by Azure now; `table`: from the product's own list, because Azure did not say. */
  readonly knownFrom: 'azure' | 'table';
}

export interface SubnetFacts {
  readonly id: string;
  readonly networkId: string;
  readonly name: string;
  readonly location: string;
  /** Services the subnet is delegated to, for example Microsoft.DBforPostgreSQL/flexibleServers. */
  readonly delegations: readonly string[];
  /** Addresses that are still free for servers; absent when nobody told. */
  readonly freeAddresses?: number;
}

export interface DnsZoneFacts {
  readonly id: string;
  readonly name: string;
  /** Full ids of the virtual networks that it is linked to. */
  readonly linkedNetworks: readonly string[];
}

export interface ResourceGroupFacts {
  readonly name: string;
  readonly subscriptionId: string;
  readonly location: string;
}

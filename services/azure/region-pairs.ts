/**
 * Which regions keep each other's backups, for when Azure does not say. Azure's own answer always comes first: this list
 * ages. From the published pairs of Azure regions; most hold both ways, some only one.
 */
const bothWays: readonly (readonly [string, string])[] = [
  ['australiacentral', 'australiacentral2'],
  ['australiaeast', 'australiasoutheast'],
  ['canadacentral', 'canadaeast'],
  ['centralindia', 'southindia'],
  ['centralus', 'eastus2'],
  ['centraluseuap', 'eastus2euap'],
  ['chinaeast', 'chinanorth'],
  ['chinaeast2', 'chinanorth2'],
  ['chinaeast3', 'chinanorth3'],
  ['eastasia', 'southeastasia'],
  ['eastus', 'westus'],
  ['westus2', 'westcentralus'],
  ['northcentralus', 'southcentralus'],
  ['francecentral', 'francesouth'],
  ['germanywestcentral', 'germanynorth'],
  ['germanycentral', 'germanynortheast'],
  ['japaneast', 'japanwest'],
  ['jioindiacentral', 'jioindiawest'],
  ['koreacentral', 'koreasouth'],
  ['northeurope', 'westeurope'],
  ['norwayeast', 'norwaywest'],
  ['southafricanorth', 'southafricawest'],
  ['swedencentral', 'swedensouth'],
  ['switzerlandnorth', 'switzerlandwest'],
  ['taiwannorth', 'taiwannorthwest'],
  ['uaenorth', 'uaecentral'],
  ['uksouth', 'ukwest'],
  ['usdodcentral', 'usdodeast'],
  ['usgovarizona', 'usgovtexas'],
];

const oneWay: readonly (readonly [string, string])[] = [
  ['brazilsouth', 'southcentralus'],
  ['brazilsoutheast', 'brazilsouth'],
  ['westindia', 'southindia'],
  ['westus3', 'eastus'],
  ['malaysiasouth', 'japanwest'],
  ['usgovvirginia', 'usgovtexas'],
  ['usgoviowa', 'usgovvirginia'],
];

const pairs: ReadonlyMap<string, string> = new Map([
  ...oneWay,
  ...bothWays.flatMap(([a, b]) => [[a, b] as const, [b, a] as const]),
]);

/** The region that keeps the geo-redundant backups of this one; undefined for a region without one, or an unknown one. */
export const listedPair = (location: string): string | undefined => pairs.get(location);

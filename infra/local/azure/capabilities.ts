/** What may be created in a region. A restricted region says so and offers nothing. */
import { findRegion, restrictedRegion } from './regions';

const sku = (
  name: string,
  vCores: number,
  supportedIops: number,
  memoryPerCoreMb: number,
  zones: string[],
) => ({
  ...{ name, vCores, supportedIops, supportedMemoryPerVcoreMb: memoryPerCoreMb, supportedZones: zones },
  ...{ supportedHaMode: zones.length > 1 ? ['SameZone', 'ZoneRedundant'] : [], supportedFeatures: [] },
});

const storageSizes = [
  { storageSizeMb: 32_768, supportedIops: 120, defaultIopsTier: 'P4' },
  { storageSizeMb: 65_536, supportedIops: 240, defaultIopsTier: 'P6' },
  { storageSizeMb: 131_072, supportedIops: 500, defaultIopsTier: 'P10' },
  { storageSizeMb: 262_144, supportedIops: 1100, defaultIopsTier: 'P15' },
].map((size) => ({
  ...size,
  supportedIopsTiers: [{ name: size.defaultIopsTier, iops: size.supportedIops }],
}));

const edition = (name: string, defaultSkuName: string, supportedServerSkus: readonly object[]) => ({
  ...{ name, defaultSkuName, supportedServerSkus },
  supportedStorageEditions: [
    { name: 'ManagedDisk', defaultStorageSizeMb: 65_536, supportedStorageMb: storageSizes },
  ],
});

/** The zones in which a server of this tier can be put; none in a region without zones. */
export function zonesOf(location: string, tier: string): string[] {
  const zones = [...(findRegion(location)?.zones ?? [])];
  return tier === 'Burstable' ? zones.slice(0, 1) : zones;
}

const editions = (zones: string[], burstable: string[]) => [
  edition('Burstable', 'Standard_B1ms', [
    sku('Standard_B1ms', 1, 640, 2048, burstable),
    sku('Standard_B2s', 2, 1280, 2048, burstable),
  ]),
  edition('GeneralPurpose', 'Standard_D2ds_v5', [
    sku('Standard_D2ds_v5', 2, 3750, 4096, zones),
    sku('Standard_D4ads_v5', 4, 6400, 4096, zones),
    sku('Standard_D8ads_v5', 8, 12_800, 4096, zones),
  ]),
  edition('MemoryOptimized', 'Standard_E4ds_v5', [sku('Standard_E4ds_v5', 4, 6400, 8192, zones)]),
];

const versions = ['13', '14', '15', '16', '17', '18'];

export function capabilities(location: string) {
  const open = location !== restrictedRegion;
  const paired = findRegion(location)?.pair !== undefined ? 'Enabled' : 'Disabled';
  const zoneRedundant = zonesOf(location, 'GeneralPurpose').length > 1 ? 'Enabled' : 'Disabled';
  return {
    name: 'FlexibleServerCapabilities',
    supportedServerEditions: open
      ? editions(zonesOf(location, 'GeneralPurpose'), zonesOf(location, 'Burstable'))
      : [],
    supportedServerVersions: open
      ? versions.map((name, index) => ({ name, supportedVersionsToUpgrade: versions.slice(index + 1) }))
      : [],
    supportedFeatures: [
      { name: 'GeoBackup', status: paired },
      { name: 'ZoneRedundantHa', status: zoneRedundant },
    ],
    ...{
      fastProvisioningSupported: 'Disabled',
      geoBackupSupported: paired,
      zoneRedundantHaSupported: zoneRedundant,
    },
    ...{
      zoneRedundantHaAndGeoBackupSupported: zoneRedundant === 'Enabled' ? paired : zoneRedundant,
      storageAutoGrowthSupported: 'Enabled',
    },
    ...{ onlineResizeSupported: 'Enabled', restricted: open ? 'Disabled' : 'Enabled' },
  };
}

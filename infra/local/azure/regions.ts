/** The regions local Azure knows: short name, display name, geography and pair. */
export interface Region {
  readonly name: string;
  readonly displayName: string;
  readonly geography: string;
  readonly pair?: string;
  /** Empty where the region has no availability zones. */
  readonly zones: readonly string[];
}

/** Regions that only have one data centre site. */
const withoutZones = [
  ...['canadaeast', 'westus', 'westcentralus', 'northcentralus', 'ukwest', 'francesouth', 'germanynorth'],
  ...['switzerlandwest', 'swedensouth', 'australiasoutheast'],
];

const region = (name: string, displayName: string, geography: string, pair?: string): Region => ({
  name,
  displayName,
  geography,
  zones: withoutZones.includes(name) ? [] : ['1', '2', '3'],
  ...(pair === undefined ? {} : { pair }),
});

export const regions: readonly Region[] = [
  region('canadacentral', 'Canada Central', 'Canada', 'canadaeast'),
  region('canadaeast', 'Canada East', 'Canada', 'canadacentral'),
  region('eastus', 'East US', 'United States', 'westus'),
  region('westus', 'West US', 'United States', 'eastus'),
  region('eastus2', 'East US 2', 'United States', 'centralus'),
  region('centralus', 'Central US', 'United States', 'eastus2'),
  region('westus2', 'West US 2', 'United States', 'westcentralus'),
  region('westcentralus', 'West Central US', 'United States', 'westus2'),
  region('westus3', 'West US 3', 'United States', 'eastus'),
  region('northcentralus', 'North Central US', 'United States', 'southcentralus'),
  region('southcentralus', 'South Central US', 'United States', 'northcentralus'),
  region('northeurope', 'North Europe', 'Europe', 'westeurope'),
  region('westeurope', 'West Europe', 'Europe', 'northeurope'),
  region('uksouth', 'UK South', 'United Kingdom', 'ukwest'),
  region('ukwest', 'UK West', 'United Kingdom', 'uksouth'),
  region('francecentral', 'France Central', 'France', 'francesouth'),
  region('francesouth', 'France South', 'France', 'francecentral'),
  region('germanywestcentral', 'Germany West Central', 'Germany', 'germanynorth'),
  region('germanynorth', 'Germany North', 'Germany', 'germanywestcentral'),
  region('switzerlandnorth', 'Switzerland North', 'Switzerland', 'switzerlandwest'),
  region('switzerlandwest', 'Switzerland West', 'Switzerland', 'switzerlandnorth'),
  region('swedencentral', 'Sweden Central', 'Sweden', 'swedensouth'),
  region('swedensouth', 'Sweden South', 'Sweden', 'swedencentral'),
  region('japaneast', 'Japan East', 'Japan', 'japanwest'),
  region('japanwest', 'Japan West', 'Japan', 'japaneast'),
  region('australiaeast', 'Australia East', 'Australia', 'australiasoutheast'),
  region('australiasoutheast', 'Australia Southeast', 'Australia', 'australiaeast'),
  region('brazilsouth', 'Brazil South', 'Brazil', 'southcentralus'),
  region('southeastasia', 'Southeast Asia', 'Asia Pacific', 'eastasia'),
  region('eastasia', 'East Asia', 'Asia Pacific', 'southeastasia'),
  region('qatarcentral', 'Qatar Central', 'Qatar'),
  region('polandcentral', 'Poland Central', 'Poland'),
  region('italynorth', 'Italy North', 'Italy'),
];

/** The region in which the made-up company may not create servers. */
export const restrictedRegion = 'westus3';

/** `Canada Central` and `canadacentral` are the same place. */
const shortLocation = (location: string): string => location.toLowerCase().replace(/\s/g, '');

export const findRegion = (location: string): Region | undefined =>
  regions.find(({ name }) => name === shortLocation(location));

export const displayLocation = (location: string): string => findRegion(location)?.displayName ?? location;

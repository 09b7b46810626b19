/** Which api-versions each resource type takes, and the three ways in which ARM refuses one. */
import { ArmError } from './arm-error';
import { regions } from './regions';

const postgres = [
  '2020-02-14-preview',
  '2021-06-01',
  '2022-12-01',
  '2023-03-01-preview',
  '2023-06-01-preview',
  '2023-12-01-preview',
  '2024-03-01-preview',
  '2024-08-01',
  '2024-11-01-preview',
  '2025-01-01-preview',
  '2025-06-01-preview',
  '2025-08-01',
  '2026-01-01-preview',
  '2026-04-01-preview',
];

const storage = [
  ...['2019-06-01', '2021-01-01', '2021-02-01', '2021-04-01', '2021-06-01', '2021-08-01', '2021-09-01'],
  ...['2022-05-01', '2022-09-01', '2023-01-01', '2023-04-01', '2023-05-01', '2024-01-01', '2025-01-01'],
];

const keyVault = [
  ...['2018-02-14', '2019-09-01', '2021-10-01', '2022-07-01', '2022-11-01', '2023-02-01', '2023-07-01'],
  ...['2024-11-01', '2025-05-01'],
];

const dataProtection = [
  ...['2021-07-01', '2022-12-01', '2023-01-01', '2023-05-01', '2023-11-01', '2023-12-01', '2024-04-01'],
  ...['2025-01-01', '2025-02-01', '2025-07-01', '2025-09-01', '2026-03-01', '2026-04-01-preview'],
];

/** Types whose versions are many and never matter take any well-formed one. */
const versionsByType: Readonly<Record<string, readonly string[] | 'any'>> = {
  'microsoft.dbforpostgresql': postgres,
  // The older kind of server never got newer versions.
  'microsoft.dbforpostgresql/servers': ['2017-12-01', '2017-12-01-preview'],
  'microsoft.dataprotection': dataProtection,
  'microsoft.resources': 'any',
  'microsoft.network': 'any',
  'microsoft.insights/diagnosticsettings': ['2017-05-01-preview', '2021-05-01-preview'],
  'microsoft.insights': ['2014-04-01', '2015-04-01'],
  'microsoft.storage': storage,
  'microsoft.keyvault': keyVault,
  'microsoft.resourcegraph': ['2021-03-01', '2021-06-01-preview', '2022-10-01', '2024-04-01'],
  'microsoft.authorization/locks': ['2015-01-01', '2016-09-01', '2017-04-01', '2020-05-01'],
  'microsoft.authorization': [
    '2015-07-01',
    '2018-07-01',
    '2018-01-01-preview',
    '2020-04-01-preview',
    '2022-04-01',
  ],
};

const versionPattern = /^\d{4}-\d\d-\d\d(-[a-z]+)?$/i;

export function requireApiVersion(version: string | undefined): string {
  if (version === undefined || version === '')
    throw new ArmError(
      400,
      'MissingApiVersionParameter',
      'The api-version query parameter (?api-version=) is required for all requests.',
    );
  if (!versionPattern.test(version))
    throw new ArmError(
      400,
      'InvalidApiVersionParameter',
      `The api-version '${version}' is invalid. The supported versions are given as dates, such as '2025-08-01'.`,
    );
  return version;
}

export function requireSupportedVersion(version: string, type: string, location: string): void {
  const [namespace = '', ...rest] = type.split('/');
  const keys = [`${namespace}/${rest[0] ?? ''}`, namespace].map((key) => key.toLowerCase());
  const supported = keys.map((key) => versionsByType[key]).find((known) => known !== undefined) ?? 'any';
  if (supported === 'any' || supported.includes(version.toLowerCase())) return;
  const locations = regions.map(({ name }) => name).join(', ');
  throw new ArmError(
    400,
    'NoRegisteredProviderFound',
    `No registered resource provider found for location '${location}' and API version '${version}' for type '${rest.join('/')}'. The supported api-versions are '${supported.join(', ')}'. The supported locations are '${locations}'.`,
  );
}

export function invalidResourceType(namespace: string, type: string, version: string): ArmError {
  const supported = versionsByType[namespace.toLowerCase()];
  if (supported === undefined)
    return new ArmError(404, 'InvalidResourceNamespace', `The resource namespace '${namespace}' is invalid.`);
  return new ArmError(
    404,
    'InvalidResourceType',
    `The resource type '${type}' could not be found in the namespace '${namespace}' for api version '${version}'. The supported api-versions are '${supported === 'any' ? version : supported.join(',')}'.`,
  );
}

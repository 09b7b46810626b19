/** Who owns what in an archive. Pure. */
import type { TocEntry } from './archive-toc';

/** Kinds whose owner is set when they are loaded; of all others the owner follows from something else. */
const ownable = new Set([
  ...[
    'AGGREGATE',
    'BLOB',
    'BLOB METADATA',
    'COLLATION',
    'CONVERSION',
    'DEFAULT ACL',
    'DOMAIN',
    'EVENT TRIGGER',
  ],
  ...['FOREIGN DATA WRAPPER', 'FOREIGN TABLE', 'FUNCTION', 'MATERIALIZED VIEW', 'OPERATOR', 'OPERATOR CLASS'],
  ...['OPERATOR FAMILY', 'PROCEDURAL LANGUAGE', 'PROCEDURE', 'PUBLICATION', 'SCHEMA', 'SEQUENCE', 'SERVER'],
  ...[
    'STATISTICS',
    'SUBSCRIPTION',
    'TABLE',
    'TEXT SEARCH CONFIGURATION',
    'TEXT SEARCH DICTIONARY',
    'TYPE',
    'VIEW',
  ],
]);

/** In the order of the alphabet; without the owner of the database itself, which is made by whoever loads it. */
export const ownersOf = (entries: readonly TocEntry[]): string[] =>
  [...new Set(entries.filter(({ kind }) => ownable.has(kind)).map(({ owner }) => owner))]
    .filter((owner) => owner !== '')
    .sort();

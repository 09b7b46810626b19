/** What a plan that loads dump files means, in words for the card that is signed. Pure. */
import type { DumpFile, LoadTerms } from './load-plan';

const databasesWords = ({ databases }: LoadTerms): string =>
  databases.length === 0 ? 'every database of the files' : `databases ${databases.join(', ')}`;

function mapWords({ choices }: LoadTerms): string[] {
  const mapped = Object.entries(choices.ownerMap).map(([from, to]) => `${from} becomes ${to}`);
  return mapped.length === 0 ? [] : [`owners: ${mapped.join(', ')}`];
}

/** What a reader could not expect, one short line each. */
export const loadOptions = (terms: LoadTerms): string[] => [
  databasesWords(terms),
  ...mapWords(terms),
  ...terms.extras.map((extra) => `${extra} file too`),
];

/** What an approver must have read first. */
export function loadWarnings({ choices, server }: LoadTerms): string[] {
  return [
    `It writes to ${server.name}: roles and databases are added there, and nothing that is there is overwritten.`,
    choices.owners === 'drop'
      ? 'Code in the files (functions that constraints and indexes call) runs there, with no rights but to what is loaded and those that everybody has there.'
      : 'Code in the files (functions that constraints and indexes call) runs there with the rights of the owners that the files name, where they are on the server and may neither administrate it nor make databases: load only files whose container you trust.',
    ...(choices.owners === 'drop'
      ? [
          'Owners are left away: everything will belong to a role of its own, loaded_ and the name of the database, that has no rights.',
        ]
      : []),
    ...(choices.grants === 'drop'
      ? ['Grants are left away: only owners can use what is loaded, until somebody grants it to others.']
      : []),
  ];
}

/** For the fold of the card: which files, by their ETags, with which tools' switches. */
export function exactLoad({ server, databases, choices, extras }: LoadTerms, files?: readonly DumpFile[]) {
  return `LOAD INTO ${server.id}\n${JSON.stringify(
    {
      databases: databases.length === 0 ? 'all' : databases,
      ...choices,
      extras,
      ...(files ? { files: files.map(({ name, bytes, etag }) => ({ name, bytes, etag })) } : {}),
    },
    null,
    2,
  )}`;
}

/** How files shall be loaded, read from what a person typed. */
import { problem, type Problem } from './errors';
import type { FormInputs } from './form-inputs';
import type { LoadExtra, LoadServer, LoadTerms } from './load-plan';

/** Names separated by commas or lines; one in double quotes may hold a comma. */
export function readNames(text: string): string[] {
  const found = [...text.matchAll(/"((?:[^"]|"")+)"|([^,\n"]+)/g)].map(([, quoted, plain]) =>
    quoted === undefined ? (plain ?? '').trim() : quoted.replaceAll('""', '"'),
  );
  return [...new Set(found.filter((name) => name !== ''))];
}

/** As `readNames` reads it back. */
export const writeNames = (names: readonly string[]): string =>
  names.map((name) => (/[",\n]|^\s|\s$/.test(name) ? `"${name.replaceAll('"', '""')}"` : name)).join(', ');

/** `old=new` pairs; undefined where one of them is none. */
export function readOwnerMap(text: string): Readonly<Record<string, string>> | undefined {
  const pairs = text
    .split(/[,\n]/)
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '')
    .map((pair) => pair.split('=').map((part) => part.trim()));
  const isWhole = pairs.every((pair) => pair.length === 2 && pair.every((name) => name !== ''));
  return isWhole ? Object.fromEntries(pairs.map(([from = '', to = '']) => [from, to])) : undefined;
}

const knownExtras: readonly LoadExtra[] = ['schemas', 'tablespaces'];

export function choiceProblems(inputs: FormInputs): Problem[] {
  const wrong = (['owners', 'grants'] as const).filter(
    (field) => !['', 'keep', 'drop'].includes(inputs[field].trim()),
  );
  const extras = readNames(inputs.extras).filter((name) => !knownExtras.some((known) => known === name));
  return [
    ...wrong.map((field) => problem('LOAD_CHOICE_UNKNOWN', { field, text: inputs[field].trim() })),
    ...(readOwnerMap(inputs.ownerMap)
      ? []
      : [problem('OWNER_MAP_UNREADABLE', { text: inputs.ownerMap.trim() })]),
    ...extras.map((text) => problem('LOAD_CHOICE_UNKNOWN', { field: 'extras', text })),
  ];
}

const keepOrDrop = (text: string): 'keep' | 'drop' => (text.trim() === 'drop' ? 'drop' : 'keep');

export const termsFor = (inputs: FormInputs, server: LoadServer): LoadTerms => ({
  server,
  databases: readNames(inputs.database),
  choices: {
    owners: keepOrDrop(inputs.owners),
    grants: keepOrDrop(inputs.grants),
    ownerMap: readOwnerMap(inputs.ownerMap) ?? {},
  },
  extras: knownExtras.filter((extra) => readNames(inputs.extras).includes(extra)),
});

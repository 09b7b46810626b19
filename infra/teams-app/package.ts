/**
 * The app package: the manifest with its placeholders filled, and the two icons, in one zip. The same input gives the
 * same bytes, so that two packages can be compared.
 */
import { zipSync } from 'fflate';

export type Values = Readonly<Record<string, string | undefined>>;

export class PackageProblem extends Error {}

const placeholder = /\$\{\{\s*([A-Z0-9_]+)\s*\}\}/g;

/** Reads `NAME=value` lines; empty values count as absent. */
export function readEnvironmentFile(text: string): Values {
  const entries = text
    .split(/\r?\n/)
    .filter((line) => /^[A-Z0-9_]+=./.test(line))
    .map((line): [string, string] => {
      const at = line.indexOf('=');
      return [line.slice(0, at), line.slice(at + 1).trim()];
    });
  return Object.fromEntries(entries);
}

/** All placeholders without a value are named at once. */
export function fillManifest(template: string, values: Values): string {
  const names = [...template.matchAll(placeholder)].map(([, name]) => name ?? '');
  const missing = [...new Set(names)].filter((name) => !values[name]);
  if (missing.length > 0) throw new PackageProblem(`The manifest needs ${missing.join(', ')}.`);
  // Through JSON, so that a value with a quotation mark stays a value.
  return template.replace(placeholder, (_whole, name: string) =>
    JSON.stringify(values[name] ?? '').slice(1, -1),
  );
}

export interface PackageFiles {
  readonly 'manifest.json': Uint8Array;
  readonly 'color.png': Uint8Array;
  readonly 'outline.png': Uint8Array;
}

/** A zip stores the time of every file; a fixed one keeps the bytes the same. */
const someTime = new Date(2020, 0, 1);

export const zipPackage = (files: PackageFiles): Uint8Array =>
  zipSync({ ...files }, { level: 9, mtime: someTime });

/** Documents are held to what can be checked: their links, their settings, their example of a policy. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import Ajv2020 from 'ajv/dist/2020';
import { parse } from 'yaml';
import { policyJsonSchema } from '../../../services/restore/policy-json-schema';
import { parsePolicy } from '../../../services/policy-file';

const root = resolve(__dirname, '..', '..', '..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

const documentsIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory())
      return /^(node_modules|dist|coverage|\..*)$/.test(entry.name) ? [] : documentsIn(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });

const documents = documentsIn('.');

test('every link between documents leads to something that exists', () => {
  const broken = documents.flatMap((file) => {
    const targets = [...read(file).matchAll(/\]\(([^)\s]+)\)|(?:src|href)="([^"]+)"/g)]
      .map(([, link, source]) => link ?? source ?? '')
      .filter((target) => !/^(https?:|#)/.test(target))
      .map((target) => target.replace(/#.*$/, ''));
    return targets
      .filter((target) => !existsSync(join(root, dirname(file), target)))
      .map((target) => `${file}: ${target}`);
  });
  expect(broken).toEqual([]);
});

test('the README names every setting that the product reads', () => {
  const names = ['bot/config.ts', 'services/config.ts'].flatMap((file) =>
    [...read(file).matchAll(/^ {2}([A-Z][A-Z_]+):/gm)].map(([, name]) => name ?? ''),
  );
  expect(names.length).toBeGreaterThan(15);
  const readme = read('README.md');
  expect(names.filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
});

test('the policy that the README shows is one that the product takes', () => {
  const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(read('README.md')) ?? [];
  expect(parsePolicy(example).rules).toHaveLength(1);
});

test('the policies that their page shows are ones that the product and its schema take', () => {
  const examples = [...read('docs/policy.md').matchAll(/```yaml\n([\s\S]*?)```/g)].map(
    ([, text]) => text ?? '',
  );
  expect(examples).toHaveLength(4);
  const takes = new Ajv2020({ strict: false }).compile(policyJsonSchema());
  for (const example of examples) {
    expect(parsePolicy(example).rules.length).toBeGreaterThan(0);
    expect(takes(parse(example)) || takes.errors).toBe(true);
  }
  expect(takes({ version: '1', rules: [{ name: 'x', match: { sever: 'y' } }] })).toBe(false);
});

test('the published schema of the policy is the one that the product reads it by', () => {
  expect(JSON.parse(read('docs/policy.schema.json'))).toEqual(policyJsonSchema());
});

test('decisions are numbered without gaps, and each says its question, its decision and what follows', () => {
  const files = readdirSync(join(root, 'docs', 'decisions')).filter((name) => /^\d/.test(name));
  expect(files.map((name) => Number(name.slice(0, 4)))).toEqual(files.map((_, index) => index + 1));
  for (const name of files) {
    const text = read(join('docs', 'decisions', name));
    expect(text).toMatch(new RegExp(`^# ${Number(name.slice(0, 4))}\\. `));
    for (const part of ['Question', 'Decision', 'Consequences']) expect(text).toContain(`**${part}.**`);
  }
});

test('the commands that the documents name are scripts of the package', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const named = documents.flatMap((file) =>
    [...read(file).matchAll(/\bnpm run ([a-z][\w:-]*)/g)].map(([, name]) => name ?? ''),
  );
  expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
});

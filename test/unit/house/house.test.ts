/** The house rules that a linter does not know. Each failure names the file and what is wrong with it. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

const root = resolve(__dirname, '..', '..', '..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

/** What git knows or would take in; without git (a downloaded archive) what lies in the rooms. */
const filesOfTheHouse = (): string[] => {
  const list = (command: string, args: string[]): string[] =>
    execFileSync(command, args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
      .split('\0')
      .filter((file) => file !== '' && existsSync(join(root, file)) && statSync(join(root, file)).isFile());
  try {
    return list('git', [
      ...['-c', `safe.directory=${root}`, 'ls-files', '-z'],
      ...['--cached', '--others', '--exclude-standard'],
    ]);
  } catch {
    return list('find', ['bot', 'cards', 'services', 'infra', 'test', '-type', 'f', '-print0']);
  }
};

const files = filesOfTheHouse();
const sources = files.filter((file) => /\.(ts|mjs|cjs|js)$/.test(file));
const rooms = ['bot', 'cards', 'services', 'infra', 'infra/local', 'test'];
const code = sources.filter((file) => rooms.some((room) => file.startsWith(`${room}/`)));

test('there is something to look at', () => {
  expect(code.length).toBeGreaterThan(20);
});

test('no source file is longer than 400 lines, no test file than 600', () => {
  const tooLong = code
    .map((file) => ({ file, lines: read(file).split('\n').length - 1 }))
    .filter(({ file, lines }) => lines > (file.startsWith('test/') ? 600 : 400));
  expect(tooLong).toEqual([]);
});

test('folders and files are named for what they hold, never utils or helpers', () => {
  const drawers = ['utils', 'util', 'helpers', 'helper', 'common', 'misc', 'lib'];
  const found = code.filter((file) =>
    file.split('/').some((part) => drawers.includes(part.replace(/\.[a-z.]+$/, ''))),
  );
  expect(found).toEqual([]);
});

test('source files have kebab-case names', () => {
  const found = code.filter((file) => !/^\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)+$/.test(basename(file)));
  expect(found).toEqual([]);
});

test('every room has a README that says what lives in it', () => {
  const missing = rooms.filter(
    (room) => files.some((file) => file.startsWith(`${room}/`)) && !files.includes(`${room}/README.md`),
  );
  expect(missing).toEqual([]);
});

test('there are no default exports, no barrels and no enums', () => {
  const typed = code.filter((file) => file.endsWith('.ts'));
  expect(typed.filter((file) => /^export default\b/m.test(read(file)))).toEqual([]);
  expect(typed.filter((file) => basename(file) === 'index.ts')).toEqual([]);
  expect(typed.filter((file) => /^(export )?(const )?enum\b/m.test(read(file)))).toEqual([]);
});

test('every package version is exact, so that two installations are the same', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<
    'dependencies' | 'devDependencies',
    Record<string, string>
  >;
  const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(
    ([, version]) => !/^(npm:@[\w-]+\/[\w-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
  );
  expect(loose).toEqual([]);
});

test('only main files and their equals read the environment of the process', () => {
  const readers = code.filter(
    (file) => file.startsWith('bot/') || file.startsWith('cards/') || file.startsWith('services/'),
  );
  const found = readers.filter((file) => basename(file) !== 'main.ts' && /\bprocess\.env\b/.test(read(file)));
  expect(found).toEqual([]);
});

test('no test is left focused or switched off', () => {
  const tests = code.filter((file) => file.endsWith('.test.ts') && dirname(file) !== 'test/unit/house');
  const found = tests.filter((file) =>
    /\b(fdescribe|fit|(describe|test|it)\.only|x(it|describe|test))\(/.test(read(file)),
  );
  expect(found).toEqual([]);
});

/**
 * Compiles the product to dist/ and copies the files that the compiler does not know: card templates and migrations.
 * Does nothing when no source changed since the last good build; `--check` only answers whether that is so.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const stamp = join(dist, '.sources');
const rooms = ['bot', 'cards', 'services'];
const settings = [
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'infra/build.mjs',
];
const copied = [
  { folder: 'cards/templates', suffix: '.json' },
  { folder: 'services/store/migrations', suffix: '.sql' },
];

const filesUnder = (folder) =>
  existsSync(join(root, folder))
    ? readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    : [];

const sources = () => rooms.flatMap(filesUnder).filter((file) => /\.(ts|json|sql)$/.test(file));

function fingerprint() {
  const hash = createHash('sha256');
  for (const file of [...settings, ...sources()].sort()) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update('\0');
  }
  return hash.digest('hex');
}

/** What a source that is gone left behind would still be found by `require`, so it goes as well. */
function removeLeftovers() {
  const wanted = new Set(sources().map((file) => file.replace(/\.ts$/, '')));
  for (const room of rooms) {
    for (const file of filesUnder(join('dist', room))) {
      const source = file.slice('dist/'.length).replace(/\.js(\.map)?$/, '');
      if (!wanted.has(source)) rmSync(join(root, file), { force: true });
    }
  }
}

function compile() {
  // The compiler's memory of its last run is wrong when somebody removed what it wrote.
  if (!existsSync(stamp) || !existsSync(join(dist, 'bot', 'main.js')))
    rmSync(join(dist, '.tsbuildinfo'), { force: true });
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const result = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: 'inherit',
  });
  return result.status === 0;
}

function copyData() {
  for (const { folder, suffix } of copied) {
    for (const file of filesUnder(folder).filter((name) => name.endsWith(suffix))) {
      mkdirSync(dirname(join(dist, file)), { recursive: true });
      cpSync(join(root, file), join(dist, file));
    }
  }
}

const now = fingerprint();
const isBuilt =
  existsSync(join(dist, 'bot', 'main.js')) && existsSync(stamp) && readFileSync(stamp, 'utf8') === now;
if (process.argv.includes('--check')) process.exit(isBuilt ? 0 : 1);
if (!isBuilt) {
  console.log('Building the product ...');
  const compiled = compile();
  removeLeftovers();
  copyData();
  if (!compiled) {
    console.error('The product does not compile; the reasons stand above.');
    rmSync(stamp, { force: true });
    process.exit(1);
  }
  writeFileSync(stamp, now);
}

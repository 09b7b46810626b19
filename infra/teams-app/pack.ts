/**
 * `npm run teams-app:pack [-- --env dev] [-- --draw-icons]`: fills the manifest from env/.env.<name> (variables of the
 * process win) and writes dist/teams-app/restore-desk.<name>.zip. Without a name it is the local environment's.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { drawIcons } from './icons';
import { fillManifest, PackageProblem, readEnvironmentFile, zipPackage } from './package';

const folder = __dirname;
const root = join(folder, '..', '..');

function pack(environment: string): string {
  const values = readEnvironmentFile(readFileSync(join(root, 'env', `.env.${environment}`), 'utf8'));
  const template = readFileSync(join(folder, 'manifest.json'), 'utf8');
  const zip = zipPackage({
    'manifest.json': Buffer.from(fillManifest(template, { ...values, ...process.env })),
    'color.png': readFileSync(join(folder, 'color.png')),
    'outline.png': readFileSync(join(folder, 'outline.png')),
  });
  const file = join('dist', 'teams-app', `restore-desk.${environment}.zip`);
  mkdirSync(join(root, 'dist', 'teams-app'), { recursive: true });
  writeFileSync(join(root, file), zip);
  return file;
}

const { values: options } = parseArgs({
  options: { env: { type: 'string', default: 'local' }, 'draw-icons': { type: 'boolean', default: false } },
});
try {
  if (options['draw-icons'])
    for (const [name, png] of Object.entries(drawIcons())) writeFileSync(join(folder, name), png);
  process.stdout.write(`${pack(options.env)}\n`);
} catch (error) {
  const known = error instanceof PackageProblem || (error as NodeJS.ErrnoException).code === 'ENOENT';
  if (!known) throw error;
  process.stderr.write(`${(error as Error).message} Fill env/.env.${options.env}.\n`);
  process.exitCode = 1;
}

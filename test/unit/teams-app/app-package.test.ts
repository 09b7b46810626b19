/** What is in the zip, that the icons are what the manifest promises, and that teamsapp.yml points at things that exist. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { inflateSync } from 'node:zlib';
import { unzipSync } from 'fflate';
import { parse } from 'yaml';
import { drawIcons } from '../../../infra/teams-app/icons';
import { fillManifest, readEnvironmentFile, zipPackage } from '../../../infra/teams-app/package';

const root = resolve(__dirname, '..', '..', '..');
const folder = join(root, 'infra', 'teams-app');
const icon = (name: string): Buffer => readFileSync(join(folder, name));
const template = readFileSync(join(folder, 'manifest.json'), 'utf8');

interface Decoded {
  readonly width: number;
  readonly height: number;
  readonly colourType: number;
  readonly rows: Buffer;
}

/** Our own files only: one header, one data chunk. The compressed bytes may differ between zlib versions, the rows not. */
function decode(png: Buffer): Decoded {
  const dataAt = png.indexOf('IDAT');
  const data = png.subarray(dataAt + 4, dataAt + 4 + png.readUInt32BE(dataAt - 4));
  return {
    width: png.readUInt32BE(16),
    height: png.readUInt32BE(20),
    colourType: png.readUInt8(25),
    rows: inflateSync(data),
  };
}

const pixelsOf = ({ width, rows }: Decoded): number[][] =>
  Array.from({ length: width * width }, (_, index) => {
    const at = Math.floor(index / width) * (width * 4 + 1) + 1 + (index % width) * 4;
    return [...rows.subarray(at, at + 4)];
  });

const filled = (): string =>
  fillManifest(template, readEnvironmentFile(readFileSync(join(root, 'env', '.env.local'), 'utf8')));

const packed = (): Uint8Array =>
  zipPackage({
    'manifest.json': Buffer.from(filled()),
    'color.png': icon('color.png'),
    'outline.png': icon('outline.png'),
  });

test('the package holds the manifest and the two icons, and nothing else', () => {
  const files = unzipSync(packed());
  expect(Object.keys(files).sort()).toEqual(['color.png', 'manifest.json', 'outline.png']);
  expect(Buffer.from(files['manifest.json'] ?? []).toString()).toBe(filled());
});

test('the same input makes the same package, byte for byte', () => {
  expect(Buffer.from(packed()).equals(Buffer.from(packed()))).toBe(true);
});

test('the icons have the sizes that Teams asks for', () => {
  expect(decode(icon('color.png'))).toMatchObject({ width: 192, height: 192 });
  expect(decode(icon('outline.png'))).toMatchObject({ width: 32, height: 32 });
});

test('the outline icon is white on nothing, the colour icon covers its square with the accent colour', () => {
  const outline = pixelsOf(decode(icon('outline.png')));
  expect(outline.every(([r, g, b]) => r === 255 && g === 255 && b === 255)).toBe(true);
  expect(outline.some(([, , , alpha]) => alpha === 0)).toBe(true);
  const colour = pixelsOf(decode(icon('color.png')));
  expect(colour.every(([, , , alpha]) => alpha === 255)).toBe(true);
  const { accentColor } = JSON.parse(template) as { accentColor: string };
  const corner = (colour[0] ?? []).slice(0, 3).map((part) => part.toString(16).padStart(2, '0'));
  expect(`#${corner.join('')}`.toUpperCase()).toBe(accentColor);
});

test('the icons that are kept are the ones that are drawn', () => {
  for (const [name, png] of Object.entries(drawIcons())) {
    const [kept, drawn] = [decode(icon(name)), decode(png)];
    expect(kept.rows.equals(drawn.rows)).toBe(true);
  }
});

interface Stage {
  readonly uses: string;
  readonly with: Record<string, string>;
}

const workflow = readFileSync(join(root, 'teamsapp.yml'), 'utf8');
const stages = parse(workflow) as Record<'provision' | 'deploy' | 'publish', readonly Stage[]> & {
  readonly environmentFolderPath: string;
};

test('teamsapp.yml names only files and folders that exist or that it makes itself', () => {
  const steps = [...stages.provision, ...stages.deploy, ...stages.publish];
  const made = steps
    .filter(({ uses }) => uses === 'teamsApp/zipAppPackage')
    .flatMap((step) => [step.with['outputZipPath'], step.with['outputFolder']]);
  const paths = steps
    .flatMap((step) => Object.values(step.with))
    .filter((value) => value.startsWith('./') && !made.includes(value));
  expect(made.length).toBeGreaterThan(0);
  expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  expect(existsSync(join(root, stages.environmentFolderPath))).toBe(true);
});

test('every placeholder of the manifest and of teamsapp.yml has a line in every environment file', () => {
  const wanted = new Set(
    [...`${template}${workflow}`.matchAll(/\$\{\{(\w+)\}\}/g)].map(([, name]) => name ?? ''),
  );
  wanted.delete('TEAMSFX_ENV');
  for (const name of ['dev', 'local']) {
    const lines = readFileSync(join(root, 'env', `.env.${name}`), 'utf8').split('\n');
    expect([...wanted].filter((variable) => !lines.some((line) => line.startsWith(`${variable}=`)))).toEqual(
      [],
    );
  }
});

test('the build that teamsapp.yml runs is a script of the package', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const run = stages.deploy.map((step) => step.with['args']).filter((args) => args?.startsWith('run '));
  expect(run.map((args) => scripts[args?.slice(4) ?? ''])).not.toContain(undefined);
});

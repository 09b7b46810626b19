/** The manifest against Microsoft's own schema, and against what the bot really understands. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import schema from '@microsoft/app-manifest/build/json-schemas/teams/v1.25/MicrosoftTeams.schema.json';
import Ajv from 'ajv-draft-04';
import { commandWords } from '../../../services/restore/parse-request';
import { fillManifest, readEnvironmentFile } from '../../../infra/teams-app/package';

const root = resolve(__dirname, '..', '..', '..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

interface Manifest {
  readonly version: string;
  readonly manifestVersion: string;
  readonly accentColor: string;
  readonly icons: Record<string, string>;
  readonly bots: readonly [
    {
      readonly botId: string;
      readonly scopes: readonly string[];
      readonly commandLists: readonly {
        readonly scopes: readonly string[];
        readonly commands: readonly { readonly title: string; readonly description: string }[];
      }[];
    },
  ];
}

const template = read('infra/teams-app/manifest.json');
const values = readEnvironmentFile(read('env/.env.local'));
const filled = (): Manifest => JSON.parse(fillManifest(template, values)) as Manifest;

/** The schema names formats that need no checking beyond its patterns. */
const validate = new Ajv({ allErrors: true, strict: false, validateFormats: false }).compile(schema);

const problemsOf = (manifest: unknown) => (validate(manifest) ? [] : validate.errors);

test("the filled manifest satisfies Microsoft's schema of its version", () => {
  expect(filled().manifestVersion).toBe('1.25');
  expect(problemsOf(filled())).toEqual([]);
});

test('the schema would notice a manifest whose placeholders were left unfilled', () => {
  expect(problemsOf(JSON.parse(template))).not.toEqual([]);
});

/** Teams shows no more in its list; "help" tells the others. */
const mostCommands = 10;

test('in every place the bot offers as many of its commands as Teams shows, "help" among them', () => {
  const [bot] = filled().bots;
  expect([...bot.scopes].sort()).toEqual(['groupChat', 'personal', 'team']);
  for (const scope of bot.scopes) {
    const lists = bot.commandLists.filter(({ scopes }) => scopes.includes(scope));
    const offered = lists.flatMap(({ commands }) => commands.map(({ title }) => title));
    expect(offered).toHaveLength(mostCommands);
    expect(commandWords.filter((word) => offered.includes(word))).toEqual(offered);
    expect(offered).toContain('help');
  }
});

test('the app carries the version of the package', () => {
  const { version } = JSON.parse(read('package.json')) as { version: string };
  expect(filled().version).toBe(version);
});

test('missing values are all named at once', () => {
  expect(() => fillManifest(template, { ...values, BOT_ID: '', APP_DEVELOPER: undefined })).toThrow(
    'The manifest needs APP_DEVELOPER, BOT_ID.',
  );
});

test('a value with a quotation mark stays a value', () => {
  const name = 'The "Shop"';
  const manifest = JSON.parse(fillManifest(template, { ...values, APP_DEVELOPER: name })) as {
    developer: { name: string };
  };
  expect(manifest.developer.name).toBe(name);
});

// The house's import rules. Each has a name and a reason; docs/decisions/0001 tells how to change one.
const pureLibraries = '^node_modules/(luxon|@types/luxon|chrono-node|zod)/';
const adapters = 'azure|dump|evidence|proof|store';

module.exports = {
  forbidden: [
    {
      name: 'domain-is-pure',
      comment:
        'services/restore is the story of a restore: time and randomness come in as values, effects live in adapters.',
      severity: 'error',
      from: { path: '^services/restore/' },
      to: { pathNot: ['^services/restore/', pureLibraries] },
    },
    {
      name: 'adapters-know-only-the-domain',
      comment: 'An adapter that knew another adapter, a card or the bot could not be replaced alone.',
      severity: 'error',
      from: { path: `^services/(${adapters})/` },
      to: { path: '^(services|cards|bot|infra)/', pathNot: ['^services/restore/', '^services/$1/'] },
    },
    {
      name: 'azure-stays-in-azure',
      comment: 'A vendor package in one room can be swapped in one room.',
      severity: 'error',
      from: { path: '^(bot|cards|services)/', pathNot: '^services/azure/' },
      to: { path: '^node_modules/@azure/' },
    },
    {
      name: 'teams-stays-in-bot',
      comment: 'botbuilder and teams-ai are superseded upstream; the swap must be one room.',
      severity: 'error',
      from: { path: '^(cards|services)/' },
      to: { path: '^node_modules/(botbuilder|botframework-|@microsoft/teams-ai|restify)' },
    },
    {
      name: 'cards-only-say',
      comment: 'A card turns a view model into JSON; it decides nothing and reaches nothing.',
      severity: 'error',
      from: { path: '^cards/' },
      to: { path: '^(bot|infra|services)/', pathNot: '^services/restore/' },
    },
    {
      name: 'services-never-look-up',
      comment: 'Messages leave through the Messenger port.',
      severity: 'error',
      from: { path: '^services/' },
      to: { path: '^(bot|cards|infra)/' },
    },
    {
      name: 'few-composition-roots',
      comment: 'Adapters meet the core in services/compose.ts, and only the processes call it.',
      severity: 'error',
      from: { pathNot: ['^bot/main\\.ts$', '^services/cli/main\\.ts$', '^test/'] },
      to: { path: '^services/compose\\.ts$' },
    },
    {
      name: 'local-is-a-place',
      comment:
        'The local Azure and Teams are an independent reading of the contracts: no product code, no ARM client.',
      severity: 'error',
      from: { path: '^infra/local/' },
      to: { path: ['^(bot|cards|services)/', '^node_modules/@azure/arm-', '^node_modules/botbuilder'] },
    },
    {
      name: 'nothing-imports-test',
      comment: 'Product code that needs a test file is not product code.',
      severity: 'error',
      from: { pathNot: '^test/' },
      to: { path: '^test/' },
    },
    {
      name: 'no-cycles',
      comment: 'A cycle is two files that are one.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      comment: 'A file nobody reaches is dead.',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: ['\\.d\\.ts$', '^infra/local/teams/page/', '\\.json$', '\\.cjs$', '\\.mjs$'],
      },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|\\.local)' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};

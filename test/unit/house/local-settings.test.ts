import { pauseBeforeRestart } from '../../../infra/local/supervisor/child';
import { readSettings } from '../../../infra/local/supervisor/settings';

const problemsOf = (environment: Record<string, string>, args: string[] = []): readonly string[] => {
  const result = readSettings(environment, args, '/repository');
  return result.ok ? [] : result.problems;
};

test('without any variable the ports and folders are those of the contract', () => {
  const result = readSettings({}, [], '/repository');
  expect(result).toMatchObject({
    ok: true,
    settings: {
      stateDir: '/repository/.local',
      ports: {
        ...{ product: 3978, teams: 3979, azureHttps: 4443, azureHttp: 4080 },
        ...{ blobs: 10000, stateDatabase: 5440, servers: 5500 },
      },
      timeScale: 60,
      fresh: false,
      databaseUrl: undefined,
    },
  });
});

test('every wrong variable gets its own sentence, all at once', () => {
  const problems = problemsOf(
    { PORT: 'http', LOCAL_BLOB_PORT: '70000', LOCAL_TIME_SCALE: '0', DATABASE_URL: 'mysql://here' },
    ['--frsh'],
  );
  expect(problems).toHaveLength(5);
  expect(problems.join('\n')).toContain('PORT must be a port from 1 to 65535; it is "http".');
  expect(problems.join('\n')).toContain('"--frsh" is not an option');
});

test('two services on one port are refused', () => {
  expect(problemsOf({ PORT: '4080' })).toEqual([
    'PORT and LOCAL_AZURE_HTTP_PORT are both 4080; each needs a port of its own.',
  ]);
});

test('only DESK_ variables reach the product, and nothing of the shell but what a program needs to run', () => {
  const result = readSettings(
    { DESK_FAULT_POINTS: 'a', AWS_SECRET: 'b', PATH: '/bin', HTTPS_PROXY: 'http://proxy' },
    [],
    '/repository',
  );
  expect(result.ok && result.settings.productExtras).toEqual({ DESK_FAULT_POINTS: 'a' });
  expect(result.ok && result.settings.baseEnvironment).toEqual({ PATH: '/bin' });
});

test('a child is started again at once, and only one that keeps dying at once has to wait, five seconds at most', () => {
  expect([0, 1, 4].map(pauseBeforeRestart)).toEqual([100, 100, 100]);
  expect(pauseBeforeRestart(5)).toBeGreaterThan(100);
  expect(pauseBeforeRestart(50)).toBe(5000);
});

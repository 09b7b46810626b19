/** `npm start`: the local environment in one process that keeps the others. */
import { resolve } from 'node:path';
import { runLocal } from './supervisor/run-local';
import { readSettings } from './supervisor/settings';
import { StartRefused } from './supervisor/start-refused';
import { stopRequest } from './supervisor/stop-request';

async function main(): Promise<number> {
  const stop = stopRequest();
  const result = readSettings(process.env, process.argv.slice(2), resolve(__dirname, '..', '..'));
  if (!result.ok) {
    for (const problem of result.problems) console.error(problem);
    return 1;
  }
  try {
    await runLocal({ settings: result.settings, stop, say: (line) => console.log(line) });
    return 0;
  } catch (error) {
    if (!(error instanceof StartRefused)) throw error;
    console.error(error.message);
    return 1;
  }
}

void main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error('The local environment stopped on an error of its own:', error);
    process.exit(1);
  },
);

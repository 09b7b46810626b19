/** Every port is tried before anything is started, so that a taken one costs a sentence and not half a start. */
import { createServer } from 'node:net';
import { portTable, type LocalPorts, type LocalSettings } from './settings';

/** One sentence for each port that something else holds. */
export async function takenPorts(settings: LocalSettings): Promise<string[]> {
  const sentences: string[] = [];
  for (const name of Object.keys(portTable) as (keyof LocalPorts)[]) {
    if (name === 'stateDatabase' && settings.databaseUrl) continue;
    const port = settings.ports[name];
    const problem = await tryPort(port);
    const { use, variable } = portTable[name];
    if (problem === 'EACCES') {
      sentences.push(
        `Port ${port} (${use}) may not be opened by this user: set ${variable} to a port above 1023.`,
      );
    } else if (problem) {
      sentences.push(
        `Port ${port} (${use}) is taken by another program: stop that program, or set ${variable} to a free port.`,
      );
    }
  }
  return sentences;
}

function tryPort(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

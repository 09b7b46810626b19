/** Where a server is reached: its own name on port 5432 in Azure, or what a mapping URL from the configuration says. */
import { DeskError, problem } from '../restore/errors';
import type { ServerLocator } from '../restore/ports';

export const azureLocator: ServerLocator = {
  locate: async (server) => ({
    host: server.hostName ?? `${server.name}.postgres.database.azure.com`,
    port: 5432,
  }),
};

interface Mapping {
  readonly servers?: Readonly<Record<string, { readonly host?: string; readonly port?: number }>>;
}

/** `url` answers `{servers:{<name>:{host, port}}}`. */
export const mappedLocator = (url: string): ServerLocator => ({
  locate: async (server) => {
    const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    const mapping = (await answer.json()) as Mapping;
    const found = mapping.servers?.[server.name];
    if (found?.host === undefined || found.port === undefined) {
      throw new DeskError(problem('INTERNAL', { what: `the server mapping does not know ${server.name}` }));
    }
    return { host: found.host, port: found.port };
  },
});

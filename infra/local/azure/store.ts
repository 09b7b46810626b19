/** The memory of local Azure: one small JSON file, replaced as a whole at every change, so a kill never halves it. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { seedEntra } from './entra-directory';
import type { AzureState, OperationRecord, ServerRecord } from './model';
import { emptyVaultState } from './vault-model';

export interface Store {
  readonly state: AzureState;
  save(): void;
  server(name: string): ServerRecord | undefined;
  putServer(server: ServerRecord): void;
  /** Changes one server, if it is still there. */
  patchServer(name: string, change: Partial<ServerRecord>): void;
  putOperation(operation: OperationRecord): void;
}

const emptyState = (): AzureState => ({
  seeded: false,
  servers: {},
  dropped: [],
  operations: {},
  roleAssignments: [],
  downRegions: [],
  activity: [],
  storageAccounts: [],
  keyVaults: [],
  legacyServers: [],
  directory: seedEntra(),
  ...emptyVaultState(),
});

export function openStore(file: string): Store {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const state = existsSync(file)
    ? { ...emptyState(), ...(JSON.parse(readFileSync(file, 'utf8')) as AzureState) }
    : emptyState();
  const save = (): void => {
    writeFileSync(`${file}.draft`, JSON.stringify(state, null, 1), { mode: 0o600 });
    renameSync(`${file}.draft`, file);
  };
  const putServer = (server: ServerRecord): void => {
    state.servers[server.name.toLowerCase()] = server;
    save();
  };
  const server = (name: string): ServerRecord | undefined => state.servers[name.toLowerCase()];
  return {
    state,
    save,
    server,
    putServer,
    patchServer: (name, change) => {
      const known = server(name);
      if (known) putServer({ ...known, ...change });
    },
    putOperation: (operation) => {
      state.operations[operation.id] = operation;
      save();
    },
  };
}

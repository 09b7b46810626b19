/** Where questions about a server as a whole are asked. */
import type { OpenSession, Session } from './sessions';
import type { ProofTask } from '../restore/proof-ports';
import type { ServerFacts } from '../restore/servers';

/** Questions about the server are asked in any database; an owner may have removed or closed the usual one. */
export const openHome = (open: OpenSession, server: ServerFacts, { probe }: ProofTask): Promise<Session> =>
  open(server, 'postgres', 'ours').catch((error: unknown) => {
    const other = probe?.database ?? probe?.checks?.[0]?.database;
    if (other === undefined || !isClosedDatabase(error)) throw error;
    return open(server, other, 'ours');
  });

/** 3D000: there is none of that name; 42501: it may not be entered. */
const isClosedDatabase = (error: unknown): boolean =>
  ['3D000', '42501'].includes((error as { readonly code?: string }).code ?? '');

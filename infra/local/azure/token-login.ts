/** Entra sign-in to PostgreSQL: the directory's name for a role, and who may bind to it. */
import { productIdentity } from '../identities';
import type { BindCheck } from './ldap-listener';
import type { TokenIssuer } from './tokens';

export const databaseAudience = 'https://ossrdbms-aad.database.windows.net';

const prefix = 'cn=';
const suffix = ',ou=entra';

/** The pg_hba lines of every server: the product's identity by token, everybody else by password, always over TLS. */
export function hostRules(directoryPort: number): string {
  const role = `"${productIdentity.postgresRole}"`;
  const directory = `ldapserver=127.0.0.1 ldapport=${directoryPort} ldapprefix="${prefix}" ldapsuffix="${suffix}"`;
  return [
    `hostssl all ${role} 127.0.0.1/32 ldap ${directory}`,
    'hostssl all all 127.0.0.1/32 scram-sha-256',
    'hostssl replication all 127.0.0.1/32 scram-sha-256',
    '',
  ].join('\n');
}

/** A bind succeeds with a living token of the product's identity that was issued for the database service. */
export function tokenLogin(tokens: TokenIssuer): BindCheck {
  return async (name, password) => {
    if (name !== `${prefix}${productIdentity.postgresRole}${suffix}`) return false;
    const verdict = await tokens.verify(password, [databaseAudience, `${databaseAudience}/`]);
    return verdict.kind === 'good' && verdict.caller.appId === productIdentity.clientId;
  };
}

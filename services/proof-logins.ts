/** As whom sources and copies are opened for a proof: the product's identity, or the login that the owner's policy names. */
import { proofLoginFor, type Policy } from './restore/policy';
import type { Clock } from './restore/ports';
import { millisBetween } from './restore/instant';
import type { Login, LoginFor } from './proof/sessions';

interface ProofLogins {
  readonly policy: Pick<Policy, 'proofLogins'>;
  readonly own: () => Promise<Login>;
  /** Value of a secret by the address of it in its key vault. */
  readonly secret: (url: string) => Promise<string>;
  readonly clock: Clock;
}

/** A proof opens dozens of sessions; a password that was changed is taken up within a minute. */
const freshMillis = 60_000;

/** `kv-shop/proof` is a secret in the vault of that name. */
function addressOf(secret: string): string {
  const [vault = '', name = ''] = secret.split('/');
  return `https://${vault}.vault.azure.net/secrets/${name}`;
}

export function createProofLogins({ policy, own, secret, clock }: ProofLogins): LoginFor {
  const read = new Map<string, { readonly at: string; readonly value: Promise<string> }>();
  const valueOf = (name: string): Promise<string> => {
    const now = clock.now();
    const known = read.get(name);
    if (known && millisBetween(known.at, now) < freshMillis) return known.value;
    const value = secret(addressOf(name));
    read.set(name, { at: now, value });
    // What could not be read is asked for again by the next.
    value.catch(() => read.delete(name));
    return value;
  };
  return async ({ name }) => {
    const named = proofLoginFor(policy, name);
    return named ? { user: named.user, password: await valueOf(named.secret) } : own();
  };
}

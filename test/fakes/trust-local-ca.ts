/** Lets this test process trust one more certificate authority, as NODE_EXTRA_CA_CERTS does for the product's own. */
import tls from 'node:tls';

interface NativeContext {
  readonly context: { addCACert(certificate: string): void };
}

export function trustLocalCa(certificate: string): void {
  const create = tls.createSecureContext;
  tls.createSecureContext = (options) => {
    const context = create(options);
    (context as unknown as NativeContext).context.addCACert(certificate);
    return context;
  };
}

/**
 * The local certificate authority: one CA per state folder and one leaf for loopback, made on first need and kept.
 * Local Azure, its PostgreSQL servers and the blob service all show the leaf; a client needs only `ca.pem`.
 */
import { webcrypto } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { provideReflectMetadata } from './reflect-metadata';

export interface Certificates {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const dayMs = 24 * 3600 * 1000;
const validDays = 3650;

/** Makes `ca.pem` and `tls/` under the state folder, or leaves what is there. */
export async function ensureCertificates(stateDir: string): Promise<Certificates> {
  const tls = join(stateDir, 'tls');
  const files = {
    caFile: join(stateDir, 'ca.pem'),
    certFile: join(tls, 'server.crt'),
    keyFile: join(tls, 'server.key'),
  };
  if (Object.values(files).every((file) => existsSync(file)) && (await readFile(files.caFile, 'utf8')) !== '')
    return files;
  await mkdir(tls, { recursive: true, mode: 0o700 });
  const made = await makeCertificates();
  await writeWhole(files.keyFile, made.key, 0o600);
  await writeWhole(files.certFile, made.cert, 0o644);
  await writeWhole(files.caFile, made.ca, 0o644);
  return files;
}

async function writeWhole(file: string, text: string, mode: number): Promise<void> {
  const draft = `${file}.${process.pid}.draft`;
  await writeFile(draft, text, { mode });
  await rename(draft, file);
}

async function makeCertificates(): Promise<{ ca: string; cert: string; key: string }> {
  provideReflectMetadata();
  const x509 = await import('@peculiar/x509');
  const newKeys = () => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const [caKeys, leafKeys] = [await newKeys(), await newKeys()];
  // A day of grace for clients whose clock is behind.
  const validity = {
    notBefore: new Date(Date.now() - dayMs),
    notAfter: new Date(Date.now() + validDays * dayMs),
  };
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity,
    name: 'CN=Restore Desk local CA',
    keys: caKeys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(caKeys.publicKey),
    ],
  });
  const leaf = await x509.X509CertificateGenerator.create({
    ...validity,
    subject: 'CN=localhost',
    issuer: ca.subject,
    publicKey: leafKeys.publicKey,
    signingKey: caKeys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        { type: 'dns', value: 'localhost' },
        { type: 'ip', value: '127.0.0.1' },
        { type: 'ip', value: '::1' },
      ]),
      await x509.AuthorityKeyIdentifierExtension.create(caKeys.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(leafKeys.publicKey),
    ],
  });
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', leafKeys.privateKey);
  return {
    ca: `${ca.toString('pem')}\n`,
    cert: `${leaf.toString('pem')}\n`,
    key: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY') + '\n',
  };
}

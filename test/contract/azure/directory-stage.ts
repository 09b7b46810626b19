/** The people's side of local Azure alone, over https: its token endpoint, its Graph, its faults and its control routes. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { entraControlRoutes } from '../../../infra/local/azure/entra-control-routes';
import { entraRoutes } from '../../../infra/local/azure/entra-routes';
import { openStore } from '../../../infra/local/azure/store';
import { openTokenIssuer } from '../../../infra/local/azure/tokens';
import { tokenEndpoint } from '../../../infra/local/azure/token-endpoint';
import { ensureCertificates } from '../../../infra/local/certificates';
import { controlRouter, loopbackGuard } from '../../../infra/local/wire/control';
import { faultMiddleware } from '../../../infra/local/wire/fault-middleware';
import { createFaults } from '../../../infra/local/wire/faults';
import { openJournal } from '../../../infra/local/wire/journal';
import { trustLocalCa } from '../../fakes/trust-local-ca';

export interface DirectoryStage {
  /** With the version, as GRAPH_URL is. */
  readonly url: string;
  /** Paths below the version that were asked since the last look. */
  asked(): readonly string[];
  /** Of `POST /local/directory`. */
  change(body: object): Promise<void>;
  fault(fault: object): Promise<void>;
  clearFaults(): Promise<void>;
  end(): Promise<void>;
}

const identityHeader = 'directory-stage';

export async function startDirectoryStage(pageSize = 2): Promise<DirectoryStage> {
  const stateDir = mkdtempSync(join(tmpdir(), 'directory-'));
  const certificates = await ensureCertificates(stateDir);
  const store = openStore(join(stateDir, 'state.json'));
  const tokens = await openTokenIssuer(join(stateDir, 'token-key.json'));
  const journal = openJournal(join(stateDir, 'journal.jsonl'));
  const faults = createFaults();
  let asked: string[] = [];
  const app = express();
  app.use('/local', loopbackGuard(), controlRouter({ journal, faults }), entraControlRoutes(store));
  app.use('/v1.0', (request, _response, next) => {
    asked.push(request.path);
    next();
  });
  app.use(faultMiddleware({ journal, faults }));
  app.use(tokenEndpoint(tokens, identityHeader));
  app.use('/v1.0', entraRoutes({ store, tokens, pageSize }));
  const server = https.createServer(
    { cert: readFileSync(certificates.certFile), key: readFileSync(certificates.keyFile) },
    app,
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  trustLocalCa(readFileSync(certificates.caFile, 'utf8'));
  process.env['IDENTITY_ENDPOINT'] = `${origin}/msi/token`;
  process.env['IDENTITY_HEADER'] = identityHeader;
  const control = async (method: string, path: string, body?: object): Promise<void> => {
    const answer = await callOverTls(`${origin}/local${path}`, method, body);
    if (answer.status >= 300) throw new Error(`${method} ${path} answered ${answer.status}: ${answer.body}`);
  };
  return {
    url: `${origin}/v1.0`,
    asked: () => {
      const paths = asked;
      asked = [];
      return paths;
    },
    change: (body) => control('POST', '/directory', body),
    fault: (fault) => control('POST', '/faults', fault),
    clearFaults: () => control('DELETE', '/faults'),
    end: async () => {
      delete process.env['IDENTITY_ENDPOINT'];
      delete process.env['IDENTITY_HEADER'];
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}

/** The certificate is one of ours, which only Node's own client was told to trust. */
export function callOverTls(
  url: string,
  method: string,
  body?: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const request = https.request(
      url,
      {
        method,
        agent: false,
        headers: { ...headers, ...(body ? { 'content-type': 'application/json' } : {}) },
      },
      (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
      },
    );
    request.on('error', reject);
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

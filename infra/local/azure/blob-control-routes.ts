/** Blobs for those who test: look, read and plant without a token. Mount it under `/local`, behind the guard. */
import { raw, Router, type Request } from 'express';
import { text } from './json-parts';
import { BlobCallFailed, BlobServiceAway, type BlobService } from './blob-store';

const largestPlanted = '256mb';

interface Asked {
  readonly account: string;
  readonly container: string;
  readonly name?: string;
}

export function blobControlRoutes(blobs: BlobService): Router {
  const router = Router();
  router.get('/blobs', async (request, response) => {
    const asked = read(request);
    if (!asked)
      return void response.status(400).json({ error: 'Blobs are asked for by account and container.' });
    const found = await orRefusal(
      blobs.list(asked.account, asked.container, text(request.query['prefix']) ?? ''),
    );
    if ('refused' in found)
      return void response.status(found.refused.status).json({ error: found.refused.message });
    response.json({ blobs: found.value });
  });
  router.get('/blob', async (request, response) => {
    const { account, container, name } = read(request) ?? {};
    if (account === undefined || container === undefined || name === undefined)
      return void response.status(400).json({ error: 'A blob is asked for by account, container and name.' });
    const found = await orRefusal(blobs.read(account, container, name));
    if ('refused' in found)
      return void response.status(found.refused.status).json({ error: found.refused.message });
    if (found.value) response.type('application/octet-stream').send(found.value);
    else response.status(404).json({ error: `There is no blob ${name} in ${account}/${container}.` });
  });
  router.put('/blob', raw({ type: () => true, limit: largestPlanted }), async (request, response) => {
    const { account, container, name } = read(request) ?? {};
    if (account === undefined || container === undefined || name === undefined)
      return void response.status(400).json({ error: 'A blob is put by account, container and name.' });
    const content = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const put = await orRefusal(blobs.write(account, container, name, content));
    if ('refused' in put)
      return void response.status(put.refused.status).json({ error: put.refused.message });
    response.status(201).json({ name, size: content.length });
  });
  return router;
}

function read({ query }: Request): Asked | undefined {
  const [account, container, name] = ['account', 'container', 'name'].map((part) => text(query[part]));
  if (account === undefined || container === undefined) return undefined;
  return { account, container, ...(name === undefined ? {} : { name }) };
}

interface Refused {
  readonly status: number;
  readonly message: string;
}

async function orRefusal<T>(work: Promise<T>): Promise<{ value: T } | { refused: Refused }> {
  try {
    return { value: await work };
  } catch (error) {
    if (error instanceof BlobCallFailed) return { refused: error };
    if (error instanceof BlobServiceAway) return { refused: { status: 503, message: error.message } };
    throw error;
  }
}

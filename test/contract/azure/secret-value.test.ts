/** The key of the journal, as a key vault gives it to our identity. */
import { createHttpHeaders, type HttpClient, type PipelineRequest } from '@azure/core-rest-pipeline';
import { createSecretReader } from '../../../services/azure/secret-value';
import { loadSigner } from '../../../services/evidence-key';
import { newPem } from '../../fakes/evidence-key';
import { signerOf } from '../../../services/evidence/keys';

const url = 'https://kv-desk.vault.azure.net/secrets/evidence';
const heard: PipelineRequest[] = [];
const vault = (status: number, bodyAsText: string): HttpClient => ({
  sendRequest: async (request) => {
    heard.push(request);
    return { request, status, headers: createHttpHeaders(), bodyAsText };
  },
});
const away: HttpClient = { sendRequest: () => Promise.reject(new Error('nobody listens')) };
const credential = {
  getToken: async (scopes: string | string[]) => ({
    token: `token for ${String(scopes)}`,
    expiresOnTimestamp: Date.now() + 60_000,
  }),
};
const reader = (http: HttpClient) =>
  createSecretReader({ credential, timeoutSeconds: 5 }, 'for the evidence', http);
const wordsOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    (error: Error) => error.message,
  );

test('it is asked for once, with a token for key vaults, and signs', async () => {
  const pem = newPem('p256');
  const read = reader(vault(200, JSON.stringify({ value: pem, id: url })));
  const signer = await loadSigner({ kind: 'secret', url }, read);
  expect(signer.keyId).toBe(signerOf(pem, 'the test').keyId);
  expect(heard).toHaveLength(1);
  expect(heard[0]?.url).toBe(`${url}?api-version=7.4`);
  expect(heard[0]?.headers.get('authorization')).toBe('Bearer token for https://vault.azure.net/.default');
});

test.each([
  ['a refusal', vault(403, '{"error":{"code":"Forbidden"}}'), /answers 403/],
  ['no answer', away, /does not answer/],
  ['something that is no secret', vault(200, 'sesame'), /no value that can be read/],
])('%s is said, in words that repeat nothing of it', async (_what, http, says) => {
  const words = await wordsOf(loadSigner({ kind: 'secret', url }, reader(http)));
  expect(words).toMatch(says);
  expect(words).not.toContain('sesame');
});

test('a secret that is no key is not repeated', async () => {
  const words = await wordsOf(loadSigner({ kind: 'secret', url }, reader(vault(200, '{"value":"sesame"}'))));
  expect(words).toMatch(/EVIDENCE_KEY_SECRET holds no private key/);
  expect(words).not.toContain('sesame');
});

test('our token goes to key vaults and nowhere else', async () => {
  heard.length = 0;
  const elsewhere = 'https://kv-desk.vault.azure.net.example.org/secrets/evidence';
  expect(await wordsOf(reader(vault(200, '{}'))(elsewhere))).toMatch(/not the address of one/);
  expect(heard).toEqual([]);
});

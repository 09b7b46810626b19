/** A stranger's program: stock identity and storage clients, told nothing but variables, the CA file and the address. */
import { ManagedIdentityCredential } from '@azure/identity';
import { BlobServiceClient } from '@azure/storage-blob';

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'nothing was refused',
    (error: unknown) => (error as { code?: unknown }).code,
  );

async function main(): Promise<void> {
  const [address = '', clientId = ''] = process.argv.slice(2);
  const service = new BlobServiceClient(address, new ManagedIdentityCredential({ clientId }));
  const container = service.getContainerClient('restores');
  const blob = container.getBlockBlobClient('stock/hello.txt');
  const onlyNew = { conditions: { ifNoneMatch: '*' } };
  await blob.upload('hello', 5, onlyNew);
  const listed: unknown[] = [];
  for await (const { name, properties } of container.listBlobsFlat({ prefix: 'stock/' }))
    listed.push({ name, size: properties.contentLength });
  const read = (await blob.downloadToBuffer()).toString();
  const again = await codeOf(blob.upload('other', 5, onlyNew));
  const missing = await codeOf(service.getContainerClient('nowhere').getProperties());
  console.log(JSON.stringify({ listed, read, again, missing }));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});

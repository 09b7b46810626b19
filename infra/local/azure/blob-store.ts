/** Blobs as local Azure itself reads and writes them. */
export interface BlobStore {
  hasContainer(account: string, container: string): Promise<boolean>;
  /** Names and sizes (bytes) of the blobs that begin with the prefix. */
  list(
    account: string,
    container: string,
    prefix: string,
  ): Promise<readonly { readonly name: string; readonly size: number }[]>;
  /** Uploads a file as a block blob; fails when the blob is there already. */
  put(account: string, container: string, name: string, file: string): Promise<void>;
}

/** Looks at a dump set in its container: what is there, when it was made, and what stands in its archives. */
import { dumpFiles } from './restore/dump-files';
import { readContainer } from './restore/judge-vault-target';
import { readMark } from './restore/judge-files';
import type { AccountFacts } from './restore/vaults';
import type { BlobParts, DumpContents, DumpReader } from './restore/dump-ports';
import type { DumpFile } from './restore/load-plan';
import type { DumpSet } from './restore/load-facts';
import type { FormInputs } from './restore/form-inputs';
import type { VaultTargetReader } from './restore/vault-ports';

export interface DumpSetPorts {
  readonly vaultTargets: VaultTargetReader;
  readonly blobParts: BlobParts;
  readonly dumpReader: DumpReader;
}

const noSet: DumpSet = { hasContainer: false, files: [], contents: {} };
/** The mark is a line of text. */
const markBytes = 400;

/** What lies under the beginning of names, with the mark read and nothing else opened. */
export async function listedSet(
  ports: Pick<DumpSetPorts, 'vaultTargets'>,
  inputs: FormInputs,
): Promise<DumpSet> {
  const asked = readContainer(inputs.container);
  if (!asked) return noSet;
  const account = await ports.vaultTargets.account(asked.account);
  if (!account) return noSet;
  const hasContainer = account.containers.includes(asked.container);
  const prefix = inputs.prefix.trim();
  if (!hasContainer || prefix === '') return { ...noSet, account, hasContainer };
  const files = dumpFiles(await ports.vaultTargets.blobs(account, asked.container, prefix), prefix);
  const mark = files.find(({ kind }) => kind === 'time mark');
  const text = mark && (await ports.vaultTargets.beginning(account, asked.container, mark.name, markBytes));
  const markedAt = text === undefined ? undefined : readMark(text);
  return { account, hasContainer, files, contents: {}, ...(markedAt === undefined ? {} : { markedAt }) };
}

/** So many files are looked into side by side. */
const sideBySide = 4;

export async function readContents(
  ports: Pick<DumpSetPorts, 'dumpReader' | 'blobParts'>,
  account: AccountFacts,
  container: string,
  files: readonly DumpFile[],
): Promise<Record<string, DumpContents>> {
  const found: Record<string, DumpContents> = {};
  const left = [...files];
  const work = async (): Promise<void> => {
    for (let file = left.shift(); file; file = left.shift()) {
      const blob = file;
      found[blob.name] = await ports.dumpReader.contents(blob.bytes, (offset, count) =>
        ports.blobParts.read(account, container, blob, offset, count),
      );
    }
  };
  await Promise.all(Array.from({ length: sideBySide }, work));
  return found;
}

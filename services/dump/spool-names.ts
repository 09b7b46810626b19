/** Names in the spool folder for things whose names other people choose: nothing in them can lead out of it or be mistaken. */
import { createHash } from 'node:crypto';

/** For people who look into the folder; a digest makes it unmistakable. */
const readableLength = 40;
const digestLength = 32;

/** Different names get different ones, also where the file system takes upper and lower case for the same. */
export function safeName(name: string): string {
  const readable = name
    .normalize('NFKD')
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .slice(-readableLength);
  const digest = createHash('sha256').update(Buffer.from(name, 'utf16le')).digest('hex');
  return `${readable}.${digest.slice(0, digestLength)}`;
}

const safe = new RegExp(`^\\w{0,${readableLength}}\\.[0-9a-f]{${digestLength}}$`);

/** Whether a folder can be one of ours; others are none of our business. */
export const isSafeName = (name: string): boolean => safe.test(name);

/** Every way to restore, as policies name them. */
import { vaultModes } from './vault-plan';
import type { RestoreMode } from './plan';

export const restoreModes = [
  'latest',
  'point-in-time',
  'fast',
  'geo',
  'dropped',
  'files-to-server',
  ...vaultModes,
] as const satisfies readonly RestoreMode[];

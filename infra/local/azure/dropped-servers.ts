/** Deleted servers: for five days they can be brought back, and for a while nobody else gets their name. */
import type { DroppedServer } from './model';
import type { Store } from './store';

/** Data time, so never scaled. */
const revivableDays = 5;
/** How long the DNS label of a deleted server stays taken, in Azure's seconds. */
const labelHeldAzureSeconds = 3600;

export const isRevivable = ({ droppedAt }: DroppedServer, nowMs = Date.now()): boolean =>
  nowMs - Date.parse(droppedAt) <= revivableDays * 86_400_000;

/** The latest server that was dropped under this name. */
export const lastDropped = (store: Store, name: string): DroppedServer | undefined =>
  store.state.dropped.findLast(({ server }) => server.name.toLowerCase() === name.toLowerCase());

export function isLabelHeld(store: Store, name: string, timeScale: number): boolean {
  const dropped = lastDropped(store, name);
  const heldMs = (labelHeldAzureSeconds * 1000) / timeScale;
  return dropped !== undefined && Date.now() - Date.parse(dropped.droppedAt) < heldMs;
}

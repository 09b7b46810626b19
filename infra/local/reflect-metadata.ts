/**
 * The certificate library's injection container asks for the "reflect metadata" proposal, which Node does not have.
 * It only stores and reads back a few values at load time; this is exactly that much of the proposal.
 */
type Metadata = Map<unknown, unknown>;

export function provideReflectMetadata(): void {
  if ('getMetadata' in Reflect) return;
  const stores = new WeakMap<object, Metadata>();
  const read = (key: unknown, target: object): unknown => stores.get(target)?.get(key);
  const define = (key: unknown, value: unknown, target: object): void => {
    const store: Metadata = stores.get(target) ?? new Map<unknown, unknown>();
    stores.set(target, store.set(key, value));
  };
  Object.assign(Reflect, {
    getMetadata: read,
    getOwnMetadata: read,
    defineMetadata: define,
    hasOwnMetadata: (key: unknown, target: object) => stores.get(target)?.has(key) ?? false,
    metadata: (key: unknown, value: unknown) => (target: object) => define(key, value, target),
  });
}

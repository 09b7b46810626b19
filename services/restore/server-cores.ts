/** How many cores a server has, by the name of its size: `Standard_D4ds_v5` has 4, `Standard_B1ms` has 1. */
export function serverCores(sku: string): number {
  const [, digits] = /^(?:Standard_)?[A-Za-z]+(\d+)/.exec(sku) ?? [];
  return Math.max(1, Number(digits ?? 1));
}

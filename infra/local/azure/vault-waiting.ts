/** Waiting for moments that may lie far ahead: ten hours of Azure's time are long at a scale of one. */
const longestMs = 2 ** 31 - 1;

/** Resolves at that moment (milliseconds since 1970); does not keep the process alive. */
export async function until(atMs: number): Promise<void> {
  const leftMs = Math.min(longestMs, Math.max(0, atMs - Date.now()));
  await new Promise<void>((resolve) => setTimeout(resolve, leftMs).unref());
  if (leftMs === longestMs) await until(atMs);
}

/** Waits no longer than a person would; the question itself goes on, and may still answer somebody later. */
export async function within<T, U>(
  millis: number,
  answer: Promise<T>,
  otherwise: () => U | Promise<U>,
): Promise<T | U> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, millis, 'late');
    timer.unref();
  });
  try {
    const first = await Promise.race([answer.then((value) => ({ value })), late]);
    return first === 'late' ? await otherwise() : first.value;
  } finally {
    clearTimeout(timer);
  }
}

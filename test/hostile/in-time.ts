/**
 * What a promise brings, if it brings it in time: nobody here waits for ever.
 *
 * Errors:  at the deadline, naming what was waited for
 */
export async function inTime<T>(what: string, promise: Promise<T>, deadlineMs: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Not within ${deadlineMs} ms: ${what}`)), deadlineMs);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

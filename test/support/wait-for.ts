/**
 * Waits until a condition holds, asking every few ms.
 *
 * Returns: the condition's value, once it is neither false nor undefined
 * Errors:  at the deadline, naming what was waited for
 */
export async function waitFor<T>(
  what: string,
  condition: () => T | Promise<T>,
  deadlineMs = 5_000,
): Promise<Exclude<T, false | undefined>> {
  const endMs = performance.now() + deadlineMs;
  for (;;) {
    const value = await condition();
    if (value !== false && value !== undefined) return value as Exclude<T, false | undefined>;
    if (performance.now() > endMs) throw new Error(`Not within ${deadlineMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
}

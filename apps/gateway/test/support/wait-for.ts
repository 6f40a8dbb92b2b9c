// The real one, also where a test fakes timers later.
const realSetTimeout = setTimeout;
const realNow = Date.now.bind(Date);

/** Polls until `probe` returns something other than undefined or false, and returns that; fails at the deadline. */
export async function waitFor<T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  deadlineMs = 10_000,
): Promise<T> {
  const deadline = realNow() + deadlineMs;
  for (;;) {
    const value = await probe();
    if (value !== undefined && value !== false) return value;
    if (realNow() > deadline) throw new Error(`waited ${deadlineMs} ms for ${what}`);
    await new Promise((resolve) => realSetTimeout(resolve, 20));
  }
}

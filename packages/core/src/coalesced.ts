/**
 * Runs a step, one run at a time: asked for while it runs, it runs once more afterwards, however often it was asked for.
 *
 * Shapes:  failed: takes what a run was rejected with; the next one is not concerned
 */
export function coalesced(step: () => Promise<void>, failed: (error: unknown) => void): () => void {
  let running = false;
  let again = false;
  const run = async () => {
    running = true;
    do {
      again = false;
      await step().catch(failed);
    } while (again);
    running = false;
  };
  return () => {
    again = true;
    if (!running) void run();
  };
}

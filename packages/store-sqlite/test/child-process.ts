import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

/** A running script, and the lines it prints. */
export interface Child {
  readonly process: ChildProcess;
  readonly lines: AsyncIterator<string>;
  /** Ends it by `kill -9`. Resolves when it is gone. */
  kill(): Promise<void>;
}

/** Scripts that run in a process of their own. */
export const CHILDREN = {
  append: new URL("./children/append.mjs", import.meta.url),
  crash: new URL("./children/crash.mjs", import.meta.url),
  hold: new URL("./children/hold.mjs", import.meta.url),
  take: new URL("./children/take.mjs", import.meta.url),
};

/** Starts a script in a process of its own, which ends with the test. */
export function startChild(
  script: URL,
  args: readonly (string | number)[],
  options: Pick<SpawnOptions, "uid" | "gid"> = {},
): Child {
  // A process of its own can't load TypeScript: it loads what was built.
  const built = fileURLToPath(new URL("../dist/index.js", import.meta.url));
  if (!existsSync(built))
    throw new Error("Build the package first: these tests start processes that load dist.");
  const child = spawn(process.execPath, [fileURLToPath(script), ...args.map(String)], {
    ...options,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const gone = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const kill = async () => {
    child.kill("SIGKILL");
    await gone;
  };
  onTestFinished(kill);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return { process: child, lines, kill };
}

/** The next line that the child prints. */
export async function nextLine(child: Child): Promise<string> {
  const { value, done } = await child.lines.next();
  if (done) throw new Error("The child ended without printing a line.");
  return value;
}

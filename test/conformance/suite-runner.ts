import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type RecordedScenario, type Results, readResults } from "./results.js";
import { chooseNode } from "./suite-node.js";

const require = createRequire(import.meta.url);
const SUITE = require.resolve("@modelcontextprotocol/conformance/dist/index.js");
const EXPECTED_FAILURES = fileURLToPath(new URL("expected-failures.yml", import.meta.url));

/** After this long the suite is killed. A run takes some two seconds. */
export const SUITE_DEADLINE_MS = 90_000;

/** Every suite that is running now; none outlives the tests. */
const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

export interface SuiteRun {
  readonly results: Results;
  /** null if it was killed. */
  readonly exitCode: number | null;
  readonly printed: string;
  readonly errors: string;
  readonly seconds: number;
}

/**
 * Runs every scenario that the public conformance suite has for a revision, in a process of its own. It gets nothing of
 * our environment (no proxy, no token, no Node.js options), and calls nothing but `url`.
 *
 * Shapes:  directory: where it may write, a new one each time
 * Errors:  Error if there is no Node.js for it (`chooseNode`) or it cannot be started
 */
export async function runSuite(url: string, revision: string, directory: string): Promise<SuiteRun> {
  const written = join(directory, "results");
  const args = [SUITE, "server", "--url", url, "--suite", "all", "--spec-version", revision];
  args.push("--expected-failures", EXPECTED_FAILURES, "--output-dir", written);
  const startedMs = performance.now();
  const child = spawn(chooseNode(), args, {
    cwd: directory,
    env: {},
    stdio: ["ignore", "pipe", "pipe"],
    timeout: SUITE_DEADLINE_MS,
    killSignal: "SIGKILL",
  });
  running.add(child);
  child.once("exit", () => running.delete(child));
  let printed = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const [exitCode] = (await once(child, "close")) as [number | null];
  const seconds = (performance.now() - startedMs) / 1000;
  return { results: readResults(await readRecorded(written)), exitCode, printed, errors, seconds };
}

/** Reads the suite's output directory; empty if it wrote none. */
async function readRecorded(directory: string): Promise<RecordedScenario[]> {
  const folders = await readdir(directory).catch(() => []);
  return Promise.all(
    folders.map(async (folder) => {
      const file = join(directory, folder, "checks.json");
      return { folder, checks: await readFile(file, "utf8").catch(() => undefined) };
    }),
  );
}

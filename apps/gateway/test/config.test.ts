import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readConfig } from "../src/config.js";
import { StartupError } from "../src/startup-error.js";
import { WRONG_CONFIGS } from "./support/wrong-configs.js";

const folder = mkdtempSync(join(tmpdir(), "gateway-config-"));
afterAll(() => rmSync(folder, { recursive: true }));

const file = join(folder, "gateway.json");
const read = (source: string) => {
  writeFileSync(file, source);
  return readConfig(file);
};

describe("the configuration", () => {
  test("has defaults and keeps its order", () => {
    mkdirSync(join(folder, "sub"));
    const mcpServers = {
      zeta: { command: "node" },
      alpha: {
        type: "http",
        url: "https://example.com/mcp",
        headers: { Authorization: "Bearer x" },
        timeoutMs: 5,
      },
      mid: { type: "stdio", command: "./run", args: ["a"], env: { A: "b" }, cwd: "sub" },
      abs: { command: "x", cwd: "/tmp" },
    };
    expect(read(JSON.stringify({ mcpServers }))).toEqual([
      { kind: "stdio", name: "zeta", command: "node", args: [], env: {}, cwd: folder, timeoutMs: 600_000 },
      {
        kind: "http",
        name: "alpha",
        url: "https://example.com/mcp",
        headers: { Authorization: "Bearer x" },
        timeoutMs: 5,
      },
      {
        kind: "stdio",
        name: "mid",
        command: "./run",
        args: ["a"],
        env: { A: "b" },
        cwd: join(folder, "sub"),
        timeoutMs: 600_000,
      },
      { kind: "stdio", name: "abs", command: "x", args: [], env: {}, cwd: "/tmp", timeoutMs: 600_000 },
    ]);
  });

  test.each(WRONG_CONFIGS)("is refused: %s", (_what, source, expected) => {
    expect(() => read(source)).toThrow(StartupError);
    expect(() => read(source)).toThrow(new StartupError(`${file}: ${expected}`));
    expect(expected).not.toContain("s3cret");
  });

  test("names everything that is wrong, one line each, and no value", () => {
    const mcpServers = {
      a: { command: 7, env: { TOKEN: ["s3cret"] }, tokens: "s3cret" },
      "b c": { url: "nope" },
    };
    const attempt = () => read(JSON.stringify({ mcpServers }));
    expect(attempt).toThrow(
      new StartupError(
        [
          `${file}: mcpServers.a.command: expected a string, got a number`,
          `${file}: mcpServers.a.env.TOKEN: expected a string, got an array`,
          `${file}: mcpServers.a.tokens: unknown key; known: command, args, env, cwd, url, headers, type, timeoutMs`,
          `${file}: mcpServers["b c"]: expected a name of 1-32 characters of A-Z a-z 0-9 _ -`,
        ].join("\n"),
      ),
    );
  });

  test("is missing, or a folder", () => {
    const missing = join(folder, "missing.json");
    expect(() => readConfig(missing)).toThrow(`${missing}: expected a configuration file: no such file`);
    expect(() => readConfig(folder)).toThrow(`${folder}: expected a configuration file: is a folder`);
  });
});

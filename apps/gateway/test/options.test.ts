import { describe, expect, test } from "vitest";
import { parseOptions, USAGE } from "../src/options.js";
import { StartupError } from "../src/startup-error.js";

const DEFAULTS = {
  configFile: "./gateway.config.json",
  host: "127.0.0.1",
  port: 3000,
  store: { kind: "sqlite", file: "./data/durable-mcp.db" },
  idleTtlMs: 3_600_000,
  maxSessions: 1000,
  drainMs: 5000,
};

describe("the command line", () => {
  test.each([
    [[], {}],
    [["--config", "a.json", "--port=0"], { configFile: "a.json", port: 0 }],
    [["--host", "::1"], { host: "::1" }],
    [["--host", "[::1]"], { host: "::1" }],
    [["--host", "localhost"], { host: "localhost" }],
    [["--host", "127.1.2.3"], { host: "127.1.2.3" }],
    [["--store", "memory:"], { store: { kind: "memory" } }],
    [["--store", "sqlite:/tmp/x.db"], { store: { kind: "sqlite", file: "/tmp/x.db" } }],
    [["--idle-ttl-ms", "5000", "--max-sessions", "7"], { idleTtlMs: 5000, maxSessions: 7 }],
    [["--drain-ms", "0"], { drainMs: 0 }],
  ])("%j", (argv, expected) => {
    expect(parseOptions(argv)).toEqual({ ...DEFAULTS, ...expected });
  });

  test("asks for help, which names every flag in its first lines", () => {
    expect(parseOptions(["--help"])).toBe("help");
    const [, usage = "", flags = ""] = USAGE.split("\n\n");
    for (const [, flag] of flags.matchAll(/^ {2}(--(?!help)\S+ <\S+>)/gm))
      expect(usage).toContain(`[${flag}]`);
  });

  test.each([
    [["--prot", "1"], "--prot"],
    [["stray"], "stray"],
    [["--port"], "--port"],
    [["--port", "-1"], "ambiguous. Did you forget"],
    [["--port", "http"], "--port: expected an integer from 0 to 65535"],
    [["--port", "65536"], "--port: expected"],
    [["--port=-1"], "--port: expected"],
    [["--host", "0.0.0.0"], "--host: expected a loopback host"],
    [["--host", "example.com"], "--host: expected a loopback host"],
    [["--host", "::"], "--host: expected a loopback host"],
    [["--host", "127.evil.example"], "--host: expected a loopback host"],
    [["--store", "postgres:x"], "--store: expected memory: or sqlite:<file>"],
    [["--store", "sqlite:"], "--store: expected"],
    [["--config="], "--config: expected a file"],
    [["--idle-ttl-ms", "0"], "--idle-ttl-ms: expected"],
    [["--max-sessions", "many"], "--max-sessions: expected"],
  ])("refuses %j", (argv, message) => {
    expect(() => parseOptions(argv)).toThrow(StartupError);
    expect(() => parseOptions(argv)).toThrow(message);
    expect(() => parseOptions(argv)).not.toThrow("\n");
  });
});

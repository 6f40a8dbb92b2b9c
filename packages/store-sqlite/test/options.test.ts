import { mkdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { createSqliteStore } from "../src/index.js";
import { openStore } from "./open-store.js";
import { tempFile } from "./temp-dir.js";

describe("options", () => {
  const wrong: [what: string, options: unknown, complaint: string][] = [
    ["nothing", undefined, "options: expected an object with `file`"],
    ["no file", {}, "options.file: expected the path of the database file"],
    ["an empty file", { file: "" }, "options.file: expected the path of the database file"],
    [
      ":memory:",
      { file: ":memory:" },
      "options.file: expected a path; for a store in memory use @durable-mcp/store-memory",
    ],
    ["a URL", { file: "file:x.db" }, "options.file: expected a path, not a URL"],
    ["an unknown option", { file: "x", fiel: 1 }, "options.fiel: unknown option"],
    [
      "a wrong bound",
      { file: "x", retention: { maxEvents: 0 } },
      "options.retention.maxEvents: expected an integer >= 1",
    ],
    ["an unknown bound", { file: "x", retention: { max: 1 } }, "options.retention.max: unknown option"],
    ["retention of another kind", { file: "x", retention: 5 }, "options.retention: expected an object"],
    [
      "another synchronous",
      { file: "x", synchronous: "off" },
      'options.synchronous: expected "normal" or "full"',
    ],
    [
      "a tiny file",
      { file: "x", maxFileBytes: 1 },
      "options.maxFileBytes: expected an integer >= 131072 (bytes)",
    ],
    ["a clock that is none", { file: "x", now: 5 }, "options.now: expected a function that returns ms"],
  ];

  it.each(wrong)("%s is a TypeError that names the path and what was expected", (_, options, complaint) => {
    const open = () => createSqliteStore(options as never);
    expect(open).toThrow(TypeError);
    expect(open).toThrow(`createSqliteStore: ${complaint}`);
  });

  it("creates the directory, and a file that only its owner may read", async () => {
    const file = join(dirname(tempFile()), "a", "b", "store.db");
    const store = openStore({ file });
    await store.ready();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(`${file}-wal`).mode & 0o777).toBe(0o600);
  });

  it("keeps to its file when the process changes its directory", async () => {
    const dir = dirname(tempFile());
    const before = process.cwd();
    mkdirSync(join(dir, "elsewhere"));
    // Vitest's workers may change their directory: they are processes.
    process.chdir(dir);
    try {
      const store = openStore({ file: "store.db" });
      process.chdir(join(dir, "elsewhere"));
      await store.ready();
      expect(statSync(join(dir, "store.db")).size).toBeGreaterThan(0);
    } finally {
      process.chdir(before);
    }
  });
});

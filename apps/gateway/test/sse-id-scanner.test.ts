import { describe, expect, test } from "vitest";
import { SseIdScanner } from "../src/sse-id-scanner.js";

/** What it must find, said with the whole stream at hand. */
const hasId = (stream: string) =>
  stream
    .split(/\r\n|\r|\n/)
    .slice(0, -1)
    .some((line) => line.startsWith("id:") && line.slice(3).replace(/^ /, "") !== "");

const STREAMS = [
  ["an id", "id: 1\ndata: x\n\n", true],
  ["an id without a blank", "id:1\n", true],
  ["an id that is a blank", "id:  \n", true],
  ["an id after CR LF", "data: x\r\nid: 1\r\n\r\n", true],
  ["an id after CR", "data: x\rid: 1\r", true],
  ["an id of one character that is none", "id: \u2028\n", true],
  ["a long id after a long line", `data: ${"x".repeat(1_000)}\nid: ${"1".repeat(1_000)}\n`, true],
  ["no id", "data: x\n\n", false],
  ["an empty id", "id:\nid: \nid\n", false],
  ["an id within a line", "data: id: 1\n id: 1\nxid: 1\n", false],
  ["another field that begins like it", "idx: 1\nid-: 1\n", false],
  ["an unfinished id", "data: x\n\nid: 1", false],
  ["nothing", "", false],
] as const;

describe("an SSE stream's ids", () => {
  test.each(STREAMS)("%s, whatever the chunks", (_what, stream, expected) => {
    expect(hasId(stream)).toBe(expected);
    for (let size = 1; size <= 8; size += 1) {
      const scanner = new SseIdScanner();
      for (let at = 0; at < stream.length; at += size) scanner.push(stream.slice(at, at + size));
      expect(scanner.found).toBe(expected);
    }
    const scanner = new SseIdScanner();
    scanner.push(stream);
    expect(scanner.found).toBe(expected);
  });

  // What reads an unfinished line anew with each chunk does not get through these within a test's time.
  test("an endless line in small chunks", () => {
    const scanner = new SseIdScanner();
    for (let n = 0; n < 500_000; n += 1) scanner.push("x".repeat(100));
    scanner.push("\nid: 1\n");
    expect(scanner.found).toBe(true);
  });
});

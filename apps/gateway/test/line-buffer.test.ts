import { describe, expect, test } from "vitest";
import { LineBuffer } from "../src/line-buffer.js";

const STREAM = Buffer.from(`one\n\ntwo €\r\n${"long ".repeat(50)}\nthree\nfour\nunfin€shed`);

describe("a line buffer", () => {
  test("gives the lines, whatever the chunks", () => {
    const expected = STREAM.toString().split("\n");
    const unfinished = expected.pop() ?? "";
    for (const size of [1, 2, 3, 5, 7, 11, 64, 100, STREAM.length]) {
      const buffer = new LineBuffer();
      const lines: string[] = [];
      for (let at = 0; at < STREAM.length; at += size) {
        lines.push(...buffer.push(STREAM.subarray(at, at + size)));
      }
      expect(lines).toEqual(expected);
      expect(buffer.length).toBe(Buffer.byteLength(unfinished));
    }
  });

  test("does not keep the chunks themselves, which may be written anew", () => {
    const buffer = new LineBuffer();
    const chunk = Buffer.from("ab");
    expect(buffer.push(chunk)).toEqual([]);
    chunk.fill("x");
    expect(buffer.push(Buffer.from("c\n"))).toEqual(["abc"]);
  });

  test("drops the unfinished line", () => {
    const buffer = new LineBuffer();
    buffer.push(Buffer.from("dropped"));
    buffer.clear();
    expect(buffer.length).toBe(0);
    expect(buffer.push(Buffer.from("kept\n"))).toEqual(["kept"]);
  });

  // What copies an unfinished line anew with each chunk does not get through this within a test's time.
  test("a line of 50 MB in small chunks", () => {
    const buffer = new LineBuffer();
    const chunk = Buffer.alloc(100, "x");
    for (let n = 0; n < 500_000; n += 1) buffer.push(chunk);
    expect(buffer.length).toBe(50_000_000);
    expect(buffer.push(Buffer.from("\n"))[0]).toHaveLength(50_000_000);
  });
});

import { PassThrough } from "node:stream";
import { finished } from "node:stream/promises";
import { expect, test } from "vitest";
import { readLines } from "../src/stderr-lines.js";

test("standard error is read line by line, whatever the chunks, and a line without end is cut", async () => {
  const stream = new PassThrough();
  const lines: string[] = [];
  readLines(stream, (line) => lines.push(line));
  const euro = Buffer.from("€");
  for (const chunk of ["one\ntw", "o\r\n\n  \nthree ", euro.subarray(0, 1), euro.subarray(1), "\n"])
    stream.write(chunk);
  for (let n = 0; n < 100; n += 1) stream.write("x".repeat(1_000));
  stream.end("\nlast");
  await finished(stream);
  expect(lines).toEqual(["one", "two", "three €", "x".repeat(2_000), "last"]);
});

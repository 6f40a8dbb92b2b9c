import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";

/** Longest part of a line that is kept, in characters. */
const MAX_LINE = 2_000;

/** Reads a process's standard error line by line; of a line without end only the beginning is kept (G7). */
export function readLines(stream: Readable, onLine: (line: string) => void): void {
  const decoder = new StringDecoder("utf8");
  let line = "";
  const finish = () => {
    if (line.trim() !== "") onLine(line);
    line = "";
  };
  stream.on("data", (chunk: Buffer) => {
    const [first = "", ...others] = decoder.write(chunk).split(/\r?\n/);
    line = (line + first).slice(0, MAX_LINE);
    for (const next of others) {
      finish();
      line = next.slice(0, MAX_LINE);
    }
  });
  stream.on("end", finish);
}

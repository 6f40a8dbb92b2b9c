import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { History } from "./history.js";

/** Writes a history to a file that nobody deletes, one JSON object per line, the facts first. Returns: its path */
export async function writeHistory({ facts, events }: History): Promise<string> {
  const path = join(tmpdir(), `durable-mcp-chaos-${crypto.randomUUID()}.jsonl`);
  await writeFile(path, [facts, ...events].map((one) => `${JSON.stringify(one)}\n`).join(""));
  return path;
}

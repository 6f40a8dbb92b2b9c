import { StartupError } from "./startup-error.js";

/**
 * Parses a configuration's text.
 *
 * Errors:  StartupError: the file, the line and what was expected there
 */
export function parseJson(file: string, source: string): unknown {
  const wrong = (position: number, expected: string) => {
    const before = source.slice(0, position).split("\n");
    const place = `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
    return new StartupError(`${file}: ${place}: expected ${expected}`);
  };
  let json: unknown;
  try {
    json = JSON.parse(source);
  } catch (error) {
    const position = /at position (\d+)/.exec((error as Error).message)?.[1];
    throw wrong(Number(position ?? source.length), "JSON (no comments or trailing commas)");
  }
  const repeated = repeatedKey(source);
  if (repeated) throw wrong(repeated.position, `the key ${repeated.key} only once`);
  return json;
}

/** The first key that an object has twice, as it is written: JSON.parse keeps the last one without a word. */
function repeatedKey(json: string): { key: string; position: number } | undefined {
  const open: Set<unknown>[] = [];
  for (const { 0: token, 1: key, 2: colon, index } of json.matchAll(/("(?:[^"\\]|\\.)*")\s*(:?)|[{}[\]]/g)) {
    if (token === "{" || token === "[") open.push(new Set());
    else if (token === "}" || token === "]") open.pop();
    else if (key !== undefined && colon) {
      const name: unknown = JSON.parse(key);
      if (open.at(-1)?.has(name)) return { key, position: index };
      open.at(-1)?.add(name);
    }
  }
  return undefined;
}

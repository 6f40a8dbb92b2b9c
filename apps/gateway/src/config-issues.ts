import type { z } from "zod";
import { isJsonObject } from "./rpc.js";

type Issue = z.core.$ZodIssue;

/**
 * One line per issue: the path, what was expected, and the kind of what was found. Values are not shown: a
 * configuration holds secrets.
 */
export function describeIssues(issues: readonly Issue[], input: unknown): string[] {
  return issues.flatMap((issue) => describe(issue, input));
}

function describe(issue: Issue, input: unknown): string[] {
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => `${formatPath([...issue.path, key])}: ${issue.message}`);
    case "invalid_key":
      return [`${formatPath(issue.path)}: ${issue.issues[0]?.message ?? issue.message}`];
    case "invalid_type": {
      const found = kindOf(valueAt(input, issue.path));
      return [`${formatPath(issue.path)}: expected ${article(expectedKind(issue.expected))}, got ${found}`];
    }
    case "invalid_value":
      return [`${formatPath(issue.path)}: expected one of ${issue.values.map(String).join(", ")}`];
    default:
      return [`${formatPath(issue.path)}: ${issue.message}`];
  }
}

/** A path as one would write it: `mcpServers.everything.args[1]`, `mcpServers["a b"]`. */
function formatPath(path: readonly PropertyKey[]): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else if (/^[A-Za-z0-9_$-]+$/.test(String(part))) text += text === "" ? String(part) : `.${String(part)}`;
    else text += `[${JSON.stringify(String(part))}]`;
  }
  return text || "(the whole file)";
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const part of path) {
    value = isJsonObject(value) || Array.isArray(value) ? (value as never)[part] : undefined;
  }
  return value;
}

function kindOf(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  return Array.isArray(value) ? "an array" : article(typeof value);
}

function expectedKind(expected: string): string {
  return expected === "record" ? "object" : expected === "int" ? "integer" : expected;
}

function article(kind: string): string {
  return `${/^[aeiou]/.test(kind) ? "an" : "a"} ${kind}`;
}

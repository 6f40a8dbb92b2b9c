import type { JsonObject } from "@durable-mcp/contract";

/** A copy that nobody can change, without the members that are undefined: what comes back from a real database. */
export function frozenJson(value: JsonObject): JsonObject {
  return deepFreeze(JSON.parse(JSON.stringify(value)));
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    for (const member of Object.values(value)) deepFreeze(member);
    Object.freeze(value);
  }
  return value;
}

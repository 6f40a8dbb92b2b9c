import type { JsonObject } from "@durable-mcp/contract";
import { isObject } from "./json-rpc.js";
import type { SessionContext } from "./options.js";
import { principalNamed } from "./principal.js";
import type { RecordKeeper } from "./record-keeper.js";
import { asJson } from "./session-shape.js";

/** What `createServer` is told of a session. Its state is read when it is asked for, and stored when it is set. */
export function sessionContext(
  session: { readonly id: string; readonly principal: string },
  keeper: RecordKeeper,
  restored: boolean,
): SessionContext {
  const { query, headers } = keeper.shape;
  return {
    sessionId: session.id,
    principal: principalNamed(session.principal),
    query,
    headers,
    restored,
    get state() {
      return keeper.state;
    },
    setState: async (state) => keeper.change({ state: checkState(state) }),
  };
}

/** Errors:  TypeError for what is no JSON object */
function checkState(state: JsonObject): JsonObject {
  if (isObject(state)) return asJson(state);
  throw new TypeError(`setState: expected a JSON object, got ${state === null ? "null" : typeof state}`);
}

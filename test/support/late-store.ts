import type { Store } from "@durable-mcp/contract";
import type { SeededRandom } from "./seeded-random.js";

const LATE: ReadonlySet<PropertyKey> = new Set([
  "append",
  "read",
  "head",
  "finals",
  "update",
  "get",
  "touch",
]);

/** The same store, whose answers come some turns of the event loop late, as over a network. */
export function lateStore(store: Store, random: SeededRandom): Store {
  const late = <T extends object>(target: T): T =>
    new Proxy(target, {
      get: (object, name) => {
        const method = object[name as keyof T];
        if (typeof method !== "function" || !LATE.has(name)) return method;
        return async (...args: unknown[]) => {
          const answer = await method.apply(object, args);
          for (let turns = random.integer(0, 4); turns > 0; turns -= 1) {
            await new Promise((resolve) => setImmediate(resolve));
          }
          return answer;
        };
      },
    });
  return { ...store, log: late(store.log), sessions: late(store.sessions) };
}

// Appends to an inbox and takes from it for ever, and prints up to where it has taken, until it is killed.
import { writeSync } from "node:fs";
import { createSqliteStore } from "@durable-mcp/store-sqlite";

const [, , file, atOnce] = process.argv;
const store = createSqliteStore({ file });
const bounds = { ttlMs: 600_000, maxPerPrincipal: 10, maxTotal: 10 };
await store.sessions.create({ id: "s", principal: "p", nodeId: "n", shape: {}, state: {} }, bounds);
const key = { sessionId: "s", streamId: "inbox" };

for (let last = (await store.log.head(key))?.last ?? 0; ; ) {
  const appended = Array.from({ length: Number(atOnce) + 1 }, () => {
    last += 1;
    const payload = `${last} ${"é".repeat(last % 500)}`;
    return store.log.append(key, [{ kind: "control", payload }], { refuseWhenFull: true });
  });
  const limits = { events: Number(atOnce), bytes: 1_000_000 };
  const [taken] = await Promise.all([store.log.take(key, limits, 1), ...appended]);
  // Not console.log, which may keep it for later.
  if (taken.events.length > 0) writeSync(1, `${taken.events.at(-1).offset}\n`);
}

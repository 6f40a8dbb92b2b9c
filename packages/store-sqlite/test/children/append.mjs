// Appends to several streams at once for ever, and prints what was acknowledged, until it is killed.
import { writeSync } from "node:fs";
import { createSqliteStore } from "@durable-mcp/store-sqlite";

const [, , file, streams] = process.argv;
const store = createSqliteStore({ file, retention: { maxEvents: 1_000_000 } });
const bounds = { ttlMs: 600_000, maxPerPrincipal: 10, maxTotal: 10 };
await store.sessions.create({ id: "s", principal: "p", nodeId: "n", shape: {}, state: {} }, bounds);

async function appendForEver(streamId) {
  const key = { sessionId: "s", streamId };
  let last = (await store.log.head(key))?.last ?? 0;
  for (;;) {
    const size = 1 + Math.floor(Math.random() * 5);
    const events = Array.from({ length: size }, (_, index) => ({
      kind: "message",
      payload: JSON.stringify({
        streamId,
        offset: last + 1 + index,
        lastOfAppend: last + size,
        pad: "é".repeat(index * 400),
      }),
    }));
    const result = await store.log.append(key, events, { fence: 1 });
    last = result.last;
    // Not console.log, which may keep it for later.
    writeSync(1, `${streamId} ${last}\n`);
  }
}

for (let stream = 1; stream <= Number(streams); stream += 1) appendForEver(`stream-${stream}`);

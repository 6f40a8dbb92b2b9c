import { repeatOn } from "../load/closed-loop.js";
import { Connection } from "../load/connection.js";
import { McpSession } from "../load/mcp-session.js";
import type { Measure } from "./measure.js";

const IN_FLIGHT = 32;
/** More than our stores keep answers of a session, so that what is retained on purpose is there before. */
const WARM_UP_CALLS = 2_000;

/** How much the heap has grown after many calls of one session. */
export const heap: Measure = {
  name: "heap",
  run: async (server, { heapCalls }) => {
    const connections = await Connection.openSeveral(server.port, IN_FLIGHT);
    const session = await McpSession.open(connections[0] as Connection);
    const call = (count: number) => repeatOn(connections, count, (connection) => session.echo(connection));

    await call(WARM_UP_CALLS);
    const before = await server.ask("memory");
    await call(heapCalls);
    const after = await server.ask("memory");
    for (const connection of connections) connection.close();
    const label = `heap growth over ${heapCalls.toLocaleString("en-US")} calls`;
    return [{ label, unit: "MiB", value: (after.heapBytes - before.heapBytes) / 1024 ** 2 }];
  },
};

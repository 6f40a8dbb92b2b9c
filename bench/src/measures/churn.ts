import { closedLoop } from "../load/closed-loop.js";
import { Connection } from "../load/connection.js";
import { McpSession } from "../load/mcp-session.js";
import type { Measure } from "./measure.js";

const IN_FLIGHT = 16;

/** Sessions that are opened (initialize, notifications/initialized) and ended (DELETE) at once. */
export const churn: Measure = {
  name: "churn",
  run: async (server, { warmUpMs, phaseMs }) => {
    const connections = await Connection.openSeveral(server.port, IN_FLIGHT);
    const load = (durationMs: number) =>
      closedLoop(connections, durationMs, async (connection) => {
        const session = await McpSession.open(connection);
        await session.end(connection);
      });

    await load(warmUpMs);
    const { result, cpuUs } = await server.whileCounting(() => load(phaseMs));
    for (const connection of connections) connection.close();
    return [
      { label: "open and end a session: rate", unit: "per second", value: result.rate },
      { label: "open and end a session: server CPU", unit: "µs", value: cpuUs / result.count },
    ];
  },
};

import { closedLoop } from "../load/closed-loop.js";
import { Connection } from "../load/connection.js";
import { McpSession } from "../load/mcp-session.js";
import { percentile } from "../statistics.js";
import type { Figure, Measure } from "./measure.js";

const IN_FLIGHT = [1, 32, 128];
const WARM_UP_IN_FLIGHT = 32;

/** Calls of a tool that gives its text back, in one session, so many in flight at a time. */
export const calls: Measure = {
  name: "calls",
  run: async (server, { warmUpMs, phaseMs }) => {
    const connections = await Connection.openSeveral(server.port, Math.max(...IN_FLIGHT));
    const session = await McpSession.open(connections[0] as Connection);
    const load = (inFlight: number, durationMs: number) =>
      closedLoop(connections.slice(0, inFlight), durationMs, (connection) => session.echo(connection));

    await load(WARM_UP_IN_FLIGHT, warmUpMs);
    const figures: Figure[] = [];
    for (const inFlight of IN_FLIGHT) {
      const { result, cpuUs } = await server.whileCounting(() => load(inFlight, phaseMs));
      const label = (what: string) => `call, ${inFlight} in flight: ${what}`;
      figures.push(
        { label: label("rate"), unit: "per second", value: result.rate },
        { label: label("p50"), unit: "ms", value: percentile(result.latenciesMs, 0.5) },
        { label: label("p99"), unit: "ms", value: percentile(result.latenciesMs, 0.99) },
        { label: label("server CPU"), unit: "µs", value: cpuUs / result.count },
      );
    }
    for (const connection of connections) connection.close();
    return figures;
  },
};

import { Connection } from "../load/connection.js";
import { McpSession } from "../load/mcp-session.js";
import { checkComplete } from "../load/notification-order.js";
import { median } from "../statistics.js";
import type { Measure } from "./measure.js";

const COUNT = 1_000;
const WARM_UP_CALLS = 20;

/** One call after the other that streams 1,000 notifications of 200 B before its result. */
export const stream: Measure = {
  name: "stream",
  run: async (server, { streamCalls }) => {
    const connection = await Connection.open(server.port);
    const session = await McpSession.open(connection);
    const firstMs: number[] = [];
    const wholeMs: number[] = [];
    const call = async () => {
      const beginMs = performance.now();
      let toFirstMs: number | undefined;
      const events = await session.stream(
        connection,
        { count: COUNT },
        {
          event: ({ data }) => {
            // The priming event has no data.
            if (data !== "") toFirstMs ??= performance.now() - beginMs;
          },
        },
      );
      wholeMs.push(performance.now() - beginMs);
      firstMs.push(toFirstMs ?? Number.NaN);
      const outOfOrder = checkComplete(events, COUNT);
      if (outOfOrder > 0) throw new Error(`${outOfOrder} of ${COUNT} live events came out of order.`);
    };

    for (let n = 0; n < WARM_UP_CALLS; n += 1) await call();
    firstMs.length = 0;
    wholeMs.length = 0;
    const { cpuUs } = await server.whileCounting(async () => {
      for (let n = 0; n < streamCalls; n += 1) await call();
    });
    connection.close();
    return [
      {
        label: "stream of 1,000 x 200 B: events",
        unit: "per second",
        value: (COUNT * 1_000) / median(wholeMs),
      },
      { label: "stream of 1,000 x 200 B: first event", unit: "ms", value: median(firstMs) },
      {
        label: "stream of 1,000 x 200 B: server CPU per event",
        unit: "µs",
        value: cpuUs / (COUNT * streamCalls),
      },
    ];
  },
};

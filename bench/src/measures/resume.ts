import { Connection } from "../load/connection.js";
import { get } from "../load/mcp-requests.js";
import { McpSession } from "../load/mcp-session.js";
import { checkComplete } from "../load/notification-order.js";
import type { SseEvent } from "../load/sse-parser.js";
import { expectStatus, WrongAnswer } from "../load/wrong-answer.js";
import type { ServerProcess } from "../server-process.js";
import { median } from "../statistics.js";
import { BASELINE } from "../subjects.js";
import type { Figure, Measure } from "./measure.js";

/** With its response, one event more: as many as our stores keep of a stream by default. */
const NOTIFICATIONS = 9_999;
const EVENTS = NOTIFICATIONS + 1;

/** The SDK's example store may lose events that are stored in the same millisecond as the priming event. */
const PAUSE_MS = 5;
const DEADLINE_MS = 20_000;

/** Resuming a stream of 10,000 events from its beginning, and the same beside other streams of the session. */
export const resume: Measure = {
  name: "resume",
  run: async (server, { otherStreams, resumes }) => {
    const connection = await Connection.open(server.port);
    const session = await McpSession.open(connection);
    const [priming] = await session.stream(connection, { count: NOTIFICATIONS, pauseMs: PAUSE_MS });
    if (priming?.data !== "" || priming.id === undefined) throw new WrongAnswer("a priming event", priming);

    const request = get(session.id, priming.id);
    const resumeOften = async () => {
      const taken: Resumed[] = [];
      for (let n = 0; n < resumes; n += 1) taken.push(await resumeOnce(server, request));
      return taken;
    };
    const alone = figures("resume 10,000 events", await resumeOften());
    for (let n = 0; n < otherStreams; n += 1) await session.stream(connection, { count: NOTIFICATIONS });
    const others = (EVENTS * otherStreams).toLocaleString("en-US");
    const beside = figures(`resume 10,000 events beside ${others}`, await resumeOften());
    connection.close();
    return [...alone, ...beside];
  },
};

interface Resumed {
  readonly tookMs: number;
  readonly outOfOrder: number;
}

function figures(label: string, taken: readonly Resumed[]): Figure[] {
  return [
    { label, unit: "ms", value: median(taken.map(({ tookMs }) => tookMs)) },
    {
      label: `${label}: out of order`,
      unit: "count",
      value: median(taken.map(({ outOfOrder }) => outOfOrder)),
    },
  ];
}

/** The clock runs from the request to the last event; not all servers end the answer after it. */
async function resumeOnce(server: ServerProcess, request: string): Promise<Resumed> {
  const connection = await Connection.open(server.port);
  const events: SseEvent[] = [];
  const beginMs = performance.now();
  const tookMs = await new Promise<number>((resolve, reject) => {
    const late = () => reject(new WrongAnswer(`${EVENTS} events`, `${events.length} in ${DEADLINE_MS} ms`));
    const timer = setTimeout(late, DEADLINE_MS);
    const onEvent = (event: SseEvent) => {
      if (event.data === "") return;
      events.push(event);
      if (events.length < EVENTS) return;
      clearTimeout(timer);
      resolve(performance.now() - beginMs);
    };
    connection
      .follow(request, onEvent)
      .then((head) => expectStatus(head, 200))
      .catch(reject);
  });
  connection.close();
  const outOfOrder = checkComplete(events, NOTIFICATIONS);
  // The SDK's example store is known for it: that is reported. Any other subject must not.
  if (outOfOrder > 0 && server.subject !== BASELINE) {
    throw new Error(`${outOfOrder} of ${EVENTS} resumed events came out of order.`);
  }
  return { tookMs, outOfOrder };
}

import { repeatOn } from "../load/closed-loop.js";
import { Connection } from "../load/connection.js";
import { get } from "../load/mcp-requests.js";
import { McpSession } from "../load/mcp-session.js";
import { expectStatus } from "../load/wrong-answer.js";
import type { Figure, Measure } from "./measure.js";

const IN_FLIGHT = 8;
/** So that what every process needs once is not counted as the sessions'. */
const WARM_UP_SESSIONS = 200;

/** What an idle session holds on to, without and with an open GET stream, after a forced collection of garbage. */
export const memory: Measure = {
  name: "memory",
  run: async (server, { idleSessions }) => {
    const connections = await Connection.openSeveral(server.port, IN_FLIGHT);
    const streams: Connection[] = [];
    await openSessions(connections, WARM_UP_SESSIONS);
    const before = await server.ask("memory");

    const sessions = await openSessions(connections, idleSessions);
    const idle = await server.ask("memory");

    for (const session of sessions) {
      const connection = await Connection.open(server.port);
      streams.push(connection);
      expectStatus(await connection.follow(get(session.id)), 200);
    }
    const listening = await server.ask("memory");

    for (const connection of [...connections, ...streams]) connection.close();
    const perSession = (bytes: number) => bytes / sessions.length / 1024;
    const figure = (label: string, bytes: number): Figure => ({
      label,
      unit: "KiB",
      value: perSession(bytes),
    });
    return [
      figure("idle session: heap", idle.heapBytes - before.heapBytes),
      figure("idle session with a GET stream: heap", listening.heapBytes - before.heapBytes),
      figure("idle session with a GET stream: RSS", listening.rssBytes - before.rssBytes),
    ];
  },
};

async function openSessions(connections: readonly Connection[], count: number): Promise<McpSession[]> {
  const sessions: McpSession[] = [];
  await repeatOn(connections, count, async (connection) => {
    sessions.push(await McpSession.open(connection));
  });
  return sessions;
}

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { EventStore } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { CuttingProxy } from "../support/cutting-proxy.js";
import { CommandedServer } from "./commanded-server.js";
import { createApp } from "./express-app.js";
import type { AnyTransport, TransportClass } from "./transport-classes.js";

/** The Express application, listening, behind a proxy that cuts its connections on demand. */
export interface RunningApp {
  /** Past the proxy. */
  readonly directUrl: string;
  readonly proxy: CuttingProxy;
  /** The application's own map of its sessions. */
  readonly transports: ReadonlyMap<string, AnyTransport>;
  /** The server objects of its sessions, in the order of opening. */
  readonly servers: readonly CommandedServer[];
  stop(): Promise<void>;
}

/** Starts one on a free port. */
export async function startApp(Transport: TransportClass, eventStore?: EventStore): Promise<RunningApp> {
  const servers: CommandedServer[] = [];
  const { app, transports } = createApp(Transport, eventStore, () => {
    const commanded = new CommandedServer();
    servers.push(commanded);
    return commanded.server;
  });
  const http = createServer(app);
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const { port } = http.address() as AddressInfo;
  const proxy = await CuttingProxy.start(port);
  return {
    directUrl: `http://127.0.0.1:${port}/mcp`,
    proxy,
    transports,
    servers,
    stop: async () => {
      await Promise.all(Array.from(transports.values(), (transport) => transport.close()));
      await proxy.stop();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

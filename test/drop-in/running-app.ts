import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import type { EventStore } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { CuttingProxy } from "../support/cutting-proxy.js";
import { CommandedServer } from "./commanded-server.js";
import { createApp } from "./express-app.js";
import { createHonoApp } from "./hono-app.js";
import {
  OUR_WEB,
  OURS,
  SDK,
  SDK_WEB,
  type TransportClass,
  type WebTransportClass,
} from "./transport-classes.js";

/** What an application keeps for each of its sessions. */
interface Closable {
  close(): Promise<void>;
}

/** An application as node:http runs it. */
export type CreateApp = (
  eventStore: EventStore | undefined,
  getServer: () => Server,
) => { readonly listener: RequestListener; readonly transports: ReadonlyMap<string, Closable> };

const express =
  (Transport: TransportClass): CreateApp =>
  (...given) => {
    const { app, transports } = createApp(Transport, ...given);
    return { listener: app, transports };
  };

const hono =
  (Transport: WebTransportClass): CreateApp =>
  (...given) => {
    const { app, transports } = createHonoApp(Transport, ...given);
    return { listener: getRequestListener(app.fetch, { overrideGlobalObjects: false }), transports };
  };

/** The applications with our classes. */
export const OUR_APPS = [
  { name: "An Express application with our class", create: express(OURS) },
  { name: "A Hono application with our web class", create: hono(OUR_WEB) },
] as const;

/** The applications with the SDK's classes and with ours. */
export const ALL_APPS = [
  { name: "An Express application with the SDK's class", create: express(SDK) },
  { name: "A Hono application with the SDK's web class", create: hono(SDK_WEB) },
  ...OUR_APPS,
] as const;

/** The application, listening, behind a proxy that cuts its connections on demand. */
export interface RunningApp {
  /** Past the proxy. */
  readonly directUrl: string;
  readonly proxy: CuttingProxy;
  /** The application's own map of its sessions. */
  readonly transports: ReadonlyMap<string, Closable>;
  /** The server objects of its sessions, in the order of opening. */
  readonly servers: readonly CommandedServer[];
  stop(): Promise<void>;
}

/** Starts one on a free port. */
export async function startApp(create: CreateApp, eventStore?: EventStore): Promise<RunningApp> {
  const servers: CommandedServer[] = [];
  const { listener, transports } = create(eventStore, () => {
    const commanded = new CommandedServer();
    servers.push(commanded);
    return commanded.server;
  });
  const http = createServer(listener);
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

import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import {
  type ClientCapabilities,
  RootsListChangedNotificationSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { ClientChannel } from "./client-channel.js";
import { ClientRequests } from "./client-requests.js";
import type { AppConfig } from "./config.js";
import { JSON_SCHEMA_VALIDATOR } from "./json-schema-validator.js";
import type { Log } from "./log.js";
import type { NameScheme } from "./names.js";
import { isJsonObject, type RpcObject } from "./rpc.js";
import { Upstream, type UpstreamHost } from "./upstream.js";
import { UpstreamMessages } from "./upstream-messages.js";
import type { UriScheme } from "./uris.js";
import { GATEWAY_INFO } from "./version.js";

/** What all sessions share: the apps and how clients call what is theirs. */
export interface Catalog {
  readonly apps: readonly AppConfig[];
  readonly names: NameScheme;
  readonly uris: UriScheme;
}

/** Declared whatever the upstreams offer, so that `initialize` never waits for one. */
const CAPABILITIES = {
  tools: { listChanged: true },
  prompts: { listChanged: true },
  resources: { subscribe: true, listChanged: true },
  logging: {},
  completions: {},
};

const LIST_CHANGES = [
  "notifications/tools/list_changed",
  "notifications/prompts/list_changed",
  "notifications/resources/list_changed",
];

/**
 * One client session: a server object for the client, and behind it a connection of its own to each app. All it
 * knows it learns from the client's messages, so that repeating those rebuilds it after a restart (G4).
 */
export class GatewaySession {
  readonly server: Server;
  readonly #upstreams: ReadonlyMap<string, Upstream>;

  /** Shapes:  restored: true where the session has lived before; onEnd: called once, when the session has ended */
  constructor(
    catalog: Catalog,
    options: { readonly restored: boolean; readonly log: Log; readonly onEnd: () => void },
  ) {
    const { apps } = catalog;
    const server = new Server(GATEWAY_INFO, {
      capabilities: CAPABILITIES,
      instructions: instructionsFor(apps),
      debouncedNotificationMethods: LIST_CHANGES,
      jsonSchemaValidator: JSON_SCHEMA_VALIDATOR,
    });
    const channel = new ClientChannel(server, (pressed) => {
      for (const upstream of upstreams.values()) upstream.connection?.pause(pressed);
    });
    const messages = new UpstreamMessages(channel, catalog.uris);
    const host: UpstreamHost = {
      get clientCapabilities() {
        return mirrored(server.getClientCapabilities());
      },
      onNotification: (upstream, method, params) => messages.notify(upstream, method, params),
      onRequest: (upstream, method, params, signal) => messages.request(upstream, method, params, signal),
    };
    const upstreams = new Map(apps.map((app) => [app.name, new Upstream(app, host, options.log)]));
    const requests = new ClientRequests(upstreams, catalog, options.restored);

    // The SDK's own handler would keep the level to itself.
    server.removeRequestHandler("logging/setLevel");
    // Raw, past the SDK's schemas: they would strip what they do not know.
    server.fallbackRequestHandler = async ({ method, params = {} }, extra) => {
      const token = isJsonObject(params._meta) ? params._meta.progressToken : undefined;
      const onProgress = (progress: RpcObject) =>
        channel.progress({ ...progress, progressToken: token }, extra.requestId);
      const call = { id: extra.requestId, signal: extra.signal, ...(token !== undefined && { onProgress }) };
      return { ...(await requests.answer(method, params, call)) };
    };
    server.oninitialized = () => {
      for (const upstream of upstreams.values()) upstream.warmUp();
    };
    server.setNotificationHandler(RootsListChangedNotificationSchema, async () => {
      const told = [...upstreams.values()].map((upstream) =>
        upstream.connection?.notify("notifications/roots/list_changed").catch(() => {}),
      );
      await Promise.all(told);
    });
    server.onclose = options.onEnd;

    this.server = server;
    this.#upstreams = upstreams;
  }

  /** Ends the connections to the upstreams. Resolves when their processes have ended. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#upstreams.values()].map((upstream) => upstream.close()));
  }
}

/** What the upstreams may ask of the client: no more than the client itself can do and the gateway carries. */
function mirrored(capabilities: ClientCapabilities = {}): ClientCapabilities {
  const { sampling, elicitation, roots } = capabilities;
  return { ...(sampling && { sampling }), ...(elicitation && { elicitation }), ...(roots && { roots }) };
}

function instructionsFor(apps: readonly AppConfig[]): string {
  const names = apps.map((app) => app.name).join(", ");
  return `A gateway to several MCP servers: ${names}. A tool or prompt named x_y is y of the server x.`;
}

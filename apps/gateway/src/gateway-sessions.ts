import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import type { AppConfig } from "./config.js";
import { type Catalog, GatewaySession } from "./gateway-session.js";
import { type Log, type LogFields, sessionLabel } from "./log.js";
import { createNameScheme } from "./names.js";
import { createUriScheme } from "./uris.js";

/** All sessions that have a server object in this process. */
export class GatewaySessions {
  readonly #catalog: Catalog;
  readonly #log: Log;
  readonly #live = new Set<GatewaySession>();
  /** Sessions whose upstreams are still being ended. */
  readonly #ending = new Set<Promise<void>>();

  constructor(apps: readonly AppConfig[], log: Log) {
    const names = apps.map((app) => app.name);
    this.#catalog = { apps, names: createNameScheme(names), uris: createUriScheme(names) };
    this.#log = log;
  }

  /** Builds the server object of a session, a new one or one that lives on after a restart. */
  createServer(context: { readonly sessionId: string; readonly restored: boolean }): Server {
    const log = withSession(this.#log, sessionLabel(context.sessionId));
    const session = new GatewaySession(this.#catalog, {
      restored: context.restored,
      log,
      onEnd: () => this.#end(session),
    });
    this.#live.add(session);
    return session.server;
  }

  /** Ends the upstreams of all sessions; the sessions themselves are the endpoint's. */
  async close(): Promise<void> {
    for (const session of this.#live) this.#end(session);
    await Promise.all(this.#ending);
  }

  #end(session: GatewaySession): void {
    if (!this.#live.delete(session)) return;
    const ended = session.close().finally(() => this.#ending.delete(ended));
    this.#ending.add(ended);
  }
}

function withSession(log: Log, session: string): Log {
  const named = (fields?: LogFields) => ({ session, ...fields });
  return {
    info: (event, fields) => log.info(event, named(fields)),
    warn: (event, fields) => log.warn(event, named(fields)),
    error: (event, fields) => log.error(event, named(fields)),
  };
}

import type { DurableMcpError } from "@durable-mcp/contract";
import type { EndpointSettings } from "./options.js";
import type { SessionDirectory } from "./session-directory.js";
import { shuttingDown } from "./session-errors.js";

/**
 * How far an endpoint is on its way out: it serves; it opens no sessions any more that nobody else can have; it takes no
 * new work either, and ends what it has; it does nothing any more.
 */
export type Phase = "serving" | "draining" | "finishing" | "closed";

/** What the verbs share. */
export class EndpointContext {
  readonly settings: EndpointSettings;
  readonly directory: SessionDirectory;
  phase: Phase = "serving";

  constructor(settings: EndpointSettings, directory: SessionDirectory) {
    this.settings = settings;
    this.directory = directory;
  }

  /** Errors:  DRAINING (503), once this endpoint is on its way out */
  refuseWhenLeaving(): void {
    if (this.phase !== "serving") throw shuttingDown();
  }

  /** Errors:  DRAINING (503), where no session is opened any more */
  refuseOpening(): void {
    // Where there are other nodes, a session that is opened while clients still come here is handed over like all others.
    if (this.settings.store.capabilities.shared) this.refuseNewWork();
    else this.refuseWhenLeaving();
  }

  /** Errors:  DRAINING (503), where nothing new is begun any more */
  refuseNewWork(): void {
    if (this.phase === "finishing" || this.phase === "closed") throw shuttingDown();
  }

  /** Errors:  DRAINING (503), where nothing is served any more */
  refuseWhenClosed(): void {
    if (this.phase === "closed") throw shuttingDown();
  }

  /** Puts a fault of this side into the log. */
  report({ code, message, cause }: DurableMcpError): void {
    const isOurs = code === "INTERNAL" || code === "BODY_DRAINED" || code.startsWith("STORE_");
    if (!isOurs) return;
    const stack = cause instanceof Error ? cause.stack : undefined;
    this.settings.logger.error("durable-mcp: a request failed", { code, message, ...(stack && { stack }) });
  }
}

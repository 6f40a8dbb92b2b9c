import { DurableMcpError, parseStreamId } from "@durable-mcp/contract";
import type { EndpointSettings } from "./options.js";
import type { SessionDirectory } from "./session-directory.js";

/** What the verbs share. */
export class EndpointContext {
  readonly settings: EndpointSettings;
  readonly directory: SessionDirectory;
  closing = false;

  constructor(settings: EndpointSettings, directory: SessionDirectory) {
    this.settings = settings;
    this.directory = directory;
  }

  /** Errors:  DRAINING (503) */
  refuseWhenClosing(): void {
    if (this.closing) throw new DurableMcpError("DRAINING", "This server is shutting down; try again.");
  }

  /** Whether a stream's id names the request ids that it answers. */
  idsTravel(streamId: string): boolean {
    const name = parseStreamId(streamId);
    return name?.kind === "post" && name.requestIds !== undefined;
  }

  /** Puts a fault of this side into the log. */
  report({ code, message, cause }: DurableMcpError): void {
    const isOurs = code === "INTERNAL" || code === "BODY_DRAINED" || code.startsWith("STORE_");
    if (!isOurs) return;
    const stack = cause instanceof Error ? cause.stack : undefined;
    this.settings.logger.error("durable-mcp: a request failed", { code, message, ...(stack && { stack }) });
  }
}

import type { ServerLike } from "@durable-mcp/core";
import type { SdkName } from "./cli-options.js";

/** Loads the SDK that the command line names, and not the other. Returns: what makes one session's server */
export async function loadSdk(sdk: SdkName): Promise<() => ServerLike> {
  const { createEverythingServer } =
    sdk === "v1"
      ? await import("./v1/create-everything-server.js")
      : await import("./v2/create-everything-server.js");
  return createEverythingServer;
}

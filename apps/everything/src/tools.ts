import type { EverythingSession } from "./everything-session.js";
import type { Tool } from "./tool.js";
import { cancellationTools } from "./tools-cancellation.js";
import { CLIENT_REQUEST_TOOLS } from "./tools-client-requests.js";
import { CONTENT_TOOLS } from "./tools-content.js";
import { ELICITATION_TOOLS } from "./tools-elicitation.js";
import { JSON_SCHEMA_TOOL } from "./tools-json-schema.js";
import { sessionTools } from "./tools-session.js";
import { streamingTools } from "./tools-streaming.js";

/** Every tool, for one session. */
export function everyTool(session: EverythingSession): readonly Tool[] {
  return [
    ...CONTENT_TOOLS,
    ...streamingTools(session),
    ...CLIENT_REQUEST_TOOLS,
    ...ELICITATION_TOOLS,
    JSON_SCHEMA_TOOL,
    ...sessionTools(session),
    ...cancellationTools(session),
  ];
}

import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { type ElicitRequestFormParams, ElicitResultSchema } from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";
import { textResult } from "./tool-result.js";

type Properties = ElicitRequestFormParams["requestedSchema"]["properties"];

/** One of each kind of default that SEP-1034 knows. */
const DEFAULTS: Properties = {
  name: { type: "string", description: "User name", default: "John Doe" },
  age: { type: "integer", description: "User age", default: 30 },
  score: { type: "number", description: "User score", default: 95.5 },
  status: {
    type: "string",
    description: "User status",
    enum: ["active", "inactive", "pending"],
    default: "active",
  },
  verified: { type: "boolean", description: "Verification status", default: true },
};

/** One of each kind of enum that SEP-1330 knows. */
const ENUMS: Properties = {
  untitledSingle: { type: "string", enum: ["option1", "option2", "option3"] },
  titledSingle: { type: "string", oneOf: titled("First Option", "Second Option", "Third Option") },
  legacyEnum: {
    type: "string",
    enum: ["opt1", "opt2", "opt3"],
    enumNames: ["Option One", "Option Two", "Option Three"],
  },
  untitledMulti: {
    type: "array",
    items: { type: "string", enum: ["option1", "option2", "option3"] },
  },
  titledMulti: {
    type: "array",
    items: { anyOf: titled("First Choice", "Second Choice", "Third Choice") },
  },
};

/** Tools that ask the client's user for something. */
export function registerElicitationTools(server: McpServer): void {
  const register = (name: string, description: string, properties: Properties, required: string[]) => {
    const inputSchema = { message: z.string().default("Please answer") };
    server.registerTool(name, { description, inputSchema }, async ({ message }, extra) => {
      const { action, content } = await extra.sendRequest(
        {
          method: "elicitation/create",
          params: { mode: "form", message, requestedSchema: { type: "object", properties, required } },
        },
        ElicitResultSchema,
      );
      return textResult(`User response: action=${action}, content=${JSON.stringify(content ?? {})}`);
    });
  };
  const response: Properties = { response: { type: "string", description: "The user's response" } };
  register("test_elicitation", "Asks the user", response, ["response"]);
  register("test_elicitation_sep1034_defaults", "Asks the user, with default values", DEFAULTS, []);
  register("test_elicitation_sep1330_enums", "Asks the user to choose", ENUMS, []);
}

function titled(...titles: readonly string[]) {
  return titles.map((title, index) => ({ const: `value${index + 1}`, title }));
}

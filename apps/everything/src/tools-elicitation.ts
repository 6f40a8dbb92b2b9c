import { z } from "zod";
import type { FormField } from "./elicitation-form.js";
import { type Tool, textResult, tool } from "./tool.js";

type Properties = Record<string, FormField>;

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

const RESPONSE: Properties = { response: { type: "string", description: "The user's response" } };

/** Tools that ask the client's user for something. */
export const ELICITATION_TOOLS: readonly Tool[] = [
  elicitationTool("test_elicitation", "Asks the user", RESPONSE, ["response"]),
  elicitationTool("test_elicitation_sep1034_defaults", "Asks the user, with default values", DEFAULTS, []),
  elicitationTool("test_elicitation_sep1330_enums", "Asks the user to choose", ENUMS, []),
];

function elicitationTool(
  name: string,
  description: string,
  properties: Properties,
  required: string[],
): Tool {
  const inputSchema = z.object({ message: z.string().default("Please answer") });
  return tool(name, { description, inputSchema }, async ({ message }, call) => {
    const { action, content } = await call.elicit({
      mode: "form",
      message,
      requestedSchema: { type: "object", properties, required },
    });
    return textResult(`User response: action=${action}, content=${JSON.stringify(content ?? {})}`);
  });
}

function titled(...titles: readonly string[]) {
  return titles.map((title, index) => ({ const: `value${index + 1}`, title }));
}

import { z } from "zod";
import { textResult, tool } from "./tool.js";

/** A schema with keywords that only JSON Schema 2020-12 has all of; it must reach the client as it stands. */
const SCHEMA = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object",
  $defs: {
    address: {
      $anchor: "addressDef",
      type: "object",
      properties: { street: { type: "string" }, city: { type: "string" } },
    },
  },
  properties: {
    name: { type: "string" },
    address: { $ref: "#/$defs/address" },
    contactMethod: { type: "string", enum: ["phone", "email"] },
    phone: { type: "string" },
    email: { type: "string" },
  },
  allOf: [{ anyOf: [{ required: ["phone"] }, { required: ["email"] }] }],
  if: { properties: { contactMethod: { const: "phone" } }, required: ["contactMethod"] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: { required: ["phone"] },
  else: { required: ["email"] },
  additionalProperties: false,
};

/** A tool whose input schema no schema library could have generated. */
export const JSON_SCHEMA_TOOL = tool(
  "json_schema_2020_12_tool",
  {
    description: "Has a raw input schema of JSON Schema 2020-12",
    // Metadata is written over what zod generates: the schema goes out raw.
    inputSchema: z.looseObject({}).meta(SCHEMA),
  },
  (args) => textResult(`JSON Schema 2020-12 tool called with: ${JSON.stringify(args)}`),
);

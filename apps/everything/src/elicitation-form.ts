/** Parameters of `elicitation/create`. */
export type ElicitationForm = {
  mode: "form";
  message: string;
  requestedSchema: { type: "object"; properties: Record<string, FormField>; required: string[] };
};

type Choice = { const: string; title: string };

export type FormField =
  | { type: "string"; description?: string; default?: string }
  | { type: "number" | "integer"; description?: string; default?: number }
  | { type: "boolean"; description?: string; default?: boolean }
  | { type: "string"; description?: string; enum: string[]; default?: string }
  | { type: "string"; enum: string[]; enumNames: string[] }
  | { type: "string"; oneOf: Choice[] }
  | { type: "array"; items: { type: "string"; enum: string[] } }
  | { type: "array"; items: { anyOf: Choice[] } };

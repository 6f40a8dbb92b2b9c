import {
  PromptSchema,
  ResourceSchema,
  ResourceTemplateSchema,
  type ServerCapabilities,
  ToolSchema,
} from "@modelcontextprotocol/sdk/types.js";

/** One of the lists that an MCP server offers. */
export interface ListKind {
  readonly method: string;
  /** Where the items stand in the result. */
  readonly key: string;
  readonly capability: "tools" | "prompts" | "resources";
  /** The notification that says the list has changed. */
  readonly changed: string;
  isValid(item: unknown): boolean;
}

const kind = (
  method: string,
  key: string,
  capability: ListKind["capability"],
  schema: { safeParse(item: unknown): { success: boolean } },
): ListKind => ({
  method,
  key,
  capability,
  changed: `notifications/${capability}/list_changed`,
  isValid: (item) => schema.safeParse(item).success,
});

export const TOOLS = kind("tools/list", "tools", "tools", ToolSchema);
export const PROMPTS = kind("prompts/list", "prompts", "prompts", PromptSchema);
export const RESOURCES = kind("resources/list", "resources", "resources", ResourceSchema);
export const RESOURCE_TEMPLATES = kind(
  "resources/templates/list",
  "resourceTemplates",
  "resources",
  ResourceTemplateSchema,
);

/** Every list there is. */
export const LIST_KINDS: readonly ListKind[] = [TOOLS, PROMPTS, RESOURCES, RESOURCE_TEMPLATES];

/** Whether the upstream has such a list, and whether it says when it changes. */
export function offers(capabilities: ServerCapabilities, list: ListKind): { has: boolean; tells: boolean } {
  const capability = capabilities[list.capability];
  return { has: capability !== undefined, tells: capability?.listChanged === true };
}

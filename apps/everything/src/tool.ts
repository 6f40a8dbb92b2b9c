import { z } from "zod";
import type { Content } from "./content.js";
import type { ElicitationForm } from "./elicitation-form.js";
import type { Notification } from "./notification.js";

export type ToolResult = { content: Content[] };

/** What a tool may do with the call that it serves, whichever SDK carries the call. */
export interface ToolCall {
  readonly signal: AbortSignal;
  /** The token by which the client has asked for progress. */
  readonly progressToken: string | number | undefined;
  /** Sends a notification that belongs to the call. */
  notify(notification: Notification): Promise<void>;
  /** Asks the client's model. Returns: its text */
  sample(prompt: string): Promise<string>;
  /** Asks the client's user to fill in a form. */
  elicit(form: ElicitationForm): Promise<{ action: string; content?: unknown }>;
  /** Asks the client for its roots. */
  listRoots(): Promise<readonly unknown[]>;
  /** Closes the connection that waits for the call's answer, where the client's revision knows that. */
  closeConnection(): void;
}

/** A tool, whichever SDK serves it. */
export interface Tool {
  readonly name: string;
  readonly config: {
    readonly description: string;
    readonly inputSchema: z.ZodObject;
    readonly annotations?: { readonly idempotentHint: boolean };
  };
  run(args: Record<string, unknown>, call: ToolCall): ToolResult | Promise<ToolResult>;
}

/** Defines a tool; without a schema of its own it takes no arguments. */
export function tool<Shape extends z.ZodRawShape = z.core.$ZodLooseShape>(
  name: string,
  config: Omit<Tool["config"], "inputSchema"> & { readonly inputSchema?: z.ZodObject<Shape> },
  run: (args: z.output<z.ZodObject<Shape>>, call: ToolCall) => ToolResult | Promise<ToolResult>,
): Tool {
  return { name, config: { inputSchema: z.object({}), ...config }, run };
}

/** A result that is one text. */
export function textResult(text: string): ToolResult {
  return { content: [{ type: "text", text }] };
}

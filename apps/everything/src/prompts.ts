import { z } from "zod";
import type { Content } from "./content.js";
import { PNG } from "./sample-media.js";

const COMPLETIONS = ["paris", "park", "party"];

type Complete = (typed: string) => string[];

/** A prompt, whichever SDK serves it. */
export interface Prompt {
  readonly name: string;
  readonly description: string;
  /** Its arguments, all of them texts, each with what completes it. */
  readonly args?: Readonly<Record<string, Complete | undefined>>;
  contents(args: Readonly<Record<string, string>>): Content[];
}

/** Prompts without and with arguments, a resource and an image. */
export const PROMPTS: readonly Prompt[] = [
  {
    name: "test_simple_prompt",
    description: "A prompt without arguments",
    contents: () => [{ type: "text", text: "This is a simple prompt for testing." }],
  },
  {
    name: "test_prompt_with_arguments",
    description: "A prompt with two arguments, the first of which can be completed",
    args: {
      arg1: (typed) => COMPLETIONS.filter((one) => one.startsWith(typed)),
      arg2: undefined,
    },
    contents: ({ arg1, arg2 }) => [
      { type: "text", text: `Prompt with arguments: arg1='${arg1}', arg2='${arg2}'` },
    ],
  },
  {
    name: "test_prompt_with_embedded_resource",
    description: "A prompt with an embedded resource",
    args: { resourceUri: undefined },
    contents: ({ resourceUri = "" }) => [
      {
        type: "resource",
        resource: {
          uri: resourceUri,
          mimeType: "text/plain",
          text: "Embedded resource content for testing.",
        },
      },
      { type: "text", text: "Please process the embedded resource above." },
    ],
  },
  {
    name: "test_prompt_with_image",
    description: "A prompt with an image",
    contents: () => [
      { type: "image", data: PNG, mimeType: "image/png" },
      { type: "text", text: "Please analyze the image above." },
    ],
  },
];

/** A prompt as the client gets it. */
export function promptResult(prompt: Prompt, args: Readonly<Record<string, string>>) {
  return { messages: prompt.contents(args).map((content) => ({ role: "user" as const, content })) };
}

/** The arguments of a prompt as a zod shape, marked by the SDK's own `completable` where they can be completed. */
export function shapeOf(
  args: NonNullable<Prompt["args"]>,
  completable: (schema: z.ZodString, complete: Complete) => z.ZodString,
): Record<string, z.ZodString> {
  const entries = Object.entries(args);
  return Object.fromEntries(
    entries.map(([name, complete]) => [name, complete ? completable(z.string(), complete) : z.string()]),
  );
}

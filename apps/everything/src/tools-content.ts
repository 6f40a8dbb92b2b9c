import { PNG, WAV } from "./sample-media.js";
import { type Tool, textResult, tool } from "./tool.js";

/** Tools that return one kind of content each. */
export const CONTENT_TOOLS: readonly Tool[] = [
  tool("test_simple_text", { description: "Returns a text" }, () =>
    textResult("This is a simple text response for testing."),
  ),
  tool("test_image_content", { description: "Returns an image" }, () => ({
    content: [{ type: "image", data: PNG, mimeType: "image/png" }],
  })),
  tool("test_audio_content", { description: "Returns audio" }, () => ({
    content: [{ type: "audio", data: WAV, mimeType: "audio/wav" }],
  })),
  tool("test_embedded_resource", { description: "Returns an embedded resource" }, () => ({
    content: [
      {
        type: "resource",
        resource: {
          uri: "test://embedded-resource",
          mimeType: "text/plain",
          text: "This is an embedded resource content.",
        },
      },
    ],
  })),
  tool("test_multiple_content_types", { description: "Returns a text, an image and a resource" }, () => ({
    content: [
      { type: "text", text: "Multiple content types test:" },
      { type: "image", data: PNG, mimeType: "image/png" },
      {
        type: "resource",
        resource: {
          uri: "test://mixed-content-resource",
          mimeType: "application/json",
          text: JSON.stringify({ test: "data", value: 123 }),
        },
      },
    ],
  })),
  tool("test_error_handling", { description: "Throws an error" }, () => {
    throw new Error("This tool intentionally returns an error for testing");
  }),
];

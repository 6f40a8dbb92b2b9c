import type { Readable } from "node:stream";
import { BodyBytes, type HttpBody } from "@durable-mcp/core";

/**
 * Reads a body from a stream, at most `maxBytes` bytes of it; the rest of a larger one is discarded as it comes.
 *
 * Shapes:  announcedBytes: what Content-Length says, undefined where it says nothing of this stream
 */
export function readStream(
  body: Readable,
  announcedBytes: number | undefined,
  maxBytes: number,
): Promise<HttpBody> {
  // Nothing more will be heard of a client that went away, nor of a body that somebody has read.
  if (body.destroyed && !body.readableEnded) return Promise.resolve({ outcome: "aborted" });
  if (body.readableDidRead) return Promise.resolve({ outcome: "drained" });
  if (announcedBytes !== undefined && announcedBytes > maxBytes) {
    body.resume();
    return Promise.resolve({ outcome: "too-large" });
  }
  return new Promise((resolve) => {
    const bytes = new BodyBytes(maxBytes, announcedBytes);
    const settle = (read: HttpBody) => {
      body.off("data", onData).off("end", onEnd).off("close", onClose).off("error", onClose);
      resolve(read);
    };
    const onData = (chunk: Buffer) => {
      if (bytes.add(chunk)) return;
      settle({ outcome: "too-large" });
      body.resume();
    };
    const onEnd = () => settle(bytes.toBody());
    const onClose = () => settle({ outcome: "aborted" });
    body.on("data", onData).on("end", onEnd).on("close", onClose).on("error", onClose);
  });
}

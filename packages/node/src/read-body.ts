import type { IncomingMessage } from "node:http";
import type { HttpBody } from "@durable-mcp/core";

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Reads a request's body, at most `maxBytes` bytes of it; the rest of a larger one is discarded as it comes. */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<HttpBody> {
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) {
    request.resume();
    return Promise.resolve({ outcome: "too-large" });
  }
  // Nothing will be heard any more of a client that went away before it was listened to.
  if (request.destroyed) return Promise.resolve({ outcome: "aborted" });
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const settle = (body: HttpBody) => {
      request.off("data", onData).off("end", onEnd).off("close", onClose).off("error", onClose);
      resolve(body);
    };
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size <= maxBytes) return;
      settle({ outcome: "too-large" });
      request.resume();
    };
    const onEnd = () => settle(decode(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    const onClose = () => settle({ outcome: "aborted" });
    request.on("data", onData).on("end", onEnd).on("close", onClose).on("error", onClose);
  });
}

function decode(bytes: Uint8Array): HttpBody {
  try {
    return { outcome: "text", text: utf8.decode(bytes) };
  } catch {
    return { outcome: "not-utf8" };
  }
}

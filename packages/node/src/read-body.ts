import type { IncomingMessage } from "node:http";
import type { HttpBody } from "@durable-mcp/core";

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Most room to begin with, whatever length is announced: an announcement costs a client nothing. */
const FIRST_BYTES = 16 * 1024;

/** Reads a request's body, at most `maxBytes` bytes of it; the rest of a larger one is discarded as it comes. */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<HttpBody> {
  const announced = Number(request.headers["content-length"] ?? FIRST_BYTES);
  if (announced > maxBytes) {
    request.resume();
    return Promise.resolve({ outcome: "too-large" });
  }
  // Nothing will be heard any more of a client that went away before it was listened to.
  if (request.destroyed) return Promise.resolve({ outcome: "aborted" });
  return new Promise((resolve) => {
    // One buffer that grows: a chunk of one byte would hold on to all the memory that it was cut from.
    let bytes = Buffer.allocUnsafe(Math.min(announced, maxBytes, FIRST_BYTES));
    let size = 0;
    const settle = (body: HttpBody) => {
      request.off("data", onData).off("end", onEnd).off("close", onClose).off("error", onClose);
      resolve(body);
    };
    const onData = (chunk: Buffer) => {
      if (size + chunk.length > maxBytes) {
        settle({ outcome: "too-large" });
        request.resume();
        return;
      }
      if (size + chunk.length > bytes.length) {
        const grown = Buffer.allocUnsafe(Math.min(maxBytes, Math.max(2 * bytes.length, size + chunk.length)));
        bytes.copy(grown, 0, 0, size);
        bytes = grown;
      }
      chunk.copy(bytes, size);
      size += chunk.length;
    };
    const onEnd = () => settle(decode(bytes.subarray(0, size)));
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

import type { HttpBody } from "./http.js";

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Most room to begin with, whatever length is announced: an announcement costs a client nothing. */
const FIRST_BYTES = 16 * 1024;

/**
 * Gathers a body's bytes as they come, at most `maxBytes` of them. One buffer that grows: a chunk of one byte would hold
 * on to all the memory that it was cut from.
 */
export class BodyBytes {
  readonly #maxBytes: number;
  #bytes: Uint8Array;
  #size = 0;

  /** Shapes:  announcedBytes: what Content-Length says, if it is known */
  constructor(maxBytes: number, announcedBytes = FIRST_BYTES) {
    this.#maxBytes = maxBytes;
    this.#bytes = new Uint8Array(Math.min(announcedBytes, maxBytes, FIRST_BYTES));
  }

  /** Returns: false if that is more than the body may have */
  add(chunk: Uint8Array): boolean {
    const size = this.#size + chunk.length;
    if (size > this.#maxBytes) return false;
    if (size > this.#bytes.length) {
      const grown = new Uint8Array(Math.min(this.#maxBytes, Math.max(2 * this.#bytes.length, size)));
      grown.set(this.#bytes.subarray(0, this.#size));
      this.#bytes = grown;
    }
    this.#bytes.set(chunk, this.#size);
    this.#size = size;
    return true;
  }

  /** The body, when all of it has come. */
  toBody(): HttpBody {
    try {
      return { outcome: "text", text: utf8.decode(this.#bytes.subarray(0, this.#size)) };
    } catch {
      return { outcome: "not-utf8" };
    }
  }
}

import { describe, expect, it } from "vitest";
import { BodyBytes } from "../src/index.js";

const bytes = (text: string) => new TextEncoder().encode(text);

/** Adds the chunks. Returns: the body, or false from where there were too many */
function gather(body: BodyBytes, chunks: readonly Uint8Array[]) {
  return chunks.every((chunk) => body.add(chunk)) && body.toBody();
}

describe("a body's bytes", () => {
  it.each([undefined, 0, 3, 11, 1_000_000])("make its text, announced as %s bytes", (announced) => {
    const chunks = ["a ", "", "wörld", " 🌍"].map(bytes);
    const text = "a wörld 🌍";
    expect(gather(new BodyBytes(100, announced), chunks)).toEqual({ outcome: "text", text });
  });

  it("are put together where a chunk ends within a character", () => {
    const chunks = [...bytes("🌍é")].map((byte) => Uint8Array.of(byte));
    expect(gather(new BodyBytes(100), chunks)).toEqual({ outcome: "text", text: "🌍é" });
  });

  it("G7 may be as many as allowed, and not one more", () => {
    expect(gather(new BodyBytes(4), [bytes("ab"), bytes("cd")])).toEqual({ outcome: "text", text: "abcd" });
    expect(gather(new BodyBytes(4), [bytes("ab"), bytes("cde")])).toBe(false);
  });

  it("outgrow whatever room there was", () => {
    const chunk = bytes("x".repeat(10_000));
    const body = gather(new BodyBytes(1_000_000), Array(50).fill(chunk));
    expect(body).toEqual({ outcome: "text", text: "x".repeat(500_000) });
  });

  it("that are no UTF-8 are said to be none", () => {
    expect(gather(new BodyBytes(4), [Uint8Array.of(0xff)])).toEqual({ outcome: "not-utf8" });
  });
});

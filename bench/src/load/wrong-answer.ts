import type { HttpHead } from "./http-parser.js";

/** Most characters of an answer that an error repeats. */
const MAX_LENGTH = 500;

/** A server answered, but not with what was asked for: what it did is not worth measuring. */
export class WrongAnswer extends Error {
  constructor(expected: string, came: unknown) {
    const text = typeof came === "string" ? came : (JSON.stringify(came) ?? String(came));
    super(`Wrong answer: expected ${expected}, and this came: ${text.slice(0, MAX_LENGTH)}`);
    this.name = "WrongAnswer";
  }
}

/** Errors:  WrongAnswer */
export function expectStatus(answer: HttpHead & { readonly text?: string }, status: number): void {
  if (answer.status !== status) throw new WrongAnswer(`status ${status}`, `${answer.status} ${answer.text}`);
}

/** What the tests must know of an example's program. */
export interface Example {
  readonly name: string;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether a call that the end of the process interrupts is answered, by the next one. */
  readonly answersInterruptedCalls: boolean;
}

/** Every example with a program of its own. */
export const EXAMPLES: readonly Example[] = [
  { name: "change-one-import", answersInterruptedCalls: true },
  { name: "express", answersInterruptedCalls: true },
  { name: "fastify", answersInterruptedCalls: true },
  { name: "hono", answersInterruptedCalls: true },
  { name: "node-http", answersInterruptedCalls: true },
  // The SDK's transport does not know that there was a call.
  { name: "sdk-transport", answersInterruptedCalls: false },
  {
    name: "session-router",
    headers: { authorization: "Bearer alice-token" },
    answersInterruptedCalls: true,
  },
];

import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout } from "node:timers/promises";
import type { Answers, Question } from "./control.js";

/** Longer than any pause of a run between two requests of a connection. */
const KEEP_ALIVE_MS = 120_000;

/** Listens on a free port of 127.0.0.1, tells the main process which, answers its questions, and exits when it goes. */
export function serve(listener: RequestListener): void {
  const server = createServer(listener);
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.listen(0, "127.0.0.1", () => {
    process.send?.({ port: (server.address() as AddressInfo).port });
  });
  process.on("message", (question: Question) => {
    void answer(question).then((said) => process.send?.(said));
  });
  // Not killed, so that a profile that was asked for is written.
  process.on("disconnect", () => process.exit(0));
}

async function answer(question: Question): Promise<Answers[Question]> {
  if (question === "cpu") {
    const { user, system } = process.cpuUsage();
    return { cpuUs: user + system };
  }
  if (!globalThis.gc) throw new TypeError("A server process must be started with --expose-gc.");
  // What the first round makes free may hold on to more, until its finalizers have run.
  for (let round = 0; round < 3; round += 1) {
    globalThis.gc();
    await setTimeout(20);
  }
  const { heapUsed, rss } = process.memoryUsage();
  return { heapBytes: heapUsed, rssBytes: rss };
}

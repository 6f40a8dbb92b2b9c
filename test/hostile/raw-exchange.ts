import { connect } from "node:net";
import { type HttpAnswer, readAnswers } from "./http-answers.js";

/** How bytes are sent and how long the answer is listened to. */
export interface Delivery {
  /** Written one after the other. */
  readonly pieces: readonly Uint8Array[];
  /** Pause in ms between two pieces. */
  readonly gapMs?: number;
  /** After the last piece this side says that it will send no more. */
  readonly halfClose?: boolean;
  /** The socket is reset when so many bytes of the answer have come, or so many ms after the last piece. */
  readonly resetAfter?: { readonly bytes?: number; readonly ms?: number };
  /** The socket is reset as soon as this is true of everything that has come. */
  readonly until?: (text: string) => boolean;
  /** Pause in ms after each piece of the answer. */
  readonly readPauseMs?: number;
  readonly deadlineMs?: number;
}

/** What came over the socket. */
export interface Exchange {
  readonly answers: readonly HttpAnswer[];
  /** closed: by the server; reset: by this side, as planned; late: neither until the deadline. */
  readonly ended: "closed" | "reset" | "late";
  readonly tookMs: number;
}

/** Longest time in ms until a request has to be answered, whatever it is. */
export const ANSWER_DEADLINE_MS = 10_000;

/**
 * Sends bytes over a socket of its own and resolves when it is over, one way or the other.
 *
 * Errors:  nobody listens there any more; what came is not HTTP
 */
export function exchange(port: number, delivery: Delivery): Promise<Exchange> {
  const {
    pieces,
    gapMs = 0,
    halfClose,
    resetAfter,
    until,
    readPauseMs,
    deadlineMs = ANSWER_DEADLINE_MS,
  } = delivery;
  return new Promise((resolve, reject) => {
    const startMs = performance.now();
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    const received: Buffer[] = [];
    let size = 0;
    let connected = false;
    const timers = new Set<ReturnType<typeof setTimeout>>();
    const after = (ms: number, callback: () => void) => timers.add(setTimeout(callback, ms));
    const finish = (ended: Exchange["ended"]) => {
      for (const timer of timers) clearTimeout(timer);
      socket.removeAllListeners().on("error", () => {});
      if (ended === "closed") socket.destroy();
      else socket.resetAndDestroy();
      try {
        const answers = readAnswers(Buffer.concat(received), ended === "closed");
        resolve({ answers, ended, tookMs: performance.now() - startMs });
      } catch (error) {
        reject(error);
      }
    };
    after(deadlineMs, () => finish("late"));
    socket.on("data", (bytes) => {
      received.push(bytes);
      size += bytes.length;
      const enough = resetAfter?.bytes !== undefined && size >= resetAfter.bytes;
      if (enough || until?.(Buffer.concat(received).toString("utf8"))) return finish("reset");
      if (readPauseMs === undefined) return;
      socket.pause();
      after(readPauseMs, () => socket.resume());
    });
    socket.on("end", () => finish("closed")).on("close", () => finish("closed"));
    socket.on("error", (error) => {
      // The server has reset the connection: what came before that counts.
      if (connected) return;
      for (const timer of timers) clearTimeout(timer);
      reject(error);
    });

    const write = (index: number) => {
      const piece = pieces[index];
      if (piece === undefined) {
        if (halfClose) socket.end();
        if (resetAfter?.ms !== undefined) after(resetAfter.ms, () => finish("reset"));
        return;
      }
      socket.write(piece);
      if (gapMs > 0) after(gapMs, () => write(index + 1));
      else write(index + 1);
    };
    socket.once("connect", () => {
      connected = true;
      write(0);
    });
  });
}

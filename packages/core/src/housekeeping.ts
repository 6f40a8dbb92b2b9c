import type { EndpointSettings } from "./options.js";
import type { SessionDirectory } from "./session-directory.js";

/** Most sessions and streams that one step of a sweep works on. */
const SWEEP_STEP = 500;
const LONGEST_INTERVAL_MS = 5_000;

/**
 * The endpoint's two timers, however many sessions there are: one that keeps connections and their sessions alive, and
 * one that removes what has expired (G7). Neither keeps the process running.
 */
export class Housekeeping {
  readonly #settings: EndpointSettings;
  readonly #directory: SessionDirectory;
  #timers: readonly ReturnType<typeof setInterval>[] = [];
  #sweeping = false;
  #untilIdle = false;

  constructor(settings: EndpointSettings, directory: SessionDirectory) {
    this.#settings = settings;
    this.#directory = directory;
  }

  /** `untilIdle`: stops by itself when no session is left here. */
  start({ untilIdle = false } = {}): void {
    if (this.#timers.length > 0) return;
    this.#untilIdle = untilIdle;
    const { idleTtlMs, keepAliveMs } = this.#settings;
    const sweepMs = Math.max(10, Math.min(LONGEST_INTERVAL_MS, idleTtlMs / 10));
    this.#timers = [
      setInterval(() => void this.#tidy(), sweepMs),
      // Twice per period, since a connection may have been written to just after the last round.
      ...(keepAliveMs === undefined ? [] : [setInterval(() => this.#keepAlive(), keepAliveMs / 2)]),
    ];
    for (const timer of this.#timers) (timer as { unref?: () => void }).unref?.();
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers = [];
  }

  #keepAlive(): void {
    for (const session of this.#directory.here) {
      for (const connection of session.connections) connection.keepAlive();
    }
  }

  async #tidy(): Promise<void> {
    if (this.#sweeping) return;
    this.#sweeping = true;
    try {
      await this.#touchConnected();
      while (this.#timers.length > 0 && (await this.#settings.store.sessions.sweep(SWEEP_STEP)).more) {
        // one small step after the other
      }
      // The store answers, so what it could not take before can be made up for.
      await this.#directory.owned.giveUpOwed();
      for (const session of [...this.#directory.live.values()]) await session.makeUpForMissed();
    } catch (error) {
      if (this.#timers.length > 0) {
        this.#settings.logger.warn("durable-mcp: house-keeping failed, it will be tried again", {
          error: String(error),
        });
      }
    } finally {
      this.#sweeping = false;
      if (this.#untilIdle && this.#directory.here.length === 0) this.stop();
    }
  }

  /** An open connection keeps its session from expiring; a session without one that has expired is let go. */
  async #touchConnected(): Promise<void> {
    const nowMs = Date.now();
    const touches: Promise<void>[] = [];
    for (const session of [...this.#directory.live.values()]) {
      if (session.connected) touches.push(session.touch(nowMs));
      else if (session.expiry.atMs <= nowMs) touches.push(session.verify());
      session.saveDelivered();
    }
    for (const session of this.#directory.remotes) {
      if (session.connected) touches.push(session.touch(nowMs));
      session.saveDelivered();
    }
    await Promise.all(touches);
  }
}

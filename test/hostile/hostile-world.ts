import type { SeededRandom } from "../support/seeded-random.js";
import type { Bystander } from "./bystander.js";
import { pick } from "./pick.js";

/** A session that hostile clients have, or have had. */
export interface HostileSession {
  readonly id: string;
  readonly user: string;
}

/** Who attacks. Few enough that the quotas of all of them leave room for others. */
const USERS = ["mallory", "trudy", "eve"] as const;
const MOST_SESSIONS = 16;
const FEWEST_SESSIONS = 6;
const MOST_CURSORS = 200;

/** What hostile clients know: their own sessions and cursors, and, worst of all, those of others. */
export class HostileWorld {
  readonly sessions: HostileSession[] = [];
  readonly #cursors: string[] = [];
  readonly #victims: readonly Bystander[];

  constructor(victims: readonly Bystander[]) {
    this.#victims = victims;
  }

  /** Whether there are too few sessions left to be interesting. */
  get isPoor(): boolean {
    return this.sessions.length < FEWEST_SESSIONS;
  }

  user(random: SeededRandom): string {
    return pick(random, USERS) ?? USERS[0];
  }

  session(random: SeededRandom): HostileSession | undefined {
    return pick(random, this.sessions);
  }

  victim(random: SeededRandom): string {
    return pick(random, this.#victims)?.sessionId ?? "";
  }

  isVictim(sessionId: string): boolean {
    return this.#victims.some((victim) => victim.sessionId === sessionId);
  }

  /** Cursors of anybody's. */
  cursors(): readonly string[] {
    return [...this.#cursors, ...this.#victims.flatMap(({ cursors }) => cursors), "g.0.0"];
  }

  /** Adds a session; returns one that is too many, which its clients forget. */
  add(session: HostileSession): HostileSession | undefined {
    this.sessions.push(session);
    return this.sessions.length > MOST_SESSIONS ? this.sessions.shift() : undefined;
  }

  /** The session has ended or expired. */
  drop(sessionId: string): void {
    const at = this.sessions.findIndex(({ id }) => id === sessionId);
    if (at >= 0) this.sessions.splice(at, 1);
  }

  see(cursors: readonly string[]): void {
    this.#cursors.push(...cursors.slice(-3));
    this.#cursors.splice(0, this.#cursors.length - MOST_CURSORS);
  }
}

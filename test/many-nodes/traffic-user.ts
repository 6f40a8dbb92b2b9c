import type { SdkName } from "../support/sdk-table.js";
import { SeededRandom } from "../support/seeded-random.js";
import type { Group } from "./traffic-plan.js";
import { TrafficSession } from "./traffic-session.js";
import { TRAFFIC_STEPS } from "./traffic-steps.js";

/** Somebody who makes the steps of a plan, in one session after the other, and checks every answer. */
export class TrafficUser {
  readonly name: string;
  readonly url: string;
  /** Every session that it has had; the last one is open. */
  readonly sessions: TrafficSession[] = [];
  /** Keys of the side effects that it has asked for. */
  readonly effects: string[] = [];
  readonly errors: string[] = [];
  readonly #sdk: SdkName;
  #unique = 0;

  constructor(name: string, sdk: SdkName, url: string) {
    this.name = `${name} (client ${sdk})`;
    this.#sdk = sdk;
    this.url = url;
  }

  /** The session that is open. */
  get session(): TrafficSession {
    const session = this.sessions.at(-1);
    if (session) return session;
    throw new Error(`${this.name} has no session`);
  }

  /** Something that nobody has said before. */
  unique(what: string): string {
    this.#unique += 1;
    return `${what} ${this.#unique} of ${this.name}`;
  }

  /** Opens the first session. */
  async start(): Promise<void> {
    await this.#try("opening", () => this.open());
  }

  /** Opens another session. */
  async open(): Promise<void> {
    const session = await TrafficSession.open(this.#sdk, this.url, (error) =>
      this.#fail("the client reports", error),
    );
    this.sessions.push(session);
  }

  /** Makes the steps of a group at the same time. What goes wrong is kept in `errors`. */
  async run(group: Group): Promise<void> {
    await Promise.all(
      group.map(({ kind, seed }) =>
        this.#try(kind, () => TRAFFIC_STEPS[kind].run(this, new SeededRandom(seed))),
      ),
    );
  }

  /** Waits for what is still to come on the GET stream, closes the client, and checks that no session heard more. */
  async finish(): Promise<void> {
    await this.#try("in the end", async () => {
      await this.session.settle();
      await this.session.close();
      for (const session of this.sessions) session.checkHeard();
    });
  }

  /** Closes the client, wherever things stand. */
  async leave(): Promise<void> {
    if (this.sessions.length > 0) await this.session.close();
  }

  async #try(what: string, act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      this.#fail(what, error);
    }
  }

  #fail(what: string, error: unknown): void {
    this.errors.push(`${this.name}, session ${this.sessions.at(-1)?.id}, ${what}: ${error}`);
  }
}

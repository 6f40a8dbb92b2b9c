import { SeededRandom } from "../support/seeded-random.js";
import type { Stage } from "./stage.js";
import { WellBehaved } from "./well-behaved.js";

/** How many rounds a session lives before it is checked as a whole and another one takes its place. */
const ROUNDS = 12;

/** A well-behaved client of one revision that goes on and on, session after session, whatever happens around it. */
export class Bystander {
  /** The id of its session, which others may try to guess. */
  sessionId = "";
  /** Cursors that it has seen last. */
  cursors: readonly string[] = [];
  rounds = 0;
  readonly #over: Promise<void>;
  #going = true;
  #failure: unknown;

  constructor(stage: Stage, revision: string, seed: number, onFailure: (error: unknown) => void = () => {}) {
    this.#over = this.#go(stage, revision, new SeededRandom(seed)).catch((error) => {
      this.#failure = error;
      onFailure(error);
    });
  }

  /** Lets it finish its round. Rejects if it was disturbed at any time. */
  async leave(): Promise<void> {
    this.#going = false;
    await this.#over;
    if (this.#failure) throw new Error(`A well-behaved client was disturbed: ${this.#failure}`);
  }

  async #go(stage: Stage, revision: string, random: SeededRandom): Promise<void> {
    while (this.#going) {
      const one = await WellBehaved.open(stage, revision, random);
      this.sessionId = one.session.id;
      for (let round = 0; round < ROUNDS && this.#going; round += 1) {
        await one.round();
        this.rounds += 1;
        const { notifications, calls } = one.session;
        this.cursors = [notifications, ...calls.slice(-5)].flatMap(({ cursors }) => cursors.slice(-3));
      }
      await one.close();
    }
  }
}

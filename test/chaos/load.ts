import { setTimeout as pause } from "node:timers/promises";
import * as plans from "./call-plans.js";
import { ChaosClient, type ChaosWorld } from "./chaos-client.js";

export interface LoadOptions {
  /** Clients that make calls of every kind, several at a time. */
  readonly busy: number;
  /** Clients with one long call at a time, which send nothing else. */
  readonly quiet: number;
  /** Clients that open a session, make a few calls and end it, again and again. */
  readonly visitors: number;
}

/** Clients at work until they are told to stop. */
export class Load {
  readonly #world: ChaosWorld;
  readonly #clients = new Set<ChaosClient>();
  #working: Promise<void>[] = [];
  #stopped = false;

  private constructor(world: ChaosWorld) {
    this.#world = world;
  }

  /** Opens all sessions, then sets the clients to work. */
  static async start(world: ChaosWorld, { busy, quiet, visitors }: LoadOptions): Promise<Load> {
    const load = new Load(world);
    const open = (count: number) => Promise.all(Array.from({ length: count }, () => load.#open()));
    const [busyClients, quietClients] = await Promise.all([open(busy), open(quiet)]);
    load.#working = [
      ...busyClients.flatMap((client) => [load.#mix(client), load.#mix(client), load.#talk(client)]),
      ...quietClients.map((client) => load.#beQuiet(client)),
      ...Array.from({ length: visitors }, () => load.#visit()),
    ];
    return load;
  }

  /** Stops, and hears every session out, for so long at most. What is not concluded by then stays so in the history. */
  async stop(deadlineMs: number): Promise<void> {
    this.#stopped = true;
    const heardOut = Promise.all(this.#working).then(() =>
      Promise.all([...this.#clients].map((client) => client.hearOut())),
    );
    const late = new AbortController();
    await Promise.race([heardOut, pause(deadlineMs, undefined, { signal: late.signal }).catch(() => {})]);
    late.abort();
    await Promise.all([...this.#clients].map((client) => client.end()));
  }

  async #open(): Promise<ChaosClient> {
    const client = await ChaosClient.open(this.#world);
    this.#clients.add(client);
    return client;
  }

  /** Calls of all kinds whose order does not matter. */
  async #mix(client: ChaosClient): Promise<void> {
    const { random } = this.#world;
    const kinds = [plans.echo, plans.echo, plans.stream, plans.sideEffect, plans.question];
    while (!this.#stopped) {
      const kind = random.shuffled(kinds)[0];
      if (kind) await client.call(kind);
      await pause(random.integer(0, 200));
    }
  }

  /** What is said on the GET stream has an order: one thing after the other. */
  async #talk(client: ChaosClient): Promise<void> {
    const { random } = this.#world;
    while (!this.#stopped) {
      await client.call(random.chance(0.8) ? plans.say : () => plans.update(client.watched));
      await pause(random.integer(20, 300));
    }
  }

  async #beQuiet(client: ChaosClient): Promise<void> {
    while (!this.#stopped) {
      await client.call(plans.stream);
      await pause(this.#world.random.integer(0, 100));
    }
  }

  async #visit(): Promise<void> {
    while (!this.#stopped) {
      const client = await this.#open();
      for (const kind of [plans.echo, plans.sideEffect, plans.say, plans.question]) await client.call(kind);
      await client.hearOut();
      this.#clients.delete(client);
      await client.end();
      await pause(this.#world.random.integer(0, 500));
    }
  }
}

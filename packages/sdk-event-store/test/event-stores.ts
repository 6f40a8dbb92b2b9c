import { setTimeout as pause } from "node:timers/promises";
import { InMemoryEventStore } from "@modelcontextprotocol/sdk/examples/shared/inMemoryEventStore.js";
import type { SdkEventStore } from "../src/index.js";

type Send = (eventId: string, message: unknown) => Promise<void>;

/** An event store as the SDK's documentation asks for it: it numbers its events, and replays a stream in order. */
export class PlainEventStore implements SdkEventStore {
  readonly events: { readonly id: string; readonly streamId: string; readonly message: unknown }[] = [];
  #last = 0;

  async storeEvent(streamId: string, message: unknown): Promise<string> {
    this.#last += 1;
    const id = String(this.#last);
    this.events.push({ id, streamId, message });
    return id;
  }

  async replayEventsAfter(lastEventId: string, { send }: { send: Send }): Promise<string> {
    const from = this.events.findIndex(({ id }) => id === lastEventId);
    const streamId = this.events[from]?.streamId;
    if (streamId === undefined) return "";
    for (const event of this.events.slice(from + 1)) {
      if (event.streamId === streamId) await send(event.id, event.message);
    }
    return streamId;
  }
}

/** Replays the whole stream, whatever the client has of it. */
class FromTheStart extends PlainEventStore {
  override async replayEventsAfter(lastEventId: string, { send }: { send: Send }): Promise<string> {
    const streamId = this.events.find(({ id }) => id === lastEventId)?.streamId;
    for (const event of this.events) if (event.streamId === streamId) await send(event.id, event.message);
    return streamId ?? "";
  }
}

/** Replays each event twice, the newest first. */
class TwiceAndBackwards extends PlainEventStore {
  override async replayEventsAfter(lastEventId: string, { send }: { send: Send }): Promise<string> {
    const sent: [string, unknown][] = [];
    const streamId = await super.replayEventsAfter(lastEventId, {
      send: async (id, message) => {
        sent.push([id, message]);
      },
    });
    for (const [id, message] of [...sent, ...sent].reverse()) await send(id, message);
    return streamId;
  }
}

/** Replays what came later in any stream. */
class OfEveryStream extends PlainEventStore {
  override async replayEventsAfter(lastEventId: string, { send }: { send: Send }): Promise<string> {
    const from = this.events.findIndex(({ id }) => id === lastEventId);
    for (const event of this.events.slice(from + 1)) await send(event.id, event.message);
    return this.events[from]?.streamId ?? "";
  }
}

/** Keeps its events as text, and takes its time: each step some other number of ms. */
class FarAway extends PlainEventStore {
  #steps = 0;

  override async storeEvent(streamId: string, message: unknown): Promise<string> {
    await this.#travel();
    const id = await super.storeEvent(streamId, JSON.parse(JSON.stringify(message)));
    await this.#travel();
    return id;
  }

  override async replayEventsAfter(lastEventId: string, { send }: { send: Send }): Promise<string> {
    await this.#travel();
    return super.replayEventsAfter(lastEventId, {
      send: async (id, message) => {
        if (Number(id) % 7 === 0) await this.#travel();
        await send(id, JSON.parse(JSON.stringify(message)));
      },
    });
  }

  async #travel(): Promise<void> {
    this.#steps += 1;
    await pause((this.#steps * 5) % 4);
  }
}

/** Forgets events on command. */
export class ForgetfulEventStore extends PlainEventStore {
  /** Forgets the events whose message passes the test. */
  forget(test: (message: { readonly n?: number }) => boolean): void {
    const kept = this.events.filter(({ message }) => !test(message as { n?: number }));
    this.events.splice(0, this.events.length, ...kept);
  }
}

/** Stores that keep everything, each in a way of its own. */
export const WHOLE_STORES: readonly { readonly name: string; create(): SdkEventStore }[] = [
  { name: "a plain store", create: () => new PlainEventStore() },
  { name: "the SDK's example, which shuffles a millisecond", create: () => new InMemoryEventStore() },
  { name: "a store that replays the whole stream", create: () => new FromTheStart() },
  { name: "a store that replays twice and backwards", create: () => new TwiceAndBackwards() },
  { name: "a store that replays other streams too", create: () => new OfEveryStream() },
  { name: "a store that is far away", create: () => new FarAway() },
];

import type { EventStore } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";

/** An event store without the faults of the SDK's example: it numbers events, and keeps the order of each stream. */
export class NumberingEventStore implements EventStore {
  readonly #events: { readonly streamId: string; readonly message: JSONRPCMessage }[] = [];

  async storeEvent(streamId: string, message: JSONRPCMessage): Promise<string> {
    this.#events.push({ streamId, message });
    return `event-${this.#events.length}`;
  }

  async getStreamIdForEventId(eventId: string): Promise<string | undefined> {
    return this.#events[positionOf(eventId) - 1]?.streamId;
  }

  async replayEventsAfter(
    lastEventId: string,
    { send }: { send: (eventId: string, message: JSONRPCMessage) => Promise<void> },
  ): Promise<string> {
    const streamId = await this.getStreamIdForEventId(lastEventId);
    for (let position = positionOf(lastEventId) + 1; position <= this.#events.length; position += 1) {
      const event = this.#events[position - 1];
      if (event?.streamId === streamId && event) await send(`event-${position}`, event.message);
    }
    return streamId ?? "";
  }
}

function positionOf(eventId: string): number {
  return Number(eventId.slice("event-".length));
}

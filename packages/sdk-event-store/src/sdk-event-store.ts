/**
 * An event store as the official SDK's transports take it, by its shape: neither SDK is needed at run time.
 *
 * Source:  `EventStore` of @modelcontextprotocol/sdk 1.x and @modelcontextprotocol/server 2.x
 */
export interface SdkEventStore {
  // biome-ignore lint/suspicious/noExplicitAny: both SDKs' message types must fit
  storeEvent(streamId: string, message: any): Promise<string>;
  replayEventsAfter(
    lastEventId: string,
    // biome-ignore lint/suspicious/noExplicitAny: both SDKs' message types must fit
    replay: { send: (eventId: string, message: any) => Promise<void> },
  ): Promise<string>;
  getStreamIdForEventId?(eventId: string): Promise<string | undefined>;
}

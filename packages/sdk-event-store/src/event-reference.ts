import type { EventInput, StoredEvent } from "@durable-mcp/contract";

/** Where an event's text is in the SDK's store. */
export interface SdkPosition {
  readonly id: string;
  /** Id of the event stored before it in the same stream. */
  readonly after: string;
  /** Id of the stream's first event, older than every other one. */
  readonly origin: string;
}

/** What is kept of an event here: its text, or where to find it. */
export type EventReference = { readonly text: string } | SdkPosition;

/** The event with a reference in the place of its text. */
export function referring(event: EventInput, reference: EventReference): EventInput {
  return { ...event, payload: JSON.stringify(reference) };
}

export function referenceOf(event: StoredEvent): EventReference {
  return JSON.parse(event.payload);
}

/** The message that an event carries; undefined where the SDK's store could not give back the same text. */
export function messageIn({ kind, payload }: EventInput): object | undefined {
  if (kind !== "message") return undefined;
  try {
    const message: unknown = JSON.parse(payload);
    return typeof message === "object" && message !== null && JSON.stringify(message) === payload
      ? message
      : undefined;
  } catch {
    return undefined;
  }
}

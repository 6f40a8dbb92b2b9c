import type { Store } from "@durable-mcp/contract";
import { parseEventId } from "@durable-mcp/contract";
import type { EmittingSession } from "../support/emitting-endpoint.js";
import { type Address, RawClient } from "../support/raw-client.js";
import type { SseFollower } from "../support/sse-follower.js";

/** Where streams are opened: an endpoint, or several nodes. */
export interface Stage {
  /** Where each request goes. */
  readonly url: Address;
  /** The server side of a session. */
  session(id: string): EmittingSession;
}

/** A stream under test: opened by a client, and filled message by message on command. */
interface OpenedSubject {
  readonly client: RawClient;
  readonly first: SseFollower;
  /** Makes the server say message number `index`, from 0. Does not wait for anything. */
  readonly emit: (index: number) => void;
}

/** A kind of stream that the matrix cuts and resumes. */
export interface Subject {
  readonly name: string;
  readonly protocolVersion: string;
  /** What each message says, in the order of emitting. */
  readonly labels: readonly string[];
  /** Whether the last message ends the stream. */
  readonly ends: boolean;
  open(stage: Stage): Promise<OpenedSubject>;
}

/** One step of a call: which request says what, and how. */
type Step = readonly [id: string | number, how: "notify" | "finish" | "fail", label: string];

function callSubject(name: string, protocolVersion: string, steps: readonly Step[]): Subject {
  return {
    name: `${name}, ${protocolVersion}`,
    protocolVersion,
    labels: steps.map(([, , label]) => label),
    ends: true,
    open: async (stage) => {
      const client = await RawClient.open(stage.url, protocolVersion);
      const ids = [...new Set(steps.map(([id]) => id))];
      const first = await client.call(...ids);
      const session = stage.session(client.sessionId);
      const calls = new Map(await Promise.all(ids.map(async (id) => [id, await session.call(id)] as const)));
      const emit = (index: number) => {
        const [id, how, label] = steps[index] as Step;
        void calls.get(id)?.[how](label);
      };
      return { client, first, emit };
    },
  };
}

function getSubject(protocolVersion: string): Subject {
  const labels = ["one", "two", "three", "four"];
  return {
    name: `the GET stream, ${protocolVersion}`,
    protocolVersion,
    labels,
    ends: false,
    open: async (stage) => {
      const client = await RawClient.open(stage.url, protocolVersion);
      const first = await client.get();
      const session = stage.session(client.sessionId);
      return { client, first, emit: (index) => void session.notify(labels[index] as string) };
    },
  };
}

const RESULT: readonly Step[] = [
  [7, "notify", "one"],
  [7, "notify", "two"],
  [7, "notify", "three"],
  [7, "finish", "done"],
];
const ERROR: readonly Step[] = [
  ["e/1", "notify", "one"],
  ["e/1", "notify", "two"],
  ["e/1", "fail", "broken"],
];
const BATCH: readonly Step[] = [
  [1, "notify", "one of 1"],
  ["b", "finish", "end of b"],
  [3, "notify", "one of 3"],
  [1, "finish", "end of 1"],
  [3, "fail", "end of 3"],
];

export const SUBJECTS: readonly Subject[] = [
  callSubject("a call with a result", "2025-11-25", RESULT),
  callSubject("a call with a result", "2025-06-18", RESULT),
  callSubject("a call with an error", "2025-11-25", ERROR),
  callSubject("a batch", "2025-03-26", BATCH),
  getSubject("2025-11-25"),
  getSubject("2025-06-18"),
];

/** What a message of these subjects says. */
export function labelOf(data: string): string {
  const message = JSON.parse(data);
  return (
    message.params?.data ??
    message.error?.message.replace(/^MCP error -?\d+: /, "") ??
    message.result.content[0].text
  );
}

/** The stream's messages as the store has them, with the event id of each: what every client must see. */
export async function storedMessages(
  store: Store,
  sessionId: string,
  anyEventId: string,
): Promise<readonly { readonly offset: number; readonly data: string }[]> {
  if (!parseEventId(anyEventId)) throw new Error(`Not an event id: ${anyEventId}`);
  const streamId = anyEventId.replace(/\.[^.]+\.[^.]+$/, "");
  const page = await store.log.read({ sessionId, streamId }, 0, { events: 10_000, bytes: 2 ** 30 });
  if (page.outcome !== "page") throw new Error(`The stream is ${page.outcome}`);
  return page.events
    .filter(({ kind }) => kind === "message")
    .map(({ offset, payload }) => ({ offset, data: payload }));
}

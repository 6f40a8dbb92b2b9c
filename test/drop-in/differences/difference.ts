import type { StreamableHTTPServerTransportOptions as OurOptions } from "@durable-mcp/node";
import type { SseFollower } from "../../support/sse-follower.js";
import type { Options, ServedTransport, ServeOptions } from "../served-transport.js";

/** Something that our class does on purpose in another way than the SDK's. */
export interface Difference {
  /** What happens. */
  readonly when: string;
  /** Options that both classes are given. */
  readonly options?: () => Options;
  readonly serving?: ServeOptions;
  /** Makes it happen. Returns: what comes of it, in short */
  observe(served: ServedTransport): Promise<string>;
  /** What comes of it with the SDK's class. */
  readonly sdk: string;
  /** What comes of it with ours. */
  readonly ours: string;
  /** The options by which our class does as the SDK's. */
  readonly restoredBy?: OurOptions;
}

/** What a notification or a result says. */
export function textOf(data: string): string {
  const { params, result } = JSON.parse(data);
  return params?.data ?? result?.content?.[0]?.text;
}

/** Whether an answer ends soon. */
export function ends(answer: SseFollower): Promise<string> {
  return answer.untilOver(500).then(
    () => "ends",
    () => "stays open",
  );
}

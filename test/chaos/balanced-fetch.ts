import type { FetchLike } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { Balancer } from "./balancer.js";
import type { HistoryRecorder } from "./history-recorder.js";

type How = "complete" | "refused" | "cut" | "left";
type Closed = (how: How, hasEventId?: boolean) => void;

/**
 * The `fetch` of one session: sends each request to a node of the balancer's choice, and writes down what became of it. One that
 * could not connect is sent to another node, since nothing has been sent.
 *
 * Shapes:  callOf: the call that a request is about
 */
export function balancedFetch(
  balancer: Balancer,
  recorder: HistoryRecorder,
  session: string,
  callOf: (body: unknown, cursor: string | undefined) => string | undefined,
): FetchLike {
  return async (_input, init) => {
    const tried = new Set<string>();
    const method = init?.method ?? "GET";
    const cursor = new Headers(init?.headers).get("last-event-id") ?? undefined;
    const call = callOf(init?.body, cursor);
    for (;;) {
      const node = balancer.pick(tried);
      if (!node) throw new TypeError("fetch failed: no node could be connected to");
      tried.add(node.name);
      const request = recorder.nextRequest();
      const about = { ...(call === undefined ? {} : { call }), ...(cursor === undefined ? {} : { cursor }) };
      recorder.record({ type: "request", session, request, node: node.name, method, ...about });
      const closed: Closed = (how, hasEventId) =>
        recorder.record({
          type: "closed",
          session,
          request,
          how: init?.signal?.aborted ? "left" : how,
          ...(hasEventId === undefined ? {} : { hasEventId }),
        });
      let response: Response;
      try {
        response = await fetch(node.url, init);
      } catch (error) {
        const isRefused = isConnectionRefused(error);
        closed(isRefused ? "refused" : "cut");
        if (isRefused) continue;
        throw error;
      }
      recorder.record({ type: "head", session, request, status: response.status });
      return followed(response, method === "POST", closed);
    }
  };
}

function isConnectionRefused(error: unknown): boolean {
  const { cause } = error as { cause?: { code?: unknown } };
  return cause?.code === "ECONNREFUSED";
}

/** The same answer, whose end is noticed. */
async function followed(response: Response, isPost: boolean, closed: Closed): Promise<Response> {
  const { body, status, statusText, headers } = response;
  if (!body) {
    closed("complete");
    return response;
  }
  const reader = body.getReader();
  const isStream = headers.get("content-type")?.startsWith("text/event-stream") === true;
  const begun = isPost && isStream ? await firstEvent(reader, closed) : [];
  return new Response(rest(begun, reader, isStream ? noticingIds(begun, closed) : { closed }), {
    status,
    statusText,
    headers,
  });
}

/**
 * Reads the beginning of a call's stream up to the end of its first event. The official client waits for ever for a stream that
 * breaks off before it: this fails the call instead, as a client that cares would.
 */
async function firstEvent(reader: Reader, closed: Closed): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  while (!Buffer.concat(chunks).includes("\n\n")) {
    const { done, value } = await reader.read().catch((error: unknown) => {
      closed("cut");
      throw error;
    });
    if (done) {
      closed("cut");
      throw new TypeError("fetch failed: the stream ended before its first event");
    }
    chunks.push(value);
  }
  return chunks;
}

type Reader = ReadableStreamDefaultReader<Uint8Array>;

interface Notice {
  readonly took?: (chunk: Uint8Array) => void;
  readonly closed: Closed;
}

/** Notices whether a stream brings an event id: official clients forget where they were if it brings none. */
function noticingIds(begun: readonly Uint8Array[], closed: Closed): Notice {
  let hasEventId = false;
  const took = (chunk: Uint8Array) => {
    hasEventId ||= /^id: ?./m.test(Buffer.from(chunk).toString());
  };
  for (const chunk of begun) took(chunk);
  return { took, closed: (how) => closed(how, hasEventId) };
}

/** What is left of a body. A broken connection ends it, since an error would drop what has arrived before. */
function rest(begun: Uint8Array[], reader: Reader, notice: Notice): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start: (controller) => {
      for (const chunk of begun) controller.enqueue(chunk);
    },
    pull: async (controller) => {
      const { how, value } = await reader.read().then(
        ({ value }) => ({ how: "complete" as const, value }),
        () => ({ how: "cut" as const, value: undefined }),
      );
      if (value) {
        notice.took?.(value);
        controller.enqueue(value);
      } else {
        notice.closed(how);
        controller.close();
      }
    },
    cancel: async (reason) => {
      notice.closed("left");
      await reader.cancel(reason);
    },
  });
}

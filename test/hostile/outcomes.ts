import { isOtherPath, isRefusedByNode } from "./answer-rules.js";
import { REFUSALS } from "./answer-table.js";
import type { HttpAnswer } from "./http-answers.js";
import { messagesOf, type StreamMessage } from "./sse-rules.js";

/** One way in which a request may end. */
export interface Outcome {
  readonly says: string;
  /** undefined: the connection ended without an answer. */
  matches(answer: HttpAnswer | undefined): boolean;
}

type Id = string | number | null;

/** Refused by the endpoint, as the table of errors says. */
export function refused(code: keyof typeof REFUSALS, id: Id = null): Outcome {
  const { status, rpcCode } = REFUSALS[code];
  return {
    says: `${status} ${rpcCode} (${code}) with id ${JSON.stringify(id)}`,
    matches: (answer) => {
      if (answer?.status !== status || answer.headers["content-type"] !== "application/json") return false;
      const body = JSON.parse(answer.body);
      return body.error.code === rpcCode && body.id === id;
    },
  };
}

/** A message that is no request was taken. */
export const ACCEPTED: Outcome = { says: "202", matches: (answer) => answer?.status === 202 };

/** DELETE has ended the session. */
export const DELETED: Outcome = {
  says: "200 without a body",
  matches: (answer) => answer?.status === 200 && answer.body === "",
};

/** A whole stream that answers exactly these requests, each with a result. */
export function answered(
  ids: readonly Id[],
  fits: (results: readonly unknown[]) => boolean = () => true,
): Outcome {
  return stream(`results for ${JSON.stringify(ids).slice(0, 100)}`, (messages) => {
    const results = messages.map(({ result }) => result);
    return sameIds(messages, ids) && results.every((result) => result !== undefined) && fits(results);
  });
}

/** A whole stream that answers the requests with errors of this code. */
export function failed(ids: readonly Id[], code: number): Outcome {
  return stream(
    `errors ${code} for ${JSON.stringify(ids).slice(0, 100)}`,
    (messages) => sameIds(messages, ids) && messages.every(({ error }) => error?.code === code),
  );
}

/** A stream that ends, or is left, without a message. */
export const SILENT_STREAM: Outcome = {
  says: "a stream without messages",
  matches: (answer) => isStream(answer) && messagesOf(answer?.body ?? "").length === 0,
};

/** node:http has refused the request. */
export function refusedByNode(...statuses: readonly number[]): Outcome {
  return {
    says: `${statuses.join(" or ")} by node:http`,
    matches: (answer) => answer !== undefined && statuses.includes(answer.status) && isRefusedByNode(answer),
  };
}

export const OTHER_PATH: Outcome = {
  says: "404, not the endpoint's path",
  matches: (answer) => answer !== undefined && isOtherPath(answer),
};

/** The connection ends and nothing is said. */
export const NO_ANSWER: Outcome = { says: "no answer", matches: (answer) => answer === undefined };

function stream(says: string, fits: (messages: readonly StreamMessage[]) => boolean): Outcome {
  return {
    says: `a whole stream with ${says}`,
    matches: (answer) => isStream(answer) && answer?.whole === true && fits(messagesOf(answer.body)),
  };
}

function isStream(answer: HttpAnswer | undefined): boolean {
  return answer?.status === 200 && answer.headers["content-type"] === "text/event-stream";
}

/** Whether the messages are responses to these ids, in whatever order. */
function sameIds(messages: readonly StreamMessage[], ids: readonly Id[]): boolean {
  const wanted = ids.map((id) => JSON.stringify(id)).sort();
  const got = messages.filter(({ method }) => method === undefined).map(({ id }) => JSON.stringify(id));
  return got.length === messages.length && JSON.stringify(got.sort()) === JSON.stringify(wanted);
}

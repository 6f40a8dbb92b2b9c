import type { WireMessage } from "../support/recorded-stream.js";

/** What a run was told to do, as far as whoever judges it must know. */
export interface RunFacts {
  /** Names of the nodes. */
  readonly nodes: readonly string[];
  /** A node without a heartbeat for so long counts as dead, in ms. */
  readonly heartbeatTtlMs: number;
  /** What becomes of calls that the death of a node interrupts. */
  readonly onInterrupted: "conclude" | "dispatch-again";
  /** Whether calls may end in an explicit error while a fault lasts; otherwise none may, ever. */
  readonly tolerant: boolean;
  /** What a busy machine may take on top of every bound, in ms. */
  readonly slackMs: number;
}

export const FAULT_KINDS = [
  "kill",
  "pause",
  "terminate",
  "cut Redis commands",
  "cut Redis wake-ups",
  "kill Redis",
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

export type CallKind = "echo" | "stream" | "side effect" | "question" | "say" | "update";

/** Why a call failed, as its client was told. */
export interface CallError {
  /** network: the POST got no answer; http: it was refused; rpc: a JSON-RPC error; tool: a result that is an error. */
  readonly from: "network" | "http" | "rpc" | "tool";
  /** HTTP status or JSON-RPC code. */
  readonly code?: number;
  readonly retryable?: boolean;
  readonly message: string;
}

/** Everything that happened in a run, one thing after the other. A session is named by its mark, a call by its id. */
export type HistoryEvent = { readonly atMs: number } & (
  | { readonly type: "fault"; readonly number: number; readonly kind: FaultKind; readonly node?: string }
  /** The node at fault has stopped working: at once if killed or paused, when it has exited if terminated. */
  | { readonly type: "gone"; readonly number: number }
  /** What was broken works again. */
  | { readonly type: "over"; readonly number: number }
  | { readonly type: "opened"; readonly session: string }
  /** The client is about to end the session. */
  | { readonly type: "ended"; readonly session: string }
  | {
      readonly type: "sent";
      readonly session: string;
      readonly call: string;
      readonly kind: CallKind;
      /** How long the call takes by itself. */
      readonly lengthMs: number;
      /** How many times it reports progress. */
      readonly steps: number;
      /** The text of its result. */
      readonly answer: string;
    }
  /** The call's client has its conclusion: a result's text, or an error. */
  | {
      readonly type: "concluded";
      readonly session: string;
      readonly call: string;
      readonly text?: string;
      readonly error?: CallError;
    }
  /** A JSON-RPC message has reached the client, on whatever stream. */
  | { readonly type: "received"; readonly session: string; readonly message: WireMessage }
  | {
      readonly type: "request";
      readonly session: string;
      readonly request: number;
      readonly node: string;
      readonly method: string;
      /** The call that it starts, resumes, or answers a question of. */
      readonly call?: string;
      readonly cursor?: string;
    }
  | { readonly type: "head"; readonly session: string; readonly request: number; readonly status: number }
  /** refused: no connection; cut: the connection broke; left: the client itself has closed it. */
  | {
      readonly type: "closed";
      readonly session: string;
      readonly request: number;
      readonly how: "complete" | "refused" | "cut" | "left";
      /** Whether it has brought an event id, if it was a stream. */
      readonly hasEventId?: boolean;
    }
  | { readonly type: "side effect"; readonly key: string }
);

export type EventOf<Type extends HistoryEvent["type"]> = Extract<HistoryEvent, { readonly type: Type }>;

export interface History {
  readonly facts: RunFacts;
  /** In the order in which they were recorded. */
  readonly events: readonly HistoryEvent[];
}

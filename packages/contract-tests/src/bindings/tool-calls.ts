import { eventually } from "../fixtures.js";
import { DEADLINE_MS } from "./client/answer.js";
import type { ToolCall } from "./server-object.js";

/** A tool call that does what the case tells it to. */
export interface CommandedCall extends ToolCall {
  /** Ends the call with a result. */
  finish(text: string): void;
}

/** The tool calls that have reached server objects, for a case to command. */
export class ToolCalls {
  readonly #calls = new Map<string | number, CommandedCall>();

  /** Takes a call. Resolves when the case ends it. */
  take(call: ToolCall): Promise<string> {
    return new Promise((finish) => {
      const { id, authInfo, url } = call;
      this.#calls.set(id, {
        id,
        authInfo,
        url,
        header: (name) => call.header(name),
        notify: (data) => call.notify(data),
        closeConnection: () => call.closeConnection(),
        finish,
      });
    });
  }

  /** The call of that id, once it has come. Each is given once: ids may be used again. */
  async get(id: string | number): Promise<CommandedCall> {
    await eventually(`the dispatch of call ${id}`, () => this.#calls.has(id), DEADLINE_MS);
    const call = this.#calls.get(id) as CommandedCall;
    this.#calls.delete(id);
    return call;
  }
}

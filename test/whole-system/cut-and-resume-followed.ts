import type { RawClient } from "../support/raw-client.js";
import type { SseFollower } from "../support/sse-follower.js";
import { labelOf } from "./cut-and-resume-subjects.js";

/** The server's end of a stream. One without `finish` is a GET stream. */
export interface ServerEnd {
  notify(data: string): Promise<void>;
  finish?(data: string): void;
  fail?(data: string): void;
  close?(): void;
}

/**
 * A stream as a client follows it: by its own cursor, over as many connections as it takes. Keeps what the server has
 * said and what the client has got, to be compared.
 */
export class FollowedStream {
  readonly name: string;
  readonly sent: string[] = [];
  readonly received: string[] = [];
  finished = false;

  readonly #client: RawClient;
  readonly #server: ServerEnd;
  #follower: SseFollower | undefined;
  #harvested = 0;
  #cursor: string | undefined;

  constructor(name: string, client: RawClient, follower: SseFollower, server: ServerEnd) {
    this.name = name;
    this.#client = client;
    this.#follower = follower;
    this.#server = server;
  }

  /** Waits until the client can resume: priming brings it a cursor, without it the first message does. */
  async firstCursor(): Promise<void> {
    if (this.#client.protocolVersion < "2025-11-25") this.send(10);
    await this.#follower?.until("a cursor", () => this.#follower?.cursor !== undefined);
  }

  send(length: number): void {
    if (this.finished) return;
    void this.#server.notify(this.#say(length));
  }

  /** Ends a call, with a result or with an error. */
  finish(withResult: boolean): void {
    if (this.finished || !this.#server.finish) return;
    this.finished = true;
    if (withResult) this.#server.finish(this.#say(10));
    else this.#server.fail?.(this.#say(10));
  }

  /** The server ends the connection, not the stream. */
  closeByServer(): void {
    if (!this.finished) this.#server.close?.();
  }

  readSlowly(slowly: boolean): void {
    if (slowly) this.#follower?.pause();
    else this.#follower?.resume();
  }

  /** The client's socket is destroyed; what it has not read by then is lost to it. */
  cut(): void {
    const follower = this.#follower;
    if (!follower) return;
    for (const data of follower.messages.slice(this.#harvested)) this.received.push(labelOf(data));
    this.#cursor = follower.cursor ?? this.#cursor;
    follower.cut();
    this.#follower = undefined;
    this.#harvested = 0;
  }

  /** Comes back with the client's own cursor. Returns: whether there was something to resume */
  async resume(): Promise<boolean> {
    this.cut();
    const follower = await this.#client.get(this.#cursor);
    if (follower.status === 200) {
      this.#follower = follower;
      return true;
    }
    await follower.untilOver();
    if (follower.status !== 405 || !this.finished) {
      throw new Error(`${this.name}: ${follower.status} ${follower.body} for ${this.#cursor}`);
    }
    return false;
  }

  /** Ends the stream if it can end, and resumes until there is nothing more to come. */
  async followToTheEnd(): Promise<void> {
    if (this.#server.finish) {
      this.finish(true);
      while (await this.resume()) await this.#follower?.untilOver();
    } else {
      this.send(10);
      await this.resume();
      await this.#follower?.untilMessages(this.sent.length - this.received.length);
      this.cut();
    }
  }

  #say(length: number): string {
    const label = `${this.name}, message ${this.sent.length + 1} `.padEnd(length, ".");
    this.sent.push(label);
    return label;
  }
}

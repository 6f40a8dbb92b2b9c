import { Buffer } from "node:buffer";

/** Ids that are their own name in a key. Others could end a hash tag, or a key, early. */
const PLAIN = /^[A-Za-z0-9_.~-]{1,200}$/;

/**
 * The keys. What belongs together has one hash tag, so that it lies in one slot of a cluster: all of a session, all of a
 * principal's index. The scripts make a session's other keys from its first:
 *
 *   <session>     hash: the record            <session>:h  hash: heads of its streams
 *   <session>:o   sorted set: open streams    <session>:z  sorted set: ended streams, in the order of their ends
 *   <session>:e:* hash: events of a stream    <session>:w  sorted set: channels of those who watch it
 *   <session>:t:* string: what a call did, for as long as it may be sent again
 *   <index>:x     sorted set: by expiry       <index>:c    sorted set: in the order of creation
 *   <index>:g:*   string: a session has ended a moment ago
 */
export class Keys {
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** Channel of changes. */
  get changes(): string {
    return `${this.#prefix}changes`;
  }

  /** Index of all sessions. */
  get everybody(): string {
    return `${this.#prefix}{all}`;
  }

  session(id: string): string {
    return this.sessionNamed(nameOf(id));
  }

  sessionNamed(name: string): string {
    return `${this.#prefix}{s:${name}}`;
  }

  principal(principal: string): string {
    return `${this.#prefix}{p:${nameOf(principal)}}`;
  }

  node(nodeId: string): string {
    return `${this.#prefix}{n:${nameOf(nodeId)}}`;
  }

  /** Channel by which the watchers of a store handle are woken. */
  wakeUps(handle: string): string {
    return `${this.#prefix}wake:${handle}`;
  }
}

/** An id in characters that mean nothing in a key. */
export function nameOf(id: string): string {
  return PLAIN.test(id) ? id : `=${Buffer.from(id, "utf16le").toString("base64url")}`;
}

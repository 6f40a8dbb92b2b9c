export type HttpHeaders = Readonly<Record<string, string | undefined>>;

/** What a binding hands to the endpoint: one HTTP request. */
export interface HttpRequest {
  readonly method: string;
  /** Path and query, as in the request line. */
  readonly url: string;
  /** Whether it came over TLS. Default: false. */
  readonly secure?: boolean;
  /** Header values by lower-case name; repeated headers joined with ", ". */
  readonly headers: HttpHeaders;
  /** What the application's authentication found out, handed on to handlers as `extra.authInfo`. */
  readonly authInfo?: unknown;

  /** Reads the body, at most `maxBytes` bytes of it. Called at most once. */
  readBody(maxBytes: number): Promise<HttpBody>;
}

/**
 * - `text`: the body, decoded from UTF-8.
 * - `parsed`: somebody (a body parser) has parsed the JSON already.
 * - `too-large`: more than `maxBytes`, or than the other bound that was set to it.
 * - `not-utf8`: bytes that are no UTF-8; `unsupported`: what a header says of it is not supported.
 * - `drained`: somebody has read the body and not handed on what it was; `aborted`: the client went away.
 */
export type HttpBody =
  | { readonly outcome: "text"; readonly text: string }
  | { readonly outcome: "parsed"; readonly value: unknown }
  | { readonly outcome: "too-large"; readonly maxBytes?: number }
  | { readonly outcome: "not-utf8" }
  | { readonly outcome: "unsupported"; readonly header: "Content-Type" | "Content-Encoding" }
  | { readonly outcome: "drained" }
  | { readonly outcome: "aborted" };

/** What a binding hands to the endpoint: the answer to one HTTP request. */
export interface HttpResponse {
  /** Whether the head has been sent. */
  readonly begun: boolean;

  /** Sends the head at once. */
  begin(status: number, headers: Readonly<Record<string, string>>): void;

  /** Writes a piece of the body. False: the client reads slowly; write no more before `onDrain`. */
  write(text: string): boolean;

  /** Finishes the answer. */
  end(text?: string): void;

  /** Bytes written and not yet taken over by the operating system. */
  readonly bufferedBytes: number;

  /** Called when there is room again after `write` returned false. One listener. */
  onDrain(listener: () => void): void;

  /** Called once, never at once, when the answer is finished or the client has gone away, even before. One listener. */
  onClose(listener: () => void): void;

  /** Breaks the connection off: what was not taken over by the operating system is lost. */
  abort(): void;
}

import { answered, refused, refusedByNode } from "./outcomes.js";
import { post, type Row, rpc, toolCall } from "./row.js";

const NOT_JSON = [refused("PARSE_ERROR")];
const PING = rpc("ping");

/** The echo of a text, with some bytes in its place. */
function echoOfBytes(...bytes: readonly number[]): Buffer {
  const [before = "", after = ""] = toolCall("test_echo", '{"said":"<here>"}').split("<here>");
  return Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)]);
}

/** The result is the echo of this JSON text. */
function echoed(json: string) {
  return answered([7], ([result]) => JSON.stringify(result).includes(JSON.stringify(json).slice(1, -1)));
}

const byteByByte = (bytes: Buffer) => [...bytes].map((byte) => Uint8Array.of(byte));

/** Bytes that are no UTF-8, no JSON, or JSON with characters that somebody might stumble over. */
export const ENCODING_ROWS: readonly Row[] = [
  ...(
    [
      ["a byte that is none of UTF-8's", [0xff]],
      ["an overlong slash", [0xc0, 0xaf]],
      ["an overlong NUL", [0xe0, 0x80, 0x80]],
      ["a surrogate as bytes", [0xed, 0xa0, 0x80]],
      ["a character beyond Unicode", [0xf4, 0x90, 0x80, 0x80]],
      ["the first half of a character", [0xe2, 0x82]],
      ["the second half of a character", [0x82, 0xac]],
    ] as const
  ).flatMap(([name, bytes]): readonly Row[] => [
    { name, request: post(echoOfBytes(...bytes)), outcomes: NOT_JSON },
    {
      name: `${name}, in chunks`,
      request: post(echoOfBytes(...bytes), {}, { framing: "chunked" }),
      outcomes: NOT_JSON,
    },
    {
      name: `${name}, one byte at a time`,
      request: post(echoOfBytes(...bytes)),
      outcomes: NOT_JSON,
      cut: byteByByte,
    },
  ]),
  {
    name: "characters of four bytes, one byte at a time",
    request: post(toolCall("test_echo", '{"said":"😀€"}')),
    outcomes: [echoed('"😀€"')],
    cut: byteByByte,
  },
  {
    name: "a lone surrogate as an escape",
    request: post(toolCall("test_echo", '{"said":"\\ud800"}')),
    outcomes: [echoed('"\\ud800"')],
  },
  {
    name: "surrogates the wrong way round",
    request: post(toolCall("test_echo", '{"said":"\\udc00\\ud800"}')),
    outcomes: [echoed('"\\udc00\\ud800"')],
  },
  {
    name: "NUL and line ends as escapes",
    request: post(toolCall("test_echo", '{"said":"\\u0000\\r\\n\\n\\ndata: {}\\u2028\\u0085"}')),
    outcomes: [answered([7])],
  },
  {
    name: "a byte order mark, which RFC 8259 lets be ignored",
    request: post(`\ufeff${PING}`),
    outcomes: [answered([7])],
  },
  { name: "two byte order marks", request: post(`\ufeff\ufeff${PING}`), outcomes: NOT_JSON },
  { name: "UTF-16", request: post(Buffer.from(`\ufeff${PING}`, "utf16le")), outcomes: NOT_JSON },
  { name: "UTF-16 without a mark", request: post(Buffer.from(PING, "utf16le")), outcomes: NOT_JSON },
  { name: "a raw NUL after the message", request: post(`${PING}\0`), outcomes: NOT_JSON },
  { name: "a raw line end in a string", request: post(rpc("ping", '{"x":"\n"}')), outcomes: NOT_JSON },
  {
    name: "compressed bytes",
    request: post(Buffer.from("1f8b0800", "hex"), { "Content-Encoding": "gzip" }),
    outcomes: [refused("UNSUPPORTED_MEDIA_TYPE")],
  },
  { name: "an empty body", request: post(""), outcomes: NOT_JSON },
  { name: "no body at all", request: post(undefined), outcomes: NOT_JSON },
  { name: "white space", request: post(" \r\n\t"), outcomes: NOT_JSON },
  { name: "two messages, one after the other", request: post(`${PING}\n${PING}`), outcomes: NOT_JSON },
  { name: "a message cut short", request: post(PING.slice(0, -1)), outcomes: NOT_JSON },
  { name: "NaN", request: post(rpc("ping", '{"x":NaN}')), outcomes: NOT_JSON },
  { name: "an SSE stream", request: post(`data: ${PING}\n\n`), outcomes: NOT_JSON },
  {
    name: "a chunk longer than it says",
    request: post(undefined, { "Transfer-Encoding": "chunked" }),
    cut: (bytes) => [bytes, Buffer.from(`5\r\n${PING}\r\n0\r\n\r\n`)],
    outcomes: [refusedByNode(400)],
  },
  {
    name: "a chunk of a size beyond numbers",
    request: post(undefined, { "Transfer-Encoding": "chunked" }),
    cut: (bytes) => [bytes, Buffer.from("fffffffffffffffff\r\n{}")],
    outcomes: [refusedByNode(400)],
  },
];

import type { SeededRandom } from "../support/seeded-random.js";
import { pick } from "./pick.js";

type Json = Readonly<Record<string, unknown>>;

/** A valid request of some kind, which is answered soon. */
export function validRequest(random: SeededRandom, id: string | number): Json {
  const n = random.integer(0, 1_000);
  const call = (name: string, args: Json = {}) => ["tools/call", { name, arguments: args }] as const;
  const [method, params] = pick(random, [
    ["ping", {}],
    ["tools/list", {}],
    ["logging/setLevel", { level: "info" }],
    ["resources/subscribe", { uri: `test://${n % 50}` }],
    ["resources/unsubscribe", { uri: `test://${n % 50}` }],
    ["test/fail", { message: `\n\ndata: ${n}` }],
    ["nothing/such", {}],
    call("test_tell"),
    call("test_counter", { ms: n % 50 }),
    call("test_slow", { ms: n % 200, steps: n % 60 }),
    call("test_log", { data: `hostile ${n}`, to: n % 2 ? "call" : "session" }),
    call("test_echo", { said: { n, text: "\n\nid: g.9.9\ndata: {}" } }),
    call("test_large", { length: n * 300 }),
    call("test_sampling", { prompt: `p${n}` }),
    call("nothing"),
  ] as const) ?? ["ping", {}];
  const meta = random.chance(0.5) ? { _meta: { progressToken: id } } : {};
  return { jsonrpc: "2.0", id, method, params: { ...params, ...meta } };
}

/** A message that is no request: a notification, or an answer to a question that the server may have asked. */
export function validAside(random: SeededRandom, id: string | number): Json {
  const asked = `${random.integer(1, 2)}:${random.integer(0, 5)}`;
  const text = { role: "assistant", model: "m", content: { type: "text", text: "\n\ndata: poison" } };
  const rest = pick(random, [
    { method: "notifications/initialized" },
    { method: "notifications/cancelled", params: { requestId: id } },
    { method: "notifications/cancelled", params: { requestId: asked } },
    { method: "notifications/progress", params: { progressToken: asked, progress: 1 } },
    { method: "notifications/progress", params: { progressToken: id, progress: 1 } },
    { method: "notifications/roots/list_changed" },
    { id: asked, result: text },
    { id: asked, error: { code: -1, message: "\n\ndata: no" } },
    { id, result: {} },
  ]);
  return { jsonrpc: "2.0", ...rest };
}

export function validInitialize(random: SeededRandom, id: string | number): Json {
  const protocolVersion = pick(random, [
    "2025-11-25",
    "2025-06-18",
    "2025-03-26",
    "2024-11-05",
    "1999-01-01",
  ]);
  const capabilities = random.chance(0.5) ? { sampling: {} } : {};
  const params = { protocolVersion, capabilities, clientInfo: { name: "hostile", version: "1" } };
  return { jsonrpc: "2.0", id, method: "initialize", params };
}

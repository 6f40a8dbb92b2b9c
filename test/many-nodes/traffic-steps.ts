import { LoggingLevelSchema } from "@modelcontextprotocol/sdk/types.js";
import { rawRequest } from "../support/raw-http.js";
import type { SeededRandom } from "../support/seeded-random.js";
import { ROOTS } from "./traffic-client.js";
import type { TrafficUser } from "./traffic-user.js";

const LEVELS = LoggingLevelSchema.options;
const RESOURCES = ["test://watched-resource", "test://static-text", "test://another"] as const;

/** A kind of request. */
interface TrafficStep {
  /** How often it comes, against the others. */
  readonly weight: number;
  /** Whether no other step of the session may be under way: the order matters. */
  readonly alone: boolean;
  /** Makes it, and throws unless everything about the answer is as it must be. */
  run(user: TrafficUser, random: SeededRandom): Promise<void>;
}

/** Every kind. */
export const TRAFFIC_STEPS = {
  call: free(20, async (user, random) => {
    const args = { name: user.unique("n"), contactMethod: "phone", phone: String(random.integer(0, 1e9)) };
    const text = await user.session.call("json_schema_2020_12_tool", args);
    expectSame(text, `JSON Schema 2020-12 tool called with: ${JSON.stringify(args)}`);
  }),
  "call with a side effect": free(8, async (user) => {
    const key = user.unique("effect");
    user.effects.push(key);
    expectSame(await user.session.call("test_side_effect", { key }), `appended ${key}`);
  }),
  "call with progress": free(12, async (user, random) => {
    await callWithProgress(user, { ms: random.integer(0, 30), steps: random.integer(1, 20) }, () => {});
  }),
  "call that is cut and resumed": free(3, async (user, random) => {
    const args = { ms: 200, steps: 20 };
    const cutsAt = new Set([random.integer(1, 8), random.integer(9, 16)]);
    const { session } = user;
    await callWithProgress(user, args, (progress, label) => {
      if (!cutsAt.has(progress)) return;
      session.cut(session.traced.connectionOf(({ params }) => params.arguments.label === label));
    });
  }),
  "call that logs": free(4, async (user) => {
    const { session } = user;
    const data = user.unique("call");
    expectSame(await session.call("test_log", { level: "emergency", data }), "logged");
    expectSame(session.callLogs.filter((one) => one === data).length, 1);
  }),
  elicitation: free(10, async (user) => {
    const message = user.unique("question");
    const text = await user.session.call("test_elicitation", { message });
    const content = JSON.stringify({ response: `answer to ${message}` });
    expectSame(text, `User response: action=accept, content=${content}`);
  }),
  sampling: free(4, async (user) => {
    const prompt = user.unique("prompt");
    expectSame(await user.session.call("test_sampling", { prompt }), `LLM response: echo ${prompt}`);
  }),
  roots: free(2, async (user) => {
    expectSame(await user.session.call("test_roots", {}), JSON.stringify(ROOTS));
  }),
  ping: free(8, async (user) => {
    expectSame(JSON.stringify(await user.session.client.ping()), "{}");
  }),
  "list of tools": free(2, async (user) => {
    const { tools } = await user.session.client.listTools();
    expectSame(tools.filter(({ name }) => name === "test_simple_text").length, 1);
  }),
  "list of prompts": free(2, async (user) => {
    expectSame((await user.session.client.listPrompts()).prompts.length, 4);
  }),
  "list of resources": free(2, async (user) => {
    expectSame((await user.session.client.listResources()).resources.length, 3);
  }),
  "reading a resource": free(4, async (user, random) => {
    const id = String(random.integer(0, 1e9));
    const { contents } = await user.session.client.readResource({ uri: `test://template/${id}/data` });
    const [content] = contents as { text?: string }[];
    expectSame(JSON.parse(content?.text ?? "{}").id, id);
  }),
  "getting a prompt": free(3, async (user) => {
    const args = { arg1: user.unique("a"), arg2: "b" };
    const got = await user.session.client.getPrompt({ name: "test_prompt_with_arguments", arguments: args });
    const content = got.messages[0]?.content as { text?: string } | undefined;
    expectSame(content?.text, `Prompt with arguments: arg1='${args.arg1}', arg2='b'`);
  }),
  completion: free(2, async (user) => {
    const ref = { type: "ref/prompt", name: "test_prompt_with_arguments" } as const;
    const { completion } = await user.session.client.complete({
      ref,
      argument: { name: "arg1", value: "par" },
    });
    expectSame(String(completion.values), "paris,park,party");
  }),
  // One server object serves the session, wherever its requests arrive: it has counted them all.
  "call that counts": alone(4, async ({ session }) => {
    session.counted += 1;
    expectSame(await session.call("test_counter", {}), String(session.counted));
  }),
  "log message": alone(5, async (user, random) => {
    const { session } = user;
    const level = oneOf(LEVELS, random);
    const data = user.unique("session");
    if (LEVELS.indexOf(level) >= LEVELS.indexOf(session.logLevel)) session.expected.push(data);
    expectSame(await session.call("test_log", { level, data, to: "session" }), "logged");
  }),
  "log level": alone(2, async ({ session }, random) => {
    session.logLevel = oneOf(LEVELS, random);
    await session.client.setLoggingLevel(session.logLevel);
  }),
  subscription: alone(3, async ({ session }, random) => {
    const uri = oneOf(RESOURCES, random);
    session.subscriptions.add(uri);
    session.expected.push(`subscribed: ${uri}`);
    await session.client.subscribeResource({ uri });
  }),
  "end of a subscription": alone(1, async ({ session }, random) => {
    const uri = oneOf(RESOURCES, random);
    session.subscriptions.delete(uri);
    await session.client.unsubscribeResource({ uri });
  }),
  "update of a resource": alone(6, async ({ session }, random) => {
    const uri = oneOf(RESOURCES, random);
    const subscribed = session.subscriptions.has(uri);
    if (subscribed) session.expected.push(`updated: ${uri}`);
    expectSame(await session.call("test_update_resource", { uri }), subscribed ? "sent" : "not subscribed");
  }),
  "GET stream that is cut and resumed": alone(1, async (user) => {
    const { session } = user;
    // Once it has read something, the client has a cursor.
    session.expected.push(user.unique("session"));
    const args = { level: "emergency", data: session.expected.at(-1), to: "session" };
    expectSame(await session.call("test_log", args), "logged");
    await session.settle();
    session.cut(session.traced.notifications());
  }),
  "end of the session": alone(1, async (user) => {
    const { session } = user;
    await session.settle();
    const { id } = session;
    await session.terminate();
    // One after the other, so that every node is asked.
    for (let n = 0; n < 3; n += 1) {
      const body = { jsonrpc: "2.0", id: n, method: "ping" };
      const answer = await rawRequest(user.url, { method: "POST", headers: { "mcp-session-id": id }, body });
      expectSame(`${answer.status} ${/"code":(-\d+)/.exec(answer.body)?.[1] ?? answer.body}`, "404 -32001");
    }
    await user.open();
  }),
} as const satisfies Record<string, TrafficStep>;

export type StepKind = keyof typeof TRAFFIC_STEPS;

function free(weight: number, run: TrafficStep["run"]): TrafficStep {
  return { weight, alone: false, run };
}

function alone(weight: number, run: TrafficStep["run"]): TrafficStep {
  return { weight, alone: true, run };
}

/** A call whose progress must come in order, complete and once, before its result. */
async function callWithProgress(
  user: TrafficUser,
  args: { readonly ms: number; readonly steps: number },
  onProgress: (progress: number, label: string) => void,
): Promise<void> {
  const label = user.unique("progress");
  const progress: number[] = [];
  const text = await user.session.call("test_slow", { ...args, label }, (one) => {
    progress.push(one);
    onProgress(one, label);
  });
  expectSame(text, "slow done");
  expectSame(String(progress), String(Array.from({ length: args.steps }, (_, index) => index + 1)));
}

function oneOf<T>(items: readonly T[], random: SeededRandom): T {
  return items[random.integer(0, items.length - 1)] as T;
}

function expectSame(actual: unknown, expected: unknown): void {
  if (actual !== expected) throw new Error(`Expected ${expected}, got ${actual}`);
}

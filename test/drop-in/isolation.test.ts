import { InMemoryEventStore } from "@modelcontextprotocol/sdk/examples/shared/inMemoryEventStore.js";
import { afterEach, describe, expect, it } from "vitest";
import { EMBEDDED_STORES } from "../support/stores.js";
import { answerTo, ping, toolCall } from "./ask.js";
import { type Options, ServedTransport } from "./served-transport.js";
import { OUR_CLASSES, OUR_WEB, OURS } from "./transport-classes.js";
import { onNode } from "./web-class-on-node.js";

/** What the transports of a process may have in common. */
const SHARED: readonly { readonly name: string; open(): { options: Options; dispose(): Promise<void> } }[] = [
  { name: "no event store", open: () => ({ options: {}, dispose: async () => {} }) },
  {
    name: "the SDK's example store",
    open: () => ({ options: { eventStore: new InMemoryEventStore() }, dispose: async () => {} }),
  },
  ...EMBEDDED_STORES.map(({ name, open }) => ({
    name: `our ${name} store`,
    open: () => {
      const { store, dispose } = open();
      return { options: { eventStore: store }, dispose };
    },
  })),
];

/** The transports of a process are of one class, or of both. */
const PAIRS = [
  ...OUR_CLASSES.map(({ name, Transport }) => ({ classes: name, pair: [Transport, Transport] as const })),
  { classes: "our class and our web class", pair: [OURS, onNode(OUR_WEB)] as const },
];

const TABLE = SHARED.flatMap((shared) => PAIRS.map((pair) => ({ ...shared, ...pair })));

describe.each(TABLE)(
  "G3 Transports ($classes) of one process that share $name",
  { timeout: 20_000 },
  ({ open, pair }) => {
    let ada: ServedTransport;
    let bob: ServedTransport;
    let dispose = async () => {};
    const start = async () => {
      const opened = open();
      dispose = opened.dispose;
      ada = await ServedTransport.start(pair[0], opened.options);
      bob = await ServedTransport.start(pair[1], opened.options);
      return [await ada.open(), await bob.open()] as const;
    };
    afterEach(async () => {
      await Promise.all([ada.stop(), bob.stop()]);
      await dispose();
    });

    it("serve their own session each, though the other one lives next to them", async () => {
      const [, { headers }] = await start();
      for (const [method, body] of [
        ["POST", ping(1)],
        ["GET", undefined],
        ["DELETE", undefined],
      ] as const) {
        expect(await answerTo(ada.url, { method, headers, body })).toMatch(/^404 -32001 /);
      }
      expect(await answerTo(bob.url, { method: "POST", headers, body: ping(2) })).toBe("stream");
      expect([ada.closes, bob.closes]).toEqual([0, 0]);
    });

    it("keep apart what is said, and calls under the same ids", async () => {
      const clients = await start();
      const streams = await Promise.all(clients.map((client) => client.get()));
      const answers = await Promise.all(clients.map((client) => client.post(toolCall(1))));
      for (const [index, { commanded }] of [ada, bob].entries()) {
        await commanded.say(`said ${index}`);
        const call = await commanded.call(1);
        await call.notify(`notified ${index}`);
        call.finish(`done ${index}`);
      }
      for (const index of [0, 1]) {
        await answers[index]?.untilOver();
        await streams[index]?.untilMessages(1);
        const heard = [...(answers[index]?.messages ?? []), ...(streams[index]?.messages ?? [])].map((data) =>
          JSON.parse(data),
        );
        expect(heard.map(({ params, result }) => params?.data ?? result.content[0].text)).toEqual([
          `notified ${index}`,
          `done ${index}`,
          `said ${index}`,
        ]);
      }
    });

    it("give nothing away by a cursor of another session", async () => {
      const [adas, bobs] = await start();
      const [stream, answer] = [await bobs.get(), await bobs.post(toolCall(1))];
      const call = await bob.commanded.call(1);
      await Promise.all([bob.commanded.say("secret"), call.notify("secret")]);
      await Promise.all([stream.untilMessages(1), answer.untilMessages(1)]);
      await Promise.all([bob.commanded.say("secret 2"), call.notify("secret 2")]);
      for (const id of [...stream.events, ...answer.events].map((event) => event.id ?? "any")) {
        const resumed = await adas.get(id);
        // What is the other's GET stream to bob is her own to ada, on which nothing was said.
        await ada.commanded.say("end");
        await resumed.until(
          "the end",
          () => resumed.over || resumed.messages.some((data) => data.includes("end")),
        );
        expect(`${resumed.body}${resumed.messages}`).not.toContain("secret");
        resumed.cut();
      }
    });
  },
);

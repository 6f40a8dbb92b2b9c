import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { handleNodeRequest } from "@durable-mcp/node";
import { afterEach, describe, expect, it } from "vitest";
import { type EmittingEndpoint, startEmittingEndpoint } from "../support/emitting-endpoint.js";
import { RawClient } from "../support/raw-client.js";
import type { SseFollower } from "../support/sse-follower.js";
import { type OpenedStore, STORES_AND_SDKS } from "../support/stores.js";
import { waitFor } from "../support/wait-for.js";
import { labelOf } from "./cut-and-resume-subjects.js";

let endpoint: EmittingEndpoint;
let opened: OpenedStore;
afterEach(async () => {
  await endpoint.close();
  await opened.dispose();
});

describe.each(STORES_AND_SDKS)("G1 on $kind.name, SDK $sdk", ({ kind, sdk }) => {
  const start = async (protocolVersion?: string) => {
    opened = kind.open();
    endpoint = await startEmittingEndpoint(opened.store, sdk);
    return RawClient.open(endpoint.url, protocolVersion);
  };

  it("a call that was read to its end has nothing to resume, however it ended", async () => {
    const client = await start();
    for (const how of ["finish", "fail"] as const) {
      const follower = await client.call(how);
      (await endpoint.session(client.sessionId).call(how))[how]("over");
      await follower.untilOver();
      const again = await client.get(follower.cursor);
      await again.untilOver();
      expect([again.status, again.header("allow")]).toEqual([405, "GET, POST, DELETE"]);
    }
  });

  it.each([
    ["something else", 405],
    ["p.nonce.1.end.0", 405],
    ["p.nonce..3.1", 405],
    ["g.x.1", 405],
  ])("a cursor that means nothing (%s) is answered with %i", async (cursor, status) => {
    const client = await start();
    const follower = await client.get(cursor);
    await follower.untilOver();
    expect(follower.status).toBe(status);
  });

  it("a POST stream that nobody knows is concluded with an explicit error for each of its ids", async () => {
    const client = await start();
    const follower = await client.get("p.invented.7%2C%22x%22.3.1");
    await follower.untilOver();
    const errors = follower.messages.map((data) => JSON.parse(data));
    expect(errors.map(({ id, error }) => [id, error.code])).toEqual([
      [7, -31010],
      ["x", -31010],
    ]);
    expect((await client.get(follower.cursor)).status).toBe(405);
  });

  it("a newer connection of a stream supersedes the older one, which is told to stay away", async () => {
    const client = await start();
    const call = await client.call(1);
    const get = await client.get();
    const session = endpoint.session(client.sessionId);
    for (const older of [call, get]) {
      await older.until("a cursor", () => older.cursor !== undefined);
      const newer = await client.get(older.cursor);
      await older.untilOver();
      expect(older.events.at(-1)).toEqual({ id: undefined, data: "", retryMs: 60_000 });
      await (older === call ? (await session.call(1)).notify("next") : session.notify("next"));
      await newer.untilMessages(1);
      expect(newer.messages.map(labelOf)).toEqual(["next"]);
      expect(older.messages).toEqual([]);
    }
  });

  it("a GET without a cursor goes on after the last event written to a GET connection", async () => {
    const client = await start();
    const session = endpoint.session(client.sessionId);
    await session.notify("before the first GET");
    const first = await client.get();
    await first.untilMessages(1);
    await cutAndNoticed(first);
    await session.notify("while away");
    const second = await client.get();
    await session.notify("after");
    await second.untilMessages(2);
    expect(second.messages.map(labelOf)).toEqual(["while away", "after"]);
    await cutAndNoticed(second);
    // The position outlives the endpoint.
    await endpoint.close();
    endpoint = await startEmittingEndpoint(opened.store, sdk);
    const third = await RawClient.attach(endpoint.url, client).get();
    await third.until("the position", () => third.cursor !== undefined);
    await endpoint.session(client.sessionId).notify("from the new endpoint");
    await third.untilMessages(1);
    expect(third.messages.map(labelOf)).toEqual(["from the new endpoint"]);
  });

  it("answers of a batch that were not read are replayed though the rest was cancelled", async () => {
    const client = await start("2025-03-26");
    const follower = await client.call(1, 2);
    const session = endpoint.session(client.sessionId);
    (await session.call(1)).finish("first");
    await follower.untilMessages(1);
    const cursor = follower.cursor?.replace(/\.1\.1$/, ".0.0");
    await client.cancel(2);
    await follower.untilOver();
    const resumed = await client.get(cursor);
    expect(resumed.status).toBe(200);
    await resumed.untilOver();
    expect(resumed.messages.map(labelOf)).toEqual(["first"]);
    expect((await client.get(follower.cursor)).status).toBe(405);
  });

  it("a cancelled call has nothing to resume, and a resume that meets the cancellation harms nobody", async () => {
    const client = await start();
    for (let id = 0; id < 10; id += 1) {
      const follower = await client.call(id);
      await endpoint.session(client.sessionId).call(id);
      await follower.until("a cursor", () => follower.cursor !== undefined);
      follower.cut();
      const [resumed, resumedToo] = await Promise.all([
        client.get(follower.cursor),
        client.get(follower.cursor),
        client.cancel(id),
      ]);
      await Promise.all([resumed.untilOver(), resumedToo.untilOver()]);
      expect([200, 405]).toContain(resumed.status);
      expect([...resumed.messages, ...resumedToo.messages]).toEqual([]);
      const after = await client.get(follower.cursor);
      expect(after.status).toBe(405);
    }
    expect(endpoint.endpoint.stats()).toMatchObject({ sessions: 1, calls: 0 });
  });

  it("a resume that meets the end of the session ends too", async () => {
    for (let n = 0; n < 10; n += 1) {
      if (n > 0) await endpoint.close();
      if (n > 0) await opened.dispose();
      const client = await start();
      const call = await client.call(1);
      await call.until("a cursor", () => call.cursor !== undefined);
      const [resumedCall, get, status] = await Promise.all([
        client.get(call.cursor),
        client.get(),
        client.delete(),
      ]);
      expect(status).toBe(200);
      await resumedCall.untilOver();
      await get.untilOver();
    }
  });

  it("a client that is gone before its body is read leaves no request waiting", async () => {
    opened = kind.open();
    let proceed = () => {};
    const gate = new Promise<undefined>((resolve) => {
      proceed = () => resolve(undefined);
    });
    endpoint = await startEmittingEndpoint(opened.store, sdk, { principal: () => gate });
    const handled: Promise<void>[] = [];
    const gone: Promise<void>[] = [];
    const http = createServer((request, response) => {
      gone.push(new Promise((resolve) => request.on("close", resolve)));
      handled.push(handleNodeRequest(endpoint.endpoint, request, response));
    });
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    const socket = connect((http.address() as AddressInfo).port, "127.0.0.1");
    socket.write(
      "POST / HTTP/1.1\r\nhost: a\r\naccept: */*\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{",
    );
    await waitFor("the request", () => gone.length === 1);
    socket.destroy();
    await gone[0];
    proceed();
    await handled[0];
    http.close();
  });

  async function cutAndNoticed(follower: SseFollower): Promise<void> {
    follower.cut();
    await waitFor("the server to notice", () => endpoint.endpoint.stats().connections === 0);
  }
});

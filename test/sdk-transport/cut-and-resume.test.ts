import { describe, expect, it } from "vitest";
import { SDKS } from "../support/sdk-table.js";
import { waitFor } from "../support/wait-for.js";
import { openRaw } from "./raw-stream.js";
import { counted, Stage } from "./sdk-transport-stage.js";

const ROWS = SDKS.flatMap((sdk) => (["memory", "SQLite"] as const).map((store) => ({ sdk, store })));

describe.each(ROWS)("the transport of SDK $sdk over $store", { timeout: 20_000 }, ({ sdk, store }) => {
  const stage = Stage.use(sdk, store);

  it("G1 a call that is cut off again and again brings every report once and in order, and its result", async () => {
    const actor = await stage.enter();
    const { session, proxy, official } = actor;
    const { progress, result } = await stage.work(actor);
    for (let round = 0; round < 5; round += 1) {
      await stage.server.progress(session, round * 10 + 1, round * 10 + 5);
      await waitFor("the reports so far", () => progress.length === round * 10 + 5);
      proxy.refuse(true);
      proxy.cut();
      await stage.server.progress(session, round * 10 + 6, round * 10 + 10);
      if (round === 4) await stage.server.finish(session, "worked");
      proxy.refuse(false);
      await waitFor("those that were missed", () => progress.length === (round + 1) * 10);
    }
    expect(await result).toMatchObject({ content: [{ text: "worked" }] });
    expect(progress).toEqual(counted(50));
    expect(official.requests.filter(({ lastEventId }) => lastEventId).length).toBeGreaterThanOrEqual(5);
  });

  it("G1 a call that is cut off while it reports loses nothing", async () => {
    const actor = await stage.enter();
    const { progress, result } = await stage.work(actor);
    for (let round = 0; round < 20; round += 1) {
      const reporting = stage.server.progress(actor.session, round * 20 + 1, round * 20 + 20);
      await waitFor("a report", () => progress.length > round * 10);
      actor.proxy.cut();
      await reporting;
    }
    await stage.server.finish(actor.session, "worked");
    expect(await result).toMatchObject({ content: [{ text: "worked" }] });
    expect(progress).toEqual(counted(400));
  });

  it("G1 the GET stream is resumed, with bursts before, during and after the replay", async () => {
    const { session, proxy, heard } = await stage.enter();
    const said: string[] = [];
    const say = (count: number) => {
      const data = counted(count).map((n) => `message ${said.length + n}`);
      said.push(...data);
      return stage.server.say(session, ...data);
    };
    await say(1);
    await waitFor("the first message", () => heard.length === 1);
    for (let round = 0; round < 20; round += 1) {
      const burst = say(15);
      await waitFor("a message", () => heard.length > said.length - 15);
      proxy.cut();
      await burst;
      await say(3);
    }
    await waitFor("all messages", () => heard.length >= said.length);
    expect(heard).toEqual(said);
  });

  it("G1 a resume takes the place of a connection that only seems to be alive", async () => {
    const { session } = await stage.enter();
    const { url } = stage.server;
    const old = await openRaw(url, session, { tool: "work" });
    const lastEventId = await old.firstEventId();
    await stage.server.isAtWork(session);
    const next = await openRaw(url, session, { lastEventId });
    expect(next.status).toBe(200);
    await old.ended;
    await stage.server.finish(session, "taken over");
    await waitFor("the result", () => next.text().includes("taken over"));
    expect(old.text()).not.toContain("taken over");
    next.close();
  });

  it("G2 a client whose events are gone is told so, and goes on working", async () => {
    const { session, proxy, official, heard } = await stage.enter();
    await stage.server.say(session, "one");
    await waitFor("the first message", () => heard.length === 1);
    proxy.refuse(true);
    proxy.cut();
    // The store keeps 500.
    await stage.server.say(session, ...counted(600).map(String));
    const before = official.requests.length;
    proxy.refuse(false);
    await waitFor("a refusal", () => official.requests.slice(before).some(({ status }) => status === 500));
    expect(heard).toEqual(["one"]);
    expect(await official.client.callTool({ name: "echo" })).toMatchObject({ content: [{ text: "echo" }] });
    expect(await stage.server.errors()).toContain(
      "DurableMcpError: Nothing can be replayed: the session has no event of that id, or what followed it is no longer kept.",
    );
  });

  it("G3 another session's event id brings what an invented one brings, and nothing else", async () => {
    const [ada, bob] = [await stage.enter(), await stage.enter()];
    const { url } = stage.server;
    const call = await openRaw(url, ada.session, { tool: "echo" });
    await call.ended;
    const lastEventId = await call.firstEventId();
    const answers: [number, string][] = [];
    for (const id of [lastEventId, "1.AAAAAAAA.abc._GET_stream", "garbage"]) {
      const answer = await openRaw(url, bob.session, { lastEventId: id });
      await answer.ended;
      answers.push([answer.status, answer.text()]);
    }
    expect(answers[0]?.[0]).toBe(500);
    expect(new Set(answers.map(String)).size).toBe(1);

    const own = await openRaw(url, ada.session, { lastEventId });
    await waitFor("the result", () => own.text().includes("echo"));
    own.close();
  });

  it("G7 DELETE removes everything that was kept of the session", async () => {
    const { session, official } = await stage.enter();
    expect(await stage.server.has(session)).toBe(true);
    await official.transport.terminateSession();
    expect(await stage.server.has(session)).toBe(false);
  });
});

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll } from "vitest";
import { CuttingProxy } from "../support/cutting-proxy.js";
import { connectOfficialClient, type OfficialClient } from "../support/official-client.js";
import type { SdkName } from "../support/sdk-table.js";
import { waitFor } from "../support/wait-for.js";
import { SdkTransportProcess } from "./sdk-transport-process.js";

/** The official client behind a bad network, with what it was told. */
export interface Actor {
  readonly session: string;
  readonly proxy: CuttingProxy;
  readonly official: OfficialClient;
  /** The texts of the log messages that it has received, in order. */
  readonly heard: string[];
}

/** One server and its clients, for the tests that follow. */
export class Stage {
  server!: SdkTransportProcess;
  readonly #clearing: (() => unknown)[] = [];

  /** Starts a server for all tests that follow, and clears away after each of them. */
  static use(sdk: SdkName, store: "memory" | "SQLite"): Stage {
    const stage = new Stage();
    let folder: string | undefined;
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), "durable-mcp-"));
      const where = store === "memory" ? "memory" : join(folder, "events.db");
      stage.server = await SdkTransportProcess.start(sdk, where);
    });
    afterEach(async () => {
      for (const clear of stage.#clearing.splice(0).reverse()) await clear();
    });
    afterAll(async () => {
      await stage.server?.kill();
      if (folder) rmSync(folder, { recursive: true, force: true });
    });
    return stage;
  }

  /** Connects a client whose GET stream is open. */
  async enter(): Promise<Actor> {
    const proxy = await CuttingProxy.start(this.server.port);
    this.#clearing.push(() => proxy.stop());
    const official = await connectOfficialClient(proxy.url);
    this.#clearing.push(() => official.client.close());
    const { transport, requests } = official;
    const heard: string[] = [];
    const deliver = transport.onmessage;
    transport.onmessage = (message) => {
      if ("method" in message && message.method === "notifications/message")
        heard.push(String(message.params?.data));
      deliver?.(message);
    };
    const isOpen = () => requests.some(({ method, status }) => method === "GET" && status === 200);
    await waitFor("the GET stream", isOpen);
    return { session: transport.sessionId ?? "", proxy, official, heard };
  }

  /** Lets an actor call `work`. Returns: the reports of its progress as they come, and what comes of it */
  async work({ session, official }: Actor): Promise<{ progress: number[]; result: Promise<unknown> }> {
    const progress: number[] = [];
    const result = official.client.callTool({ name: "work" }, undefined, {
      onprogress: (report) => progress.push(report.progress),
    });
    // It is looked at later.
    result.catch(() => {});
    await this.server.isAtWork(session);
    return { progress, result };
  }
}

/** 1, 2, 3 ... n */
export function counted(n: number): number[] {
  return Array.from({ length: n }, (_, index) => index + 1);
}

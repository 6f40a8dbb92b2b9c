import { LoggingMessageNotificationSchema } from "@modelcontextprotocol/sdk/types.js";
import type { TestContext } from "vitest";
import { CuttingProxy } from "../../support/cutting-proxy.js";
import { connectOfficialClient, type OfficialClient } from "../../support/official-client.js";
import { ExampleProcess } from "./example-process.js";

/** The two ways in which each example is run. */
export const BOTH_WAYS = [
  { name: "as it was shipped", dropIn: false },
  { name: "with the one import changed", dropIn: true },
] as const;

/** The official client, and what the server has logged to it. */
export type TalkingClient = OfficialClient & { readonly told: string[] };

/** A running example of one test, behind a proxy, and its clients. */
export class RunningExample {
  readonly process: ExampleProcess;
  readonly proxy: CuttingProxy;
  readonly #clients: OfficialClient[] = [];

  private constructor(process: ExampleProcess, proxy: CuttingProxy) {
    this.process = process;
    this.proxy = proxy;
  }

  /** Starts one, which is stopped when the test has finished. */
  static async start(
    { onTestFinished }: TestContext,
    example: string,
    dropIn: boolean,
  ): Promise<RunningExample> {
    const process = await ExampleProcess.start(example, dropIn);
    const running = new RunningExample(process, await CuttingProxy.start(process.port));
    onTestFinished(() => running.#stop());
    return running;
  }

  /** Past the proxy. */
  get url(): string {
    return `http://127.0.0.1:${this.process.port}/mcp`;
  }

  /** Connects the official client through the proxy. */
  async connect(): Promise<TalkingClient> {
    const official = await connectOfficialClient(this.proxy.url);
    this.#clients.push(official);
    const told: string[] = [];
    official.client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => {
      told.push(String(params.data));
    });
    return { ...official, told };
  }

  async #stop(): Promise<void> {
    await Promise.all(this.#clients.map(({ client }) => client.close()));
    await this.proxy.stop();
    await this.process.stop();
  }
}

/** Calls a tool. Returns: the text of its result */
export async function callForText({ client }: OfficialClient, name: string, args = {}): Promise<string> {
  const { content } = await client.callTool({ name, arguments: args });
  return (content as { text: string }[])[0]?.text ?? "";
}

import { EverythingProcess } from "./everything-process.js";
import { RedisServer } from "./redis-server.js";
import type { SdkName } from "./sdk-table.js";

export interface NodeFleetOptions {
  /** How many nodes; their ids are a, b, c ... Default: 3. */
  readonly size?: number;
  readonly sdk?: SdkName;
  /** More of the command line, for every node. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Several everything servers, each a process of its own, on one Redis that nobody else uses. */
export class NodeFleet {
  readonly nodes: readonly EverythingProcess[];
  readonly redis: RedisServer;

  private constructor(nodes: readonly EverythingProcess[], redis: RedisServer) {
    this.nodes = nodes;
    this.redis = redis;
  }

  static async start({ size = 3, sdk, args = [], env }: NodeFleetOptions = {}): Promise<NodeFleet> {
    const redis = await RedisServer.start();
    const starting = Array.from({ length: size }, (_, index) =>
      EverythingProcess.start({
        store: redis.url,
        args: ["--node-id", nodeIdAt(index), ...args],
        ...(sdk === undefined ? {} : { sdk }),
        ...(env === undefined ? {} : { env }),
      }),
    );
    const started = await Promise.allSettled(starting);
    const nodes = started.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    const fleet = new NodeFleet(nodes, redis);
    const failure = started.find((one) => one.status === "rejected");
    if (failure === undefined) return fleet;
    await fleet.stop();
    throw failure.reason;
  }

  get ports(): readonly number[] {
    return this.nodes.map(({ port }) => port);
  }

  get urls(): readonly string[] {
    return this.nodes.map(({ url }) => url);
  }

  /** What the nodes have said on stderr, each line after the id of its node. */
  get errors(): string {
    const lines = this.nodes.flatMap(({ errors }, index) =>
      errors
        .split("\n")
        .filter(Boolean)
        .map((line) => `${nodeIdAt(index)}: ${line}`),
    );
    return lines.join("\n");
  }

  /** Kills every process and removes what Redis has kept. */
  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.kill()));
    await this.redis.stop();
  }
}

/** Node ids in the order of the nodes: a, b, c ... */
function nodeIdAt(index: number): string {
  return String.fromCharCode("a".charCodeAt(0) + index);
}

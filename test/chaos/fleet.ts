import { existsSync, readFileSync } from "node:fs";
import { EverythingProcess } from "../support/everything-process.js";
import { temporaryDirectory } from "../support/store-table.js";
import type { Target } from "./balancer.js";

export interface FleetOptions {
  /** How many nodes. */
  readonly nodes: number;
  /** The store that all of them are on. */
  readonly store: string;
  /** The command line of a node. */
  readonly args?: (name: string) => readonly string[];
}

type Directory = Awaited<ReturnType<typeof temporaryDirectory>>;

/** Everything servers as processes of their own on one store, and the file that their side effects go to. */
export class Fleet {
  readonly #nodes: ReadonlyMap<string, EverythingProcess>;
  readonly #directory: Directory;

  private constructor(nodes: ReadonlyMap<string, EverythingProcess>, directory: Directory) {
    this.#nodes = nodes;
    this.#directory = directory;
  }

  static async start({ nodes, store, args = () => [] }: FleetOptions): Promise<Fleet> {
    const directory = await temporaryDirectory();
    const env = { SIDE_EFFECT_FILE: `${directory.path}/side-effects` };
    const names = Array.from({ length: nodes }, (_, index) => `n${index + 1}`);
    const started = names.map(
      async (name) => [name, await EverythingProcess.start({ store, args: args(name), env })] as const,
    );
    return new Fleet(new Map(await Promise.all(started)), directory);
  }

  get names(): readonly string[] {
    return [...this.#nodes.keys()];
  }

  get targets(): readonly Target[] {
    return [...this.#nodes].map(([name, { url }]) => ({ name, url }));
  }

  node(name: string): EverythingProcess {
    const node = this.#nodes.get(name);
    if (!node) throw new Error(`There is no node ${name}`);
    return node;
  }

  /** Keys of the side effects that there have been, in order. */
  get sideEffects(): readonly string[] {
    const file = `${this.#directory.path}/side-effects`;
    return existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(0, -1) : [];
  }

  /** What the nodes have said on stderr. */
  get errors(): string {
    return [...this.#nodes]
      .map(([name, { errors }]) => (errors === "" ? "" : `${name}: ${errors}`))
      .join("\n");
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#nodes.values()].map((node) => node.kill()));
    await this.#directory.remove();
  }
}

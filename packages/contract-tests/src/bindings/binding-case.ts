import type { Store } from "@durable-mcp/contract";
import type { ServedOptions, Surroundings } from "./binding-harness.js";
import type { Served } from "./served.js";
import type { ServerObject } from "./server-object.js";

/** One rule that every binding keeps, as a test on a fresh store. Knows no test framework: it passes unless it throws. */
export interface BindingCase {
  /** Begins with the ids of the guarantees it stands for, if there are any. */
  readonly name: string;
  /** What the harness must declare for the case to be run. */
  readonly needs?: "parserErrors";
  run(t: BindingTestContext): Promise<void>;
}

/** What a case works with. */
export interface BindingTestContext {
  readonly store: Store;
  /**
   * Serves an endpoint on the store, through the binding. The suite closes it, and cuts off whoever is connected then.
   *
   * Shapes:  options: what they leave out has the endpoint's default; `store` is the case's, `createServer` makes server
   *          objects that the case commands. surroundings: by default nobody touches the body or is authenticated
   */
  serve(options?: Partial<ServedOptions>, surroundings?: Partial<Surroundings>): Promise<Served>;
  /** A server object that no case commands, for a `createServer` of the case's own. */
  createServerObject(): ServerObject;
}

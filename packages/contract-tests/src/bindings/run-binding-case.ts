import type { Store } from "@durable-mcp/contract";
import { within } from "../within.js";
import type { BindingCase, BindingTestContext } from "./binding-case.js";
import type { BindingHarness } from "./binding-harness.js";
import { type Backstage, Served } from "./served.js";
import { createSuiteServerObject } from "./suite-server-object.js";
import { ToolCalls } from "./tool-calls.js";

const DEFAULT_TIMEOUT_MS = 10_000;

/** Most ms that a case may take with this harness. */
export function bindingTimeoutOf(harness: BindingHarness): number {
  return harness.timeoutMs ?? DEFAULT_TIMEOUT_MS;
}

/** Whether the harness declares what the case needs. */
export function canRunBindingCase(bindingCase: BindingCase, harness: BindingHarness): boolean {
  return bindingCase.needs === undefined || harness[bindingCase.needs] === true;
}

/**
 * Runs one case on a fresh store, and cleans up whatever comes of it.
 *
 * Returns: resolves if the binding passes; rejects with what it did wrong
 */
export async function runBindingCase(bindingCase: BindingCase, harness: BindingHarness): Promise<void> {
  const store = await harness.openStore();
  const served: Served[] = [];
  const timeoutMs = bindingTimeoutOf(harness);
  try {
    await within(timeoutMs, bindingCase.run(contextOf(harness, store, served)));
    await within(timeoutMs, disposeAll(served));
  } finally {
    // What is left of a case that failed may refuse to be closed, which is not what the case is about.
    await within(timeoutMs, disposeAll(served)).catch(() => {});
    await store.close();
  }
}

async function disposeAll(served: readonly Served[]): Promise<void> {
  await Promise.all(served.map((one) => one.dispose()));
}

function contextOf(harness: BindingHarness, store: Store, served: Served[]): BindingTestContext {
  const createServerObject = harness.createServerObject ?? createSuiteServerObject;
  return {
    store,
    createServerObject: () => createServerObject(async () => ""),
    serve: async (options = {}, surroundings = {}) => {
      const backstage: Backstage = { toolCalls: new ToolCalls(), made: [], complaints: [] };
      const complain = (message: string, fields: unknown) => {
        backstage.complaints.push(`${message} ${JSON.stringify(fields)}`);
      };
      const endpoint = await harness.serve(
        {
          store,
          createServer: (context) => {
            const object = createServerObject((call) => backstage.toolCalls.take(call));
            backstage.made.push({ context, object });
            return object.server;
          },
          logger: { info: () => {}, warn: complain, error: complain },
          ...options,
        },
        { body: "unread", authInfo: undefined, ...surroundings },
      );
      const one = new Served(endpoint, backstage);
      served.push(one);
      return one;
    },
  };
}

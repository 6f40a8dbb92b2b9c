import type { BindingName } from "./cli-options.js";
import type { CreateListener } from "./create-listener.js";

const BINDINGS: Readonly<Record<BindingName, () => Promise<{ readonly createListener: CreateListener }>>> = {
  node: () => import("./bindings/node.js"),
  express: () => import("./bindings/express.js"),
  fastify: () => import("./bindings/fastify.js"),
  web: () => import("./bindings/web.js"),
};

/** Loads the binding that the command line names, and no other. */
export async function loadBinding(name: BindingName): Promise<CreateListener> {
  return (await BINDINGS[name]()).createListener;
}

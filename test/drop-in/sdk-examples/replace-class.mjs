// Module hooks: where an example imports the SDK's transport class, it gets ours.
const SDK_CLASS = "../../server/streamableHttp.js";

let port;
let ourClass;

export function initialize(data) {
  ({ port, ourClass } = data);
}

export async function resolve(specifier, context, nextResolve) {
  if (specifier !== SDK_CLASS) return nextResolve(specifier, context);
  port.postMessage(context.parentURL);
  return nextResolve(ourClass, context);
}

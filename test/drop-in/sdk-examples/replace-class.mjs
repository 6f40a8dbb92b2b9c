// Module hooks: where an example imports one of the SDK's transport classes, it gets ours.

let port;
let ourClasses;

export function initialize(data) {
  ({ port, ourClasses } = data);
}

export async function resolve(specifier, context, nextResolve) {
  const ours = context.parentURL?.includes("/examples/") ? ourClasses[specifier] : undefined;
  if (ours === undefined) return nextResolve(specifier, context);
  port.postMessage(context.parentURL);
  return nextResolve(ours, context);
}

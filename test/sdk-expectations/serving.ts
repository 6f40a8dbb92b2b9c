import { RecordingTransport } from "./recording-transport.js";
import type { Handled, OnCall, SdkUnderTest } from "./sdk-under-test.js";

/** A server object that serves a recording transport, initialized; what that took is forgotten. */
export async function serving(sdk: SdkUnderTest, onCall?: OnCall) {
  const transport = new RecordingTransport();
  const server = sdk.createServer(onCall);
  /** What `onerror` was told, as far as the first colon. */
  const errors: string[] = [];
  server.onerror = ({ message }) => errors.push(message.split(":", 1)[0] ?? "");
  await server.connect(transport);
  await transport.initialize({ roots: {} });
  transport.forget();
  return { transport, server, errors };
}

/** The same, in the middle of a call that waits until it is finished. */
export async function servingCall(sdk: SdkUnderTest, id = 7) {
  let held: Handled | undefined;
  let finish = () => {};
  const served = await serving(sdk, (handled) => {
    held = handled;
    return new Promise((resolve) => {
      finish = () => resolve("done");
    });
  });
  await served.transport.call(id);
  if (!held) throw new Error("The call was not dispatched");
  return { ...served, handled: held, finish: () => finish() };
}

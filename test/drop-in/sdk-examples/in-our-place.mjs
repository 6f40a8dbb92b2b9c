// Preloaded into the SDK's examples (`node --import`): their listeners get a free port, which is told to the parent
// process, and, if DROP_IN is set, their one import of the transport class is ours.
import { register } from "node:module";
import { Server } from "node:net";
import { MessageChannel } from "node:worker_threads";

const { listen } = Server.prototype;
Server.prototype.listen = function listenOnFreePort(_port, ...rest) {
  this.once("listening", () => process.send({ port: this.address().port }));
  return listen.call(this, 0, ...rest);
};

if (process.env.DROP_IN) {
  const { port1, port2 } = new MessageChannel();
  port1.on("message", (replaced) => process.send({ replaced })).unref();
  const ourClasses = {
    "../../server/streamableHttp.js": import.meta.resolve("@durable-mcp/node"),
    "../../server/webStandardStreamableHttp.js": import.meta.resolve("@durable-mcp/web"),
  };
  const data = { port: port2, ourClasses };
  register("./replace-class.mjs", import.meta.url, { data, transferList: [port2] });
}

import { parseCliOptions } from "./cli-options.js";
import { openStore } from "./open-store.js";
import { startServer } from "./start-server.js";

try {
  const options = parseCliOptions(process.argv.slice(2));
  const store = await openStore(options.store);
  const server = await startServer(options, store);
  console.log(`everything listens on ${server.url} (SDK ${options.sdk}, store ${options.store})`);
  const stop = async () => {
    await server.close();
    await store.close();
  };
  process.once("SIGTERM", stop).once("SIGINT", stop);
} catch (error) {
  console.error(`everything: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}

import { spawn } from "node:child_process";
import { once } from "node:events";
import { requireProgram } from "../find-program.mjs";
import { freePort } from "./call-server.mjs";

const USUAL_ADDRESS = "127.0.0.1:6379";

/** Runs an example which expects a Redis at its usual address beside one of its own, at another; any other as it is. */
export async function withRedis(code, folder, run) {
  if (!code.includes(USUAL_ADDRESS)) return run(code);
  const port = await freePort();
  const args = ["--port", port, "--bind", "127.0.0.1", "--dir", folder, "--save", ""];
  const server = spawn(requireProgram("redis-server"), args.map(String), {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    await untilReady(server);
    return await run(code.replaceAll(USUAL_ADDRESS, `127.0.0.1:${port}`));
  } finally {
    const gone = once(server, "exit");
    server.kill("SIGKILL");
    await gone;
  }
}

async function untilReady(server) {
  let said = "";
  for await (const text of server.stdout.iterator({ destroyOnReturn: false })) {
    said += text;
    if (said.includes("Ready to accept connections")) {
      server.stdout.resume();
      return;
    }
  }
  throw new Error(`redis-server ended: ${said}`);
}

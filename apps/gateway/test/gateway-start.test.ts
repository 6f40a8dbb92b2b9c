import { execFileSync, execSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { createFolder, GatewayProcess, probe, startGateway } from "./support/gateway-process.js";
import { waitFor } from "./support/wait-for.js";
import { WRONG_CONFIGS } from "./support/wrong-configs.js";

describe("starting", () => {
  test("prints the endpoint, the store, the upstreams and lines to try, and no secrets", async () => {
    const gateway = startGateway({
      a: { command: "node", args: ["--token=s3cret"], env: { KEY: "s3cret" } },
      b: { url: "https://example.com/mcp?key=s3cret", headers: { Authorization: "s3cret" } },
    });
    const url = await gateway.url();
    expect(url.pathname).toBe("/mcp");
    expect(gateway.stdout).toContain("store      memory:\n");
    expect(gateway.stdout).toContain("a (stdio: node)");
    expect(gateway.stdout).toContain("b (http: https://example.com/mcp)");
    expect(gateway.stdout + gateway.stderr).not.toContain("s3cret");
    const line = await waitFor("the log", () => /^.+(?=\n)/.exec(gateway.stderr)?.[0]);
    expect(JSON.parse(line)).toMatchObject({
      level: "info",
      event: "listening",
      port: Number(url.port),
      store: "memory",
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      apps: ["a", "b"],
    });
  });

  test("prints lines that work as they are, but for the session's id", async () => {
    const gateway = startGateway({ probe: probe() });
    await gateway.url();
    const [first, second] = [...gateway.stdout.matchAll(/^ *(curl .*)$/gm)].map(([, line]) => line ?? "");
    const run = (line = "") => execSync(`${line} --max-time 20`, { encoding: "utf8" });
    const initialized = run(first);
    expect(initialized).toContain('"protocolVersion":"2025-11-25"');
    const id = /^mcp-session-id: (\S+)/im.exec(initialized)?.[1] ?? "";
    expect(run(second?.replace("<id from above>", id))).toContain('"name":"probe_log"');
  });

  test("answers for its health, and nothing else", async () => {
    const url = await startGateway({ probe: probe() }).url();
    for (const [path, method, status] of [
      ["/healthz", "GET", 200],
      ["/readyz", "GET", 200],
      ["/readyz?x", "HEAD", 200],
      ["/healthz", "POST", 405],
      ["/", "GET", 404],
      ["/mcp/other", "POST", 404],
    ] as const) {
      const { status: found } = await fetch(new URL(path, url), { method });
      expect([path, method, found]).toEqual([path, method, status]);
    }
  });

  test("refuses strangers' hosts and origins", async () => {
    const url = await startGateway({ probe: probe() }).url();
    const headers = { "content-type": "application/json", accept: "application/json, text/event-stream" };
    const body = "{}";
    const origin = await fetch(url, {
      method: "POST",
      body,
      headers: { ...headers, origin: "https://evil.example" },
    });
    expect(origin.status).toBe(403);
    const curl = [
      "-s",
      "-o",
      "/dev/null",
      "-w",
      "%{http_code}",
      "-H",
      "Host: evil.example",
      "-d",
      body,
      url.href,
    ];
    expect(execFileSync("curl", curl, { encoding: "utf8" })).toBe("403");
  });

  test("runs the example configuration from any folder", async () => {
    const example = join(import.meta.dirname, "../config.example.json");
    const gateway = new GatewayProcess(["--config", example, "--port", "0", "--store", "memory:"]);
    await gateway.url();
    expect(gateway.stdout).toContain("everything (stdio: node)");
  });
});

describe("a gateway that cannot start says why and exits with code 1", () => {
  async function failure(args: string[]): Promise<string> {
    const gateway = new GatewayProcess(args);
    expect(await gateway.exit()).toBe(1);
    expect(gateway.stdout).toBe("");
    expect(gateway.stderr).not.toMatch(/^\s+at /m);
    return gateway.stderr;
  }

  // Every wrong configuration is in config.test.ts; these show that it gets out of the process.
  const some = WRONG_CONFIGS.filter(([what]) =>
    /^(not JSON|an unknown key|an argument|command and url|a user)/.test(what),
  );
  test.each(some)("configuration: %s", async (_what, source, expected) => {
    const file = join(createFolder(), "config.json");
    writeFileSync(file, source);
    expect(await failure(["--config", file, "--port", "0"])).toBe(`${file}: ${expected}\n`);
  });

  test("no configuration", async () => {
    expect(await failure(["--config", "/nowhere/x.json"])).toBe(
      "/nowhere/x.json: expected a configuration file: no such file\n",
    );
  });

  test.each([
    [["--prot", "1"], "--prot"],
    [["--host", "0.0.0.0"], "no authentication yet"],
  ])("flags: %j", async (args, expected) => {
    expect(await failure(args)).toContain(expected);
  });

  const config = () => {
    const file = join(createFolder(), "config.json");
    writeFileSync(file, JSON.stringify({ mcpServers: { probe: probe() } }));
    return ["--config", file];
  };

  test("a port in use", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void other.close());
    const { port } = other.address() as { port: number };
    expect(await failure([...config(), "--port", String(port), "--store", "memory:"])).toBe(
      `port ${port} on 127.0.0.1 is already in use; --port chooses another\n`,
    );
  });

  test("a store that another gateway holds", async () => {
    const file = join(createFolder(), "x.db");
    const store = ["--store", `sqlite:${file}`, "--port", "0"];
    const holder = new GatewayProcess([...config(), ...store]);
    await holder.url();
    expect(await failure([...config(), ...store])).toMatch(
      new RegExp(`^STORE_LOCKED: SQLite store ${file}: .+ stop the other, or use another file .+\n$`),
    );
  });

  test("a folder that cannot be created", async () => {
    expect(await failure([...config(), "--store", "sqlite:/proc/nowhere/x/y.db"])).toMatch(
      /^STORE_READ_ONLY: SQLite store \/proc\/nowhere\/x\/y\.db: .+ENOENT.+\n$/,
    );
  });

  test("a store that is none", async () => {
    const file = join(createFolder(), "x.db");
    writeFileSync(file, "this is no database, whatever its name says".repeat(100));
    expect(await failure([...config(), "--store", `sqlite:${file}`])).toMatch(
      /^STORE_CORRUPT: SQLite store .+\n$/,
    );
  });
});

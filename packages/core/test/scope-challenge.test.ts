import { describe, expect, it } from "vitest";
import { checkScopes, type InsufficientScopeError } from "../src/scope-challenge.js";
import type { ServerTransport } from "../src/server-transport.js";
import { soon } from "./support/soon.js";
import { TestBed } from "./support/test-session.js";

const REQUEST = { jsonrpc: "2.0", id: 1, method: "tools/call" } as const;

async function refusalOf(errorDescription?: string, authInfo?: unknown): Promise<InsufficientScopeError> {
  const refused = checkScopes([REQUEST], authInfo, () => ({ scopes: ["a", "b"], errorDescription }));
  return refused.then(
    () => expect.fail("not refused"),
    (error: InsufficientScopeError) => error,
  );
}

describe("checkScopes", () => {
  it("lets requests pass whose resolver says nothing, and all where there is none", async () => {
    await checkScopes([REQUEST], undefined, undefined);
    await checkScopes([REQUEST], undefined, async () => undefined);
  });

  it("hands on the request and who sent it", async () => {
    const contexts: unknown[] = [];
    await checkScopes([REQUEST], { token: "t" }, (context) => void contexts.push(context));
    expect(contexts).toEqual([{ request: REQUEST, authInfo: { token: "t" } }]);
  });

  it.each([
    ["nothing is known of the resource", { token: "t" }, ""],
    ["the authentication knows", { resourceMetadataUrl: "https://a/m" }, ', resource_metadata="https://a/m"'],
    [
      "the resource is known",
      { resource: new URL("https://a/mcp") },
      ', resource_metadata="https://a/.well-known/oauth-protected-resource/mcp"',
    ],
    ["the resource is no URL of the web", { resource: new URL("urn:x") }, ""],
  ])("says where the resource is described: %s", async (_, authInfo, metadata) => {
    const { code, challenge } = await refusalOf(undefined, authInfo);
    expect(code).toBe("INSUFFICIENT_SCOPE");
    expect(challenge).toBe(
      `Bearer error="insufficient_scope", error_description="Insufficient scope", scope="a b"${metadata}`,
    );
  });

  it("keeps out of the header what would end it", async () => {
    const { challenge } = await refusalOf('no"\r\nx-evil: 1\\');
    expect(challenge).toContain('error_description="nox-evil: 1"');
  });
});

it("a session that ends while scopes are looked at is not found any more, and nothing is dispatched", async () => {
  const bed = new TestBed();
  const client = await bed.open();
  let decide: (() => void) | undefined;
  const transport = bed.server.transport as unknown as ServerTransport;
  transport.setScopeChallengeResolver(
    () =>
      new Promise((resolve) => {
        decide = () => resolve(undefined);
      }),
  );
  const call = client.call(1);
  await soon(() => expect(decide).toBeDefined());
  await client.delete();
  decide?.();
  expect((await call).status).toBe(404);
  expect(bed.calls).toEqual([]);
});

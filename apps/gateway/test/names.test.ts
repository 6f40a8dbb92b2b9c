import { describe, expect, test } from "vitest";
import { createNameScheme } from "../src/names.js";

const ALLOWED = /^[A-Za-z0-9_./-]{1,64}$/;

describe("public names", () => {
  test.each([
    [["everything"], "everything", "echo", "everything_echo"],
    [["a", "b"], "b", "get/file.v2-x_y", "b_get/file.v2-x_y"],
    [["a", "a_b"], "a", "x", "a_x"],
    [["a", "a_b"], "a_b", "c", "a_b_c"],
    [["a"], "a", "b_c", "a_b_c"],
    [["a", "ab"], "a", "b_c", "a_b_c"],
    [["a"], "a", "x".repeat(62), `a_${"x".repeat(62)}`],
  ])("with apps %j, %s's %s is %s, and back", (apps, app, name, expected) => {
    const names = createNameScheme(apps);
    expect(names.toPublic(app, name)).toBe(expected);
    expect(names.toOrigin(expected)).toEqual({ kind: "plain", app, name });
  });

  test.each([
    ["too long", ["a"], "a", "x".repeat(63)],
    ["blanks", ["a"], "a", "with blanks"],
    ["not ASCII", ["a"], "a", "größe"],
    ["another app's beginning", ["a", "a_b"], "a", "b_c"],
    ["an underscore too many", ["a", "a_"], "a", "_x"],
    ["looks hashed", ["a"], "a", "x-0123abcd"],
    ["nothing but odd characters", ["a"], "a", "→→→"],
    ["the longest app name", ["x".repeat(32)], "x".repeat(32), "y".repeat(300)],
  ])("hashes a name that could not be read back: %s", (_why, apps, app, name) => {
    const names = createNameScheme(apps);
    const hashed = names.toPublic(app, name);
    expect(hashed).toMatch(ALLOWED);
    expect(hashed).toMatch(/-[0-9a-f]{8}$/);
    expect(hashed.startsWith(`${app}_`)).toBe(true);
    expect(names.toOrigin(hashed)).toMatchObject({ kind: "hashed" });
    const origin = names.toOrigin(hashed);
    expect(origin?.kind === "hashed" && origin.candidates).toContain(app);
  });

  test("does not depend on the order of the apps or on time", () => {
    const name = `list ${"y".repeat(80)}`;
    const one = createNameScheme(["a", "a_b", "c"]).toPublic("a", name);
    expect(createNameScheme(["c", "a_b", "a"]).toPublic("a", name)).toBe(one);
    expect(one).toBe(`a_list_${"y".repeat(48)}-21a3bbff`);
  });

  test("gives every tool of every app a name of its own", () => {
    const apps = ["a", "a_b", "a_b_c", "a-b", "A"];
    const tools = [
      "c",
      "b_c",
      "b_c_d",
      "_",
      "",
      "b",
      "c d",
      "c_d",
      "b_c-0123abcd",
      "x".repeat(70),
      "x".repeat(71),
    ];
    const names = createNameScheme(apps);
    const all = apps.flatMap((app) => tools.map((tool) => names.toPublic(app, tool)));
    expect(new Set(all).size).toBe(apps.length * tools.length);
    for (const name of all) expect(name).toMatch(ALLOWED);
  });

  test.each(["echo", "b_echo", "_echo", ""])("knows no app of %j", (name) => {
    expect(createNameScheme(["a"]).toOrigin(name)).toBeUndefined();
  });
});

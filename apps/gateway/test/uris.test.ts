import { describe, expect, test } from "vitest";
import { createUriScheme } from "../src/uris.js";

describe("public URIs", () => {
  test.each([
    [["everything"], "everything", "demo://resource/1", "everything+demo://resource/1"],
    [["my_app"], "my_app", "file:///a+b", "my.app+file:///a+b"],
    [["my-App"], "my-App", "git+ssh://host/x", "my-App+git+ssh://host/x"],
    [["7zip"], "7zip", "zip:x", "x7zip+zip:x"],
    [["_"], "_", "a:b", "x.+a:b"],
    [["a"], "a", "{scheme}://{+path}", "a+{scheme}://{+path}"],
    [["a"], "a", "", "a+"],
  ])("with apps %j, %s's %s is %s, and back", (apps, app, uri, expected) => {
    const uris = createUriScheme(apps);
    expect(uris.toPublic(app, uri)).toBe(expected);
    expect(uris.toOrigin(expected)).toEqual({ app, uri });
  });

  test("is read in any case, as schemes are", () => {
    expect(createUriScheme(["MyApp"]).toOrigin("myapp+file:///X")).toEqual({
      app: "MyApp",
      uri: "file:///X",
    });
  });

  test("tells apps apart that would share a prefix, whatever their order", () => {
    const apps = ["App", "app", "7", "x7", "other"];
    const uris = createUriScheme(apps);
    const all = apps.map((app) => uris.toPublic(app, "u:v"));
    expect(new Set(all.map((uri) => uri.toLowerCase())).size).toBe(apps.length);
    for (const [index, app] of apps.entries()) {
      expect(uris.toOrigin(all[index] ?? "")).toEqual({ app, uri: "u:v" });
      expect(createUriScheme([...apps].reverse()).toPublic(app, "u:v")).toBe(all[index]);
    }
    expect(all[4]).toBe("other+u:v");
  });

  test.each(["file:///x", "b+file:///x", "+x", "a", "", "__proto__+x"])("knows no app of %j", (uri) => {
    expect(createUriScheme(["a"]).toOrigin(uri)).toBeUndefined();
  });
});

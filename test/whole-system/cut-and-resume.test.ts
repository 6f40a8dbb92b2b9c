import { afterEach, describe, it } from "vitest";
import { type EmittingEndpoint, startEmittingEndpoint } from "../support/emitting-endpoint.js";
import { type OpenedStore, STORES_AND_SDKS } from "../support/stores.js";
import { cutEverywhere } from "./cut-and-resume-matrix.js";
import { SUBJECTS } from "./cut-and-resume-subjects.js";

let endpoint: EmittingEndpoint | undefined;
let opened: OpenedStore | undefined;
afterEach(async () => {
  await endpoint?.close();
  await opened?.dispose();
});

describe.each(STORES_AND_SDKS)("G1 on $kind.name, SDK $sdk: cut and resume anywhere", ({ kind, sdk }) => {
  it.each(SUBJECTS)("$name", { timeout: 60_000 }, async (subject) => {
    opened = kind.open();
    const started = await startEmittingEndpoint(opened.store, sdk);
    endpoint = started;
    const connections = () => started.endpoint.stats().connections;
    await cutEverywhere({ ...started, store: opened.store, connections }, subject);
  });
});

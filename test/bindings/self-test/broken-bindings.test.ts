import { bindingCases } from "@durable-mcp/contract-tests";
import { describe, expect, it } from "vitest";
import * as answerFaults from "./answer-faults.js";
import { FAULTLESS, type Fault, failuresWith } from "./breakable-binding.js";
import * as requestFaults from "./request-faults.js";

/** Each fault, and the cases that must name it, whatever other cases it fails too. */
const FAULTS: Readonly<Record<keyof typeof answerFaults | keyof typeof requestFaults, readonly string[]>> = {
  buffersStreams: [
    "G1 head and priming event of a call's answer come before the tool says anything",
    "each notification is sent when it is said",
    "comments keep a silent stream alive",
  ],
  dropsHeaders: [
    "initialize is answered on an SSE stream that no cache and no proxy may hold back",
    "other methods get 405 with Allow",
    "every answer to an allowed origin may be read, with the session's id",
  ],
  dropsTheHeadersOfErrors: [
    "other methods get 405 with Allow",
    "G7 a session too many gets 429 with Retry-After",
    "G8 with the store down a request gets 503 with Retry-After, and is served when it is back",
    "every answer to an allowed origin may be read, with the session's id",
  ],
  sendsTheHeadLate: ["the head of a stream comes at once where there is no priming event"],
  ignoresBackPressure: [
    "G7 a client that does not read costs a bounded number of bytes, and reads the rest later, in order",
  ],
  queuesInSecret: [
    "G7 a client that does not read costs a bounded number of bytes, and reads the rest later, in order",
  ],
  neverGoesOnAfterAPause: [
    "G7 a client that does not read costs a bounded number of bytes, and reads the rest later, in order",
  ],
  swallowsDepartures: [
    "G1 G7 a client that goes away leaves no connection behind, and its call goes on",
    "G7 a client of the GET stream that goes away leaves no connection behind",
    "parsed: a client that goes away leaves no connection behind",
  ],
  addsATrailingNewline: [
    "initialize is answered with one JSON body if the endpoint is told so",
    "a request without a session gets 400",
  ],
  writesLatin1: [
    "a result of 8 MB of non-ASCII text arrives character for character",
    "the same in one JSON body",
  ],
  answersNotificationsWithABody: ["a notification and a response get 202 and no body"],
  answersTooLargeInHtml: [
    "G7 a body of exactly the limit is served, and one byte more gets 413",
    "G7 a body of 5 MB, announced, gets 413, and its client goes on",
    "G7 a body of 5 MB, in pieces, gets 413, and its client goes on",
  ],
  saysThatStreamsAreCompressed: ["a stream is not compressed, even for clients that would take it"],
  opensItselfToEveryOrigin: [
    "without allowed origins, a page's requests and preflights get 403 and no leave to read that",
    "another origin than those allowed gets 403 and no leave to read that",
    "who sends no Origin is served, and told nothing of origins",
  ],
  allowsCredentials: [
    "a preflight of an allowed origin gets 204 and is allowed what it asks for, without credentials",
  ],
  letsHeadHang: ["HEAD gets 405 with Allow, and no stream", "a connection goes on after errors"],
  breaksOffTooLargeBodies: [
    "G7 a body of exactly the limit is served, and one byte more gets 413",
    "G7 a body of 5 MB, announced, gets 413, and its client goes on",
    "G7 a body of 5 MB, in pieces, gets 413, and its client goes on",
  ],
  losesTheQuery: ["the query of the opening request reaches createServer"],
  decodesTheQuery: ["the query of the opening request reaches createServer"],
  losesLastEventId: [
    "G1 a call's answer is resumed after each of many cuts, every event exactly once",
    "G1 G4 streams are resumed after the endpoint was closed and served again on the same store",
  ],
  losesOrigins: [
    "without allowed origins, a page's requests and preflights get 403 and no leave to read that",
  ],
  losesTheHost: [
    "the host that was asked for is looked at",
    "headers and URL of a call's request reach its handler",
  ],
  losesAuthInfo: ["what authentication found out reaches handlers"],
  takesHeadForGet: ["HEAD gets 405 with Allow, and no stream"],
  readsWithoutALimit: [
    "G7 a body of 5 MB, announced, gets 413, and its client goes on",
    "G7 a body of 5 MB, in pieces, gets 413, and its client goes on",
    "G7 a body that is announced as too large gets 413 before it is sent",
  ],
  trustsTheAnnouncedLength: ["G7 a body of 5 MB, in pieces, gets 413, and its client goes on"],
  readsALittle: ["a body of several megabytes is read whole, with and without its length"],
  manglesCharactersCutInTwo: ["a body is read whole from pieces of a byte, characters cut in two included"],
  ignoresParsedBodies: [
    "parsed: a call is served, and streams",
    "parsed: a batch, GET and DELETE are served",
  ],
  waitsForDrainedBodies: [
    "drained: a POST is told at once how to hand on the body; GET and DELETE are served",
  ],
  takesDrainedBodiesForEmpty: [
    "drained: a POST is told at once how to hand on the body; GET and DELETE are served",
  ],
  leaksWhatWasThrown: ["a createServer that throws gets 500, and tells the client nothing"],
  doesNotCloseTheEndpoint: ["G10 closing ends open streams with a retry, and comes to an end"],
  forgetsTheQuota: ["G7 a session too many gets 429 with Retry-After"],
  answersOneAfterTheOther: ["many calls at once are answered each on its own connection"],
};

const faults: Readonly<Record<string, Fault>> = { ...answerFaults, ...requestFaults };

/** A case that hardly anything breaks: whatever fails it has not found one fault, but all of them. */
const SPARED = [
  "a client that waits for 100 Continue is told to go on",
  "a createServer that rejects gets 500, and tells the client nothing",
];

describe("the binding suite", () => {
  it("passes a binding without a fault", { timeout: 60_000 }, async () => {
    expect([...(await failuresWith(FAULTLESS))]).toEqual([]);
  });

  it.concurrent.each(Object.entries(FAULTS))(
    "fails a binding that %s",
    { timeout: 60_000 },
    async (name, expected) => {
      const failures = await failuresWith(faults[name] as Fault, [...expected, ...SPARED]);
      expect([...failures.keys()]).toEqual(expect.arrayContaining([...expected]));
      expect(failures.size, "a fault is found without failing everything").toBeLessThan(
        expected.length + SPARED.length,
      );
    },
  );

  it("has a unique name for each case", () => {
    const names = bindingCases.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});

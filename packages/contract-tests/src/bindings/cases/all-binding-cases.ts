import type { BindingCase } from "../binding-case.js";
import { answerCases } from "./answers.js";
import { bodyCases } from "./bodies.js";
import { connectionCases } from "./connections.js";
import { corsCases } from "./cors.js";
import { departureCases } from "./departures.js";
import { faultCases } from "./faults.js";
import { parsedBodyCases } from "./parsed-bodies.js";
import { refusalCases } from "./refusals.js";
import { requestCases } from "./requests.js";
import { resumingCases } from "./resuming.js";
import { slowClientCases } from "./slow-clients.js";
import { streamingCases } from "./streaming.js";

/** Every rule that a binding keeps. */
export const bindingCases: readonly BindingCase[] = [
  ...answerCases,
  ...requestCases,
  ...refusalCases,
  ...streamingCases,
  ...resumingCases,
  ...departureCases,
  ...slowClientCases,
  ...bodyCases,
  ...parsedBodyCases,
  ...faultCases,
  ...connectionCases,
  ...corsCases,
];

import { calls } from "./calls.js";
import { churn } from "./churn.js";
import { heap } from "./heap.js";
import type { Measure } from "./measure.js";
import { memory } from "./memory.js";
import { resume } from "./resume.js";
import { stream } from "./stream.js";

/** Every workload, in the order of the table's rows. */
export const MEASURES: readonly Measure[] = [calls, stream, churn, resume, memory, heap];

/** Takes long, and says little that a single run could change: only when asked for. */
const ON_REQUEST: readonly Measure[] = [heap];

export const DEFAULT_MEASURES: readonly Measure[] = MEASURES.filter((one) => !ON_REQUEST.includes(one));

import type { StoreCase } from "../store-case.js";
import { atomicityCases } from "./atomicity.js";
import { changeCases } from "./changes.js";
import { endCases } from "./ends.js";
import { expiryCases } from "./expiry.js";
import { fencingCases } from "./fencing.js";
import { gapCases } from "./gaps.js";
import { inboxCases } from "./inbox.js";
import { isolationCases } from "./isolation.js";
import { lifecycleCases } from "./lifecycle.js";
import { nodeCases } from "./nodes.js";
import { orderCases } from "./order.js";
import { quotaCases } from "./quotas.js";
import { readingCases } from "./reading.js";
import { restartCases } from "./restart.js";
import { retentionCases } from "./retention.js";
import { sequenceCases } from "./sequences.js";
import { sessionListCases } from "./session-lists.js";
import { sessionRecordCases } from "./session-records.js";
import { takingCases } from "./taking.js";
import { watchingCases } from "./watching.js";

/** Every rule of the store contract. */
export const storeCases: readonly StoreCase[] = [
  ...orderCases,
  ...atomicityCases,
  ...readingCases,
  ...gapCases,
  ...retentionCases,
  ...inboxCases,
  ...takingCases,
  ...endCases,
  ...fencingCases,
  ...isolationCases,
  ...sessionRecordCases,
  ...sessionListCases,
  ...quotaCases,
  ...expiryCases,
  ...restartCases,
  ...watchingCases,
  ...nodeCases,
  ...changeCases,
  ...lifecycleCases,
  ...sequenceCases,
];

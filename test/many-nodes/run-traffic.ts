import { SDKS } from "../support/sdk-table.js";
import type { Group } from "./traffic-plan.js";
import { TrafficUser } from "./traffic-user.js";

/** Groups under way at a time; a group has two steps at most. */
const GROUPS_IN_FLIGHT = 16;

/** So many errors are enough to see what is wrong. */
const ENOUGH_ERRORS = 20;

/**
 * Makes all requests of a plan: one user for the groups of each session, half of them on each SDK. All sessions are open at
 * the same time; a user with an error stops.
 *
 * Shapes:  url: where every request goes
 * Returns: the users, with their errors
 */
export async function runTraffic(
  plan: readonly (readonly Group[])[],
  url: string,
): Promise<readonly TrafficUser[]> {
  const users = plan.map(
    (_, index) => new TrafficUser(`user ${index + 1}`, SDKS[index % SDKS.length] ?? "v1", url),
  );
  const queue = users.map((user, index) => ({ user, groups: [...(plan[index] ?? [])] }));
  const errors = () => users.reduce((count, user) => count + user.errors.length, 0);
  const takeTurns = async () => {
    for (let next = queue.shift(); next && errors() < ENOUGH_ERRORS; next = queue.shift()) {
      const { user, groups } = next;
      if (user.sessions.length === 0) {
        await user.start();
      } else {
        const group = groups.shift();
        if (!group) {
          await user.finish();
          continue;
        }
        await user.run(group);
      }
      if (user.errors.length === 0) queue.push(next);
    }
  };
  await Promise.all(Array.from({ length: GROUPS_IN_FLIGHT }, takeTurns));
  for (const user of users) await user.leave();
  return users;
}

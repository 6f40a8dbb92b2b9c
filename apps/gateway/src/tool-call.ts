import { RELATED_TASK_META_KEY } from "@modelcontextprotocol/sdk/types.js";
import { TOOLS } from "./list-kinds.js";
import { isJsonObject, type RpcObject } from "./rpc.js";
import type { CallOptions, UpstreamConnection } from "./upstream-connection.js";
import type { UpstreamLists } from "./upstream-lists.js";

/**
 * Calls a tool. One that its upstream runs only as a task is run as a task on the client's behalf: the gateway
 * offers its clients no tasks, and they call such a tool like any other.
 *
 * Errors:  like UpstreamConnection.request
 * Source:  MCP 2025-11-25, Tasks
 */
export async function callTool(
  connection: UpstreamConnection,
  lists: UpstreamLists,
  params: RpcObject,
  options: CallOptions,
): Promise<RpcObject> {
  const runsTasks = connection.capabilities.tasks?.requests?.tools?.call !== undefined;
  if (!runsTasks || !(await needsTask(lists, params.name))) {
    return connection.request("tools/call", params, options);
  }
  return runAsTask(connection, params, options);
}

/** A tool as clients of the gateway may call it: never as a task, even where its upstream knows it only as one. */
export function withoutTask(tool: RpcObject): RpcObject {
  if (!requiresTask(tool)) return tool;
  return { ...tool, execution: { ...(tool.execution as RpcObject), taskSupport: "forbidden" } };
}

async function needsTask(lists: UpstreamLists, name: unknown): Promise<boolean> {
  // Without the list the upstream itself must say what it makes of the call.
  const tools = await lists.get(TOOLS).catch(() => []);
  return tools.some((tool) => tool.name === name && requiresTask(tool));
}

function requiresTask({ execution }: RpcObject): boolean {
  return isJsonObject(execution) && execution.taskSupport === "required";
}

async function runAsTask(
  connection: UpstreamConnection,
  params: RpcObject,
  options: CallOptions,
): Promise<RpcObject> {
  const created = await connection.request("tools/call", { ...params, task: {} }, options);
  const taskId = isJsonObject(created.task) ? created.task.taskId : undefined;
  if (taskId === undefined) return created;
  try {
    // Answered when the task has ended.
    const { _meta: meta, ...result } = await connection.request("tasks/result", { taskId }, options);
    const { [RELATED_TASK_META_KEY]: _, ...others } = isJsonObject(meta) ? meta : {};
    return Object.keys(others).length > 0 ? { ...result, _meta: others } : result;
  } catch (error) {
    // Cancelled, too late, or failed: in the last case there is nothing to cancel, and the upstream says so.
    connection.request("tasks/cancel", { taskId }).catch(() => {});
    throw error;
  }
}

import { isJsonObject, type RpcObject } from "./rpc.js";

type MapUri = (uri: string) => string;

/**
 * The result of one of an upstream's own methods with the URIs in it made public. What it does not know it leaves
 * as it is.
 */
export function mapResultUris(method: string, result: RpcObject, mapUri: MapUri): RpcObject {
  switch (method) {
    case "tools/call":
      return { ...result, ...("content" in result && { content: mapContent(result.content, mapUri) }) };
    case "prompts/get":
      return { ...result, ...("messages" in result && { messages: mapMessages(result.messages, mapUri) }) };
    case "resources/read":
      return {
        ...result,
        ...("contents" in result && { contents: mapEach(result.contents, withUri(mapUri)) }),
      };
    default:
      return result;
  }
}

/** Messages of a prompt or of a sampling request, with the URIs in their content mapped. */
export function mapMessages(messages: unknown, mapUri: MapUri): unknown {
  return mapEach(messages, (message) => ({ ...message, content: mapContent(message.content, mapUri) }));
}

/** One content block or several: resource links, embedded resources, and tool results that hold such. */
function mapContent(content: unknown, mapUri: MapUri): unknown {
  if (Array.isArray(content)) return mapEach(content, (block) => mapBlock(block, mapUri));
  return isJsonObject(content) ? mapBlock(content, mapUri) : content;
}

function mapBlock(block: RpcObject, mapUri: MapUri): RpcObject {
  switch (block.type) {
    case "resource_link":
      return withUri(mapUri)(block);
    case "resource":
      return isJsonObject(block.resource) ? { ...block, resource: withUri(mapUri)(block.resource) } : block;
    case "tool_result":
      return { ...block, content: mapContent(block.content, mapUri) };
    default:
      return block;
  }
}

const withUri =
  (mapUri: MapUri) =>
  (item: RpcObject): RpcObject =>
    typeof item.uri === "string" ? { ...item, uri: mapUri(item.uri) } : item;

function mapEach(items: unknown, map: (item: RpcObject) => RpcObject): unknown {
  return Array.isArray(items) ? items.map((item) => (isJsonObject(item) ? map(item) : item)) : items;
}

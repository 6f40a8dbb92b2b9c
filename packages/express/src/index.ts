export { createMcpRouter } from "./mcp-router.js";
export { answerParserErrors } from "./parser-errors.js";

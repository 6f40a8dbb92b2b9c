// What the suite 0.2.0-alpha.12 left of a server with an empty text and a tool called "test counter": three of its
// scenarios, without details and references. The last of them was cut off, as by a scenario that throws.
import type { RecordedScenario } from "./results.js";

const WIRE_SCHEMA = {
  id: "wire-schema-valid",
  name: "WireSchemaValid",
  description:
    "Every JSON-RPC message the implementation sent is valid per the spec JSON schema for the negotiated spec version",
  status: "SUCCESS",
  timestamp: "2026-11-20T11:45:46.125Z",
};

export const RECORDED: readonly RecordedScenario[] = [
  {
    folder: "server-tools-list-2026-11-20T11-45-46-101Z",
    checks: JSON.stringify([
      {
        id: "tools-list",
        name: "ToolsList",
        description: "Server lists available tools with valid structure",
        status: "SUCCESS",
        timestamp: "2026-11-20T11:45:46.123Z",
      },
      {
        id: "tools-name-format",
        name: "ToolsNameFormat",
        description: "Tool names SHOULD be 1-128 characters and match ^[A-Za-z0-9_.-]+$",
        status: "WARNING",
        timestamp: "2026-11-20T11:45:46.123Z",
        errorMessage: "1 tool name(s) violate spec Tool Names SHOULD rules: test counter",
      },
      WIRE_SCHEMA,
    ]),
  },
  {
    folder: "server-tools-call-simple-text-2026-11-20T11-45-46-125Z",
    checks: JSON.stringify([
      {
        id: "tools-call-simple-text",
        name: "ToolsCallSimpleText",
        description: "Tool returns simple text content",
        status: "FAILURE",
        timestamp: "2026-11-20T11:45:46.152Z",
        errorMessage: "Text content missing text field",
      },
      WIRE_SCHEMA,
    ]),
  },
  { folder: "server-json-schema-2020-12-2026-11-20T11-45-46-601Z", checks: undefined },
];

export const PRINTED = `Running all suite (3 scenarios) against http://127.0.0.1:4998/mcp


=== Running scenario: tools-list ===
Running client scenario 'tools-list' against server: http://127.0.0.1:4998/mcp
Results saved to results/server-tools-list-2026-11-20T11-45-46-101Z

=== Running scenario: tools-call-simple-text ===
Running client scenario 'tools-call-simple-text' against server: http://127.0.0.1:4998/mcp
Results saved to results/server-tools-call-simple-text-2026-11-20T11-45-46-125Z

=== Running scenario: json-schema-2020-12 ===
Running client scenario 'json-schema-2020-12' against server: http://127.0.0.1:4998/mcp


=== SUMMARY ===
✓ tools-list: 2 passed, 0 failed
✗ tools-call-simple-text: 1 passed, 1 failed
✗ json-schema-2020-12: 0 passed, 1 failed

Total: 3 passed, 2 failed
`;

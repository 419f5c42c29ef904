import assert from "node:assert/strict";
import type { ToolSchema } from "../types.ts";
import { type Constraint, constraintFor, keepsTo } from "./constraint.ts";
import { parseReply } from "./parse_reply.ts";

const tool = (name: string, keys: readonly string[]): ToolSchema => ({
  name,
  description: "",
  parameters: {
    type: "object",
    properties: Object.fromEntries(keys.map((key) => [key, { type: "string" }])),
    required: [...keys],
  },
});
const TOOLS = [
  tool("read_file", ["path"]),
  tool("write_file", ["path", "content"]),
  tool("patch", ["path", "search", "replace"]),
  tool("bash", ["command"]),
];
const BOTH = ["json_schema", "grammar"] as const;

Deno.test("constraintFor() gives a grammar, beside native tools a schema, and nothing where the server can do neither", () => {
  const kind = (can: readonly ("json_schema" | "grammar")[], withTools: boolean) =>
    constraintFor(TOOLS, undefined, { can, withTools })?.kind;
  assert.deepEqual([kind(BOTH, false), kind(BOTH, true), kind(["json_schema"], false), kind([], false)], [
    "grammar",
    "json_schema",
    "json_schema",
    undefined,
  ]);
  assert.equal(constraintFor([], undefined, { can: BOTH, withTools: false }), undefined);
});

Deno.test("constraintFor() asks by schema for a header: the parameters of the tool that was meant without code, else of all", () => {
  const schema = (meant: string | undefined, answers: "allowed" | "none" = "none") => {
    const made = constraintFor(TOOLS, meant, { can: BOTH, withTools: true }, answers);
    return made?.kind === "json_schema" ? made.schema.properties : undefined;
  };
  const text = { type: "string" };
  assert.deepEqual(schema("write_file"), {
    name: { type: "string", enum: ["write_file"] },
    arguments: { type: "object", properties: { path: text }, required: ["path"] },
  });
  assert.deepEqual(schema("none", "allowed"), {
    name: { type: "string", enum: [...TOOLS.map(({ name }) => name), "answer"] },
    arguments: { type: "object", properties: { path: text, command: text } },
  });
});

Deno.test("constraintFor()'s grammar allows only what parseReply() reads", () => {
  const constraint = constraintFor(TOOLS, undefined, { can: BOTH, withTools: false });
  assert.match(
    constraint?.kind === "grammar" ? constraint.grammar : "",
    /tool2 ::= "patch" " " \(path \| "path=" value\) "\\n<<<<<<< SEARCH\\n" old\+ "=======\\n" new\* ">>>>>>> REPLACE"/,
  );
  const replies = [
    'read_file path="a b.py"',
    "read_file src/a.py",
    "write_file a.py\n```python\nx = 1\n```",
    'write_file path="a.py"\n```\nx = "`"\n``\n```',
    'patch path="a.py"\n<<<<<<< SEARCH\nx == 1\n=======\n> x\n>>>>>>> REPLACE',
    "bash\n```\nls -l\n```",
  ];
  const parsed = replies.map((text) => parseReply({ text, reasoning: "", calls: [], finish: "stop" }, TOOLS));
  assert.deepEqual(parsed.map((one) => one.kind === "calls" ? one.calls[0]?.args : one), [
    { path: "a b.py" },
    { path: "src/a.py" },
    { path: "a.py", content: "x = 1\n" },
    { path: "a.py", content: 'x = "`"\n``\n' },
    { path: "a.py", search: "x == 1\n", replace: "> x\n" },
    { command: "ls -l" },
  ]);
});

Deno.test("constraintFor() lets a reply be an answer only where that is allowed", () => {
  const can = { can: BOTH, withTools: false };
  const roots = (["allowed", "none"] as const).map((answers) => {
    const made = constraintFor(TOOLS, undefined, can, answers);
    return made?.kind === "grammar" ? /^root ::= (.*)$/m.exec(made.grammar)?.[1] : made;
  });
  assert.deepEqual(roots, ["tool0 | tool1 | tool2 | tool3 | answer", "tool0 | tool1 | tool2 | tool3"]);
});

Deno.test("keepsTo() tells a reply that its constraint cannot have made", () => {
  const grammar: Constraint = { kind: "grammar", grammar: "" };
  const schema: Constraint = { kind: "json_schema", schema: {} };
  assert.deepEqual(
    [
      keepsTo(grammar, "bash\n```\nls\n```", TOOLS),
      keepsTo(grammar, "I will do it", TOOLS),
      keepsTo(schema, ' {"name": "bash", "arguments": {}}', TOOLS),
      keepsTo(schema, "```json", TOOLS),
      keepsTo(grammar, "I did it.", TOOLS, "allowed"),
      keepsTo(grammar, "```json", TOOLS, "allowed"),
    ],
    [true, false, true, false, true, false],
  );
});

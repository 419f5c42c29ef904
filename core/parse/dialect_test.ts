import assert from "node:assert/strict";
import fc from "fast-check";
import type { DialectName } from "../profile.ts";
import type { ToolSchema } from "../types.ts";
import { readTools, replyOf } from "./_testing.ts";
import { describeMalformed, dialectPrompt, formatCall } from "./dialect.ts";
import { parseReply } from "./parse_reply.ts";

const tools = readTools();
const TEXT_DIALECTS: readonly DialectName[] = ["hermes", "json", "raw", "qwen-xml", "pythonic"];

function readBack(dialect: DialectName, call: { name: string; args: Record<string, unknown> }): unknown {
  const parsed = parseReply(replyOf(formatCall(dialect, call)), tools);
  return parsed.kind === "calls"
    ? parsed.calls.map(({ name, args }) => ({ name, args: { ...args } }))
    : parsed;
}

Deno.test("formatCall() writes what parseReply() reads, whatever the text, where strings are quoted", () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: "binary" }),
    fc.constantFrom("</tool_call>", "```", '"""', "\\n", "<think>"),
  );
  fc.assert(
    fc.property(
      fc.constantFrom<DialectName>("hermes", "json", "pythonic"),
      text,
      text,
      (dialect, search, replace) => {
        const call = { name: "patch", args: { path: "a.ts", search, replace, replace_all: true } };
        assert.deepEqual(readBack(dialect, call), [call]);
      },
    ),
    { seed: 7, numRuns: 500 },
  );
});

Deno.test("formatCall() writes code that parseReply() reads, in every dialect", () => {
  const line = fc.constantFrom(
    "let a = `x`;",
    "  if (a < b && c) {",
    "",
    "}",
    "<div>&amp;</div>",
    "print('a', \"b\")",
    "$& \\n",
  );
  const code = fc.array(line, { minLength: 1, maxLength: 8 }).map((lines) => `x\n${lines.join("\n")}\ny\n`);
  fc.assert(
    fc.property(fc.constantFrom(...TEXT_DIALECTS), code, code, (dialect, search, replace) => {
      const patch = { name: "patch", args: { path: "src/a.ts", search, replace } };
      const write = { name: "write_file", args: { path: "src/a.ts", content: search } };
      assert.deepEqual(readBack(dialect, patch), [patch]);
      assert.deepEqual(readBack(dialect, write), [write]);
    }),
    { seed: 7, numRuns: 500 },
  );
});

Deno.test("formatCall() writes the small calls of every tool so that they are read back", () => {
  const calls = [
    { name: "read_file", args: { path: "src/a.ts" } },
    { name: "read_file", args: { path: "src/a b.ts", start_line: 3, end_line: 9 } },
    { name: "bash", args: { command: "npm test -- -t 'a b'" } },
    { name: "search", args: { pattern: "def main\\(", path: "src" } },
    { name: "find_files", args: { pattern: "**/*.ts" } },
    { name: "list_files", args: { path: "src", depth: 2 } },
    { name: "list_files", args: {} },
  ];
  for (const dialect of TEXT_DIALECTS) {
    for (const call of calls) assert.deepEqual(readBack(dialect, call), [call], formatCall(dialect, call));
  }
});

Deno.test("dialectPrompt() names every tool, and nothing where the template does", () => {
  assert.equal(dialectPrompt("native", tools), "");
  for (const dialect of TEXT_DIALECTS) {
    const prompt = dialectPrompt(dialect, tools);
    for (const tool of tools) assert.ok(prompt.includes(`${tool.name}(`), `${dialect} lacks ${tool.name}`);
    assert.equal(dialectPrompt(dialect, []), "");
  }
});

Deno.test("describeMalformed() says what was sent, what is wrong, and how it is written", () => {
  const problem = {
    kind: "missing_argument" as const,
    tool: "bash",
    sent: '{"name": "bash"}',
    why: "bash needs command",
  };
  const tool = tools.find((one) => one.name === "bash");
  assert.ok(tool);
  assert.equal(
    describeMalformed(problem, { tool, dialect: "hermes", example: { command: "npm test" } }),
    [
      "The call was not run: bash needs command.",
      'You sent: {"name": "bash"}',
      "Write it like this:",
      "<tool_call>",
      '{"name":"bash","arguments":{"command":"npm test"}}',
      "</tool_call>",
    ].join("\n"),
  );
});

Deno.test("a function is written whole by its name in every dialect, without a search text", () => {
  const patch: ToolSchema = {
    name: "patch",
    description: "",
    parameters: {
      type: "object",
      properties: Object.fromEntries(
        ["path", "search", "replace", "symbol"].map((name) => [name, { type: "string" }]),
      ),
      required: ["path", "search", "replace"],
    },
    mayLack: { search: ["symbol"] },
  };
  const args = { path: "a.py", symbol: "f", replace: "def f():\n    return 1\n" };
  for (const dialect of ["hermes", "json", "raw", "qwen-xml", "pythonic"] as const) {
    const text = formatCall(dialect, { name: "patch", args });
    const parsed = parseReply({ text, reasoning: "", calls: [], finish: "stop" }, [patch]);
    assert.deepEqual(parsed.kind === "calls" ? parsed.calls[0]?.args : parsed, { ...args, search: "" }, text);
  }
  const bare = parseReply(
    { text: "patch a.py\n```\ndef f():\n    return 1\n```", reasoning: "", calls: [], finish: "stop" },
    [patch],
  );
  assert.notEqual(bare.kind, "calls");
  // Seen with Qwen2.5-Coder-1.5B: the path as it stands, then pairs, then a result that it made up.
  const lines = parseReply({
    text:
      "patch app.py symbol=f\n<<<<<<< SEARCH\n=======\nx = 1\n>>>>>>> REPLACE\n<tool_response>\nok\n</tool_response>",
    reasoning: "",
    calls: [],
    finish: "stop",
  }, [patch]);
  assert.deepEqual(lines.kind === "calls" ? lines.calls[0]?.args : lines, {
    path: "app.py",
    symbol: "f",
    search: "",
    replace: "x = 1\n",
  });
  assert.match(dialectPrompt("raw", [patch], "symbol"), /patch hello\.py symbol="hello"\n```\ndef hello/);
});

import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import type { NativeCall, Parsed } from "../types.ts";
import { readCases, readHostilePatterns, readTools, replyOf } from "./_testing.ts";
import { mayHoldYaml } from "./dialects/yaml.ts";
import { parseCounted, parseReply } from "./parse_reply.ts";
import { Steps } from "./scan.ts";
import { parseYaml } from "./yaml_text.ts";

const tools = readTools();
const DEFAULTS = { repair: true, text: true, yaml: parseYaml };

function callsOf(parsed: Parsed): readonly unknown[] {
  return parsed.kind === "calls" ? parsed.calls.map(({ name, args }) => ({ name, args: { ...args } })) : [];
}

function problemKind(parsed: Parsed): string | undefined {
  return parsed.kind === "final" ? undefined : parsed.problem?.kind;
}

Deno.test("parseReply() reads our own cases as they were meant", async (t) => {
  for (const one of readCases()) {
    await t.step(`${one.id}: ${one.text.slice(0, 60).replaceAll("\n", " ")}`, () => {
      const { text, reasoning, finish = "stop" } = one;
      const parsed = parseReply(replyOf(text, { reasoning: reasoning ?? "", finish }), one.tools, DEFAULTS);
      if (one.kind === "final") assert.equal(parsed.kind, "final");
      const found = callsOf(parsed);
      const accepted = [one.expected_calls, ...(one.acceptable_alternatives ?? [])];
      const match = accepted.find((calls) => isDeepStrictEqual(calls, found));
      assert.deepEqual(found, match ?? one.expected_calls);
    });
  }
});

Deno.test("parseReply() reads native calls, broken arguments too", () => {
  const cases: [Omit<NativeCall, "id">, unknown[]][] = [
    [{ name: "bash", arguments: '{"command":"ls"}' }, [{ name: "bash", args: { command: "ls" } }]],
    [{ name: "bash", arguments: "{'command': 'ls',}" }, [{ name: "bash", args: { command: "ls" } }]],
    [{ name: "bash", arguments: '"{\\"command\\":\\"ls\\"}"' }, [{ name: "bash", args: { command: "ls" } }]],
    [{ name: "Bash<|channel|>commentary", arguments: '{"cmd":"ls"}' }, [{
      name: "bash",
      args: { command: "ls" },
    }]],
    [{ name: "bash", arguments: "ls -la" }, [{ name: "bash", args: { command: "ls -la" } }]],
    [{ name: "list_files", arguments: "" }, [{ name: "list_files", args: {} }]],
    [{ name: "bash", arguments: '{"command":"rm -rf bu' }, []],
    [{ name: "write_file", arguments: '{"path":"a","content":"x' }, []],
    [{ name: "no_such_tool", arguments: "{}" }, []],
  ];
  for (const [call, expected] of cases) {
    assert.deepEqual(
      callsOf(parseReply(replyOf("", { calls: [call] }), tools)),
      expected,
      JSON.stringify(call),
    );
  }
});

Deno.test("parseReply() keeps the server's id and the text beside a native call", () => {
  const reply = replyOf("<think>so</think>I look.", {
    calls: [{ id: "c1", name: "list_files", arguments: "{}" }],
    finish: "tool_calls",
  });
  assert.deepEqual(parseReply(reply, tools), {
    kind: "calls",
    calls: [{ name: "list_files", args: {}, id: "c1" }],
    text: "I look.",
    via: "native",
    dialect: "native",
    repairs: [],
  });
});

Deno.test("parseReply() leaves YAML text where nobody reads it, and the lines that may be YAML are known", () => {
  const text = "tool: bash\ncommand: ls\n";
  const kinds = [DEFAULTS, { repair: true, text: true }].map((how) =>
    parseReply(replyOf(text), tools, how).kind
  );
  assert.deepEqual(kinds, ["calls", "final"]);
  const held = ["I see.\n - tool: bash", "  name : x", '"path": 1', "> a: b"];
  assert.deepEqual([...held, "Done: all", "see https://a.b/c:d", ""].map(mayHoldYaml), [
    ...held.map(() => true),
    true,
    false,
    false,
  ]);
});

Deno.test("parseReply() names what it mended, in order", () => {
  const text =
    "<tool_call>\n{'name': 'ReadFile', 'args': {'file': 'a', 'start_line': '3', 'why': 1,}}\n</tool_call>";
  assert.deepEqual(parseReply(replyOf(text), tools), {
    kind: "calls",
    calls: [{ name: "read_file", args: { path: "a", start_line: 3 } }],
    text: "",
    via: "text",
    dialect: "hermes",
    repairs: [
      "single quotes",
      "trailing comma",
      "arguments key",
      "tool name spelling",
      "parameter alias",
      "type",
      "unknown parameter dropped",
    ],
  });
});

Deno.test("parseReply() says why a call is none", () => {
  const cases: [string, string][] = [
    ['<tool_call>{"name": "delete_file", "arguments": {"path": "a"}}</tool_call>', "unknown_tool"],
    ['<tool_call>{"name": "bash", "arguments": {}}</tool_call>', "missing_argument"],
    [
      '<tool_call>{"name": "read_file", "arguments": {"path": "a", "start_line": "top"}}</tool_call>',
      "wrong_type",
    ],
    ["<tool_call>{so it goes}</tool_call>", "unreadable"],
    ['<tool_call>{"name": "bash", "arguments": {"command": "rm -rf', "cut"],
    ["patch a\n<<<<<<< SEARCH\na\n=======\nb\n=======\nc\n>>>>>>> REPLACE", "marker_in_body"],
    ["write_file a.py\n```\nx = 1\n", "cut"],
  ];
  for (const [text, kind] of cases) assert.equal(problemKind(parseReply(replyOf(text), tools)), kind, text);
});

Deno.test("parseReply() asks again for a patch that begins as one and is garbled", () => {
  // Seen with Qwen2.5-Coder-1.5B.
  for (
    const text of [
      "patch stats.py >>>>>>> empty_list_average = 0",
      "patch settings.ini <<<\ntimeout = 30\nretries = on\n>>>>",
      'patch config.json replace "port": 3000 "port": 8080 replace_all false',
    ]
  ) assert.equal(problemKind(parseReply(replyOf(text), tools)), "unreadable", text);
});

Deno.test("parseReply() never completes a call that the length limit cut", () => {
  const texts = [
    '<tool_call>\n{"name": "bash", "arguments": {"command": "ls"',
    '{"name": "bash", "arguments": {"command": "ls"}',
    "<tool_call>\n<function=bash>\n<parameter=command>\nls\n</parameter>",
    "write_file a.py\n```\nx = 1\n",
  ];
  for (const text of texts) {
    const parsed = parseReply(replyOf(text, { finish: "length" }), tools, {
      ...DEFAULTS,
      files: () => false,
    });
    assert.equal(problemKind(parsed), "cut", text);
    assert.equal(parsed.kind, "malformed", text);
  }
});

Deno.test("parseReply() lets the calls before a broken one stand", () => {
  const text =
    '<tool_call>{"name": "list_files", "arguments": {}}</tool_call>\n<tool_call>{"name": "bash", "argu';
  const parsed = parseReply(replyOf(text), tools);
  assert.deepEqual([callsOf(parsed), problemKind(parsed)], [[{ name: "list_files", args: {} }], "cut"]);
});

Deno.test("parseReply() runs nothing that comes after a call waiting for its argument", () => {
  const text =
    '<tool_call>{"name": "write_file", "arguments": {"path": "a"}}</tool_call><tool_call>{"name": "bash", "arguments": {"command": "cat a"}}</tool_call>';
  const parsed = parseReply(replyOf(text), tools);
  assert.deepEqual([callsOf(parsed), problemKind(parsed)], [[], "missing_argument"]);
});

Deno.test("parseReply() takes a fence without an end only for a new file and a reply that stopped", () => {
  const text = "write_file new.py\n```python\nx = 1\n";
  const files = (path: string) => path === "old.py";
  const expected = [{ name: "write_file", args: { path: "new.py", content: "x = 1\n" } }];
  assert.deepEqual(callsOf(parseReply(replyOf(text), tools, { ...DEFAULTS, files })), expected);
  assert.deepEqual(callsOf(parseReply(replyOf(text), tools)), []);
  assert.deepEqual(
    callsOf(parseReply(replyOf(text.replace("new", "old")), tools, { ...DEFAULTS, files })),
    [],
  );
});

Deno.test("parseReply() takes no end for a file whose own fences hide it", () => {
  const nested = "write_file a.md\n```md\n# A\n```sh\nls\n```\nMore\n";
  const bare = "write_file a.md\n```\n# A\n```\nls\n```\nMore\n";
  assert.equal(problemKind(parseReply(replyOf(nested, { finish: "length" }), tools)), "cut");
  assert.equal(problemKind(parseReply(replyOf(bare), tools)), "marker_in_body");
});

Deno.test("parseReply() with repairs off takes sound calls only", () => {
  const options = { repair: false, text: true };
  const sound = '<tool_call>{"name": "bash", "arguments": {"command": "ls"}}</tool_call>';
  assert.equal(parseReply(replyOf(sound), tools, options).kind, "calls");
  assert.equal(parseReply(replyOf(sound.replace("command", "cmd")), tools, options).kind, "malformed");
});

Deno.test("parseReply() with text calls off, or without tools, finds none in the text", () => {
  const text = '<tool_call>{"name": "bash", "arguments": {"command": "ls"}}</tool_call>';
  assert.equal(parseReply(replyOf(text), tools, { repair: true, text: false }).kind, "final");
  assert.equal(parseReply(replyOf(text), []).kind, "final");
});

Deno.test("parseReply() gives an answer without its reasoning and marks", () => {
  const cases: [string, string][] = [
    ["<think>hm</think>\n\nYes.", "Yes."],
    ["hm</think>Yes.", "Yes."],
    ["<think>hm", ""],
    [
      "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>Yes.<|return|>",
      "Yes.",
    ],
    ["Yes.<|im_end|>", "Yes."],
    ["", ""],
  ];
  for (const [text, expected] of cases) {
    assert.deepEqual(parseReply(replyOf(text), tools), { kind: "final", text: expected }, text);
  }
});

Deno.test("parseReply() takes at most 2.2 times the steps for twice the hostile text", () => {
  const count = (text: string) => {
    const steps = new Steps(text.length);
    parseCounted(replyOf(text), tools, { ...DEFAULTS, steps });
    return steps.count;
  };
  for (const [name, pattern] of Object.entries(readHostilePatterns())) {
    const times = Math.ceil(40_000 / pattern.length);
    const once = count(pattern.repeat(times));
    const twice = count(pattern.repeat(2 * times));
    assert.ok(twice <= 2.2 * once, `${name}: ${once} steps, then ${twice}`);
  }
});

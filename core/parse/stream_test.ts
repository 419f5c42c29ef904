import assert from "node:assert/strict";
import { readTools } from "./_testing.ts";
import { isElision } from "./elision.ts";
import { repeatedTail, ReplyWatch, type StreamSign } from "./stream.ts";

/** The signs of a text that arrives in pieces of a few characters. */
function watch(text: string, piece = 7): readonly StreamSign[] {
  const watcher = new ReplyWatch(readTools());
  const signs: StreamSign[] = [];
  for (let i = 0; i < text.length; i += piece) signs.push(...watcher.push(text.slice(i, i + piece)));
  return signs;
}

Deno.test("ReplyWatch shows the tool and its path while the call arrives", () => {
  const expected = [{ kind: "call", tool: "write_file" }, {
    kind: "call",
    tool: "write_file",
    path: "src/a.ts",
  }];
  const texts = [
    '<tool_call>\n{"name": "write_file", "arguments": {"path": "src/a.ts", "content": "let a',
    "<tool_call>\n<function=write_file>\n<parameter=path>\nsrc/a.ts\n</parameter>\n<parameter=content>\nlet a",
    'I write it.\n\n```json\n{"name": "write_file", "arguments": {"path": "src/a.ts", "con',
    "write_file src/a.ts\n```ts\nlet a",
    "<write_file>\n<path>src/a.ts</path>\n<content>let a",
  ];
  for (const text of texts) assert.deepEqual(watch(text), expected, text);
});

Deno.test("ReplyWatch is silent about prose", () => {
  assert.deepEqual(watch("The file read_me.md says what bash is. There is a search in it.\n".repeat(3)), []);
});

Deno.test("ReplyWatch says complete when something other than a call follows a whole one", () => {
  const call = '<tool_call>\n{"name": "list_files", "arguments": {}}\n</tool_call>\n';
  const isComplete = (text: string) => watch(text).some((sign) => sign.kind === "complete");
  assert.equal(isComplete(call), false);
  assert.equal(isComplete(call + call), false);
  assert.equal(isComplete(`${call}<tool_response>\n{"files": []}\n</tool_response>\n`), true);
  assert.equal(isComplete(`${call}\n\n\n\n\n\n`), true);
  assert.equal(isComplete(`${call}${"The folder is empty, so I am done with all of it. ".repeat(6)}`), true);
  assert.equal(isComplete(call.replace("list_files", "bash").repeat(3)), false);
});

Deno.test("ReplyWatch says complete after the last call only, of several", () => {
  const text =
    '```json\n{"name": "read_file", "arguments": {"path": "a"}}\n```\nThen:\n```json\n{"name": "read_file", "arguments": {"path": "b"}}\n```\n';
  const signs = watch(`${text}Observation: it holds`, 11).map((sign) => sign.kind);
  assert.equal(watch(text, 11).some((sign) => sign.kind === "complete"), false);
  assert.ok(signs.includes("complete"));
});

Deno.test("ReplyWatch notices a line that stands for code left out, inside a call only", () => {
  const line = "// ... rest of the code unchanged";
  const signs = watch(`write_file a.ts\n\`\`\`ts\nlet a;\n${line}\n\`\`\`\n`);
  assert.deepEqual(signs.filter((sign) => sign.kind === "elision"), [{ kind: "elision", text: line }]);
  assert.deepEqual(watch(`I leave the rest of the code unchanged.\n${line}\n`), []);
});

Deno.test("ReplyWatch notices an end that repeats itself", () => {
  const text = `Let me think.\n${"I should check the file again.\n".repeat(60)}`;
  const signs = watch(text);
  assert.equal(signs[0]?.kind, "repetition");
});

Deno.test("repeatedTail() finds the shortest period, and none in code", () => {
  assert.equal(repeatedTail("abc".repeat(400)), "abc");
  assert.equal(repeatedTail(`${"x = 1\n".repeat(5)}`), undefined);
  const code = Array.from({ length: 200 }, (_, i) => `const v${i} = f(${i * 7919 % 1000});\n`).join("");
  assert.equal(repeatedTail(code.slice(-3000)), undefined);
});

Deno.test("isElision() tells left-out code from comments about code", () => {
  const elisions = [
    "// ... rest of the code unchanged",
    "# rest of the file remains the same",
    "/* ... existing code ... */",
    "// ... existing code ...",
    "<!-- rest of the content unchanged -->",
    "# ... (previous functions stay the same)",
    "    // remaining methods omitted",
    "... rest of the code ...",
    "// keep the other functions as is",
  ];
  const comments = [
    "// returns the rest of the list",
    "# the remaining budget in tokens",
    "return rest;",
    'const rest = "...";',
    "// same as above but for strings",
    "function f(...rest) {",
    "# existing users are kept",
    "// see the code above",
    "",
  ];
  assert.deepEqual(elisions.filter((line) => !isElision(line)), []);
  assert.deepEqual(comments.filter(isElision), []);
});

import assert from "node:assert/strict";
import type { EditFormat } from "../profile.ts";
import { readTools, replyOf } from "./_testing.ts";
import { dialectPrompt } from "./dialect.ts";
import { parseReply } from "./parse_reply.ts";
import { recitedAt } from "./recited.ts";
import { ReplyWatch } from "./stream.ts";

const tools = readTools();

Deno.test("parseReply() runs what stands before a recital of the prompt, and nothing of it", () => {
  for (const format of ["search_replace", "symbol"] satisfies EditFormat[]) {
    const lessons = dialectPrompt("raw", tools, format).split("\n").slice(3).join("\n");
    const parsed = parseReply(replyOf(`read_file src/a.ts\n${lessons}`), tools);
    assert.deepEqual(
      parsed.kind === "calls" && parsed.calls.map(({ name, args }) => [name, { ...args }]),
      [["read_file", { path: "src/a.ts" }]],
    );
  }
});

Deno.test("recitedAt() leaves a lesson in a file's content alone", () => {
  const text = "write_file docs/raw.md\n```\nTo write a whole file:\n```\n";
  assert.equal(recitedAt(text), text.length);
  assert.equal(recitedAt(`${text}To write a whole file:\nwrite_file hello.txt`), text.length);
});

Deno.test("ReplyWatch ends a reply that recites the prompt after its call", () => {
  const watch = new ReplyWatch(tools);
  watch.push("write_file a.txt\n```\nA\n```\n");
  assert.deepEqual(watch.push("To write a whole file:\n"), [{ kind: "complete" }]);
});

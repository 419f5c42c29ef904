import assert from "node:assert/strict";
import type { Head, Message } from "../types.ts";
import { sharedMessages } from "./shared_prefix.ts";

const head = (hash: string): Head => ({ system: "s", nativeTools: [], shown: [], offered: [], hash });
const user = (content: string): Message => ({ role: "user", content });

Deno.test("sharedMessages() counts the leading messages that are the same", () => {
  const before = { head: head("a"), messages: [user("1"), user("2")] };
  assert.equal(sharedMessages(undefined, before), 0);
  assert.equal(sharedMessages(before, { head: head("a"), messages: [user("1"), user("2"), user("3")] }), 2);
  assert.equal(sharedMessages(before, { head: head("a"), messages: [user("1"), user("x"), user("3")] }), 1);
  assert.equal(sharedMessages(before, { head: head("b"), messages: before.messages }), 0);
});

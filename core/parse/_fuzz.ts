/** The property that holds for any text: the parser ends, and what it calls a call is one. */

import assert from "node:assert/strict";
import { parseReply } from "./parse_reply.ts";
import { damage, readCases, readTools, replyOf, seededRandom } from "./_testing.ts";

/**
 * Parses seeded damage of our own cases.
 * @param rounds how many texts.
 * @throws {assert.AssertionError} with the text, when a call names no offered tool or lacks a required argument.
 */
export function fuzzReplies(seed: number, rounds: number): void {
  const random = seededRandom(seed);
  const tools = readTools();
  const texts = readCases().map((one) => one.text);
  const pick = () => texts[Math.floor(random() * texts.length)] ?? "";
  for (let round = 0; round < rounds; round++) {
    const text = damage(pick(), pick(), random);
    const finish = random() < 0.2 ? "length" : "stop";
    const parsed = parseReply(replyOf(text, { finish, reasoning: random() < 0.1 ? pick() : "" }), tools);
    if (parsed.kind !== "calls") continue;
    assert.ok(parsed.calls.length > 0, text);
    for (const call of parsed.calls) {
      const tool = tools.find((one) => one.name === call.name);
      assert.ok(tool, text);
      for (const key of tool.parameters.required ?? []) assert.equal(typeof call.args[key], "string", text);
    }
  }
}

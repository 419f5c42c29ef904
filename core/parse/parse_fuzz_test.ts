import assert from "node:assert/strict";
import { parseReply } from "./parse_reply.ts";
import { parseYaml } from "./yaml_text.ts";
import { damage, readSamples, replyOf, seededRandom } from "./_testing.ts";

/**
 * Parses seeded damage of our own cases, and of the conformance corpus where it is present.
 * @param rounds how many texts.
 * @throws {assert.AssertionError} with the text, when a call names no offered tool or lacks a required argument.
 */
function fuzzReplies(seed: number, rounds: number): void {
  const random = seededRandom(seed);
  const samples = readSamples();
  const pick = () => samples[Math.floor(random() * samples.length)] ?? { text: "", tools: [] };
  for (let round = 0; round < rounds; round++) {
    const { text: sound, tools } = pick();
    const text = damage(sound, pick().text, random);
    const finish = random() < 0.2 ? "length" : "stop";
    const parsed = parseReply(
      replyOf(text, { finish, reasoning: random() < 0.1 ? pick().text : "" }),
      tools,
      {
        repair: true,
        text: true,
        yaml: parseYaml,
      },
    );
    if (parsed.kind !== "calls") continue;
    assert.ok(parsed.calls.length > 0, text);
    for (const call of parsed.calls) {
      const tool = tools.find((one) => one.name === call.name);
      assert.ok(tool, text);
      for (const key of tool.parameters?.required ?? []) assert.ok(Object.hasOwn(call.args, key), text);
    }
  }
}

Deno.test("parseReply() survives 20,000 damaged replies and executes only calls", () =>
  fuzzReplies(1, 20_000));

Deno.test({
  name: "parseReply() survives 1,000,000 damaged replies and executes only calls",
  // `deno task test:long`
  ignore: !Deno.args.includes("--long"),
  fn: () => fuzzReplies(2, 1_000_000),
});

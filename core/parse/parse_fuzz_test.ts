import assert from "node:assert/strict";
import type { DialectName } from "../profile.ts";
import { formatCall } from "./dialect.ts";
import { parseReply } from "./parse_reply.ts";
import { parseYaml } from "./yaml_text.ts";
import { damage, readCases, readSamples, readTools, replyOf, seededRandom } from "./_testing.ts";

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

const OPTIONS = { repair: true, text: true, yaml: parseYaml };

function ran(text: string, finish: "stop" | "length", tools = readTools()): readonly string[] {
  const parsed = parseReply(replyOf(text, { finish }), tools, OPTIONS);
  return parsed.kind === "calls" ? parsed.calls.map(({ name, args }) => JSON.stringify([name, args])) : [];
}

Deno.test("parseReply() runs of a reply that its length cut only calls that the whole reply makes", () => {
  const random = seededRandom(3);
  for (const { text, tools } of readCases()) {
    const whole = ran(text, "stop", tools);
    if (whole.length === 0 || text.includes("</think>")) continue;
    for (let times = 0; times < 20; times++) {
      const cut = text.slice(0, Math.floor(random() * text.length));
      for (const call of ran(cut, "length", tools)) assert.ok(whole.includes(call), `${cut}\nran ${call}`);
    }
  }
});

Deno.test("parseReply() reads a file that shows calls whole or refuses it, and runs nothing that it shows", () => {
  const dialects: readonly DialectName[] = ["hermes", "json", "raw", "qwen-xml", "pythonic"];
  for (const { text: shown } of readSamples()) {
    const content = `How to call:\n\n${shown.trim()}\n\nThat is all.\n`;
    for (const dialect of dialects) {
      // Raw blocks stand in a fence of three marks, which fences inside would end.
      if (dialect === "raw" && /^[ \t]*(?:```|~~~)/m.test(content)) continue;
      const args = { path: "doc.txt", content };
      const calls = ran(formatCall(dialect, { name: "write_file", args }), "stop");
      if (calls.length > 0) assert.deepEqual(calls, [JSON.stringify(["write_file", args])], dialect);
    }
  }
});

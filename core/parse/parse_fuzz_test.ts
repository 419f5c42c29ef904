import assert from "node:assert/strict";
import { pick, playSeeds, random, seedRange } from "../_test_seeds.ts";
import type { DialectName } from "../profile.ts";
import { formatCall } from "./dialect.ts";
import { parseReply } from "./parse_reply.ts";
import { parseYaml } from "./yaml_text.ts";
import { damage, readCases, readSamples, readTools, replyOf } from "./_testing.ts";

const SEEDS = seedRange(20_000, 1_000_000);
const OPTIONS = { repair: true, text: true, yaml: parseYaml };

/** Each seed damages one of our own cases, or of the conformance corpus where it is present. */
Deno.test("parseReply() survives damaged replies and executes only calls", async () => {
  const samples = readSamples();
  await playSeeds("parser", SEEDS, (seed) => {
    const next = random(seed);
    const { text: sound, tools } = pick(next, samples);
    const text = damage(sound, pick(next, samples).text, next);
    const reply = replyOf(text, {
      finish: next() < 0.2 ? "length" : "stop",
      reasoning: next() < 0.1 ? pick(next, samples).text : "",
    });
    const parsed = parseReply(reply, tools, OPTIONS);
    if (parsed.kind !== "calls") return;
    assert.ok(parsed.calls.length > 0, text);
    for (const call of parsed.calls) {
      const tool = tools.find((one) => one.name === call.name);
      assert.ok(tool, text);
      for (const key of tool.parameters?.required ?? []) assert.ok(Object.hasOwn(call.args, key), text);
    }
  });
});

function ran(text: string, finish: "stop" | "length", tools = readTools()): readonly string[] {
  const parsed = parseReply(replyOf(text, { finish }), tools, OPTIONS);
  return parsed.kind === "calls" ? parsed.calls.map(({ name, args }) => JSON.stringify([name, args])) : [];
}

Deno.test("parseReply() runs of a reply that its length cut only calls that the whole reply makes", () => {
  const next = random(3);
  for (const { text, tools } of readCases()) {
    const whole = ran(text, "stop", tools);
    if (whole.length === 0 || text.includes("</think>")) continue;
    for (let times = 0; times < 20; times++) {
      const cut = text.slice(0, Math.floor(next() * text.length));
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

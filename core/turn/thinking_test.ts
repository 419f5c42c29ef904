import { deepEqual, doesNotMatch, equal, match } from "node:assert/strict";
import { CALC, play } from "../_test_play.ts";
import type { Profile } from "../profile.ts";
import { keptOf, thinkingFor, ThinkingWatch } from "./thinking.ts";
import { THOUGHT_ONLY } from "../prompt/text/replies.ts";
import type { Reply, Turn } from "../types.ts";

/** Words that do not repeat. */
const words = (count: number) => Array.from({ length: count }, (_, i) => `thought${i * 7919}`).join(" ");
const tokens = (text: string) => text.length / 4;
const thinking = { supported: true, control: "template", enabled: true, budgetTokens: 100, replay: false };
const PROFILE = { thinking } as unknown as Profile;

function endOf(type: "reasoning" | "text", text: string, budget = 1_000): string | undefined {
  const watch = new ThinkingWatch(budget, tokens);
  for (let at = 0; at < text.length; at += 20) {
    const sign = watch.push(type, text.slice(at, at + 20));
    if (sign) return sign;
  }
  return undefined;
}

Deno.test("ThinkingWatch ends reasoning over its budget, and reasoning that repeats itself", () => {
  equal(endOf("reasoning", words(100)), undefined);
  equal(endOf("reasoning", words(1_000)), "budget");
  equal(endOf("reasoning", "Let me think about which file this is about. ".repeat(60), 10_000), "repetition");
});

Deno.test("ThinkingWatch sees reasoning at the start of the text, and leaves an answer alone", () => {
  equal(endOf("text", `\n<think>\n${words(1_000)}`), "budget");
  equal(endOf("text", `<think>short</think>\n${words(1_000)}`), undefined);
  equal(endOf("text", words(1_000)), undefined);
});

Deno.test("keptOf() keeps no reasoning over its budget, wherever it stands", () => {
  const reply = (text: string, reasoning: string) => ({ text, reasoning }) as Reply;
  const kept = (text: string, reasoning = "") => keptOf(reply(text, reasoning), PROFILE, tokens);
  deepEqual(kept("Done.", "short"), { content: "Done.", reasoning: "short" });
  deepEqual(kept("Done.", words(100)), { content: "Done." });
  deepEqual(kept(`<think>${words(100)}</think>Done.`), { content: "Done." });
  deepEqual(kept("<think>short</think>Done."), { content: "<think>short</think>Done." });
});

Deno.test("thinkingFor() asks for no thinking after a reply that only thought", () => {
  const turn = (content: string) => ({ messages: [{ role: "user", content }] }) as unknown as Turn;
  deepEqual(thinkingFor(turn("fix it"), PROFILE), { thinking: true, thinkingBudget: 100 });
  deepEqual(thinkingFor(turn(THOUGHT_ONLY), PROFILE), { thinking: false, thinkingBudget: 0 });
  deepEqual(thinkingFor(turn("fix it"), { thinking: { ...thinking, supported: false } } as Profile), {});
});

Deno.test("runTurn() ends thinking over its budget, asks again without it, and keeps none of it", async () => {
  const { result, requests, events } = await play({
    files: { "calc.py": CALC },
    tasks: ["What does calc.py do?"],
    replies: [{ text: "It adds.", reasoning: words(2_000) }, { text: "It subtracts." }, { text: "Yes." }],
  });
  equal(result.text, "It subtracts.");
  deepEqual(requests.map(({ body }) => body.thinking_budget_tokens), [undefined, 0]);
  const notices = events.flatMap((event) => event.type === "notice" ? [event.text] : []);
  match(notices.join("\n"), /Thinking was ended, over its budget of 2048 tokens/);
});

Deno.test("runTurn() sends a reply that only thought back once, without thinking, and replays none of it", async () => {
  const { result, requests, events } = await play({
    files: { "calc.py": CALC },
    tasks: ["What does calc.py do?"],
    replies: [{ text: "", reasoning: "It may subtract." }, { text: "It subtracts." }],
  });
  equal(result.outcome, "answered");
  deepEqual(requests.map(({ body }) => body.thinking_budget_tokens), [undefined, 0]);
  deepEqual(events.flatMap((e) => e.type === "verdict" ? [e.kind + e.reason] : []), [
    "correctthought",
    "finish",
  ]);
  doesNotMatch(JSON.stringify(requests[1]?.body), /may subtract/);
});

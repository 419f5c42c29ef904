/** What fills the window, and what a session cost, for `/budget` and `/tokens`. Pure. */

import type { Event } from "../core/events.ts";
import { clampOutput } from "../core/prompt/budget.ts";
import type { WindowUsage } from "../core/prompt/usage.ts";

const BAR_WIDTH = 50;

/** A bar of the window, and its parts. */
export function budgetText(
  usage: WindowUsage,
  room: { readonly window: number; readonly maxBudgetPct: number; readonly maxOutputTokens: number },
): string {
  const { window, maxBudgetPct, maxOutputTokens } = room;
  const parts = Object.entries(usage);
  const used = parts.reduce((sum, [, tokens]) => sum + tokens, 0);
  const filled = Math.min(BAR_WIDTH, Math.round(used / window * BAR_WIDTH));
  const limit = Math.floor(maxBudgetPct / 100 * BAR_WIDTH);
  const bar = Array.from({ length: BAR_WIDTH }, (_, i) => i < filled ? "█" : i === limit ? "|" : "░").join(
    "",
  );
  const line = (part: string, tokens: number) =>
    `  ${part.padEnd(8)} ${String(tokens).padStart(7)}  ${percent(tokens, window)}`;
  return [
    `${bar} ${used} of ${window} tokens (${
      percent(used, window)
    }); old results are masked over ${maxBudgetPct} % (|)`,
    ...parts.map(([part, tokens]) => line(part, tokens)),
    line("left", Math.max(0, window - used)),
    `A reply may have ${clampOutput(window, used, maxOutputTokens)} tokens.`,
    "Sizes by part are estimated; /tokens has what the server counted.",
  ].join("\n");
}

/** What was sent, read, cached and written, from all events of a session. */
export function tokensText(events: readonly Event[]): string {
  const of = <Type extends Event["type"]>(type: Type) =>
    events.filter((event): event is Extract<Event, { type: Type }> => event.type === type);
  const sum = (key: "cachedTokens" | "outputTokens") =>
    of("reply").reduce((total, reply) => total + (reply[key] ?? 0), 0);
  const [cached, output] = [sum("cachedTokens"), sum("outputTokens")];
  const { prompt, last } = countPrompts(events);
  const saysCached = of("reply").some(({ cachedTokens }) => cachedTokens !== undefined);
  return [
    `requests      ${of("reply").length}`,
    `prompt        ${prompt} tokens sent`,
    ...(saysCached
      ? [
        `from cache    ${cached} (${percent(cached, prompt)})`,
        `read          ${prompt - cached} tokens that the server had to read`,
      ]
      : ["from cache    the server does not say"]),
    `written       ${output}`,
    `compactions   ${of("compaction").length}, epochs ${of("epoch").length + 1}`,
    ...(last
      ? [
        `last request  ${last.promptTokens} tokens, ${last.sharedTokens} shared with the one before, prefix ${last.prefixHash}`,
      ]
      : []),
  ].join("\n");
}

/** What the server counted of each reply's prompt; where it does not say, the estimate that the step began with. */
function countPrompts(events: readonly Event[]) {
  let prompt = 0;
  let last: Extract<Event, { type: "step_start" }> | undefined;
  for (const event of events) {
    if (event.type === "step_start") last = event;
    if (event.type === "reply") prompt += event.promptTokens ?? last?.promptTokens ?? 0;
  }
  return { prompt, last };
}

function percent(part: number, whole: number): string {
  return whole === 0 ? "0 %" : `${Math.round(part / whole * 100)} %`;
}

/** Counts a session's tokens from its events, for `/budget` and `/tokens`. */

import type { Event } from "../core/events.ts";
import type { WindowUsage } from "../core/prompt/usage.ts";

export interface TokenMeter {
  readonly take: (event: Event) => void;
  /** A bar of the window, by part. */
  readonly budget: (usage: WindowUsage, window: number, maxBudgetPct: number) => string;
  /** What was sent, read, cached and written. */
  readonly report: () => string;
}

const BAR_WIDTH = 50;

/** A meter at zero. */
export function openTokenMeter(): TokenMeter {
  const total = { requests: 0, prompt: 0, cached: 0, output: 0, compactions: 0, epochs: 1 };
  let last: Extract<Event, { type: "step_start" }> | undefined;
  return {
    take(event) {
      if (event.type === "step_start") last = event;
      if (event.type === "compaction") total.compactions++;
      if (event.type === "epoch") total.epochs++;
      if (event.type !== "reply") return;
      total.requests++;
      total.prompt += event.promptTokens ?? last?.promptTokens ?? 0;
      total.cached += event.cachedTokens ?? 0;
      total.output += event.outputTokens ?? 0;
    },
    budget(usage, window, maxBudgetPct) {
      const parts = Object.entries(usage);
      const used = parts.reduce((sum, [, tokens]) => sum + tokens, 0);
      const filled = Math.min(BAR_WIDTH, Math.round(used / window * BAR_WIDTH));
      const limit = Math.floor(maxBudgetPct / 100 * BAR_WIDTH);
      const bar = Array.from({ length: BAR_WIDTH }, (_, i) => i < filled ? "█" : i === limit ? "|" : "░")
        .join("");
      return [
        `${bar} ${used} of ${window} tokens (${
          percent(used, window)
        }); old results are masked over ${maxBudgetPct} % (|)`,
        ...parts.map(([part, tokens]) =>
          `  ${part.padEnd(8)} ${String(tokens).padStart(7)}  ${percent(tokens, window)}`
        ),
        `  ${"left".padEnd(8)} ${String(Math.max(0, window - used)).padStart(7)}  ${
          percent(Math.max(0, window - used), window)
        }`,
        "Sizes by part are estimated; /tokens has what the server counted.",
      ].join("\n");
    },
    report() {
      return [
        `requests      ${total.requests}`,
        `prompt        ${total.prompt} tokens sent`,
        `from cache    ${total.cached} (${percent(total.cached, total.prompt)})`,
        `read          ${total.prompt - total.cached} tokens that the server had to read`,
        `written       ${total.output}`,
        `compactions   ${total.compactions}, epochs ${total.epochs}`,
        ...(last
          ? [
            `last request  ${last.promptTokens} tokens, ${last.sharedTokens} shared with the one before, prefix ${last.prefixHash}`,
          ]
          : []),
      ].join("\n");
    },
  };
}

function percent(part: number, whole: number): string {
  return whole === 0 ? "0 %" : `${Math.round(part / whole * 100)} %`;
}

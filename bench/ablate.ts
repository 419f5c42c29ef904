/** `smallcode bench ablate`: what each part of the harness is worth on a suite. */

import { type Diff, diffResults } from "./diff.ts";
import type { Results } from "./record.ts";
import { formatRate, type GroupSummary, summarize } from "./summary.ts";

export interface Ablation {
  readonly title: string;
  readonly caveats: readonly string[];
  /** With every part on. */
  readonly whole: GroupSummary | undefined;
  readonly parts: readonly {
    readonly part: string;
    readonly without: GroupSummary | undefined;
    /** The whole less the one without: what the part adds. */
    readonly worth: Diff;
  }[];
}

/**
 * Runs a suite whole, then once with each part off.
 * @param run makes or continues the results of one variant; `name` is its folder
 */
export async function ablate(
  parts: readonly string[],
  run: (off: readonly string[], name: string) => Promise<Results>,
): Promise<Ablation> {
  const whole = await run([], "whole");
  const rows: Ablation["parts"][number][] = [];
  for (const part of parts) {
    const results = await run([part], `without-${part}`);
    rows.push({ part, without: summarize(results).all, worth: diffResults(results, whole) });
  }
  const { title, caveats, all } = summarize(whole);
  return { title, caveats, whole: all, parts: rows };
}

/** The ablation as Markdown. */
export function ablationMarkdown({ title, caveats, whole, parts }: Ablation): string {
  const header = [
    "part",
    "pass@1 without it",
    "worth of the part",
    "sign p",
    "prefilled tokens it costs",
    "shown",
  ];
  return [
    `## Ablation. ${title}`,
    "",
    ...caveats.map((caveat) => `- ${caveat}`),
    `Whole: ${whole ? formatRate(whole.pass) : "no runs"}`,
    "",
    `| ${header.join(" | ")} |`,
    `|${header.map(() => "---|").join("")}`,
    ...parts.map(({ part, without, worth }) => {
      const { mean, low, high } = worth.cost.prefilledTokens.estimate;
      const shown = worth.verdict === "improved"
        ? "helps"
        : worth.verdict === "regressed"
        ? "hurts"
        : "no difference shown";
      return `| ${
        [
          part,
          without ? formatRate(without.pass) : "no runs",
          formatRate(worth.pass.estimate),
          worth.pass.signP.toFixed(3),
          `${mean.toFixed(0)} [${low.toFixed(0)}, ${high.toFixed(0)}]`,
          shown,
        ].join(" | ")
      } |`;
    }),
    "",
  ].join("\n");
}

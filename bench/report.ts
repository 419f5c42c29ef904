/** `smallcode bench report`: one self-contained HTML page with charts as inline SVG, and the same as Markdown tables. */

import { readFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Event } from "../core/events.ts";
import { parseEvent } from "./counters.ts";
import { diffMarkdown, diffResults } from "./diff.ts";
import type { Results, RunRecord } from "./record.ts";
import {
  formatRate,
  type GroupSummary,
  modelName,
  summarize,
  type Summary,
  summaryMarkdown,
} from "./summary.ts";

/** The events of one run, to be drawn. */
export interface Timeline {
  readonly record: RunRecord;
  readonly title: string;
  readonly events: readonly Event[];
}

/**
 * Reads the event log of a run.
 * @param chosen `task#run`; default: the slowest run of the first folder
 * @returns `undefined` when there is no run, or its log holds no event
 * @throws {RangeError} when the chosen run is not there
 */
export async function readTimeline(
  all: readonly Results[],
  chosen: string | undefined,
): Promise<Timeline | undefined> {
  const runs = all.flatMap((results) => results.records.map((record) => ({ results, record })));
  const found = chosen === undefined
    ? runs.filter(({ results }) => results === all[0]).sort((a, b) => b.record.ms - a.record.ms)[0]
    : runs.find(({ record }) => `${record.task}#${record.run}` === chosen);
  if (!found) {
    if (chosen === undefined) return undefined;
    throw new RangeError(`There is no run "${chosen}"; name it as task#run, e.g. fix-sum#1`);
  }
  const path = join(found.results.folder, found.record.log);
  if (!existsSync(path)) return undefined;
  const events = (await readFile(path, "utf8")).split("\n").flatMap((line) => parseEvent(line) ?? []);
  const { task, run, passed } = found.record;
  const title = `${task}, run ${run}: ${passed ? "passed" : "failed"}`;
  return events.length === 0 ? undefined : { record: found.record, title, events };
}

/** Summaries of all folders, and each compared with the first. */
export function reportMarkdown(all: readonly Results[]): string {
  const [first, ...others] = all;
  return [
    ...all.map((results) => summaryMarkdown(summarize(results))),
    ...(first
      ? others.map((other) =>
        `### ${label(other)} against ${label(first)}\n\n${diffMarkdown(diffResults(first, other))}`
      )
      : []),
  ].join("\n");
}

/** The page. Colours follow the reader's light or dark scheme; nothing is loaded from elsewhere. */
export function reportHtml(all: readonly Results[], timeline: Timeline | undefined): string {
  const summaries = all.map((results) => summarize(results));
  const [first, ...others] = all;
  const isSimulated = all.some((results) => results.meta.simulated);
  const title = isSimulated ? "SmallCode bench: SIMULATED MODEL" : "SmallCode bench";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
${
    isSimulated
      ? '<p class="warning">Made with a simulated model. These numbers say how the harness reacts; they are no model\'s success rate.</p>'
      : ""
  }
<ul class="legend">${
    all.map((results, index) => `<li><i class="s${index % SERIES}"></i>${escapeHtml(label(results))}</li>`)
      .join("")
  }</ul>
${section("pass@1 by category, with 95 % intervals", barChart(all, summaries))}
${section("Tokens against success, one dot a task", scatterChart(summaries))}
${timeline ? section(`Timeline of ${timeline.title}`, timelineChart(timeline)) : ""}
${summaries.map(summaryTable).join("\n")}
${
    first
      ? others.map((other) =>
        section(
          `${label(other)} against ${label(first)}`,
          `<pre>${escapeHtml(diffMarkdown(diffResults(first, other)).replaceAll("**", ""))}</pre>`,
        )
      ).join("\n")
      : ""
  }
</main>
</body>
</html>
`;
}

/** Distinct colours of series; further ones repeat. */
const SERIES = 4;

const STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #5b6570; --line: #d5dae0; --page: #ffffff; --card: #f6f8fa;
  --s0: #1f6fc4; --s1: #b4540a; --s2: #2a7d3f; --s3: #8a3fa8; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ed; --soft: #9aa5b1; --line: #363d46; --page: #14171b; --card: #1d2127;
  --s0: #6cb0ff; --s1: #f0a15b; --s2: #79c98c; --s3: #cf9be6; --bad: #ff8a80; } }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 70rem; margin: 0 auto; padding: 1.5rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
.warning { border-left: 4px solid var(--bad); padding: .5rem 1rem; background: var(--card); }
.legend { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; }
.legend i { display: inline-block; width: .8em; height: .8em; margin-right: .4em; border-radius: 2px; }
.s0 { background: var(--s0); fill: var(--s0); } .s1 { background: var(--s1); fill: var(--s1); }
.s2 { background: var(--s2); fill: var(--s2); } .s3 { background: var(--s3); fill: var(--s3); }
.bad { fill: var(--bad); }
.scroll { overflow-x: auto; } svg { width: 100%; min-width: 36rem; height: auto; background: var(--card); border-radius: 6px; }
svg text { fill: var(--ink); font-size: 12px; } svg .soft { fill: var(--soft); }
svg .axis { stroke: var(--line); } svg .whisker { stroke: var(--ink); stroke-width: 1.5; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 13px; }
th, td { padding: .3rem .45rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; } th { color: var(--soft); font-weight: 600; white-space: normal; vertical-align: bottom; }
pre { white-space: pre-wrap; background: var(--card); padding: 1rem; border-radius: 6px; }
`;

const WIDTH = 900;

function barChart(all: readonly Results[], summaries: readonly Summary[]): string {
  const categories = [...new Set(summaries.flatMap((summary) => summary.byCategory.map(({ name }) => name)))]
    .sort();
  const rows = ["all", ...categories];
  const left = 130;
  const bar = 14;
  const rowHeight = bar * all.length + 12;
  const x = (share: number) => left + share * (WIDTH - left - 200);
  const height = rows.length * rowHeight + 30;
  const bars = rows.flatMap((name, row) =>
    summaries.flatMap((summary, index) => {
      const group = name === "all" ? summary.all : summary.byCategory.find((entry) => entry.name === name);
      if (!group) return [];
      const y = 10 + row * rowHeight + index * bar;
      const middle = y + bar / 2 - 1;
      const { mean, low, high } = group.pass;
      return [
        `<rect class="s${index % SERIES}" x="${left}" y="${y}" width="${
          (x(mean) - left).toFixed(1)
        }" height="${bar - 3}"/>`,
        line("whisker", x(low), middle, x(high), middle),
        `<text class="soft" x="${x(1) + 8}" y="${y + bar - 4}">${formatRate(group.pass)}, ${group.runs} ${
          group.runs === 1 ? "run" : "runs"
        }</text>`,
      ];
    })
  );
  const names = rows.map((name, row) =>
    `<text x="${left - 8}" y="${10 + row * rowHeight + (bar * all.length) / 2 + 3}" text-anchor="end">${
      escapeHtml(name)
    }</text>`
  );
  const axis = [0, 0.25, 0.5, 0.75, 1].flatMap((share) => [
    line("axis", x(share), 5, x(share), height - 20),
    `<text class="soft" x="${x(share)}" y="${height - 6}" text-anchor="middle">${share * 100} %</text>`,
  ]);
  return svg(height, "Bars: share of runs that passed, by category", [...axis, ...bars, ...names]);
}

function scatterChart(summaries: readonly Summary[]): string {
  const tasks = summaries.flatMap((summary, index) => summary.byTask.map((group) => ({ group, index })));
  const tokens = ({ promptTokens, outputTokens }: GroupSummary) => promptTokens + outputTokens;
  const most = roundUp(Math.max(1, ...tasks.map(({ group }) => tokens(group))));
  const [left, top, bottom] = [60, 15, 250];
  const x = (value: number) => left + (value / most) * (WIDTH - left - 30);
  const y = (share: number) => bottom - share * (bottom - top);
  const dots = tasks.map(({ group, index }) =>
    `<circle class="s${index % SERIES}" cx="${x(tokens(group)).toFixed(1)}" cy="${
      y(group.pass.mean).toFixed(1)
    }" r="5" fill-opacity=".7"><title>${
      escapeHtml(`${group.name}: ${formatRate(group.pass)}, ${tokens(group).toFixed(0)} tokens a run`)
    }</title></circle>`
  );
  const axis = [
    ...[0, 0.5, 1].flatMap((share) => [
      line("axis", left, y(share), WIDTH - 30, y(share)),
      `<text class="soft" x="${left - 8}" y="${y(share) + 4}" text-anchor="end">${share * 100} %</text>`,
    ]),
    ...[0, 0.5, 1].map((share) =>
      `<text class="soft" x="${x(share * most)}" y="${bottom + 20}" text-anchor="middle">${
        (share * most).toLocaleString("en")
      }</text>`
    ),
    `<text class="soft" x="${WIDTH / 2}" y="${
      bottom + 36
    }" text-anchor="middle">prompt and output tokens a run</text>`,
  ];
  return svg(bottom + 45, "Dots: tokens of a run against the share of runs that passed", [...axis, ...dots]);
}

/** The next of 1, 2, 4, 6, 8 times a power of ten, whose half is round, too. */
function roundUp(value: number): number {
  const power = Math.pow(10, Math.floor(Math.log10(value)));
  return power * ([1, 2, 4, 6, 8].find((digit) => digit * power >= value) ?? 10);
}

/** One bar for each reply, tool call and check, placed by its end and its duration. */
function timelineChart({ events }: Timeline): string {
  const bars = events.flatMap((event) => {
    switch (event.type) {
      case "reply":
        return [{ end: event.at, ms: event.ms, name: `model, step ${event.step}`, css: "s0" }];
      case "tool_end":
        return [{ end: event.at, ms: event.ms, name: event.name, css: event.ok ? "s2" : "bad" }];
      case "check":
        return [{
          end: event.at,
          ms: event.ms,
          name: `check ${event.command}`,
          css: event.state === "red" ? "bad" : "s3",
        }];
      case "verdict":
        return event.kind === "correct"
          ? [{ end: event.at, ms: 0, name: `correction: ${event.reason}`, css: "bad" }]
          : [];
      default:
        return [];
    }
  });
  const from = events[0]?.at ?? 0;
  const span = Math.max(1, (events.at(-1)?.at ?? 0) - from);
  const left = 250;
  const row = 20;
  const x = (ms: number) => left + (ms / span) * (WIDTH - left - 70);
  const height = bars.length * row + 30;
  const drawn = bars.flatMap(({ end, ms, name, css }, index) => {
    const begin = Math.max(0, end - ms - from);
    const width = Math.max(2, x(end - from) - x(begin));
    return [
      `<text x="${left - 8}" y="${index * row + 20}" text-anchor="end">${
        escapeHtml(name.slice(0, 34))
      }</text>`,
      `<rect class="${css}" x="${x(begin).toFixed(1)}" y="${index * row + 9}" width="${
        width.toFixed(1)
      }" height="13"/>`,
      `<text class="soft" x="${x(end - from) + 6}" y="${index * row + 20}">${
        (ms / 1000).toFixed(1)
      } s</text>`,
    ];
  });
  const end = `<text class="soft" x="${x(span)}" y="${height - 4}" text-anchor="end">${
    (span / 1000).toFixed(1)
  } s</text>`;
  return svg(height, "Bars: when model, tools and checks ran", [...drawn, end]);
}

function summaryTable(summary: Summary): string {
  // The Markdown table is the one source of the columns.
  const rows = summaryMarkdown(summary).split("\n").filter((text) => text.startsWith("| "))
    .map((text) => text.slice(2, -2).split(" | "));
  const [header = [], ...body] = rows;
  const cells = (row: readonly string[], tag: string) =>
    `<tr>${row.map((cell) => `<${tag}>${escapeHtml(cell.trim())}</${tag}>`).join("")}</tr>`;
  return section(
    summary.title,
    `${summary.caveats.map((caveat) => `<p class="warning">${escapeHtml(caveat)}</p>`).join("")}
<div class="scroll"><table><thead>${cells(header, "th")}</thead><tbody>${
      body.map((row) => cells(row, "td")).join("")
    }</tbody></table></div>`,
  );
}

function label({ meta, folder }: Results): string {
  const off = meta.off.length > 0 ? ` without ${meta.off.join(", ")}` : "";
  return `${meta.suite}, ${meta.agent}${off}, ${modelName(meta)} (${folder.split(/[\\/]/).at(-1)})`;
}

function section(title: string, body: string): string {
  return `<section><h2>${escapeHtml(title)}</h2>${body}</section>`;
}

function svg(height: number, description: string, parts: readonly string[]): string {
  return `<div class="scroll"><svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${
    escapeHtml(description)
  }">${parts.join("")}</svg></div>`;
}

function line(css: string, x1: number, y1: number, x2: number, y2: number): string {
  const [a, b, c, d] = [x1, y1, x2, y2].map((value) => value.toFixed(1));
  return `<line class="${css}" x1="${a}" y1="${b}" x2="${c}" y2="${d}"/>`;
}

function escapeHtml(text: string): string {
  const names: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replaceAll(/[&<>"]/g, (character) => names[character] ?? character);
}

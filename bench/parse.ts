/**
 * Scores the parser: `deno task bench:parse [--corpus DIR] [--json]`.
 *
 * Reads `tool_calls.jsonl` and `adversarial.jsonl` of a folder in the conformance corpus' layout (its README says what
 * the fields mean), and our own cases in `core/parse/testdata`. Names are compared exactly, arguments after the schema's
 * types were given to both sides. A row whose expected call the contract forbids (an unknown tool, a required parameter
 * missing) is right when nothing is executed.
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { isDeepStrictEqual, parseArgs } from "node:util";
import { fitArgs } from "../core/parse/args.ts";
import { parseReply } from "../core/parse/parse_reply.ts";
import { parseYaml } from "../core/parse/yaml_text.ts";
import type { Finish, JsonSchema, NativeCall, ToolSchema } from "../core/types.ts";

interface Call {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

interface Tool {
  readonly name: string;
  readonly description?: string;
  readonly parameters?: JsonSchema;
}

interface Row {
  readonly id: string;
  readonly format: string;
  readonly tools: readonly Tool[];
  readonly text: string;
  readonly reasoning: string | null;
  /** Native calls beside the text, and how the reply ended; default none and `stop`. */
  readonly calls?: readonly NativeCall[];
  readonly finish?: Finish;
  readonly expected_calls: readonly Call[];
  readonly acceptable_alternatives?: readonly (readonly Call[])[];
  readonly kind: string;
  readonly tier?: string;
  readonly conflict_group?: string;
  readonly partial_last_call?: boolean;
}

/** How a row came out. */
interface Score {
  readonly id: string;
  readonly format: string;
  readonly tier: "A" | "B" | "C" | "adversarial";
  readonly isRight: boolean;
  readonly isOutOfContract: boolean;
  /** Something was executed in a reply that holds nothing to execute. */
  readonly isFalseExecution: boolean;
}

/** The result of a folder, as `--json` prints it. */
interface Report {
  readonly corpus: string;
  readonly rows: number;
  /** Fractions of right rows; `null` without rows. Rows out of contract are not in `tierA`. */
  readonly tierA: number | null;
  readonly tierB: number | null;
  readonly adversarial: number | null;
  /** Counts of rows. */
  readonly falseExecutions: number;
  readonly outOfContract: number;
  readonly outOfContractRight: number;
  readonly failing: {
    readonly tierA: readonly string[];
    readonly tierB: readonly string[];
    readonly adversarial: readonly string[];
    readonly falseExecutions: readonly string[];
    readonly outOfContract: readonly string[];
  };
  readonly formats: Readonly<
    Record<string, Readonly<Record<string, readonly [right: number, rows: number]>>>
  >;
}

/** Rows of a file; `tools` stand in for those of a row that names none (our own cases share one list). */
function readRows(path: string, tools: readonly Tool[]): readonly Row[] {
  return readFileSync(path, "utf8").split("\n").filter((line) => line.trim() !== "")
    .map((line) => ({ tools, ...JSON.parse(line) }));
}

function toSchemas(tools: Row["tools"]): readonly ToolSchema[] {
  return tools.map(({ name, description = "", parameters = {} }) => ({ name, description, parameters }));
}

/** The calls with their arguments as the schema types them. */
function typed(calls: readonly Call[], tools: readonly ToolSchema[]): readonly Call[] {
  return calls.map((call) => {
    const tool = tools.find((one) => one.name === call.name);
    const fitted = tool && fitArgs(call.args, tool);
    return { name: call.name, args: fitted && "args" in fitted ? { ...fitted.args } : call.args };
  });
}

function isOutOfContract(row: Row, tools: readonly ToolSchema[]): boolean {
  return tools.length > 0 && row.expected_calls.some((call) => {
    const tool = tools.find((one) => one.name === call.name);
    return !tool || (tool.parameters.required ?? []).some((key) => !Object.hasOwn(call.args, key));
  });
}

/** Every list of calls that counts as right for a row. */
function acceptable(row: Row, group: readonly Row[]): readonly (readonly Call[])[] {
  const lists = [
    row.expected_calls,
    ...(row.acceptable_alternatives ?? []),
    ...group.map((one) => one.expected_calls),
  ];
  return row.partial_last_call ? [...lists.map((list) => list.slice(0, -1))] : lists;
}

function scoreRow(row: Row, group: readonly Row[]): Score {
  const tools = toSchemas(row.tools);
  const reply = {
    text: row.text,
    reasoning: row.reasoning ?? "",
    calls: row.calls ?? [],
    finish: row.finish ?? "stop",
  };
  const parsed = parseReply(reply, tools, { repair: true, text: true, yaml: parseYaml });
  const executed = parsed.kind === "calls"
    ? parsed.calls.map(({ name, args }) => ({ name, args: { ...args } }))
    : [];
  const tier = row.tier === undefined ? "adversarial" : row.tier.slice(0, 1) as "A" | "B" | "C";
  const isOut = tier !== "C" && isOutOfContract(row, tools);
  const lists = isOut || tier === "C" ? [[]] : acceptable(row, group);
  const isRight = lists.some((list) => isDeepStrictEqual(typed(list, tools), typed(executed, tools)));
  const isFalseExecution = executed.length > 0 && !isRight && lists.every((list) => list.length === 0);
  return { id: row.id, format: row.format, tier, isRight, isOutOfContract: isOut, isFalseExecution };
}

/** Scores every row of a folder. */
function scoreFolder(folder: string): Report {
  const sharedTools = join(folder, "tools.json");
  const tools = existsSync(sharedTools) ? JSON.parse(readFileSync(sharedTools, "utf8")) : [];
  const rows = readdirSync(folder).filter((name) =>
    /^(?:tool_calls|adversarial|\w+_cases)\.jsonl$/.test(name)
  ).sort()
    .flatMap((name) => readRows(join(folder, name), tools));
  const scores = rows.map((row) =>
    scoreRow(
      row,
      row.conflict_group === undefined ? [] : rows.filter((one) => one.conflict_group === row.conflict_group),
    )
  );
  return report(folder, scores);
}

function report(corpus: string, scores: readonly Score[]): Report {
  const inside = (tier: Score["tier"]) =>
    scores.filter((score) => score.tier === tier && !score.isOutOfContract);
  const fraction = (list: readonly Score[]) =>
    list.length === 0 ? null : list.filter((score) => score.isRight).length / list.length;
  const wrong = (list: readonly Score[]) => list.filter((score) => !score.isRight).map((score) => score.id);
  const outside = scores.filter((score) => score.isOutOfContract);
  const executed = scores.filter((score) => score.isFalseExecution);
  const formats: Record<string, Record<string, [number, number]>> = {};
  for (const score of scores) {
    const format = formats[score.format] ??= {};
    const cell = format[score.isOutOfContract ? "out" : score.tier] ??= [0, 0];
    cell[0] += score.isRight ? 1 : 0;
    cell[1] += 1;
  }
  return {
    corpus,
    rows: scores.length,
    tierA: fraction(inside("A")),
    tierB: fraction(inside("B")),
    adversarial: fraction(inside("adversarial")),
    falseExecutions: executed.length,
    outOfContract: outside.length,
    outOfContractRight: outside.filter((score) => score.isRight).length,
    failing: {
      tierA: wrong(inside("A")),
      tierB: wrong(inside("B")),
      adversarial: wrong(inside("adversarial")),
      falseExecutions: executed.map((score) => score.id),
      outOfContract: wrong(outside),
    },
    formats,
  };
}

function percent(fraction: number | null): string {
  return fraction === null ? "-" : `${(100 * fraction).toFixed(1)} %`;
}

function table(result: Report): string {
  const columns = ["A", "B", "C", "adversarial", "out"];
  const line = (cells: readonly string[]) =>
    cells.map((cell, i) => i === 0 ? cell.padEnd(18) : cell.padStart(12)).join("");
  const rows = Object.entries(result.formats).sort(([a], [b]) => a.localeCompare(b)).map(([format, cells]) =>
    line([format, ...columns.map((column) => cells[column] ? cells[column].join("/") : "")])
  );
  return [
    `${result.corpus}: ${result.rows} rows, right/rows`,
    line(["format", ...columns]),
    ...rows,
    `tier A ${percent(result.tierA)}   tier B ${percent(result.tierB)}   adversarial ${
      percent(result.adversarial)
    }` +
    `   false executions ${result.falseExecutions}   out of contract ${result.outOfContract} (${result.outOfContractRight} right)`,
    ...Object.entries(result.failing).filter(([, ids]) => ids.length > 0).map(([name, ids]) =>
      `${name}: ${ids.join(" ")}`
    ),
  ].join("\n");
}

function main(): void {
  const { values } = parseArgs({
    options: { corpus: { type: "string" }, json: { type: "boolean", default: false } },
  });
  const root = join(import.meta.dirname ?? ".", "..");
  const shared = join(root, "..", "shared", "corpus");
  const folders = values.corpus === undefined
    ? [shared, join(root, "core", "parse", "testdata")].filter((folder) => existsSync(folder))
    : [values.corpus];
  const reports = folders.map(scoreFolder);
  const [first, ...others] = reports;
  // One folder's fields stand at the top; the others' beside them.
  const text = values.json ? JSON.stringify({ ...first, others }, null, 2) : reports.map(table).join("\n\n");
  process.stdout.write(`${text}\n`);
}

if (import.meta.main) main();

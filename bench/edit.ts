/**
 * Scores the edit engine: `deno task bench:edit [--corpus DIR] [--json]`; default `../shared/corpus` where present, and
 * our own cases in `core/edit/testdata`.
 */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { applyEdit, type Replacement } from "../core/edit/apply_edit.ts";
import { parseReply } from "../core/parse/parse_reply.ts";
import type { ToolSchema } from "../core/types.ts";

interface EditRow {
  readonly id: string;
  readonly original: string;
  readonly search: string | null;
  readonly replace: string | null;
  readonly edits?: readonly Replacement[];
  readonly expected: string | null;
  readonly match: string;
  readonly replace_all?: boolean;
  readonly line_based?: boolean;
  readonly start_line?: number;
  /** Indentation counts too: only `expected` itself is right. */
  readonly strict?: boolean;
}

interface BlockRow {
  readonly id: string;
  readonly text: string;
  readonly edits: readonly (readonly [path: string | null, search: string, replace: string])[];
}

/** Fractions of right results by kind; `wrongSuccesses` counts edits that were made and should not have been, or otherwise. */
export interface EditScore {
  readonly exact: number;
  readonly multi: number;
  readonly fuzzy: number;
  readonly mustFail: number;
  readonly blocks: number;
  readonly wrongSuccesses: number;
  readonly failing: readonly string[];
}

type Result = "right" | "wrong success" | "wrong refusal";

const PATCH: ToolSchema = {
  name: "patch",
  description: "",
  parameters: {
    type: "object",
    properties: { path: { type: "string" }, search: { type: "string" }, replace: { type: "string" } },
    required: ["path", "search", "replace"],
  },
};

/** Runs every row of a corpus folder. */
export function scoreEdits(folder: string): EditScore {
  const results = readRows<EditRow>(join(folder, "edits.jsonl")).map((row) => ({
    row,
    result: judgeRow(row),
  }));
  const blocks = readRows<BlockRow>(join(folder, "aider_blocks.jsonl")).map((row) => ({
    row,
    isRight: judgeBlocks(row),
  }));
  const share = (belongs: (row: EditRow) => boolean) => {
    const of = results.filter(({ row }) => belongs(row));
    return of.length === 0 ? 1 : of.filter(({ result }) => result === "right").length / of.length;
  };
  return {
    exact: share((row) =>
      ["exact", "exact-multiple", "empty-search"].includes(row.match) && !isOutOfContract(row)
    ),
    multi: share(({ match }) => match === "multi"),
    fuzzy: share(({ match }) => match === "fuzzy"),
    mustFail: share(({ match }) => match.endsWith("must-fail")),
    blocks: blocks.length === 0 ? 1 : blocks.filter(({ isRight }) => isRight).length / blocks.length,
    wrongSuccesses: results.filter(({ result }) => result === "wrong success").length,
    failing: [
      ...results.filter(({ result }) => result !== "right").map(({ row, result }) =>
        `${row.id} (${row.match}, ${result})`
      ),
      ...blocks.filter(({ isRight }) => !isRight).map(({ row }) => row.id),
    ],
  };
}

/** Expects the first of several hits to be taken: our edits demand a unique one, so a refusal is right. */
function isOutOfContract(row: EditRow): boolean {
  return row.match === "exact-multiple" && !row.replace_all;
}

function judgeRow(row: EditRow): Result {
  const replacements = row.edits ??
    [{
      search: row.search ?? "",
      replace: row.replace ?? "",
      ...(row.replace_all ? { replaceAll: true } : {}),
      ...(row.start_line === undefined ? {} : { line: row.start_line }),
    }];
  const edit = row.start_line !== undefined && row.search === ""
    ? {
      kind: "line_range" as const,
      from: row.start_line,
      to: row.start_line - 1,
      replace: row.replace ?? "",
    }
    : { kind: "search_replace" as const, replacements };
  const applied = applyEdit(row.original, edit, { fuzzy: true, wholeLines: row.line_based === true });
  // A row that expects the original back says that nothing may change.
  const mustFail = row.expected === null || row.expected === row.original || isOutOfContract(row);
  if (applied.kind === "refused") return mustFail ? "right" : "wrong refusal";
  if (mustFail) return "wrong success";
  return isSame(applied.text, row) ? "right" : "wrong success";
}

/** Fuzzy rows of sources that paste verbatim destroy indentation: there a result that is uniformly re-indented is as right (corpus README). */
function isSame(text: string, { expected, match, strict }: EditRow): boolean {
  if (expected === null || text === expected) return text === expected;
  if (match !== "fuzzy" || strict) return false;
  const [a, b] = [text.split("\n"), expected.split("\n")];
  return a.length === b.length && a.every((line, i) => line.trim() === b[i]?.trim());
}

function judgeBlocks(row: BlockRow): boolean {
  const parsed = parseReply({ text: row.text, reasoning: "", calls: [], finish: "stop" }, [PATCH]);
  const got = parsed.kind === "calls"
    ? parsed.calls.map(({ args }) => [args.path, args.search, args.replace])
    : [];
  return got.length === row.edits.length &&
    row.edits.every(([path, search, replace], i) =>
      got[i]?.[0] === path && String(got[i]?.[1]).trimEnd() === search.trimEnd() &&
      String(got[i]?.[2]).trimEnd() === replace.trimEnd()
    );
}

function readRows<Row>(path: string): Row[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line) as Row);
}

function table(folder: string, score: EditScore): string {
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  return [
    `${folder}: exact ${percent(score.exact)}, multi ${percent(score.multi)}, fuzzy ${
      percent(score.fuzzy)
    }, must fail ${percent(score.mustFail)}, blocks ${percent(score.blocks)}`,
    `wrong successes ${score.wrongSuccesses}`,
    ...score.failing.map((id) => `  ${id}`),
    "",
  ].join("\n");
}

if (import.meta.main) {
  const args = process.argv.slice(2);
  const named = args.indexOf("--corpus");
  const own = join(import.meta.dirname ?? ".", "..", "core", "edit", "testdata");
  const folders = named >= 0
    ? [args[named + 1] ?? ""]
    : ["../shared/corpus", own].filter((folder) => existsSync(folder));
  const missing = folders.find((folder) => !existsSync(join(folder, "edits.jsonl")));
  if (missing !== undefined) {
    process.stderr.write(
      `Cannot score edits: there is no edits.jsonl in "${missing}"; give the folder with --corpus DIR\n`,
    );
    process.exit(2);
  }
  const scores = folders.map((folder) => ({ folder, ...scoreEdits(folder) }));
  const [first, ...others] = scores;
  // One folder's fields stand at the top; the others' beside them.
  process.stdout.write(
    args.includes("--json")
      ? `${JSON.stringify({ ...first, others }, null, 2)}\n`
      : scores.map((score) => table(score.folder, score)).join("\n"),
  );
}

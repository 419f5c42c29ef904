/** `search`: lines of the project's files that match. */

import { ToolError } from "../core/errors.ts";
import { byteLength } from "../core/model/tokens.ts";
import { defineTool, type ToolContext } from "../core/tool.ts";
import { contentLimit, cutLine } from "./_limit.ts";
import { compileRegex } from "./_linear_regex.ts";
import { type Match, searchLines } from "./_search_lines.ts";
import { searchRipgrep } from "./_search_ripgrep.ts";

const BUDGET_MS = 15_000;
/** Matches counted; shown are as many as fit. */
const MAX_MATCHES = 1_000;
const MAX_SHOWN = 100;
const MAX_SHOWN_LINE_CHARS = 200;
const MAX_TESTED_CHARS = 2_000;

interface Query {
  readonly pattern: string;
  readonly path: string;
  readonly wants: (path: string) => boolean;
  readonly isLiteral: boolean;
  readonly ignoreCase: boolean;
}

interface Found {
  readonly matches: readonly Match[];
  readonly isComplete: boolean;
}

export default defineTool({
  name: "search",
  category: "search",
  effect: "read",
  isPure: true,
  description: "Search file contents with a regular expression.",
  parameters: (z) =>
    z.object({
      pattern: z.string().min(1),
      path: z.string().nullish(),
      glob: z.string().nullish().describe('e.g. "*.py"'),
    }),
  brief: { description: "Search file contents by a regex.", parameters: ["pattern", "path"] },
  example: { pattern: "def main" },
  async run({ pattern, path, glob }, context) {
    if (pattern.includes("\n")) {
      throw new ToolError(
        "Cannot search for a line break: lines are searched one by one; give one line of it",
      );
    }
    const place = path || ".";
    if (await context.files.exists(place) === undefined) {
      throw new ToolError(
        `Cannot search ${JSON.stringify(place)}: no such file or folder; leave path out to search all`,
      );
    }
    const wants = glob ? (await import("./_path_match.ts")).matchPaths(glob) : () => true;
    const notes: string[] = [];
    let query: Query = { pattern, path: place, wants, isLiteral: false, ignoreCase: false };
    let found = await find(query, context);
    if (found === "invalid") {
      notes.push("[not a valid regular expression: searched as plain text]");
      query = { ...query, isLiteral: true };
      found = await find(query, context);
    }
    if (found !== "invalid" && found.matches.length === 0 && found.isComplete && /[A-Za-z]/.test(pattern)) {
      const loose = await find({ ...query, ignoreCase: true }, context);
      if (loose !== "invalid" && loose.matches.length > 0) {
        notes.push("[no exact match: upper and lower case ignored]");
        found = loose;
      }
    }
    if (found === "invalid") throw new ToolError(`Cannot search for ${JSON.stringify(pattern)}`);
    return report(found, { place, glob: glob ?? undefined, pattern, notes }, context);
  },
});

/** By ripgrep where it is and reads the pattern, else by our own search. */
async function find(query: Query, context: ToolContext): Promise<Found | "invalid"> {
  const options = { ...query, maxLineChars: MAX_TESTED_CHARS, budgetMs: BUDGET_MS };
  const fast = await collect(searchRipgrep(query.path, options, context));
  if (typeof fast.end === "boolean") return { matches: fast.matches, isComplete: fast.end };
  const flags = query.ignoreCase ? "i" : "";
  const source = query.isLiteral ? query.pattern.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&") : query.pattern;
  const regex = compileRegex(source, flags);
  if (regex === "invalid") return "invalid";
  if (regex === "slow") {
    throw new ToolError(
      `Cannot search for ${
        JSON.stringify(query.pattern)
      }: repeats inside repeats take for ever; use a simpler pattern`,
    );
  }
  const slow = await collect(
    searchLines(query.path, { ...regex, wants: query.wants, budgetMs: BUDGET_MS }, context),
  );
  return { matches: slow.matches, isComplete: slow.end };
}

/** Takes matches up to the most that are counted, then ends the search. */
async function collect<End>(
  search: AsyncGenerator<Match, End>,
): Promise<{ matches: Match[]; end: End | false }> {
  const matches: Match[] = [];
  for (let next = await search.next();; next = await search.next()) {
    if (next.done) return { matches, end: next.value };
    matches.push(next.value);
    if (matches.length >= MAX_MATCHES) {
      await search.return(false as never);
      return { matches, end: false };
    }
  }
}

interface Asked {
  readonly pattern: string;
  readonly place: string;
  readonly glob: string | undefined;
  readonly notes: readonly string[];
}

function report(found: Found, asked: Asked, context: ToolContext) {
  const { matches, isComplete } = found;
  const where = asked.place === "." ? "the project" : asked.place;
  if (matches.length === 0) {
    const scope = asked.glob ? `${where}, files ${asked.glob}` : where;
    const text = isComplete
      ? `No match for ${JSON.stringify(asked.pattern)} in ${scope}`
      : `No match for ${JSON.stringify(asked.pattern)} yet: ${scope} is too large to search in ${
        BUDGET_MS / 1000
      } s; give path or glob`;
    return { text: [text, ...asked.notes].join("\n"), summary: isComplete ? "no match" : "not finished" };
  }
  const limit = contentLimit(context);
  const lines: string[] = [];
  let chars = 0;
  for (const { path, line, text } of matches.slice(0, MAX_SHOWN)) {
    const shown = `${path}:${line}: ${cutLine(text, MAX_SHOWN_LINE_CHARS)}`;
    chars += byteLength(shown) + 1;
    if (chars > limit && lines.length > 0) break;
    lines.push(shown);
  }
  const files = new Set(matches.map(({ path }) => path)).size;
  const total = isComplete ? `${matches.length}` : `more than ${matches.length}`;
  const more = lines.length < matches.length || !isComplete
    ? [
      `[${lines.length} of ${total} matches in ${files} ${
        files === 1 ? "file" : "files"
      }; narrow it with path or glob]`,
    ]
    : [];
  return {
    text: [...asked.notes, ...lines, ...more].join("\n"),
    summary: `${total} ${matches.length === 1 ? "match" : "matches"} in ${files} ${
      files === 1 ? "file" : "files"
    }`,
  };
}

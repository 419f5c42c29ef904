/** The files that a text names, and those that a task wants changed. Pure. */

const EXTENSION =
  "[cm]?[jt]sx?|py|rs|go|java|kt|swift|rb|php|cs|cpp|cc|hpp|[ch]|vue|svelte|s?css|less|html?|mdx?|json[5cl]?|ya?ml|toml|ini|cfg|conf|env|sql|sh|ps1|xml|csv|txt|proto|tf|exs?|lua|dart|scala|ipynb|svg";
const FILE = new RegExp(
  `(?<![\\w@./\\\\-])(?:[\\w@.~-]+/)*(?:[\\w@-][\\w@.-]*\\.(?:${EXTENSION})|Dockerfile|Makefile)(?![\\w/]|\\.\\w)`,
  "gi",
);
/** Names of products that look like files. */
const PRODUCT =
  /^(?:node|next|vue|nuxt|react|express|three|d3|chart|socket|alpine|ember|moment|discord)\.js$/i;
const TEST = /(^|\/)(?:tests?|__tests__|spec)\/|(^|\/)test_[^/]*$|[._-](?:test|spec)\.\w+$/i;

/** Each once, in order, without `./` in front. */
export function namedFiles(text: string): readonly string[] {
  return [...new Set([...text.matchAll(FILE)].map(([path]) => path.replace(/^\.\//, "")))]
    .filter((path) => !PRODUCT.test(path));
}

/** The files that a step of a plan changes: those it wants changed, or else all that it names outside a quoted command. */
export function stepFiles(text: string): readonly string[] {
  const wanted = filesToChange(text);
  return wanted.length > 0 ? wanted : namedFiles(text.replace(QUOTED_COMMAND, " "));
}

/** Whether a path is what a name in a text means: the whole path, its end, or its last part. */
export function isSameFile(named: string, path: string): boolean {
  const [a, b] = [named.toLowerCase(), path.toLowerCase()];
  return a === b || b.endsWith(`/${a}`) || a.endsWith(`/${b}`);
}

export function isTestFile(path: string): boolean {
  return TEST.test(path);
}

const FENCE = /```[\s\S]*?(?:```|$)/g;
const QUOTED_COMMAND = /`[^`\n]* [^`\n]*`/g;

/** In front of a file that is only spoken of. */
const REFERENCE =
  /\b(?:names? of|tests? (?:for|of)(?: [\w()]+){1,4} in|like|from|using|uses?|see|as in|based on|following|reads?|reading|loads?|loading|parses?|opens?|imports? it from|touch(?:ing)?|leave|keep|against|according to|instead of|via|run|running|runs?|execute|python[\d.]*|node|deno|bun|ruby|php|sh|bash|wie in|aus|von|mit den daten aus|laut|comme dans|depuis|selon|como en|desde|seg[uú]n|como em|conforme)(?: the| file| data| words| test| script)*\s*[`"'(]?$/i;
/** In a relative clause: "that reads x.csv", "which is imported by y.js". */
const RELATIVE = /\b(?:that|which|whose|so that|der|die|das|qui|que)\b[^,;.]*$/i;
/** Behind a file that is to pass, not to be changed. */
const PASSES =
  /^[`"')]*\s*(?:uses?|has|contains?|holds?|must|should|pass(?:es)?|is green|are green|succeeds?|works?|fails?|is failing|is red|shows?|says?)\b/i;
const ABOUT_TESTS =
  /\b(?:add|write|create|update|extend|adapt|fix|make)\b[^.\n]{0,60}\b(?:tests?|specs?)\b|test_\w+\.py with/i;

/** The files that a task wants changed or made; those that it only speaks of are left out. Fenced code and quoted commands do not count. */
export function filesToChange(task: string): readonly string[] {
  const text = task.replace(FENCE, " ").replace(QUOTED_COMMAND, " ");
  const wanted = new Set<string>();
  for (const match of text.matchAll(FILE)) {
    const path = match[0].replace(/^\.\//, "");
    const before = text.slice(Math.max(0, match.index - 80), match.index).split("\n").at(-1) ?? "";
    const after = text.slice(match.index + match[0].length, match.index + match[0].length + 20);
    if (PRODUCT.test(path) || REFERENCE.test(before) || PASSES.test(after)) continue;
    if (RELATIVE.test(before) && !/\band\s*$/.test(before)) continue;
    if (/^\s*(?:File ".*|at .*|.*:\d+:\d+.*)$/.test(before) || /^:\d+/.test(after)) continue;
    if (isTestFile(path) && !ABOUT_TESTS.test(text)) continue;
    wanted.add(path);
  }
  return [...wanted];
}

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { compileRegex } from "./_linear_regex.ts";
import { type Match, searchLines } from "./_search_lines.ts";
import { searchRipgrep } from "./_search_ripgrep.ts";
import { tempContext } from "./_temp_context.ts";
import search from "./search.ts";

const hasRipgrep = spawnSync("rg", ["--version"]).status === 0;
const project = {
  ".gitignore": "out/\n",
  "a.py": "def main():\n    pass\n",
  "src/b.py": "import a\r\na.main()\r\n",
  "src/c.ts": "main();\n",
  ".hidden/d.py": "main\n",
  "out/e.py": "main\n",
  ".git/f": "main\n",
  "x.bin": new Uint8Array([...new TextEncoder().encode("main\n"), 0, 10]),
};

async function drain<End>(found: AsyncGenerator<Match, End>): Promise<{ matches: Match[]; end: End }> {
  const matches: Match[] = [];
  for (let next = await found.next();; next = await found.next()) {
    if (next.done) return { matches, end: next.value };
    matches.push(next.value);
  }
}

Deno.test("search gives path, line and text, git-ignored and binary files left out", async () => {
  await using space = await tempContext(project);
  await symlink("/etc/passwd", join(space.root, "link"));
  assert.equal(
    await space.call(search, { pattern: "\\bmain\\b" }),
    ".hidden/d.py:1: main\na.py:1: def main():\nsrc/b.py:2: a.main()\nsrc/c.ts:1: main();",
  );
  assert.equal(await space.call(search, { pattern: "main", glob: "*.ts" }), "src/c.ts:1: main();");
  assert.equal(
    await space.call(search, { pattern: "main", path: "src", glob: "**/*.py" }),
    "src/b.py:2: a.main()",
  );
  assert.equal(await space.call(search, { pattern: "main", path: "a.py" }), "a.py:1: def main():");
});

Deno.test("search tells no match from an error", async () => {
  await using space = await tempContext(project);
  assert.equal(await space.call(search, { pattern: "absent" }), 'No match for "absent" in the project');
  assert.equal(
    await space.call(search, { pattern: "absent", path: "src", glob: "*.py" }),
    'No match for "absent" in src, files *.py',
  );
  await assert.rejects(space.call(search, { pattern: "x", path: "nowhere" }), /no such file or folder/);
  await assert.rejects(space.call(search, { pattern: "x", path: "/etc" }), /outside the workspace/);
  await assert.rejects(space.call(search, { pattern: "a\nb" }), /one by one/);
});

Deno.test("search mends what it safely can and says so", async () => {
  await using space = await tempContext({ "a.js": "call(x\nTodo: y\nfoo(bar\n" });
  assert.equal(
    await space.call(search, { pattern: "call(" }),
    "[not a valid regular expression: searched as plain text]\na.js:1: call(x",
  );
  assert.equal(
    await space.call(search, { pattern: "TODO" }),
    "[no exact match: upper and lower case ignored]\na.js:2: Todo: y",
  );
  assert.equal(await space.call(search, { pattern: "foo(?=\\()" }), "a.js:3: foo(bar");
  await assert.rejects(space.call(search, { pattern: "(?!x)(a+)+$" }), /simpler pattern/);
});

Deno.test("search cuts long lines and long lists, and says how to narrow", async () => {
  await using space = await tempContext({
    "a.txt": "hit\n".repeat(250),
    "b.js": `hit${"x".repeat(5_000)}\n`,
  });
  const text = await space.call(search, { pattern: "hit" });
  assert.equal(text.split("\n").length, 101);
  assert.match(text, /\[100 of 251 matches in 2 files; narrow it with path or glob\]$/);
  const long = await space.call(search, { pattern: "hitx" });
  assert.ok(long.length < 300, long);
  const flood = await tempContext({ "a.txt": "hit\n".repeat(5_000) });
  assert.match(await flood.call(search, { pattern: "hit" }), /\[100 of more than 1000 matches/);
  await flood[Symbol.asyncDispose]();
});

Deno.test({
  name: "search gives the same where ripgrep is missing",
  ignore: !hasRipgrep,
  fn: async () => {
    const { success, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["test", "-A", "--no-check", "--filter", "search ", import.meta.filename ?? ""],
      env: { PATH: "/nowhere", NO_COLOR: "1" },
    }).output();
    assert.ok(success, new TextDecoder().decode(stdout));
  },
});

Deno.test({
  name: "searchLines() finds the same as ripgrep",
  ignore: !hasRipgrep,
  fn: async () => {
    await using space = await tempContext({
      ...project,
      "long.txt": `${"x".repeat(3_000)}main\nmain`,
      "u.txt": "é main ü\n",
    });
    for (
      const [pattern, path] of [["main", "."], ["^\\s*main", "src"], ["ü$", "."], [
        "pass|import",
        ".",
      ]] as const
    ) {
      const regex = compileRegex(pattern, "");
      assert.ok(typeof regex === "object");
      const every = { wants: () => true, budgetMs: 20_000 };
      const own = await drain(searchLines(path, { ...regex, ...every }, space.context));
      const options = { pattern, isLiteral: false, ignoreCase: false, maxLineChars: 2_000, ...every };
      const fast = await drain(searchRipgrep(path, options, space.context));
      const short = fast.matches.filter((match) => match.path !== "long.txt" || match.line === 2);
      assert.deepEqual(own.matches, short, pattern);
      assert.deepEqual([own.end, fast.end], [true, true]);
    }
  },
});

Deno.test({
  name: "searchRipgrep() hands back a pattern that it does not read",
  ignore: !hasRipgrep,
  fn: async () => {
    await using space = await tempContext(project);
    const every = {
      isLiteral: false,
      ignoreCase: false,
      maxLineChars: 2_000,
      wants: () => true,
      budgetMs: 20_000,
    };
    for (const pattern of ["(", "a(?=b)", "(a)\\1"]) {
      assert.deepEqual(await drain(searchRipgrep(".", { pattern, ...every }, space.context)), {
        matches: [],
        end: "pattern",
      });
    }
  },
});

Deno.test("searchLines() takes a single line of 50 MB", async () => {
  await using space = await tempContext({ "a.txt": new Uint8Array(50_000_000).fill(97) });
  const regex = compileRegex("^aaa", "");
  assert.ok(typeof regex === "object");
  const found = await drain(
    searchLines(".", { ...regex, wants: () => true, budgetMs: 20_000 }, space.context),
  );
  assert.deepEqual(found, { matches: [{ path: "a.txt", line: 1, text: "a".repeat(2_000) }], end: true });
});

Deno.test("searchLines() ends at its budget and when aborted", async () => {
  await using space = await tempContext(project);
  const test = { test: () => true, maxLineChars: 100, wants: () => true };
  assert.equal((await drain(searchLines(".", { ...test, budgetMs: -1 }, space.context))).end, false);
  const aborted = { ...space.context, signal: AbortSignal.abort(new Error("stop")) };
  await assert.rejects(drain(searchLines(".", { ...test, budgetMs: 1_000 }, aborted)), /stop/);
});

Deno.test("compileRegex() lets usual patterns through and refuses endless ones", () => {
  const kindOf = (pattern: string) => {
    const regex = compileRegex(pattern, "");
    return typeof regex === "string" ? regex : regex.maxLineChars;
  };
  const cases: [string, ReturnType<typeof kindOf>][] = [
    ["def \\w+\\(", 2_000],
    ["^import .* from", 2_000],
    ["(foo|bar)\\s*=", 2_000],
    ["[(a+)+]", 2_000],
    ["\\(a+\\)+", 2_000],
    ["a.*b.*c", 800],
    [".*a.*b.*c", 250],
    ["(", "invalid"],
    ["(a+)+$", "slow"],
    ["(a|ab)*c", "slow"],
    ["((a+)b)*", "slow"],
    ["(?:\\w*)*", "slow"],
    ["(a{2,}){3,}", "slow"],
    [".*.*.*.*x", "slow"],
  ];
  assert.deepEqual(cases.map(([pattern]) => [pattern, kindOf(pattern)]), cases);
});

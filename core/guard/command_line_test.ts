import assert from "node:assert/strict";
import fc from "fast-check";
import { parseCommandLine } from "./command_line.ts";

/** Commands in short: assignments, words (`~` marks a glob, `$` a dynamic one), redirections, `<|` when piped. */
function show(line: string): string[] | string {
  const parsed = parseCommandLine(line);
  if (parsed.kind === "complex") return `complex: ${parsed.why}`;
  return parsed.commands.map(({ words, assignments, redirections, isPiped }) =>
    [
      ...(isPiped ? ["<|"] : []),
      ...assignments.map((name) => `${name}=`),
      ...words.map(({ text, kind }) => `${kind === "glob" ? "~" : kind === "dynamic" ? "$" : ""}[${text}]`),
      ...redirections.map(({ operator, target }) => `${operator}{${target.text}}`),
    ].join(" ")
  );
}

Deno.test("parseCommandLine() reads words, chains and redirections as a shell does", () => {
  const cases: [string, string[] | string][] = [
    ["npm test", ["[npm] [test]"]],
    ["a'b c'\"d e\"f\\ g", ["[ab cd ef g]"]],
    ['"a\\"b\\$c\\d"', ['[a"b$c\\d]']],
    ["''", ["[]"]],
    ["a && b || c; d & e\nf", ["[a]", "[b]", "[c]", "[d]", "[e]", "[f]"]],
    ["a | b |& c || d", ["[a]", "<| [b]", "<| [c]", "[d]"]],
    ["(a; b) && { c; }", ["[a]", "[b]", "[c]"]],
    ["X=1 Y='2 3' a b=c", ["X= Y= [a] [b=c]"]],
    ["X=1", ["X="]],
    ["a > o 2>> e < i 2>&1 &> all >| f <<< s", ["[a] >{o} 2>>{e} <{i} 2>&{1} &>{all} >|{f} <<<{s}"]],
    [">x a", ["[a] >{x}"]],
    ["a>b", ["[a] >{b}"]],
    ["a # b; c", ["[a]"]],
    ["a b#c", ["[a] [b#c]"]],
    ["a \\\n b", ["[a] [b]"]],
    ["a *.ts b?[c]", ["[a] ~[*.ts] ~[b?[c]]"]],
    ["a '*.ts'", ["[a] [*.ts]"]],
    ['a $x ${y} $? "$z"', ["[a] $[$x] $[${y}] $[$?] $[$z]"]],
    ["a {b,c} {} {d..e}", ["[a] $[{b,c}] [{}] $[{d..e}]"]],
    ["a $(b | c) `d \\`e\\``", ["[b]", "<| [c]", "[e]", "[d] $[`e`]", "[a] $[$(b | c)] $[`d \\`e\\``]"]],
    ['a "x $(b) y"', ["[b]", "[a] $[x $(b) y]"]],
    ["a <(b) >(c)", ["[b]", "[c]", "[a] $[] $[]"]],
    ["a $'\\x41' $((1+2)) $\"b\"", ['[a] $[] $[$((1+2))] $[$"b"]']],
    ["if a; then b; elif c; then d; else e; fi", ["[a]", "[b]", "[c]", "[d]", "[e]"]],
    ["while a; do b; done; until c; do d; done", ["[a]", "[b]", "[c]", "[d]"]],
    ["for i in 1 $(a); do b $i; done", ["[a]", "[b] $[$i]"]],
    ["! a", ["[a]"]],
    ["", []],
    ["# only", []],
    ["a <<EOF", "complex: it has a here-document"],
    ["a <<-EOF", "complex: it has a here-document"],
    ["f() { a; }", "complex: it defines a function"],
    ["case a in b) c;; esac", "complex: it has case"],
    ["[[ a < b ]]", "complex: it has [["],
    ["((a))", "complex: it has an arithmetic command"],
    ["a=(b c)", "complex: it sets an array"],
    ["a 'b", "complex: a quote is not closed"],
    ['a "b', "complex: a quote is not closed"],
    ["a `b", "complex: a backtick is not closed"],
    ["a $(b", "complex: a parenthesis is not closed"],
    ["a )", "complex: a parenthesis was not opened"],
    ["a ${b:-$(c)}", "complex: an expansion holds another"],
    ["a >", "complex: a word is missing"],
  ];
  assert.deepEqual(cases.map(([line]) => [line, show(line)]), cases);
});

Deno.test("parseCommandLine() never throws, whatever it is given", () => {
  const pieces = fc.constantFrom(
    "a",
    " ",
    "'",
    '"',
    "`",
    "$(",
    ")",
    "(",
    "{",
    "}",
    "<",
    ">",
    "&",
    "|",
    ";",
    "\n",
    "\\",
    "$",
    "#",
    "<<",
    "if ",
    "for ",
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
      const parsed = parseCommandLine(parts.join(""));
      assert.ok(parsed.kind === "commands" || parsed.why !== "");
    }),
    { seed: 7, numRuns: 5_000 },
  );
});

Deno.test("parseCommandLine() finds the commands that bash runs", async () => {
  const lines = [
    "t 1 && t 2 | t 3; (t 4); { t 5; }",
    'if t 1; then t 2; fi; echo "$(t 3) `t 4`"',
    "for i in $(t 1) 2; do t 3; done",
    "echo a'$(t 1)' \"\\$(t 2)\" # $(t 3)\nt 4",
    "X=$(t 1) t 2; ! t 3",
    "cat <(t 1) <<< $(t 2)",
  ];
  for (const line of lines) {
    const script = 't() { echo "t $1" >> "$LOG"; }; export -f t; eval "$LINE"; wait';
    const log = await Deno.makeTempFile();
    const ran = await new Deno.Command("bash", {
      args: ["-c", script],
      env: { LOG: log, LINE: line },
      stdout: "null",
    }).output();
    assert.ok(ran.success || line.endsWith("3"), line);
    const run = new Set((await Deno.readTextFile(log)).trim().split("\n"));
    await Deno.remove(log);
    const parsed = parseCommandLine(line);
    assert.ok(parsed.kind === "commands", line);
    const found = new Set(
      parsed.commands.map(({ words }) => words.map(({ text }) => text).join(" ")).filter((text) =>
        text.startsWith("t ")
      ),
    );
    assert.deepEqual([...found].sort(), [...run].sort(), line);
  }
});

Deno.test("parseCommandLine() refuses what is too long or too deep", () => {
  assert.equal(show("a".repeat(20_001)), "complex: it has over 20000 characters");
  assert.equal(show("( ".repeat(30) + "a" + ")".repeat(30)), "complex: it is nested too deep");
  assert.equal(show("$(".repeat(30) + "a" + ")".repeat(30)), "complex: it is nested too deep");
});

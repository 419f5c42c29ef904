import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { PermissionRequest } from "../tool.ts";
import { judge, type PermissionRules } from "./permissions.ts";

const base = {
  allow: [],
  deny: [],
  sandboxed: false,
  sessionAllowed: new Set<string>(),
  root: "/work/project",
};
const allow = [
  "npm test",
  "git status",
  "git diff",
  "cargo test",
  "go test",
  "make",
  "ls",
  "cat",
  "python manage.py test",
  "python3 -m pytest",
];
/** The rules that rows of the suite name. */
const RULES: Readonly<Record<string, PermissionRules>> = {
  ask: { ...base, mode: "ask", allow },
  edits: { ...base, mode: "edits", allow },
  auto: { ...base, mode: "auto", sandboxed: true },
  open: { ...base, mode: "auto" },
  deny: { ...base, mode: "auto", sandboxed: true, deny: ["git push", "npm publish"] },
  read: { ...base, mode: "read-only", allow },
};

interface Row {
  readonly rules: string;
  readonly command: string;
  readonly want: string;
}

const rows: Row[] = readFileSync(new URL("./testdata/command_lines.jsonl", import.meta.url), "utf8")
  .trimEnd().split("\n").map((line) => JSON.parse(line));

function run(command: string): PermissionRequest {
  return { effect: "run", what: `run: ${command}`, command };
}

function rulesOf(row: Row): PermissionRules {
  const rules = RULES[row.rules];
  if (!rules) throw new RangeError(`Cannot find rules "${row.rules}"`);
  return rules;
}

Deno.test("judge() gives the wanted verdict for the suite of command lines", () => {
  assert.ok(rows.length >= 200);
  const wrong = rows
    .map((row) => ({ ...row, got: judge(run(row.command), rulesOf(row)).decision }))
    .filter((row) => row.got !== row.want);
  assert.deepEqual(wrong, []);
});

Deno.test("judge() never allows a line of which a part alone is not allowed", () => {
  const rules = rulesOf({ rules: "ask", command: "", want: "" });
  const refused = rows.filter((row) => row.rules === "ask" && row.want === "ask" && row.command.trim() !== "")
    .map((row) => row.command)
    .filter((command) => !/^(?:X=1|echo hi|pwd|cd src|#.*)$/.test(command));
  const frames = [
    (c: string) => `npm test; ${c}`,
    (c: string) => `${c}\nnpm test`,
    (c: string) => `npm test && (${c}\n)`,
  ];
  const allowed = refused.flatMap((command) => frames.map((frame) => frame(command)))
    .filter((command) => judge(run(command), rules).decision === "allow");
  assert.deepEqual(allowed, []);
});

Deno.test("judge() goes by the mode where no rule speaks", () => {
  const decide = (effect: PermissionRequest["effect"], rules: PermissionRules) =>
    judge({ effect, what: "x", ...(effect === "run" ? { command: "x" } : {}) }, rules).decision;
  const table = (["none", "read", "write", "run", "network"] as const).map((effect) => [
    effect,
    ...(["read", "ask", "edits", "open", "auto"] as const).map((name) => {
      return decide(effect, rulesOf({ rules: name, command: "", want: "" }));
    }),
  ]);
  assert.deepEqual(table, [
    ["none", "allow", "allow", "allow", "allow", "allow"],
    ["read", "allow", "allow", "allow", "allow", "allow"],
    ["write", "deny", "ask", "allow", "allow", "allow"],
    ["run", "deny", "ask", "ask", "ask", "allow"],
    ["network", "deny", "ask", "ask", "ask", "ask"],
  ]);
});

Deno.test("judge() asks for what a plugin made of a call, whatever the mode and the allow rules say", () => {
  const judged = (name: string, effect: "read" | "write" | "run") =>
    judge(
      { effect, what: "x", command: "npm test", changedBy: "p" },
      rulesOf({ rules: name, command: "", want: "" }),
    );
  assert.deepEqual(judged("auto", "run"), {
    decision: "ask",
    by: "rule",
    why: "plugin p changed what the model asked for",
  });
  assert.deepEqual(
    [judged("edits", "write"), judged("ask", "run"), judged("auto", "read"), judged("read", "run")].map((
      one,
    ) => one.decision),
    ["ask", "ask", "allow", "deny"],
  );
});

Deno.test("judge() remembers what the session allowed, word for word, but nothing ruinous", () => {
  const sessionAllowed = new Set(["run: rm ../x", "run: rm -rf /"]);
  const rules = { ...base, mode: "ask" as const, sessionAllowed };
  assert.deepEqual(
    ["rm ../x", "rm ../x y", "rm -rf /"].map((command) => judge(run(command), rules).decision),
    [
      "allow",
      "ask",
      "deny",
    ],
  );
});

Deno.test("judge() says why in words for a person", () => {
  const why = (command: string) => judge(run(command), rulesOf({ rules: "auto", command: "", want: "" })).why;
  assert.deepEqual(["rm ../x", "rm -rf /", "git clean -fd", "curl x | sh"].map(why), [
    'rm acts on "../x", outside the workspace',
    'rm would act on all of "/"',
    "git clean can lose work that is not committed",
    "sh runs whatever is piped into it",
  ]);
});

Deno.test("judge() counts every absolute path as outside where the workspace is not known", () => {
  const { root: _root, ...rest } = base;
  const rules = { ...rest, mode: "auto" as const, sandboxed: true };
  assert.equal(judge(run("rm /work/project/a"), rules).decision, "ask");
});

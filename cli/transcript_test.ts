import assert from "node:assert/strict";
import type { Event, EventBody } from "../core/events.ts";
import { openTranscript } from "./transcript.ts";

const head = { at: 0, session: "s", turn: 1, step: 1 };

/** What a person reads of some events. */
function shown(bodies: readonly EventBody[], isLive = false): string {
  let text = "";
  const take = openTranscript({ write: (part) => text += part, colour: false, columns: 60, isLive });
  for (const body of bodies) take({ ...head, ...body } as Event);
  return text;
}

const token = (text: string): EventBody => ({ type: "token", text });
const parsed = (kind: "calls" | "final" | "malformed", why = ""): EventBody => ({
  type: "parsed",
  kind,
  calls: [],
  dialect: "json",
  repairs: [],
  why,
});

Deno.test("openTranscript() streams an answer as it comes", () => {
  const text = shown([
    token("It adds "),
    token("two numbers, and "),
    token("returns them.\n"),
    token("Bye."),
    parsed("final"),
  ]);
  assert.equal(text, "It adds two numbers, and returns them.\nBye.\n");
});

Deno.test("openTranscript() hides a call that is written as text, and shows the call itself", () => {
  const text = shown([
    token("I read it.\n"),
    token("```json\n"),
    token('{"name": "read_file"}\n```'),
    parsed("calls"),
    { type: "tool_start", id: "1", name: "read_file", args: { path: "a.ts" }, effect: "read" },
    { type: "tool_end", id: "1", name: "read_file", ok: true, ms: 3, result: "", summary: "120 lines" },
  ]);
  assert.equal(text, "I read it.\n● read_file path=a.ts\n  120 lines (3 ms)\n");
});

Deno.test("openTranscript() shows the short line before native calls, and no call that is written as text", () => {
  const before = (dialect: string): EventBody => ({ ...parsed("calls"), dialect } as EventBody);
  assert.equal(shown([token("I look:"), before("native")]), "I look:\n");
  assert.equal(shown([token("A first line.\n"), token("Now "), before("native")]), "A first line.\nNow \n");
  assert.equal(shown([token("\n"), before("native")]), "\n");
  assert.equal(shown([token("patch a.ts"), before("raw")]), "");
});

Deno.test("openTranscript() shows an answer that begins like a call once it is known to be one", () => {
  assert.equal(
    shown([token("```ts\n"), token("const a = 1;\n```"), parsed("final")]),
    "```ts\nconst a = 1;\n```\n",
  );
  assert.equal(shown([token("bash\n"), token("ls"), parsed("calls")]), "");
});

Deno.test("openTranscript() drops what was shown of a reply that is asked for again", () => {
  const text = shown([
    token("```json\n{"),
    { type: "retry", attempt: 1, waitMs: 500, reason: "the stream was cut" },
    token("All is well now, I think so.\n"),
    parsed("final"),
  ]);
  assert.equal(text, "asking again (1) in 1 s: the stream was cut\nAll is well now, I think so.\n");
});

Deno.test("openTranscript() never writes what a terminal would obey", () => {
  const text = shown([
    token("red: \x1b[31m and title \x1b]0;x\x07 here now\n"),
    parsed("malformed", "\x1b[2J not JSON"),
    { type: "error", name: "E", message: "\x1b[1A up" },
  ]);
  assert.ok(!text.includes("\x1b"), JSON.stringify(text));
});

Deno.test("openTranscript() overwrites its status line on a terminal and leaves nothing of it", () => {
  const text = shown([
    { type: "prefill", done: 100, total: 400, cached: 0, ms: 10 },
    token("All is well now, I think so.\n"),
    parsed("final"),
  ], true);
  const line = "the server reads the prompt: 100 of 400 tokens (0 from cache)".slice(0, 58) + "…";
  assert.equal(text, `${line}\r${" ".repeat(59)}\rAll is well now, I think so.\n`);
});

Deno.test("openTranscript() shows the first of what a plugin says, and what it was refused or stopped for", () => {
  const plugin = (action: "said" | "denied" | "stopped" | "called", what: string): EventBody => ({
    type: "plugin",
    plugin: "bad",
    action,
    what,
    ms: 0,
  });
  const text = shown([
    ...[1, 2, 3, 4, 5, 6, 7].map((n) => plugin("said", `line ${n}\x1b[2J`)),
    plugin("called", "read a.md"),
    plugin("denied", "read b.md"),
    plugin("stopped", "tool x"),
    { type: "tool_start", id: "1", name: "x", args: {}, effect: "read" },
    plugin("said", "again"),
  ]);
  assert.equal(
    text,
    [
      ...[1, 2, 3, 4, 5].map((n) => `  bad: line ${n}`),
      "  bad: what it says further is in smallcode trace",
      "  plugin bad was refused: read b.md",
      "  plugin bad was stopped: tool x",
      "● x ",
      "  bad: again",
      "",
    ].join("\n"),
  );
});

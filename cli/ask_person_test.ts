import assert from "node:assert/strict";
import process from "node:process";
import { answerYes, askLine, askPerson, askRecovery } from "./ask_person.ts";

const QUESTION = { kind: "permission", what: "run: x", why: "" } as const;

// It reads the process's own input, so it asks in a process of its own.
if (Deno.args[0] === "ask") {
  const { signal } = new AbortController();
  process.stdout.write(
    `${await askPerson({ ask: (text) => askLine(text, signal), show: () => {} }, QUESTION)}\n`,
  );
}

Deno.test("askPerson() takes a closed input for no", async () => {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", import.meta.filename ?? "", "ask"],
    stdin: "null",
  }).output();
  assert.deepEqual([code, new TextDecoder().decode(stdout)], [0, "no\n"]);
});

const LINES = Array.from({ length: 60 }, (_, i) => `line ${i + 1}`);
const ESCALATION = {
  kind: "escalation",
  what: "send this task to big at https://api.example.com",
  why: "no file was changed",
  host: "https://api.example.com",
  preview: LINES.join("\n"),
} as const;

/** A person who types these lines. */
function person(...typed: string[]) {
  let shown = "";
  const asked: string[] = [];
  return {
    shown: () => shown,
    asked,
    asking: {
      ask: (text: string) => {
        asked.push(text);
        return Promise.resolve(typed.shift() ?? "");
      },
      show: (text: string) => void (shown += text),
    },
  };
}

Deno.test("askPerson() shows a preview by and by, all of it when asked, and takes Enter for no", async () => {
  const hasty = person("");
  assert.equal(await askPerson(hasty.asking, ESCALATION), "no");
  assert.ok(hasty.shown().includes("line 24\n") && !hasty.shown().includes("line 25\n"), hasty.shown());
  const thorough = person("m", "more", "what", "y");
  assert.equal(await askPerson(thorough.asking, ESCALATION), "once");
  for (const line of LINES) assert.ok(thorough.shown().includes(`${line}\n`), line);
  assert.match(
    thorough.asked[0] ?? "",
    /^Send this task to big at https:\/\/api\.example\.com\?\n.*\[m\]ore/,
  );
  assert.doesNotMatch(thorough.asked.at(-1) ?? "", /more/);
});

Deno.test("askPerson() knows no always for what leaves the machine", async () => {
  assert.equal(await askPerson(person("always", "s").asking, ESCALATION), "session");
});

Deno.test("answerYes() allows what runs here, and leaves what would leave to a person or to no", async () => {
  const { signal } = new AbortController();
  assert.equal(await answerYes(undefined)(QUESTION, signal), "once");
  assert.equal(await answerYes(undefined)(ESCALATION, signal), "no");
  assert.equal(await answerYes(() => Promise.resolve("session"))(ESCALATION, signal), "session");
});

Deno.test("askRecovery() names what can be put back, and what cannot", async () => {
  const someone = person("x", "r");
  const turn = {
    turn: 2,
    session: "abc",
    paths: ["a\u001b[2J.ts"],
    unkept: ["b.txt", ...Array<string>(12).fill("c")],
    command: "make\nall",
  };
  assert.equal(await askRecovery(someone.asking, turn), "restore");
  assert.equal(
    someone.shown(),
    `Turn 2 of session abc was cut off. It had changed, or was about to change:\n  a.ts\n  b.txt (by a command; it stays as it is)\n${
      "  c (by a command; it stays as it is)\n".repeat(9)
    }  and 3 more by commands\n  make all was running; what it changed is not known\n`,
  );
});

Deno.test("askPerson() keeps a yes and a no about a plugin, and shows what changed in its wishes", async () => {
  const question = {
    kind: "plugin",
    plugin: "a",
    what: "a 1.0.0: wants\u001b[2J it",
    why: "new: talk to b",
  } as const;
  for (const [typed, answer] of [["y", "always"], ["s", "session"], ["n", "no"], ["", "no"]] as const) {
    const someone = person("what?", typed);
    assert.equal(await askPerson(someone.asking, question), answer);
    assert.equal(
      someone.asked[0],
      "Plugin a 1.0.0: wants it\n  new: talk to b\nGrant it? [y]es, [n]o, for this [s]ession: ",
    );
  }
});

import assert from "node:assert/strict";
import process from "node:process";
import { askLine, askPerson } from "./ask_person.ts";

const QUESTION = { kind: "permission", what: "run: x", why: "" } as const;

// It reads the process's own input, so it asks in a process of its own.
if (Deno.args[0] === "ask") {
  const { signal } = new AbortController();
  process.stdout.write(`${await askPerson((text) => askLine(text, signal), QUESTION)}\n`);
}

Deno.test("askPerson() takes a closed input for no", async () => {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", import.meta.filename ?? "", "ask"],
    stdin: "null",
  }).output();
  assert.deepEqual([code, new TextDecoder().decode(stdout)], [0, "no\n"]);
});

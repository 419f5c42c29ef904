import assert from "node:assert/strict";
import { shownCommand } from "./shown_command.ts";

Deno.test("shownCommand() is a command of the message that runs a changed file, and nothing else", () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ["write main.py; `python3 main.py 2 3` must print 5", "python3 main.py 2 3"],
    ["add a flag:\n$ node main.js --fast\nprints quickly", "node main.js --fast"],
    ["make python3 main.py work again", "python3 main.py"],
    ["`python3 other.py` fails, mend main.py", undefined],
    ["explain `main.py`", undefined],
    ["create main.py that prints hello", undefined],
  ];
  for (const [task, wanted] of cases) {
    assert.equal(shownCommand(task, ["src/main.js", "main.py", "main.js"]), wanted, task);
  }
});

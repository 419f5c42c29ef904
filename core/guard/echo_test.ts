import assert from "node:assert/strict";
import { echoes } from "./echo.ts";

const TASK = { role: "user" as const, content: "Explain this: def total(items): return sum(items)" };
const TOLD = {
  role: "user" as const,
  content: "No file was changed yet. If the task needs no change, say why.\nElse reply.",
};
const result = (content: string) => ({ role: "tool" as const, callId: "1", name: "patch", content });

Deno.test("echoes() knows a copy of a correction or an error, with other line breaks too", () => {
  assert.equal(echoes("No file was changed yet. If the task\nneeds no change", [TASK, TOLD], 0), true);
  const error = "Error: Not changed: The search text is not in the file. Copy it exactly";
  assert.equal(echoes(`${error}`, [TASK, result(`${error} from these lines`)], 0), true);
});

Deno.test("echoes() takes an answer for one", () => {
  assert.equal(echoes("No file was changed, because the task needs no change.", [TASK, TOLD], 0), false);
  assert.equal(echoes("say why", [TASK, TOLD], 0), false, "short");
  assert.equal(
    echoes("def total(items): return sum(items)     ".repeat(2), [TASK], 0),
    false,
    "the task's own text",
  );
  const text = "def total(items):\n    return sum(items)\n# and the rest";
  assert.equal(echoes(text, [TASK, result(text)], 0), false, "a file that was asked for");
});

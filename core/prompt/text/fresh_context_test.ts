import { deepEqual } from "node:assert/strict";
import type { FileChange } from "../../types.ts";
import { anewMessage } from "./fresh_context.ts";

Deno.test("anewMessage() tells what the model wrote before what commands made, and counts the rest of it", () => {
  const change = (path: string, by: FileChange["by"]): FileChange => ({
    path,
    kind: "created",
    linesAdded: 1,
    linesRemoved: 0,
    by,
  });
  const changes = [
    ...Array.from({ length: 300 }, (_, i) => change(`gen/${i}`, "command")),
    change("own", "tool"),
  ];
  const ledger = { changes, commands: [], writes: 301 };
  const message = anewMessage({ asked: [], files: "", task: "t", ledger, wrong: "", how: "Go on." });
  const lines = message.split("\n");
  deepEqual([lines.length, lines[2], lines[3], lines[4], lines[12], lines[13], lines.at(-1)], [
    16,
    "Done so far:",
    "- created own (+1 -0)",
    "- created gen/0 (+1 -0)",
    "- created gen/8 (+1 -0)",
    "- changed 291 more files by commands",
    "Go on.",
  ]);
});

import { deepEqual } from "node:assert/strict";
import { lineDelta } from "./line_delta.ts";

const cases: [claim: string, before: string | null, after: string | null, added: number, removed: number][] =
  [
    ["counts each line of a new file", null, "a\nb\n", 2, 0],
    ["counts each line of a deleted file", "a\nb", null, 0, 2],
    ["counts nothing for an empty new file", null, "", 0, 0],
    ["counts nothing for the same text", "a\nb\n", "a\nb\n", 0, 0],
    ["counts a changed line once on each side", "a\nb\nc\n", "a\nX\nc\n", 1, 1],
    ["counts a line put between others", "a\nc\n", "a\nb\nc\n", 1, 0],
    ["counts two changes apart from each other", "a\nb\nc\nd\ne\n", "A\nb\nc\nd\nE\n", 2, 2],
    ["counts a lost final newline", "a\nb\n", "a\nb", 1, 1],
    ["counts changed line endings", "a\r\nb\r\n", "a\nb\n", 2, 2],
    ["counts a repeated line", "x\nx\n", "x\nx\nx\n", 1, 0],
  ];

for (const [claim, before, after, added, removed] of cases) {
  Deno.test(`lineDelta() ${claim}`, () => deepEqual(lineDelta(before, after), { added, removed }));
}

Deno.test("lineDelta() counts two files without a common line, however long, as replaced", () => {
  const before = Array.from({ length: 20_000 }, (_, i) => `old ${i}\n`).join("");
  const after = Array.from({ length: 30_000 }, (_, i) => `new ${i}\n`).join("");
  deepEqual(lineDelta(before, after), { added: 30_000, removed: 20_000 });
});

import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { parseDotenv, setDotenv } from "./dotenv.ts";

const READ: readonly (readonly [string, string, readonly (readonly [string, string, number])[]])[] = [
  ["nothing", "", []],
  ["comments and blank lines", "# A=1\n\nB=2\n", [["B", "2", 3]]],
  ["export and spaces", "  export A = b c  \n", [["A", "b c", 1]]],
  ["a comment after a value", "A=b # c\nD=e#f\n", [["A", "b", 1], ["D", "e#f", 2]]],
  ["single quotes as they stand", "A='b\\n #c' # d\n", [["A", "b\\n #c", 1]]],
  ["double quotes with escapes", 'A="b\\n\\"c\\" #d" # e\n', [["A", 'b\n"c" #d', 1]]],
  ["a quote that is not closed", 'A="b\n', [["A", '"b', 1]]],
  ["an empty value", "A=\n", [["A", "", 1]]],
  ["CRLF and no last newline", "A=1\r\nB=2", [["A", "1", 1], ["B", "2", 2]]],
  ["lines that are no assignment", "hello\n=x\n1A=2\n", []],
];

for (const [claim, text, expected] of READ) {
  Deno.test(`parseDotenv() reads ${claim}`, () => {
    deepEqual(parseDotenv(text).map(({ name, value, line }) => [name, value, line]), expected);
  });
}

const SET: readonly (readonly [string, string, Record<string, string | undefined>, string])[] = [
  ["adds to an empty file", "", { A: "1" }, "A=1\n"],
  ["adds at the end and keeps the rest", "# mine\nX='a b' # c", { A: "1" }, "# mine\nX='a b' # c\nA=1\n"],
  ["changes a line in place", "A=1\nB=2\n", { A: "3" }, "A=3\nB=2\n"],
  ["changes a name set twice where it counts", "A=1\nA=2\n", { A: "3" }, "A=1\nA=3\n"],
  ["removes every line of a name", "A=1\nB=2\nA=3\n", { A: undefined }, "B=2\n"],
  ["leaves nothing of a file with one line", "A=1\n", { A: undefined }, ""],
  ["keeps CRLF", "A=1\r\nB=2\r\n", { B: "3", C: "4" }, "A=1\r\nB=3\r\nC=4\r\n"],
  ["quotes what needs it", "", { A: 'a "b" #c\\', B: "" }, 'A="a \\"b\\" #c\\\\"\nB=""\n'],
];

for (const [claim, text, values, expected] of SET) {
  Deno.test(`setDotenv() ${claim}`, () => equal(setDotenv(text, values), expected));
}

Deno.test("setDotenv() writes any value so that it is read again, and changes no other line", () => {
  const line = fc.constantFrom("# c", "", "X=1", "export Y='2' # z", "A=old", "not one", '  Z="a\\"b"');
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), fc.string({ unit: "binary" }), (lines, value) => {
      const text = lines.map((line) => `${line}\n`).join("");
      const after = setDotenv(text, { A: value });
      equal(parseDotenv(after).findLast(({ name }) => name === "A")?.value, value);
      const rest = (lines: readonly string[]) => lines.filter((line) => !line.startsWith("A="));
      deepEqual(rest(after.split("\n").slice(0, -1)), rest(lines));
    }),
    { seed: 1, numRuns: 500 },
  );
});

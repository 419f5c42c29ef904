/** Search texts as models distort them, on a file of our own as it once was: the file that is meant comes out, or a refusal; never another file. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { applyEdit } from "./apply_edit.ts";
import { indentOf } from "./source_lines.ts";

/** A search text, its replacement, and the file that must come out: `null` for a refusal. */
interface Said {
  readonly original: string;
  readonly search: string;
  readonly replace: string;
  readonly expected: string | null;
}

interface Place {
  readonly before: readonly string[];
  readonly old: readonly string[];
  readonly wanted: readonly string[];
  readonly after: readonly string[];
}

const join = (...parts: readonly (readonly string[])[]) => parts.flat().join("\n");
const crlf = (text: string) => text.replaceAll("\n", "\r\n");

/** Every way in which what a place says can be said; those that change what is said must be refused. */
function distortions({ before, old, wanted, after }: Place): Readonly<Record<string, Said>> {
  const original = join(before, old, after);
  const expected = join(before, wanted, after);
  const said = (change: (lines: readonly string[]) => readonly string[]): Said => ({
    original,
    search: join(change(old)),
    replace: join(change(wanted)),
    expected,
  });
  const eachLine = (change: (line: string) => string) => (lines: readonly string[]) =>
    lines.map((line) => line.trim() === "" ? line : change(line));
  const depth = Math.min(...[...old, ...wanted].map((line) => indentOf(line).length));
  const numbered = (mark: string) => (lines: readonly string[]) =>
    lines.map((line, i) => `${before.length + 1 + i}${mark}${line}`);
  const plain = said((lines) => lines);
  const [first = "", second = ""] = old;
  return {
    exact: plain,
    "no indentation": said(eachLine((line) => line.slice(depth))),
    "half an indentation": said(eachLine((line) => line.slice(depth >> 1))),
    "too deep": said(eachLine((line) => `    ${line}`)),
    "trailing space in the search": { ...plain, search: said(eachLine((line) => `${line}  `)).search },
    "crlf file": { ...plain, original: crlf(original), expected: crlf(expected) },
    "crlf search": { ...plain, search: crlf(plain.search), replace: crlf(plain.replace) },
    "numbers | ": { ...plain, search: said(numbered(" | ")).search },
    "numbers tab": { ...plain, search: said(numbered("\t")).search },
    "numbers in both": said(numbered(": ")),
    "blank lines around": said((lines) => ["", ...lines, ""]),
    "one line left out": { ...plain, search: join([first], old.slice(2)), expected: null },
    "two lines swapped": { ...plain, search: join([second, first], old.slice(2)), expected: null },
    "a line too many": { ...plain, search: join([first, "inserted(1);"], old.slice(1)), expected: null },
    "another number": { ...plain, search: join([first, `${second} + 1`], old.slice(2)), expected: null },
  };
}

function* places(): Generator<Place> {
  const lines = readFileSync(new URL("testdata/sample.txt", import.meta.url), "utf8").split("\n");
  for (let at = 0; at + 4 < lines.length; at++) {
    const old = lines.slice(at, at + 4);
    if (old.some((line) => line.trim() === "") || old[0]?.trim() === old[1]?.trim()) continue;
    const wanted = [...old.slice(0, 2), `${indentOf(old[1] ?? "")}added(at);`, ...old.slice(2, 3)];
    yield { before: lines.slice(0, at), old, wanted, after: lines.slice(at + 4) };
  }
}

Deno.test("applyEdit() gives the file that a distorted search text means, or refuses", () => {
  const applied = new Map<string, number>();
  let count = 0;
  for (const place of places()) {
    if (join(place.before, place.old, place.after).split(join(place.old)).length !== 2) continue;
    count++;
    for (const [name, { original, search, replace, expected }] of Object.entries(distortions(place))) {
      const result = applyEdit(original, { kind: "search_replace", replacements: [{ search, replace }] }, {
        fuzzy: true,
      });
      if (result.kind === "refused") continue;
      assert.equal(result.text, expected, `${name}:\n${search}`);
      applied.set(name, (applied.get(name) ?? 0) + 1);
    }
  }
  assert.ok(count > 100, `${count} places`);
  // What only says the same otherwise is understood nearly always.
  for (
    const name of ["exact", "no indentation", "too deep", "crlf file", "numbers tab", "blank lines around"]
  ) {
    assert.ok((applied.get(name) ?? 0) >= 0.95 * count, `${name}: ${applied.get(name)} of ${count}`);
  }
});

import { deepEqual, equal, throws } from "node:assert/strict";
import fc from "fast-check";
import { parse, stringify } from "smol-toml";
import type { Value } from "./keys.ts";
import { findLine, setTomlValue } from "./toml_text.ts";

const SET: readonly (readonly [string, string, string, Value, string])[] = [
  ["makes table and key in an empty file", "", "model.name", "q", '[model]\nname = "q"\n'],
  [
    "makes a table at the end",
    "# mine\n[a]\nb = 1",
    "model.name",
    "q",
    '# mine\n[a]\nb = 1\n\n[model]\nname = "q"\n',
  ],
  [
    "changes a value in place",
    '[model]\nname = "a"\nx = 1\n',
    "model.name",
    "q",
    '[model]\nname = "q"\nx = 1\n',
  ],
  ["keeps the comment", '[model]\nname = "a" # why\n', "model.name", "q", '[model]\nname = "q" # why\n'],
  [
    "keeps a comment with quotes",
    '[model]\nname = "a # b" # don\'t "touch"\n',
    "model.name",
    "q",
    '[model]\nname = "q" # don\'t "touch"\n',
  ],
  [
    "adds to the end of its table, before the comments of the next",
    "[model]\nname = 1\n\n# next\n[tools]\n",
    "model.baseUrl",
    "u",
    '[model]\nname = 1\nbaseUrl = "u"\n\n# next\n[tools]\n',
  ],
  ["changes a dotted key", 'model.name = "a"\n', "model.name", "q", 'model.name = "q"\n'],
  ["changes a quoted key", '[model]\n"name" = "a"\n', "model.name", "q", '[model]\n"name" = "q"\n'],
  ["sets numbers, flags, lists", "", "a.b", ["x", "y"], '[a]\nb = [ "x", "y" ]\n'],
  ["keeps CRLF", "[a]\r\nb = 1\r\n", "a.b", 2, "[a]\r\nb = 2\r\n"],
  [
    "a table of three names",
    "[models.fast]\nname = 'a'\n",
    "models.fast.name",
    "q",
    '[models.fast]\nname = "q"\n',
  ],
];

for (const [claim, text, path, value, expected] of SET) {
  Deno.test(`setTomlValue() ${claim}`, () => equal(setTomlValue(text, path, value), expected));
}

for (
  const [claim, text] of [
    ["an inline table", 'model = { name = "a" }\n'],
    ["a value over several lines", '[model]\nname = """\na\n"""\n'],
    ["a file that is not TOML", "[model\nname = 1\n"],
  ] as const
) {
  Deno.test(`setTomlValue() refuses ${claim} with what to do by hand`, () => {
    throws(() => setTomlValue(text, "model.name", "q"), { name: "ConfigError", message: /set it by hand/ });
  });
}

Deno.test("setTomlValue() changes this value and no other", () => {
  const name = fc.constantFrom("a", "b", "c");
  const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.string(), { maxLength: 3 }));
  const table = fc.dictionary(name, value, { maxKeys: 3 });
  const file = fc.dictionary(fc.constantFrom("s", "t", "u"), table, { maxKeys: 3 });
  fc.assert(
    fc.property(file, fc.constantFrom("s", "t", "u"), name, value, (given, section, key, wanted) => {
      const after = setTomlValue(stringify(given), `${section}.${key}`, wanted as Value);
      const expected = { ...given, [section]: { ...given[section], [key]: wanted } };
      deepEqual(JSON.parse(JSON.stringify(parse(after))), JSON.parse(JSON.stringify(expected)));
    }),
    { seed: 1, numRuns: 500 },
  );
});

Deno.test("findLine() names the line of a key, else of the table around it", () => {
  const text =
    '# c\n[model]\nname = "a"\n\n[models.fast]\n"name" = 1\n[tools]\nenabled = [\n  "a = b",\n]\nx = 1\n';
  deepEqual(
    ["model.name", "models.fast.name", "models.fast.other", "tools.enabled", "tools.x", "nosuch"].map((
      path,
    ) => findLine(text, path)),
    [3, 6, 5, 8, 11, 1],
  );
});

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openTestHost, type TestHost } from "./_test_host.ts";
import plugin from "./format-on-edit.ts";

const edit = (host: TestHost, changed: readonly string[], ok = true) =>
  plugin.hooks.afterTool({ name: "patch", args: {}, ok, result: "", changed }, host);

Deno.test("format-on-edit runs the project's formatter and says that lines may have moved", async () => {
  const host: TestHost = await openTestHost({
    files: { "pyproject.toml": "[tool.ruff]\nline-length = 88\n", "a.py": "x=1\n" },
    programs: {
      ruff: ([, , path = ""]) => {
        writeFileSync(join(host.root, path), "x = 1\n");
        return { exitCode: 0, output: "" };
      },
    },
  });
  await using _ = host;
  assert.deepEqual(await edit(host, ["a.py"]), {
    add: "(ruff format has laid out a.py; its lines may have moved.)",
  });
  assert.equal(await edit(host, ["a.py"]), undefined, "nothing to say where nothing changed");
  assert.deepEqual(host.ran, ["ruff format --quiet a.py", "ruff format --quiet a.py"]);
});

Deno.test("format-on-edit takes the formatter that the project names, and none that it does not", async () => {
  const cases: readonly (readonly [Record<string, string>, string, string | undefined])[] = [
    [
      { "package.json": '{"devDependencies": {"prettier": "3"}}' },
      "a.ts",
      "npx --no-install prettier --write a.ts",
    ],
    [{ "biome.json": "{}", ".prettierrc": "{}" }, "a.ts", "npx --no-install biome format --write a.ts"],
    [{ "deno.json": "{}" }, "a.ts", "deno fmt --quiet a.ts"],
    [{ "go.mod": "module a" }, "a.go", "gofmt -w a.go"],
    [{ "Cargo.toml": "" }, "a.rs", "rustfmt --edition 2021 a.rs"],
    [{ "pyproject.toml": "[tool.black]" }, "a.py", "black --quiet a.py"],
    [{ "pyproject.toml": "[project]" }, "a.py", undefined],
    [{ "package.json": "{}" }, "a.ts", undefined],
  ];
  const done = () => ({ exitCode: 0, output: "" });
  const programs = { npx: done, deno: done, gofmt: done, rustfmt: done, black: done };
  for (const [files, path, command] of cases) {
    await using host = await openTestHost({ files: { ...files, [path]: "x" }, programs });
    await edit(host, [path]);
    assert.deepEqual(host.ran, command === undefined ? [] : [command]);
    const shape = command?.replace(path, "<file>");
    assert.ok(shape === undefined || plugin.permissions.run.includes(shape), shape);
  }
});

Deno.test("format-on-edit does nothing after a failed call or for a file that is gone, and survives a formatter that fails", async () => {
  await using host = await openTestHost({
    files: { "go.mod": "", "a.go": "x" },
    programs: { gofmt: () => ({ exitCode: 2, output: "expected declaration" }) },
  });
  assert.equal(await edit(host, ["a.go"], false), undefined);
  assert.equal(await edit(host, ["gone.go"]), undefined);
  assert.deepEqual(host.ran, []);
  assert.equal(await edit(host, ["a.go"]), undefined);
});

import assert from "node:assert/strict";
import type { ToolSchema } from "../types.ts";
import { noSuchTool, resolveName } from "./names.ts";

function tools(...names: readonly string[]): readonly ToolSchema[] {
  return names.map((name) => ({ name, description: "", parameters: {} }));
}

Deno.test("resolveName() finds the one tool that is meant", () => {
  const offered = tools("read_file", "write_file", "patch", "bash", "get_time", "x-y");
  const cases: [string, string | undefined, string | undefined][] = [
    ["read_file", "read_file", undefined],
    [" read_file ", "read_file", undefined],
    ["functions.read_file:0", "read_file", "tool name artefacts"],
    ["read_file<|channel|>commentary", "read_file", "tool name artefacts"],
    ["\u0120read_file", "read_file", "tool name artefacts"],
    ["ReadFile", "read_file", "tool name spelling"],
    ["x_y", "x-y", "tool name spelling"],
    ["run_shell_command", "bash", "tool name alias"],
    ["str_replace", "patch", "tool name alias"],
    ["read_flie", "read_file", "tool name near miss"],
    ["reed_file", undefined, undefined],
    ["set_time", undefined, undefined],
    ["get_weather", undefined, undefined],
    ["delete_file", undefined, undefined],
    ["", undefined, undefined],
    ["()", undefined, undefined],
  ];
  for (const [written, name, repair] of cases) {
    const resolved = resolveName(written, offered);
    assert.deepEqual([resolved?.tool.name, resolved?.repair], [name, repair], written);
  }
});

Deno.test("resolveName() does not choose between two tools", () => {
  assert.equal(resolveName("read", tools("read_file", "view_file")), undefined);
  assert.equal(resolveName("tool", tools("tool1", "tool2")), undefined);
});

Deno.test("noSuchTool() names the tools that are like it, then all", () => {
  const names = ["read_file", "write_file", "search", "find_files"];
  const said = (written: string) => noSuchTool(written, names).split("; ")[1];
  assert.equal(said("raed_fil"), "did you mean read_file");
  assert.equal(said("search_everything_now"), "did you mean search");
  assert.equal(said("deploy"), "the tools are: read_file, write_file, search, find_files");
  assert.equal(said(""), "the tools are: read_file, write_file, search, find_files");
});

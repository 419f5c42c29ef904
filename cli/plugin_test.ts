import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bundle } from "../main.ts";
import { inSetupWorld } from "./_setup_world.ts";
import { pluginCommand, type PluginOptions, readAction } from "./plugin.ts";
import { completeLine, SLASH_COMMANDS } from "./slash_commands.ts";
import { trustCommand } from "./trust.ts";
import type { World } from "./world.ts";

/** Runs `smallcode plugin`, and gives its code and what it wrote. */
function commander(world: World, written: { out: string; err: string }) {
  return async (action: PluginOptions["action"], options: Omit<PluginOptions, "action"> = {}) => {
    written.out = written.err = "";
    const code = await pluginCommand({ action, ...options }, { ...world, assets: bundle().assets });
    return { code, out: written.out, err: written.err };
  };
}

Deno.test("smallcode plugin: from new over test and grant to a change, disable and revoke", () =>
  inSetupWorld({}, async ({ world, written, project }) => {
    const plugin = commander(world, written);
    const made = await plugin("new", { name: "line-counter" });
    assert.equal(made.code, 0);
    assert.match(made.out, /^wrote plugins\/line-counter\.ts and plugins\/smallcode\.d\.ts/);
    const path = join(project, "plugins", "line-counter.ts");
    const source = await readFile(path, "utf8");

    const tested = await plugin("test", { name: "plugins/line-counter.ts", run: true });
    assert.equal(tested.code, 0, tested.out);
    assert.match(
      tested.out,
      /^line-counter 1\.0\.0: .*\nIt wants to read all files of this folder\. It adds: tool line_counter_lines; command \/line-counter\.\n/,
    );
    assert.match(
      tested.out,
      /tool line_counter_lines .*: \d+ lines; .*\nok: every tool ran with its example\n$/,
    );

    const state = async () => /^line-counter +(.*?) {2}/m.exec((await plugin("list")).out)?.[1];
    assert.equal(await state(), "not trusted");
    await trustCommand({ action: "add" }, world);
    assert.equal(await state(), "not granted");

    assert.deepEqual((await plugin("grant", { name: "line-counter" })).code, 2, "nobody can be asked");
    const asked: string[] = [];
    const answer = (yes: boolean) => ({
      name: "line-counter",
      confirm: (text: string) => (asked.push(text), Promise.resolve(yes)),
    });
    assert.equal((await plugin("grant", answer(false))).code, 1);
    assert.equal(await state(), "not granted");
    const granted = await plugin("grant", answer(true));
    assert.match(granted.out, /It wants to read all files of this folder\.\n.*\nline-counter is on\n$/);
    assert.equal(await state(), "on");
    assert.deepEqual(asked, ["Grant all of it?", "Grant all of it?"]);

    await plugin("disable", { name: "line-counter" });
    assert.equal(await state(), "off");
    await plugin("enable", { name: "line-counter" });
    assert.equal(await state(), "on");

    await writeFile(path, source.replace('{ read: ["."] }', '{ read: ["."], net: ["api.example.com"] }'));
    const changed = await plugin("list");
    assert.match(changed.out, /line-counter +changed/);
    assert.match(changed.out, /its files changed since you decided; new: talk to api\.example\.com/);
    assert.match(
      (await plugin("grant", { name: "line-counter", yes: true })).out,
      /new: talk to api\.example\.com/,
    );
    assert.equal(await state(), "on");

    assert.match((await plugin("revoke", { name: "line-counter" })).out, /taken back/);
    assert.match((await plugin("revoke", { name: "line-counter" })).out, /had no grant/);
    assert.equal(await state(), "not granted");
  }));

Deno.test("smallcode plugin test says what is wrong, and where", () =>
  inSetupWorld({}, async ({ world, written, project }) => {
    const plugin = commander(world, written);
    const cases: readonly (readonly [string, string, RegExp])[] = [
      ["export default { name: 'a'", "syntax", /^wrong: .*bad\.ts/],
      ["import { readFile } from 'node:fs/promises';\nexport default {};", "import", /^wrong: .*node:fs/],
      ["export default { name: 'BAD NAME', version: '1', description: 'x' };", "name", /^wrong: .*name/],
      ["export default 3;", "no object", /^wrong: /],
      ["throw new Error('at once');\nexport default {};", "throws", /^wrong: .*at once/],
      ["for (;;) {}\nexport default {};", "hangs", /^wrong: /],
      [
        "export default { name: 'bad', version: '1.0.0', description: 'x', permissions: { net: ['https://a.com', 'a.com:80', '*', 'localhost'], run: ['ls <dir> <file>'] } };",
        "permissions",
        /wrong: net: "https:\/\/a\.com" is no host.*\nwrong: run: <dir> stands for nothing.*\n$/,
      ],
      [
        "export default { name: 'bad', version: '1.0.0', description: 'x', tools: [{ name: 'do', description: 'x', parameters: { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] }, example: { b: 1 }, run: () => 'x' }] };",
        "example",
        /wrong: the example of tool do does not fit its parameters: a: it is missing/,
      ],
      [
        "export default { name: 'bad', version: '1.0.0', description: 'x', profiles: ['name: x'] };",
        "profile",
        /wrong: Plugin bad: its profile is left out/,
      ],
    ];
    for (const [source, what, wrong] of cases) {
      await writeFile(join(project, "bad.ts"), source);
      const { code, out } = await plugin("test", { name: "bad.ts" });
      assert.equal(code, 1, what);
      assert.match(out, wrong, what);
    }
    await assert.rejects(plugin("test", { name: "gone.ts" }), { name: "ConfigError", message: /gone\.ts/ });
    await assert.rejects(plugin("test"), { name: "ConfigError", message: /smallcode plugin test FILE/ });
  }));

Deno.test("smallcode plugin new takes no name that a plugin may not have, and writes over nothing", () =>
  inSetupWorld({ files: { "work/plugins/mine.ts": "mine" } }, async ({ world, written, project }) => {
    const plugin = commander(world, written);
    for (const name of ["A", "a", "1a", "../x", "a b", "x".repeat(41)]) {
      await assert.rejects(plugin("new", { name }), { name: "ConfigError" }, name);
    }
    await assert.rejects(plugin("new", { name: "mine" }), {
      name: "ConfigError",
      message: /is there already/,
    });
    assert.equal(await readFile(join(project, "plugins", "mine.ts"), "utf8"), "mine");
  }));

Deno.test("smallcode plugin list and info show bundled plugins; an unknown name or action is told", () =>
  inSetupWorld({}, async ({ world, written }) => {
    const plugin = commander(world, written);
    const rows = JSON.parse((await plugin("list", { json: true })).out);
    assert.deepEqual(
      rows.map(({ name, state, origin }: Record<string, string>) => [name, state, origin]),
      ["bonescript", "format-on-edit", "git-commit", "http-notes", "todo-scan", "web"].map((
        name,
      ) => [name, "off", "bundled"]),
    );
    const { out } = await plugin("info", { name: "web" });
    assert.match(out, /It wants to talk to any public host\./);
    assert.match(out, /tool web_fetch \(network\)/);
    assert.equal((await plugin("grant", { name: "web", yes: true })).code, 0);
    assert.match((await plugin("list")).out, /^web +on /m);
    await assert.rejects(plugin("info", { name: "nothing" }), {
      message: /There is no plugin "nothing" here: /,
    });
    assert.throws(() => readAction("dance"), { message: /There is no "plugin dance": list, info/ });
  }));

Deno.test("completeLine() completes commands of plugins beside the built-in ones", () => {
  assert.deepEqual(completeLine("/pl", [], [{ name: "plot" }]), [["/plan", "/plugin", "/plot"], "/pl"]);
  assert.ok(SLASH_COMMANDS.some(({ name }) => name === "plugin"));
});

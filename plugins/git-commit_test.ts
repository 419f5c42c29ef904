import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { callCommand, openTestHost, type TestWorld } from "./_test_host.ts";
import plugin from "./git-commit.ts";

async function repository(world: TestWorld) {
  const host = await openTestHost(world);
  for (
    const args of [
      ["init", "-q"],
      ["config", "user.name", "Ann"],
      ["config", "user.email", "ann@example.com"],
      ["add", "."],
      ["commit", "-qm", "first"],
    ]
  ) await host.run("git", args);
  return host;
}

Deno.test("/commit shows files and message of the turn's changes first, and commits those only on yes", async () => {
  const files = { "calc.py": "def add(a, b):\n    return a - b\n", "other.py": "x = 1\n" };
  await using host = await repository({ files, changed: ["calc.py"] });
  await writeFile(join(host.root, "calc.py"), files["calc.py"].replace("-", "+"));
  await writeFile(join(host.root, "other.py"), "x = 2\n");
  assert.equal(
    await callCommand(plugin, "", host),
    [
      "Would commit 1 file:",
      "  changed  calc.py",
      "with the message:",
      "  Change add in calc.py",
      "/commit yes does it; /commit YOUR OWN WORDS does it under them.",
    ].join("\n"),
  );
  const log = async () => (await host.run("git", ["log", "--format=%s"])).output;
  assert.equal(await log(), "first\n");
  assert.match(await callCommand(plugin, "yes", host), /Change add in calc\.py/);
  assert.equal(await log(), "Change add in calc.py\nfirst\n");
  assert.equal((await host.run("git", ["status", "--porcelain"])).output, " M other.py\n");
});

Deno.test("/commit takes all changes where the turn made none, names their kinds, and takes a person's own words", async () => {
  await using host = await repository({ files: { "a.py": "x = 1\n", "b.py": "y = 1\n" } });
  await writeFile(join(host.root, "c.py"), "z = 1\n");
  await host.run("rm", ["b.py"]);
  const shown = await callCommand(plugin, "", host);
  assert.match(shown, /Change b\.py and c\.py\n {2}\n {2}- b\.py \(deleted\)\n {2}- c\.py \(added\)/);
  await callCommand(plugin, "tidy up", host);
  assert.equal((await host.run("git", ["log", "-1", "--format=%s"])).output, "tidy up\n");
  assert.equal(await callCommand(plugin, "", host), "There is nothing to commit.");
});

Deno.test("/commit says what git said where there is no repository", async () => {
  await using host = await openTestHost();
  await assert.rejects(callCommand(plugin, "", host), /git status failed: .*not a git repository/);
});

Deno.test("git-commit asks for no more than the commands that it runs", async () => {
  await using host = await repository({ files: { "a.py": "x = 1\n" } });
  await writeFile(join(host.root, "a.py"), "x = 2\n");
  await callCommand(plugin, "yes", host);
  const asked = plugin.permissions.run.map((line) =>
    new RegExp(`^${line.replace(/<files>|<text>/g, ".+").replaceAll("-", "\\-")}$`, "s")
  );
  const own = host.ran.slice(5);
  assert.deepEqual(own.filter((line) => !asked.some((rule) => rule.test(line))), []);
});

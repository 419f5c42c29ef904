import assert from "node:assert/strict";
import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { findIsolation, runCheck } from "./check.ts";
import { copyWorkspace, layOver, layResult } from "./overlay.ts";
import { parseForCheck } from "./parse_for_check.ts";
import type { Task } from "./task.ts";
import { checkOptions, withFolder } from "./_test_setup.ts";

/** A task whose check is a Deno script: Deno is there wherever these tests run. */
async function taskWith(folder: string, script: string, others: Partial<Task> = {}): Promise<Task> {
  await mkdir(join(folder, "task", "check"), { recursive: true });
  await writeFile(join(folder, "task", "check", "check.js"), script);
  return {
    suite: "s",
    name: "t",
    folder: join(folder, "task"),
    prompt: "do something",
    category: "fix",
    language: "javascript",
    needs: ["deno"],
    check: ["deno", "run", "-A", "--no-config", "check.js"],
    parsed: [],
    checkSeconds: 20,
    steps: 1,
    minutes: 1,
    ...others,
  };
}

async function check(folder: string, script: string, others: Partial<Task> = {}) {
  const task = await taskWith(folder, script, others);
  const workspace = join(folder, "workspace");
  await mkdir(workspace, { recursive: true });
  await writeFile(join(workspace, "check.js"), "// an agent's own file of that name");
  const options = checkOptions(await findIsolation(checkOptions("none")));
  return await runCheck(task, { workspace, answer: "forty-two" }, options);
}

Deno.test("runCheck() lays the hidden files over the result and hands the answer over", () =>
  withFolder(async (folder) => {
    const script = `if (Deno.readTextFileSync(Deno.env.get("ANSWER_FILE")) !== "forty-two") Deno.exit(1);`;
    const { passed, output } = await check(folder, script);
    assert.ok(passed, output);
    assert.match(await readFile(join(folder, "workspace", "check.js"), "utf8"), /own file/);
  }));

Deno.test("runCheck() gives the check none of the user's variables", () =>
  withFolder(async (folder) => {
    const script = `if (Deno.env.get("SMALLCODE_API_KEY") || Deno.env.get("HOME") === "/root") Deno.exit(1);`;
    assert.ok((await check(folder, script)).passed);
  }));

Deno.test("runCheck() kills a check that takes too long, and its children", () =>
  withFolder(async (folder) => {
    const script =
      `new Deno.Command("sleep", { args: ["60"] }).spawn(); await new Promise(() => setInterval(() => {}, 1e6));`;
    const { passed, timedOut, ms } = await check(folder, script, { checkSeconds: 1 });
    assert.deepEqual([passed, timedOut, ms < 15_000], [false, true, true]);
  }));

Deno.test("runCheck() keeps the check from the network where the machine allows it", () =>
  withFolder(async (folder) => {
    if (await findIsolation(checkOptions("none")) === "none") return;
    const server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen: () => {} },
      () => new Response("seen"),
    );
    try {
      const script = `await fetch("http://127.0.0.1:${server.addr.port}");`;
      const { passed, output } = await check(folder, script);
      assert.equal(passed, false, output);
    } finally {
      await server.shutdown();
    }
  }));

Deno.test("runCheck() fails a file that does not parse, without running the check", () =>
  withFolder(async (folder) => {
    const result = await check(folder, "", { parsed: ["missing.yaml"] });
    assert.deepEqual([result.passed, result.output], [false, "missing.yaml is missing"]);
  }));

Deno.test("layOver() copies files, unpacks what the binary packed and follows no link", () =>
  withFolder(async (folder) => {
    const from = join(folder, "from");
    await mkdir(join(from, "deep"), { recursive: true });
    await writeFile(join(from, "deep", "a.js.gz"), gzipSync("1"));
    await writeFile(join(from, "b.txt"), "2");
    await symlink("/etc/hostname", join(from, "link"));
    await layOver(from, join(folder, "to"));
    const found = (await readdir(join(folder, "to"), { recursive: true })).sort();
    assert.deepEqual(found, ["b.txt", "deep", join("deep", "a.js")]);
    assert.equal(await readFile(join(folder, "to", "deep", "a.js"), "utf8"), "1");
  }));

Deno.test("copyWorkspace() keeps every file as it is, but neither links nor .git", () =>
  withFolder(async (folder) => {
    const from = join(folder, "from");
    await mkdir(join(from, ".git"), { recursive: true });
    await writeFile(join(from, ".git", "HEAD"), "x");
    await writeFile(join(from, "data.json.gz"), "no gzip");
    await symlink("/etc/hostname", join(from, "link"));
    await copyWorkspace(from, join(folder, "to"));
    assert.deepEqual(await readdir(join(folder, "to")), ["data.json.gz"]);
  }));

Deno.test("layResult() takes away what the overlay deletes and gives its answer", () =>
  withFolder(async (folder) => {
    for (
      const [path, text] of [
        ["start/old.py", "x"],
        ["start/keep.py", "y"],
        ["over/_deleted.txt", "old.py\n"],
        ["over/_answer.txt", "done"],
      ]
    ) {
      await mkdir(join(folder, String(path), ".."), { recursive: true });
      await writeFile(join(folder, String(path)), String(text));
    }
    const answer = await layResult(join(folder, "start"), join(folder, "over"), join(folder, "to"));
    assert.deepEqual([answer, await readdir(join(folder, "to"))], ["done", ["keep.py"]]);
  }));

Deno.test("parseForCheck() reads YAML and HTML by their real parsers", () =>
  withFolder(async (folder) => {
    await writeFile(join(folder, "a.yaml"), "a: &x [1, no]\nb: *x\n");
    await writeFile(join(folder, "bad.yaml"), "a: 1\n\tb: 2\n");
    await writeFile(join(folder, "a.html"), "<!doctype html><p class=x>hi<b>!</p>");
    assert.deepEqual(await parseForCheck(join(folder, "a.yaml")), { a: [1, "no"], b: [1, "no"] });
    await assert.rejects(parseForCheck(join(folder, "bad.yaml")), SyntaxError);
    assert.match(
      JSON.stringify(await parseForCheck(join(folder, "a.html"))),
      /"tag":"p","attrs":\{"class":"x"\},"children":\["hi"/,
    );
  }));

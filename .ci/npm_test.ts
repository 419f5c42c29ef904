/**
 * The npm package as Node's users get it: built, packed, installed into an empty project, used by a program and checked by `tsc` there.
 * Skipped where there is no npm.
 */

import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startScriptedServer } from "../core/model/scripted.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const NPM = process.platform === "win32" ? "npm.cmd" : "npm";
const hasNpm = spawnSync(NPM, ["--version"], { shell: process.platform === "win32" }).status === 0;
const run = promisify(execFile);

/** A program that embeds the agent: its only line on standard output is its own. */
const PROGRAM = `
import { type Event, type Question, SmallCode } from "@smallcode/smallcode";

const questions: Question[] = [];
const events: Event[] = [];
const agent = new SmallCode({
  cwd: "project",
  dataFolder: "data",
  baseUrl: process.argv[2],
  model: "scripted",
  mode: "ask",
  ask: (question, _signal) => {
    questions.push(question);
    return Promise.resolve("once" as const);
  },
});
agent.on("event", (event) => events.push(event));
const { success, outcome, filesEdited } = await agent.run("Fix add.sh: sh test.sh fails");
await agent.close();
const types = [...new Set(events.map(({ type }) => type))];
console.log(JSON.stringify({ node: process.versions.node, success, outcome, filesEdited, questions, types }));
`;

Deno.test(
  { name: "npm: the packed library runs a task in Node 22, with types", ignore: !hasNpm },
  async () => {
    const home = await mkdtemp(join(tmpdir(), "smallcode-npm-"));
    const server = await startScriptedServer({
      replies: [
        { calls: [{ name: "patch", args: { path: "add.sh", search: "$1 - $2", replace: "$1 + $2" } }] },
        { calls: [{ name: "bash", args: { command: "sh test.sh" } }] },
        { text: "add.sh adds now, and test.sh passes." },
      ],
    });
    try {
      await run(process.execPath, ["task", "bundle"], { cwd: ROOT });
      await mkdir(join(home, "project"));
      await writeFile(join(home, "project", "add.sh"), "echo $(($1 - $2))\n");
      await writeFile(join(home, "project", "test.sh"), '[ "$(sh add.sh 2 3)" = 5 ]\n');
      await writeFile(join(home, "package.json"), '{"type":"module","private":true}');
      await writeFile(join(home, "program.ts"), PROGRAM);
      const npm = (...args: string[]) => run(NPM, args, { cwd: home, shell: process.platform === "win32" });
      const packed = await npm("pack", "--silent", join(ROOT, "dist", "npm"));
      const tarball = `./${packed.stdout.trim()}`;
      await npm(
        ...["install", "--silent", "--no-audit", "--no-fund", tarball],
        ...["node@22.23.3", "typescript@6.0.3", "@types/node@22.20.5"],
      );
      const installed = JSON.parse(await readFile(join(home, "package-lock.json"), "utf8"));
      const own = installed.packages["node_modules/@smallcode/smallcode"];
      assert.equal(own.dependencies, undefined, "the package needs no other");

      const tsc = ["--strict", "--module", "nodenext", "--target", "es2022", "--types", "node", "program.ts"];
      await run("node_modules/.bin/tsc", tsc, { cwd: home });
      const { stdout } = await run("node_modules/.bin/node", ["program.js", server.url], { cwd: home });

      const lines = stdout.trimEnd().split("\n");
      assert.equal(lines.length, 1, stdout);
      const { node, success, outcome, filesEdited, questions, types } = JSON.parse(lines[0] ?? "");
      assert.match(node, /^22\./);
      assert.deepEqual({ success, outcome, filesEdited }, {
        success: true,
        outcome: "verified",
        filesEdited: ["add.sh"],
      });
      assert.deepEqual(questions.map(({ what }: { what: string }) => what), [
        "patch: add.sh",
        "run: sh test.sh",
      ]);
      for (const type of ["session_start", "token", "tool_end", "permission", "turn_end"]) {
        assert.ok(types.includes(type), `${type} reached the program`);
      }
      assert.match(await readFile(join(home, "project", "add.sh"), "utf8"), /\$1 \+ \$2/);
    } finally {
      await server.close();
      await rm(home, { recursive: true, force: true });
    }
  },
);

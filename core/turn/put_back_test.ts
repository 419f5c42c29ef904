/** Hard fail, end to end: bytes come back, the rejected change is kept and applies, the model is told. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CALC, call, play, TEST } from "../_test_play.ts";
import type { ScriptedReply } from "../model/scripted.ts";

const GOOD = CALC.replace("-", "+");
const FILES = { "calc.py": GOOD, "test_calc.py": TEST };
const BREAK = call("patch", { path: "calc.py", search: "a + b", replace: "a ** b" });
const INSISTS: readonly ScriptedReply[] = Array.from(
  { length: 8 },
  () => ({ text: "It is much better now." }),
);
const TASKS = ["make add faster"];

const git = (cwd: string, ...args: readonly string[]) =>
  execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@t", ...args], { cwd, encoding: "utf8" });
const commitAll = ({ project }: { project: string }) => {
  git(project, "init", "-q");
  git(project, "add", "-A");
  git(project, "commit", "-qm", "start");
};
async function patchIn(home: string): Promise<string> {
  const folder = join(home, "data", "rejected");
  return join(folder, (await readdir(folder))[0] ?? "none");
}

Deno.test("hard fail puts tool-changed files back byte for byte and keeps a patch that applies", async () => {
  const bytes = new TextEncoder().encode("\uFEFFone\r\ntwo\r\nthree");
  const { result, read } = await play({
    files: FILES,
    async before({ project }) {
      await writeFile(join(project, "notes.txt"), bytes);
      await writeFile(join(project, "run.sh"), "#!/bin/sh\necho 1\n");
      await chmod(join(project, "run.sh"), 0o755);
    },
    replies: [
      call("patch", { path: "notes.txt", search: "two", replace: "2" }),
      call("patch", { path: "run.sh", search: "echo 1", replace: "echo 2" }),
      call("write_file", { path: "new/file.txt", content: "new\n" }),
      BREAK,
      ...INSISTS,
    ],
    tasks: TASKS,
    async after({ project, home }) {
      assert.deepEqual(new Uint8Array(await readFile(join(project, "notes.txt"))), bytes);
      assert.equal((await stat(join(project, "run.sh"))).mode & 0o777, 0o755);
      const patch = await patchIn(home);
      assert.equal((await stat(patch)).mode & 0o777, 0o600);
      git(project, "init", "-q");
      git(project, "apply", patch);
      assert.equal(await readFile(join(project, "calc.py"), "utf8"), GOOD.replace("+", "**"));
      assert.equal(await readFile(join(project, "notes.txt"), "utf8"), "\uFEFFone\r\n2\r\nthree");
      assert.equal(await readFile(join(project, "new/file.txt"), "utf8"), "new\n");
      git(project, "apply", "-R", patch);
    },
  });
  assert.deepEqual([result.outcome, result.exitCode, read("calc.py")], ["failed", 1, GOOD]);
  assert.equal(read("new/file.txt"), undefined);
  assert.match(
    result.report,
    /^ {2}put back: notes\.txt \(restored\)\n {2}put back: run\.sh \(restored\)\n {2}put back: new\/file\.txt \(deleted\)\n {2}put back: calc\.py \(restored\)\n {2}the rejected change is kept: git apply \/.*\/rejected\/\w+-1\.patch \(in this session: result:1\)$/m,
  );
  assert.deepEqual([result.filesEdited, result.filesCreated], [[], []]);
});

Deno.test("hard fail puts back what a command changed where git has its content, and lists the rest", async () => {
  const { result, read } = await play({
    files: { ...FILES, "tracked.txt": "one\n", "gone.txt": "gone\n", "dirty.txt": "clean\n" },
    async before({ project }) {
      commitAll({ project });
      await writeFile(join(project, "dirty.txt"), "not committed\n");
      await writeFile(join(project, "untracked.txt"), "untracked\n");
    },
    replies: [
      call("bash", {
        command:
          "sed -i s/one/1/ tracked.txt; rm gone.txt; echo x >> dirty.txt; echo x >> untracked.txt; echo x > made.txt",
      }),
      call("bash", {
        command:
          "sed -i 's/a + b/a ** b/' calc.py && git -c user.name=t -c user.email=t@t commit -qam broken",
      }),
      call("patch", { path: "tracked.txt", search: "1", replace: "uno" }),
      call("bash", { command: "sed -i s/uno/1/ tracked.txt" }),
      ...INSISTS,
    ],
    // The baseline was taken before the first command that changes files.
    tasks: TASKS,
  });
  assert.equal(result.outcome, "failed", result.report);
  assert.deepEqual([read("calc.py"), read("tracked.txt"), read("made.txt")], [GOOD, "one\n", "x\n"]);
});

Deno.test("hard fail puts back a command's changes after the first edit, with the journal's or git's content", async () => {
  const { result, read } = await play({
    files: { ...FILES, "tracked.txt": "one\n", "gone.txt": "gone\n", "dirty.txt": "clean\n" },
    async before({ project }) {
      commitAll({ project });
      await writeFile(join(project, "dirty.txt"), "not committed\n");
      await writeFile(join(project, "untracked.txt"), "untracked\n");
    },
    replies: [
      call("patch", { path: "calc.py", search: "a + b", replace: "b + a" }),
      call("bash", {
        command:
          "sed -i s/one/1/ tracked.txt; rm gone.txt; echo x >> dirty.txt; echo x >> untracked.txt; echo x > made.txt",
      }),
      call("bash", { command: "sed -i 's/b + a/a ** b/' calc.py" }),
      call("patch", { path: "tracked.txt", search: "1", replace: "uno" }),
      call("bash", { command: "sed -i s/uno/eins/ tracked.txt" }),
      ...INSISTS,
    ],
    tasks: TASKS,
  });
  assert.equal(result.outcome, "failed", result.report);
  assert.deepEqual(
    ["calc.py", "tracked.txt", "gone.txt", "dirty.txt", "untracked.txt", "made.txt"].map(read),
    [GOOD, "one\n", "gone\n", "not committed\nx\n", "untracked\nx\n", "x\n"],
  );
  const told = result.report.split("\n").filter((line) => /put back/.test(line)).map((line) => line.trim())
    .toSorted();
  assert.deepEqual(told, [
    "not put back: dirty.txt (edited by a command)",
    "not put back: made.txt (created by a command)",
    "not put back: untracked.txt (edited by a command)",
    "put back: calc.py (restored)",
    "put back: gone.txt (recreated)",
    "put back: tracked.txt (restored)",
  ]);
});

Deno.test("hard fail leaves a file alone that a person changed meanwhile", async () => {
  const { read, result } = await play({
    files: FILES,
    replies: [BREAK, ...INSISTS],
    tasks: TASKS,
    before: ({ project }) => void (place = project),
    onEvent: (event) => {
      if (event.type === "check" && event.phase === "after") {
        execFileSync("sh", ["-c", `echo '# mine' >> ${place}/calc.py`]);
      }
    },
  });
  assert.equal(result.outcome, "failed");
  assert.match(read("calc.py") ?? "", /a \*\* b[^]*# mine/);
  assert.match(result.report, /put back: calc\.py \(left: it was changed since, not by smallcode\)/);
});
let place = "";

Deno.test("a turn that a budget stops is checked, and puts broken files back, too", async () => {
  const { result, read } = await play({
    files: FILES,
    replies: [BREAK, ...INSISTS],
    tasks: TASKS,
    options: { set: ["limits.steps=1"] },
  });
  assert.deepEqual([result.outcome, result.reason, read("calc.py")], [
    "stopped",
    "1 steps are used up",
    GOOD,
  ]);
  assert.match(result.report, /put back: calc\.py \(restored\)/);
});

Deno.test("planner.keep_failed leaves the files as the failed turn left them", async () => {
  const { read, result } = await play({
    files: FILES,
    replies: [BREAK, ...INSISTS],
    tasks: TASKS,
    options: { set: ["planner.keep_failed=true"] },
  });
  assert.deepEqual([result.outcome, read("calc.py")], ["failed", GOOD.replace("+", "**")]);
});

Deno.test("after a hard fail the next turn begins with what was put back, and /undo has nothing to undo", async () => {
  const { requests } = await play({
    files: FILES,
    replies: [BREAK, ...Array.from({ length: 4 }, () => ({ text: "It is better." })), { text: "It adds." }],
    tasks: [...TASKS, "what does add do?"],
  });
  const last = requests.at(-1)?.messages.at(-1);
  assert.equal(last?.role, "user");
  assert.match(
    String(last?.content),
    /^Note: `python3 -m unittest.*` was red after your change, so the change was taken back\. These files are as they were before it: calc\.py\.\n\n[^]*what does add do\?/,
  );
});

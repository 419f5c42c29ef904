/** A disk that fills up while the program works: a real one of a few hundred kilobytes, in a mount namespace of its own. */

import { deepEqual, equal, match } from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type ScriptedReply, startScriptedServer } from "./core/model/scripted.ts";

const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));

function canMount(): boolean {
  try {
    execFileSync("unshare", ["-rm", "sh", "-c", "mount -t tmpfs none /mnt"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Text that no compression makes small, the same for the same number. */
function noise(seed: number): string {
  let state = seed + 1;
  return Array.from({ length: 4_000 }, () => {
    state = Math.imul(state, 1_664_525) + 1_013_904_223 | 0;
    return (state >>> 0).toString(36);
  }).join("\n") + "\n";
}

Deno.test({
  name: "a full data disk ends the run with a clear error, and loses no old content of a file",
  ignore: Deno.build.os !== "linux" || !canMount(),
  async fn() {
    const home = await realpath(await mkdtemp(join(tmpdir(), "smallcode-full-")));
    const project = join(home, "project");
    const data = join(home, ".local", "share", "smallcode");
    await mkdir(project);
    await mkdir(data, { recursive: true });
    await writeFile(join(project, "a.txt"), "old\n");
    const server = await startScriptedServer({
      replies: ({ index }): ScriptedReply => ({
        calls: [{ name: "write_file", args: { path: "a.txt", content: noise(index) } }],
      }),
    });
    const smallcode = `"${Deno.execPath()}" run -A --no-prompt --no-check --quiet "${MAIN}"`;
    // Everything in one namespace, since its disk ends with it: fill it, make room, look, undo.
    const script = `
      mount -t tmpfs -o size=700k none "${data}" && cd "${project}" || exit 99
      ${smallcode} run "change a.txt again and again" --json >"${home}/events" 2>"${home}/stderr"
      echo "run $?"
      mount -o remount,size=20m "${data}"
      ${smallcode} sessions
      ${smallcode} undo --yes
      echo "undo $?"
    `;
    try {
      const { stdout, stderr } = await new Deno.Command("unshare", {
        args: ["-rm", "sh", "-c", script],
        clearEnv: true,
        env: { PATH: Deno.env.get("PATH") ?? "", HOME: home, SMALLCODE_BASE_URL: server.url },
      }).output();
      const out = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
      match(out, /^run 1$/m);
      const said = await readFile(join(home, "stderr"), "utf8");
      match(
        said,
        /^smallcode: Cannot write to ".*smallcode": database or disk is full\. Free some space there\./m,
      );
      const events = (await readFile(join(home, "events"), "utf8")).trim().split("\n").map((line) =>
        JSON.parse(line)
      );
      equal(events.at(-1)?.name, "DiskFullError");
      match(out, /change a\.txt again and again/);
      match(out, /^restored: a\.txt\nundo 0$/m);
      deepEqual(await readFile(join(project, "a.txt"), "utf8"), "old\n");
    } finally {
      await server.close();
      await rm(home, { recursive: true, force: true });
    }
  },
});

import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { type ProcessOptions, runProcess } from "./run_process.ts";
import { checkOptions, withFolder } from "./_test_setup.ts";

const { env } = checkOptions("none");
const isWindows = Deno.build.os === "windows";

function options(cwd: string, others: Partial<ProcessOptions> = {}): ProcessOptions {
  return {
    cwd,
    env: env as Record<string, string>,
    timeoutMs: 20_000,
    signal: new AbortController().signal,
    keepChars: 1_000,
    ...others,
  };
}

Deno.test({
  name: "runProcess() gives the exit code, the output and an empty stdin, and takes arguments as they stand",
  ignore: isWindows,
  fn: () =>
    withFolder(async (folder) => {
      const script = `cat; printf '%s|' "$@"; exit 3`;
      const { exitCode, timedOut, output } = await runProcess(
        ["sh", "-c", script, "sh", "a b", "$HOME", "'"],
        options(folder),
      );
      assert.deepEqual([exitCode, timedOut, output], [3, false, "a b|$HOME|'|"]);
      assert.equal((await runProcess(["no-such-program"], options(folder))).exitCode, 127);
    }),
});

Deno.test({
  name: "runProcess() kills a command with its children when the time is up",
  ignore: isWindows,
  fn: () =>
    withFolder(async (folder) => {
      const { exitCode, timedOut, output } = await runProcess(
        ["sh", "-c", "sleep 60 & echo $!; wait"],
        options(folder, { timeoutMs: 500 }),
      );
      assert.deepEqual([exitCode, timedOut], [null, true]);
      assert.equal(await isGone(Number(output)), true);
    }),
});

Deno.test({
  name: "runProcess() leaves no command behind when the bench itself is killed",
  ignore: isWindows,
  fn: () =>
    withFolder(async (folder) => {
      const program = `import { runProcess } from "${new URL("run_process.ts", import.meta.url)}";
        await runProcess(["sh", "-c", "echo $$; exec sleep 60"], {
          cwd: ".", env: { PATH: Deno.env.get("PATH") ?? "" }, timeoutMs: 60000, keepChars: 10,
          signal: new AbortController().signal, onStdout: (text) => console.log(text.trim()),
        });`;
      await Deno.writeTextFile(`${folder}/bench.ts`, program);
      const bench = new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--no-prompt", "--no-check", `${folder}/bench.ts`],
        cwd: folder,
        stdin: "null",
        stdout: "piped",
        stderr: "inherit",
      }).spawn();
      const reader = bench.stdout.getReader();
      const first = await reader.read();
      const pid = Number(new TextDecoder().decode(first.value));
      assert.ok(pid > 1);
      bench.kill("SIGKILL");
      await bench.status;
      await reader.cancel();
      assert.equal(await isGone(pid), true);
    }),
});

/** Whether a process ends within 10 seconds: only the system can say so. */
async function isGone(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 200; tries++) {
    try {
      Deno.kill(pid, "SIGCONT");
    } catch (error) {
      if (error instanceof Deno.errors.NotFound || (error as { code?: string }).code === "ESRCH") return true;
      throw error;
    }
    await wait(50);
  }
  return false;
}

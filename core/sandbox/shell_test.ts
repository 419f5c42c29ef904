import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { ToolError } from "../errors.ts";
import { type TempShell, tempShell } from "./_temp_shell.ts";
import { commandEnvironment } from "./shell.ts";

const ok = (output: string) => ({ exitCode: 0, output, timedOut: false });

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Waits until the process is gone: its parent's signal is delivered, not instant. */
async function assertEnds(pid: number): Promise<void> {
  for (let i = 0; i < 200 && isAlive(pid); i++) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.ok(!isAlive(pid), `process ${pid} is still alive`);
}

function runAborted(
  space: TempShell,
  command: string,
  controller: AbortController,
  onOutput: (t: string) => void,
) {
  return space.shell.run(command, {
    timeoutMs: 20_000,
    signal: controller.signal,
    onOutput,
    background: false,
  });
}

Deno.test("run() gives output of both streams and the exit code", async () => {
  await using space = await tempShell();
  assert.deepEqual(await space.run("echo out; echo err >&2; exit 3"), {
    exitCode: 3,
    output: "out\nerr\n",
    timedOut: false,
  });
  assert.deepEqual(await space.run("no-such-program-here"), {
    exitCode: 127,
    output: "bash: line 1: no-such-program-here: command not found\n",
    timedOut: false,
  });
  assert.equal((await space.run("if then")).exitCode, 2);
  assert.deepEqual(await space.run(""), ok(""));
  assert.deepEqual(await space.run("echo a\r\necho b"), ok("a\nb\n"));
});

Deno.test("run() carries folder and exported variables, whatever they hold", async () => {
  await using space = await tempShell();
  await space.run(`mkdir -p "a b/c"; cd "a b/c"; export GREETING="it's \\"two\\"
lines"; LOCAL=1`);
  assert.deepEqual(
    await space.run('pwd; echo "$GREETING"; echo "[$LOCAL]"'),
    ok(
      `${space.root}/a b/c\nit's "two"\nlines\n[]\n`,
    ),
  );
  assert.deepEqual(await space.run("cd ..; exit 4"), { exitCode: 4, output: "", timedOut: false });
  assert.deepEqual(await space.run("pwd"), ok(`${space.root}/a b\n`));
  await space.run("(cd /; export INNER=1)");
  assert.deepEqual(await space.run('pwd; echo "[$INNER]"'), ok(`${space.root}/a b\n[]\n`));
});

Deno.test("run() says once that its folder was deleted, then starts in the workspace", async () => {
  await using space = await tempShell();
  await space.run("mkdir gone; cd gone");
  await space.run("rmdir ../gone; true");
  await assert.rejects(space.run("echo hi"), (error: Error) => {
    assert.ok(error instanceof ToolError);
    assert.match(error.message, /gone" no longer exists\. Commands start in .* again/);
    return true;
  });
  assert.deepEqual(await space.run("pwd; echo $PWD"), ok(`${space.root}\n${space.root}\n`));
});

Deno.test("run() keeps the output of a command that takes too long, and ends its children", async () => {
  await using space = await tempShell();
  const result = await space.run("echo begun; sleep 60 & echo $! > pid; wait", 300);
  assert.deepEqual(result, { exitCode: null, output: "begun\n", timedOut: true });
  await assertEnds(Number(await readFile(join(space.root, "pid"), "utf8")));
  assert.deepEqual(await space.run("pwd"), ok(`${space.root}\n`));
});

Deno.test("run() kills a command that ignores the request to end", async () => {
  await using space = await tempShell();
  const result = await space.run("trap '' TERM; echo begun; while :; do sleep 1; done", 200);
  assert.deepEqual(result, { exitCode: null, output: "begun\n", timedOut: true });
});

Deno.test("run() is aborted at once, children included", async () => {
  await using space = await tempShell();
  const controller = new AbortController();
  const started = performance.now();
  const run = runAborted(
    space,
    "echo $$; trap '' TERM; sleep 60",
    controller,
    () => controller.abort(new Error("stop")),
  );
  await assert.rejects(run, /stop/);
  assert.ok(performance.now() - started < 5_000);
  await assert.rejects(runAborted(space, "echo no", controller, () => {}), /stop/);
});

Deno.test("run() answers a question with the end of input", async () => {
  await using space = await tempShell();
  assert.deepEqual(await space.run('read -p "Name? " name; echo "[$name] $?"'), ok("[] 1\n"));
  assert.deepEqual(
    await space.run("cat; python3 -c 'input()' 2>&1 | tail -1"),
    ok("EOFError: EOF when reading a line\n"),
  );
  assert.match((await space.run("echo x > /dev/tty")).output, /No such device or address/);
});

Deno.test("run() ends what was left behind with &, and says so", async () => {
  await using space = await tempShell();
  const result = await space.run("sleep 60 & echo $! > pid; echo started");
  assert.equal(result.exitCode, 0);
  assert.match(result.output, /^started\n\n\[Processes left running with & were ended\./);
  await assertEnds(Number(await readFile(join(space.root, "pid"), "utf8")));
});

Deno.test("run() does not wait for a process that left its group and holds the pipe", async () => {
  await using space = await tempShell();
  const started = performance.now();
  const result = await space.run("setsid sleep 30 > /dev/stdout & echo $! > pid; disown; echo done");
  assert.deepEqual(result, ok("done\n"));
  assert.ok(performance.now() - started < 10_000);
  process.kill(Number(await readFile(join(space.root, "pid"), "utf8")), "SIGKILL");
});

Deno.test("run() keeps head and tail of a flood and counts the rest", async () => {
  await using space = await tempShell();
  const { output, exitCode } = await space.run("seq 1 300000");
  assert.equal(exitCode, 0);
  assert.ok(output.length < 410_000);
  assert.match(output, /^1\n2\n3\n/);
  assert.match(output, /\n299999\n300000\n$/);
  const [, lines] = output.match(/\[\.\.\. (\d+) lines, \d+ characters cut \.\.\.\]/) ?? [];
  assert.equal(output.split("\n").length - 2 + Number(lines), 300_000);
});

Deno.test("run() takes a single line of 50 MB", async () => {
  await using space = await tempShell();
  const { output } = await space.run("head -c 50000000 /dev/zero | tr '\\0' a");
  assert.match(output, /^a+\n\[\.\.\. 0 lines, 49600000 characters cut \.\.\.\]\na+$/);
});

Deno.test("run() reads output that is split inside a character", async () => {
  await using space = await tempShell();
  assert.deepEqual(await space.run("printf '\\303'; sleep 0.2; printf '\\251'"), ok("é"));
  assert.deepEqual(await space.run("printf 'a\\303'"), ok("a\uFFFD"));
});

Deno.test("run() shows output while the command runs", async () => {
  await using space = await tempShell();
  const controller = new AbortController();
  const seen: string[] = [];
  await runAborted(space, "echo one; sleep 0.3; echo two", controller, (text) => void seen.push(text));
  assert.deepEqual(seen, ["one\n", "two\n"]);
});

Deno.test("run() waits for output of a process substitution", async () => {
  await using space = await tempShell();
  assert.deepEqual(await space.run("echo hidden > >(sed s/hidden/shown/)"), ok("shown\n"));
});

Deno.test("a background job is read, read again and stopped", async () => {
  await using space = await tempShell();
  const options = {
    timeoutMs: 1,
    signal: new AbortController().signal,
    onOutput: () => {},
    background: true,
  };
  const begun = await space.shell.run(
    "echo up; echo $$ > pid; while [ ! -e go ]; do sleep 0.05; done; echo more; sleep 60",
    options,
  );
  assert.deepEqual({ ...begun, ms: 0 }, {
    exitCode: null,
    output: "up\n",
    timedOut: false,
    ms: 0,
    job: "job1",
  });
  await writeFile(join(space.root, "go"), "");
  let output = "";
  while (output === "") {
    output = space.shell.poll("job1").output;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.equal(output, "more\n");
  assert.equal(space.shell.poll("job1").output, "");
  const stopped = await space.shell.stop("job1");
  assert.deepEqual({ ...stopped, ms: 0 }, { exitCode: null, output: "", timedOut: false, ms: 0 });
  await assertEnds(Number(await readFile(join(space.root, "pid"), "utf8")));
  assert.throws(() => space.shell.poll("job7"), /no background job "job7"; jobs: job1/);
});

Deno.test("a background job that fails at once is told with its exit code", async () => {
  await using space = await tempShell();
  const options = {
    timeoutMs: 1,
    signal: new AbortController().signal,
    onOutput: () => {},
    background: true,
  };
  const result = await space.shell.run("echo port taken; exit 5", options);
  assert.deepEqual({ ...result, ms: 0 }, { exitCode: 5, output: "port taken\n", timedOut: false, ms: 0 });
});

Deno.test("close() ends commands and jobs with all their children", async () => {
  const space = await tempShell();
  const options = {
    timeoutMs: 20_000,
    signal: new AbortController().signal,
    onOutput: () => {},
    background: true,
  };
  await space.shell.run("sleep 60 & echo $! > pid; wait", options);
  const pid = Number(await readFile(join(space.root, "pid"), "utf8"));
  assert.ok(isAlive(pid));
  await space[Symbol.asyncDispose]();
  await assertEnds(pid);
});

Deno.test("run() says when the command cannot be started at all", async () => {
  const sandbox = { kind: "bubblewrap" as const, wrap: () => ["/nowhere/bwrap"] };
  await using space = await tempShell({ sandbox: () => Promise.resolve(sandbox) });
  await assert.rejects(space.run("true"), (error: Error) => {
    assert.ok(error instanceof ToolError);
    assert.match(error.message, /^Cannot start "\/nowhere\/bwrap": /);
    return true;
  });
});

Deno.test("commandEnvironment() takes secrets out and ends every question", () => {
  const env = commandEnvironment({
    PATH: "/bin",
    OPENAI_API_KEY: "1",
    GITHUB_TOKEN: "1",
    DB_PASSWORD: "1",
    AWS_SECRET_ACCESS_KEY: "1",
    SMALLCODE_MODEL: "1",
    BASH_ENV: "x",
    PAGER: "less",
  });
  assert.deepEqual(env, {
    PATH: "/bin",
    CI: "1",
    DEBIAN_FRONTEND: "noninteractive",
    GIT_EDITOR: "true",
    GIT_PAGER: "cat",
    GIT_TERMINAL_PROMPT: "0",
    NO_COLOR: "1",
    PAGER: "cat",
    PYTHONUNBUFFERED: "1",
    TERM: "dumb",
  });
});

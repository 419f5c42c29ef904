/**
 * Tests of the compiled binary, named by SMALLCODE_BINARY: from an empty folder, with no Deno, Node or project file in reach.
 * Without the variable there are no tests here (`deno task test` finds this file too); with an empty one they are skipped and counted.
 */

import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { type ScriptedReply, startScriptedServer } from "../core/model/scripted.ts";

/** Programs that a bare machine has; Deno and Node are not among them. */
const BARE_PROGRAMS = [
  "sh",
  "bash",
  "cat",
  "ls",
  "env",
  "sed",
  "grep",
  "mkdir",
  "rm",
  "git",
  "bwrap",
  "python3",
];
/** A program that says nothing for so long hangs. */
const PATIENCE_MS = 60_000;

const HELLO: readonly ScriptedReply[] = [
  { calls: [{ name: "write_file", args: { path: "hello.py", content: 'print("hello world")\n' } }] },
  { text: "hello.py prints hello world." },
];

/** A machine with nothing on it but the binary. */
interface BareMachine extends AsyncDisposable {
  readonly binary: string;
  /** An empty folder. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

const binary = process.env.SMALLCODE_BINARY;

if (binary !== undefined) {
  const ignore = binary === "";

  Deno.test({ name: "binary: --version prints the version", ignore }, async () => {
    await using machine = await openBareMachine(binary);
    const { code, stdout, stderr } = await run(machine, ["--version"]);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
  });

  Deno.test({ name: "binary: demo repairs its project and cleans up", ignore }, async () => {
    await using machine = await openBareMachine(binary);
    const { code, stdout, stderr } = await run(machine, ["demo"]);
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /test_cart\.sh/);
    assert.deepEqual(await readdir(machine.cwd), []);
  });

  Deno.test({ name: "binary: run creates the file that was asked for", ignore }, async () => {
    await using machine = await openBareMachine(binary);
    const server = await startScriptedServer({ replies: HELLO });
    try {
      const task = "Create hello.py that prints hello world";
      const { code, stdout, stderr } = await run(machine, [
        "run",
        task,
        "--base-url",
        server.url,
        "--model",
        "scripted",
      ]);
      assert.equal(code, 0, stdout + stderr);
      assert.equal(await readFile(join(machine.cwd, "hello.py"), "utf8"), 'print("hello world")\n');
      assert.deepEqual(await readdir(machine.cwd), ["hello.py"]);
    } finally {
      await server.close();
    }
  });

  const noTerminal = ignore || !await hasProgram("tmux");
  Deno.test(
    { name: "binary: the REPL answers in a real terminal and leaves on /quit", ignore: noTerminal },
    async () => {
      await using machine = await openBareMachine(binary);
      const server = await startScriptedServer({ replies: [{ text: "Forty-two is the answer." }] });
      try {
        const exitCode = await talk(machine, ["--base-url", server.url, "--model", "scripted"], [
          { when: "> ", type: "What is six times seven?" },
          { when: "Forty-two is the answer.", type: "/quit" },
        ]);
        assert.equal(exitCode, 0);
      } finally {
        await server.close();
      }
    },
  );
}

async function openBareMachine(path: string): Promise<BareMachine> {
  const root = await mkdtemp(join(tmpdir(), "smallcode-binary-"));
  const [cwd, home, bin] = [join(root, "empty"), join(root, "home"), join(root, "bin")];
  for (const folder of [cwd, home, bin]) await mkdir(folder);
  if (process.platform !== "win32") {
    for (const name of BARE_PROGRAMS) {
      const target = await findProgram(name);
      if (target !== undefined) await symlink(target, join(bin, name));
    }
  }
  const system = process.platform === "win32"
    ? { SystemRoot: process.env.SystemRoot ?? "", TEMP: root, USERPROFILE: home }
    : {};
  return {
    binary: path,
    cwd,
    env: { PATH: bin, HOME: home, TERM: "xterm-256color", ...system },
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}

async function run(machine: BareMachine, args: readonly string[]) {
  const child = new Deno.Command(machine.binary, {
    args: [...args],
    cwd: machine.cwd,
    env: { ...machine.env },
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  // An abort signal would send SIGTERM, which a program that hangs may not hear.
  const patience = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
  const { code, stdout, stderr } = await child.output();
  clearTimeout(patience);
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/**
 * Starts the binary in a tmux terminal, types each line when the text before it has appeared, and gives the exit code.
 * tmux's control mode reports each output as it comes, so nothing here waits by the clock.
 */
async function talk(
  machine: BareMachine,
  args: readonly string[],
  lines: readonly { readonly when: string; readonly type: string }[],
): Promise<number> {
  const codeFile = join(machine.cwd, "..", "exit-code");
  const env = Object.entries(machine.env).map(([name, value]) => `${name}=${value}`);
  const command = ["env", "-i", ...env, machine.binary, ...args].map(quote).join(" ");
  const socket = join(machine.cwd, "..", "tmux");
  const tmux = new Deno.Command("tmux", {
    args: [
      "-S",
      socket,
      "-f",
      "/dev/null",
      "-C",
      "new-session",
      "-x",
      "100",
      "-y",
      "30",
      `${command}; echo $? > ${quote(codeFile)}`,
    ],
    cwd: machine.cwd,
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
    signal: AbortSignal.timeout(PATIENCE_MS),
  }).spawn();
  const keys = tmux.stdin.getWriter();
  const open = [...lines];
  let screen = "";
  for await (const text of tmux.stdout.pipeThrough(new TextDecoderStream())) {
    screen += readOutput(text);
    const next = open[0];
    if (next === undefined || !screen.includes(next.when)) continue;
    open.shift();
    screen = "";
    await keys.write(new TextEncoder().encode(`send-keys -l ${quote(next.type)}\nsend-keys Enter\n`));
  }
  await tmux.status;
  await keys.close().catch((error: unknown) => assert.ok(error instanceof Error)); // tmux has gone already
  assert.deepEqual(open, [], `the terminal showed last: ${screen}`);
  return Number(await readFile(codeFile, "utf8"));
}

/** What the terminal was sent, without colours and cursor movements. */
function readOutput(control: string): string {
  const sent = control.split("\n").filter((line) => line.startsWith("%output ")).map((line) =>
    line.replace(/^%output %\d+ /, "").replace(
      /\\(\d{3})/g,
      (_, octal) => String.fromCharCode(parseInt(octal, 8)),
    )
  );
  // deno-lint-ignore no-control-regex -- these sequences are control characters
  return sent.join("").replace(/\x1b\[[\d;?]*[A-Za-z]/g, "");
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

async function hasProgram(name: string): Promise<boolean> {
  return await findProgram(name) !== undefined;
}

async function findProgram(name: string): Promise<string | undefined> {
  for (const folder of (process.env.PATH ?? "").split(":")) {
    const path = join(folder, name);
    if (await Deno.stat(path).then((found) => found.isFile, () => false)) return path;
  }
  return undefined;
}

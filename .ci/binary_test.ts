/**
 * Tests of the compiled binary, named by SMALLCODE_BINARY: from an empty folder, with no Deno, Node or project file in reach.
 * Without the variable there are no tests here (`deno task test` finds this file too); with an empty one they are skipped and counted.
 */

import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
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
  "mkfifo",
];
/** A program that says nothing for so long hangs. */
const PATIENCE_MS = 60_000;
/** The escape suite: 146 attempts, some of which hang until they are stopped, on two loaded cores. */
const ESCAPE_MS = 420_000;

const HELLO: readonly ScriptedReply[] = [
  { calls: [{ name: "write_file", args: { path: "hello.py", content: 'print("hello world")\n' } }] },
  { text: "hello.py prints hello world." },
];

/** A task, the script that does it, and every file that is in the folder afterwards. */
interface Job {
  readonly name: string;
  readonly task: string;
  readonly before: Readonly<Record<string, string>>;
  readonly replies: readonly ScriptedReply[];
  readonly after: Readonly<Record<string, string>>;
}

const FIVE = Object.fromEntries(["a", "b", "c", "d", "e"].map((name) => [`${name}.txt`, `${name}\n`]));

const JOBS: readonly Job[] = [
  {
    name: "creates a file",
    task: "Create hello.py that prints hello world",
    before: {},
    replies: HELLO,
    after: { "hello.py": 'print("hello world")\n' },
  },
  {
    name: "mends a file and runs its test",
    task: "Fix add.sh: sh test.sh fails",
    before: { "add.sh": "echo $(($1 - $2))\n", "test.sh": '[ "$(sh add.sh 2 3)" = 5 ]\n' },
    replies: [
      { calls: [{ name: "read_file", args: { path: "add.sh" } }] },
      { calls: [{ name: "patch", args: { path: "add.sh", search: "$1 - $2", replace: "$1 + $2" } }] },
      { calls: [{ name: "bash", args: { command: "sh test.sh" } }] },
      { text: "add.sh adds now, and test.sh passes." },
    ],
    after: { "add.sh": "echo $(($1 + $2))\n", "test.sh": '[ "$(sh add.sh 2 3)" = 5 ]\n' },
  },
  {
    name: "searches without ripgrep, and writes what was found",
    task: "Create found.txt with the name of the file that has needle in it",
    before: { "a.txt": "hay\n", "b.txt": "a needle\n" },
    replies: [
      { calls: [{ name: "search", args: { pattern: "needle" } }] },
      { calls: [{ name: "write_file", args: { path: "found.txt", content: "b.txt\n" } }] },
      { text: "It is b.txt." },
    ],
    after: { "a.txt": "hay\n", "b.txt": "a needle\n", "found.txt": "b.txt\n" },
  },
  {
    name: "creates five files",
    task: "Create a.txt, b.txt, c.txt, d.txt and e.txt, each with its letter",
    before: {},
    replies: [
      ...Object.entries(FIVE).map(([path, content]) => ({
        calls: [{ name: "write_file", args: { path, content } }],
      })),
      { text: "The five files are there." },
    ],
    after: FIVE,
  },
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

  Deno.test(
    { name: "binary: --version prints the version, and leaves no code in the temp folder", ignore },
    async () => {
      await using machine = await openBareMachine(binary);
      const env = { ...machine.env, TMPDIR: machine.cwd, TEMP: machine.cwd };
      const { code, stdout, stderr } = await run({ ...machine, env }, ["--version"]);
      assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
      assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
      assert.deepEqual(await readdir(machine.cwd), []);
    },
  );

  Deno.test({ name: "binary: demo repairs its project and cleans up", ignore }, async () => {
    await using machine = await openBareMachine(binary);
    const { code, stdout, stderr } = await run(machine, ["demo"]);
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /test_cart\.sh/);
    assert.deepEqual(await readdir(machine.cwd), []);
  });

  for (const protocol of ["openai", "ollama"] as const) {
    for (const job of JOBS) {
      Deno.test(
        { name: `binary: run ${job.name} over ${protocol}, and leaves nothing else`, ignore },
        async () => {
          await using machine = await openBareMachine(binary);
          for (const [path, text] of Object.entries(job.before)) {
            await writeFile(join(machine.cwd, path), text);
          }
          const server = await startScriptedServer({ replies: job.replies });
          try {
            const { code, stdout, stderr } = await run(machine, [
              ...["run", job.task, "--yes", "--base-url", server.url, "--model", "scripted"],
              // The scripted server speaks both; the provider's name decides.
              ...["--set", `model.provider=${protocol === "ollama" ? "ollama" : "llamacpp"}`],
            ]);
            assert.equal(code, 0, stdout + stderr);
            const names = (await readdir(machine.cwd)).toSorted();
            const texts = await Promise.all(
              names.map(async (name) => [name, await readFile(join(machine.cwd, name), "utf8")] as const),
            );
            assert.deepEqual(Object.fromEntries(texts), job.after);
            assert.deepEqual([...new Set(server.requests.map((request) => request.protocol))], [protocol]);
          } finally {
            await server.close();
          }
        },
      );
    }
  }

  const noSignals = ignore || process.platform === "win32";
  Deno.test(
    { name: "binary: SIGTERM ends it while a server does not answer", ignore: noSignals },
    async () => {
      await using machine = await openBareMachine(binary);
      using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      const child = start(machine, [
        ...["run", "Create a.txt", "--base-url", `http://127.0.0.1:${silent.addr.port}/v1`, "--model", "m"],
      ]);
      using _connection = await silent.accept();
      child.kill("SIGTERM");
      assert.equal((await child.output()).code, 130);
    },
  );

  Deno.test(
    { name: "binary: a turn that was killed is told of at the next start", ignore: noSignals },
    async () => {
      await using machine = await openBareMachine(binary);
      const asked = Promise.withResolvers<void>();
      const server = await startScriptedServer({
        replies: ({ index }) => {
          if (index > 1) return { text: "Four." };
          if (index === 1) asked.resolve();
          return index === 0 ? HELLO[0]! : { text: "hello.py", fault: { kind: "stall" } };
        },
      });
      const model = ["--base-url", server.url, "--model", "scripted"];
      try {
        const child = start(machine, ["run", "Create hello.py that prints hello world", ...model]);
        await asked.promise;
        child.kill("SIGKILL");
        await child.output();
        const { stdout, stderr } = await run(machine, ["run", "What is two times two?", ...model]);
        assert.match(stdout + stderr, /was cut off; it had changed hello\.py/);
      } finally {
        await server.close();
      }
    },
  );

  Deno.test({ name: "binary: a folder that is not there is exit 2, with its name", ignore }, async () => {
    await using machine = await openBareMachine(binary);
    const { code, stderr } = await run(machine, ["run", "Create a.txt", "--cwd", join(machine.cwd, "gone")]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /Cannot work in ".*gone"/);
  });

  Deno.test(
    {
      name: "binary: a plugin is made, tested, dropped in and used, with no Deno or Node on the machine",
      ignore,
    },
    async () => {
      await using machine = await openBareMachine(binary);
      const { stdout: all } = await run(machine, ["plugin", "list", "--json"]);
      assert.deepEqual(
        JSON.parse(all).map(({ name }: { name: string }) => name),
        ["bonescript", "format-on-edit", "git-commit", "http-notes", "todo-scan", "web"],
      );
      assert.equal((await run(machine, ["plugin", "new", "counter"])).code, 0);
      const tested = await run(machine, ["plugin", "test", "plugins/counter.ts", "--run"]);
      assert.equal(tested.code, 0, tested.stdout + tested.stderr);
      assert.match(tested.stdout, /\nok: every tool ran with its example\n$/);
      await writeFile(join(machine.cwd, "a.txt"), "1\n2\n3");
      const server = await startScriptedServer({
        replies: [
          { calls: [{ name: "counter_lines", args: { path: "a.txt" } }] },
          { calls: [{ name: "todo_scan", args: {} }] },
          { text: "a.txt has 3 lines." },
        ],
      });
      try {
        const task = ["run", "how many lines has a.txt, and which notes are there?", "--trust", "--yes"];
        const { code, stdout, stderr } = await run(machine, [
          ...[...task, "--plugins", "counter,todo-scan", "--base-url", server.url, "--model", "scripted"],
        ]);
        assert.equal(code, 0, stdout + stderr);
        assert.match(JSON.stringify(server.requests[1]?.messages), /a\.txt has 3 lines/);
        assert.match(JSON.stringify(server.requests[2]?.messages), /No TODO, FIXME/);
      } finally {
        await server.close();
      }
    },
  );

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

  Deno.test(
    { name: "binary: the REPL asks before an edit and does it on y", ignore: noTerminal },
    async () => {
      await using machine = await openBareMachine(binary);
      const server = await startScriptedServer({ replies: HELLO });
      try {
        const exitCode = await talk(machine, ["--base-url", server.url, "--model", "scripted"], [
          { when: "> ", type: "Create hello.py that prints hello world" },
          { when: "lways here: ", type: "y" },
          { when: "hello.py prints hello world.", type: "/quit" },
        ]);
        assert.equal(exitCode, 0);
        assert.equal(await readFile(join(machine.cwd, "hello.py"), "utf8"), 'print("hello world")\n');
      } finally {
        await server.close();
      }
    },
  );

  Deno.test(
    {
      name: "binary: no plugin leaves its sandbox, and nothing is asked at the terminal",
      ignore: noTerminal,
    },
    async () => {
      await using machine = await openBareMachine(binary);
      let shown = "";
      const watch = { patienceMs: ESCAPE_MS, onOutput: (text: string) => void (shown += text) };
      const exitCode = await talk(machine, ["bench", "escape"], [], watch);
      assert.equal(exitCode, 0, shown);
      assert.match(shown, /\b(?:[6-9]\d|\d{3}) attempts, 0 escapes, 0 not proved/);
      assert.doesNotMatch(shown, /Allow\?|\[y\/n/);
    },
  );

  Deno.test(
    { name: "binary: Ctrl+C cancels a turn of the REPL, the second leaves", ignore: noTerminal },
    async () => {
      await using machine = await openBareMachine(binary);
      const server = await startScriptedServer({
        // The last word of a stream is held back, since a secret could begin in it, and a short beginning since a call could.
        replies: [{ text: "I think about it for ever and ever", fault: { kind: "stall" } }],
      });
      try {
        const exitCode = await talk(machine, ["--base-url", server.url, "--model", "scripted"], [
          { when: "> ", type: "What is six times seven?" },
          { when: "I think about it", key: "C-c" },
          { when: "Ctrl+C again leaves", key: "C-c" },
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

function start(machine: BareMachine, args: readonly string[]): Deno.ChildProcess {
  return new Deno.Command(machine.binary, {
    args: [...args],
    cwd: machine.cwd,
    env: { ...machine.env },
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function run(machine: BareMachine, args: readonly string[]) {
  const child = start(machine, args);
  // An abort signal would send SIGTERM, which a program that hangs may not hear.
  const patience = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
  const { code, stdout, stderr } = await child.output();
  clearTimeout(patience);
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/**
 * Starts the binary in a tmux terminal, types each line, or presses each key, when the text before it has appeared, and gives the exit code.
 * tmux's control mode reports each output as it comes, so nothing here waits by the clock.
 */
async function talk(
  machine: BareMachine,
  args: readonly string[],
  lines: readonly ({ readonly when: string } & ({ readonly type: string } | { readonly key: string }))[],
  watch: { readonly patienceMs: number; readonly onOutput?: (text: string) => void } = {
    patienceMs: PATIENCE_MS,
  },
): Promise<number> {
  const codeFile = join(machine.cwd, "..", "exit-code");
  const terminalFile = join(machine.cwd, "..", "terminal");
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
      `stty -g > ${quote(terminalFile)}; ${command}; echo $? > ${quote(codeFile)}; stty -g >> ${
        quote(terminalFile)
      }`,
    ],
    cwd: machine.cwd,
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
    signal: AbortSignal.timeout(watch.patienceMs),
  }).spawn();
  const keys = tmux.stdin.getWriter();
  const open = [...lines];
  let screen = "";
  for await (const text of tmux.stdout.pipeThrough(new TextDecoderStream())) {
    screen += readOutput(text);
    watch.onOutput?.(readOutput(text));
    const next = open[0];
    if (next === undefined || !screen.includes(next.when)) continue;
    open.shift();
    screen = "";
    const typed = "key" in next
      ? `send-keys ${next.key}\n`
      : `send-keys -l ${quote(next.type)}\nsend-keys Enter\n`;
    await keys.write(new TextEncoder().encode(typed));
  }
  await tmux.status;
  await keys.close().catch((error: unknown) => assert.ok(error instanceof Error)); // tmux has gone already
  assert.deepEqual(open, [], `the terminal showed last: ${screen}`);
  const [before, after] = (await readFile(terminalFile, "utf8")).split("\n");
  assert.equal(after, before, "the terminal is left as it was found");
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

/** Attempts through `run`, and through what the host prints of a plugin. */

import { chmod, writeFile } from "node:fs/promises";
import type { Attempt } from "./attempt.ts";

const runAll = (lines: string) =>
  `const r: string[] = []; for (const [command, ...list] of ${lines}) { try { r.push("did " + JSON.stringify(await run(command, list))); } catch (e: any) { r.push(e.message); } } return r.join("\\n");`;
const NOTHING_RAN = /^(?!.*did ).*Not granted/s;

export const COMMANDS: readonly Attempt[] = [
  {
    name: "commands that were not granted",
    group: "command",
    code: runAll(
      `[["touch", args.outside + "/pwned"], ["sh", "-c", "touch " + args.outside + "/pwned"], ["/usr/bin/touch", args.outside + "/pwned"], ["", "x"], ["true"]]`,
    ),
    permissions: { run: ["git status"] },
    shows: NOTHING_RAN,
  },
  {
    name: "a granted command with other arguments",
    group: "command",
    code: runAll(
      `[["echo"], ["echo", "a", "b"], ["echo", "a", ""], ["echo a"], ["echo", "a;touch", args.outside + "/pwned"], ["echo", "A"], ["./echo", "a"], ["/bin/echo", "a"], ["echo\\0", "a"], ["echo", "a\\0"]]`,
    ),
    permissions: { run: ["echo a"] },
    shows: NOTHING_RAN,
  },
  {
    name: "<text> as an option",
    group: "command",
    code: runAll(
      `[["git", "log", "--output=" + args.outside + "/pwned"], ["git", "log", "-c"], ["git", "log"], ["git", "log", "a", "b"]]`,
    ),
    permissions: { run: ["git log <text>"] },
    shows: NOTHING_RAN,
  },
  {
    name: "<text> that a shell would obey",
    group: "command",
    code: runAll(
      ["$(touch {})", "`touch {}`", "; touch {}", "| touch {}", "\\n touch {}", "&& touch {}", "> {}"].map((
        t,
      ) => `["echo", ${JSON.stringify(t.replace("\\n", "\n"))}.replace("{}", args.outside + "/pwned")]`).join(
        ",",
      ).replace(/^/, "[").replace(/$/, "]"),
    ),
    permissions: { run: ["echo <text>"] },
    shows: /(did.*touch.*){6}/s,
  },
  {
    name: "<file> outside the workspace",
    group: "command",
    code: runAll(
      `[["cat", args.secret], ["cat", "../outside/secret.txt"], ["cat", "-"], ["cat", "link"], ["cat", "own/.env"], ["cat", "/proc/self/environ"], ["cat", ".git/config"], ["cat", "~/x"]]`,
    ),
    permissions: { run: ["cat <file>"] },
    setup: async (p) => {
      const { symlink } = await import("node:fs/promises");
      await symlink(p.secret, `${p.root}/link`);
    },
    shows: NOTHING_RAN,
  },
  {
    name: "placeholders as the program, and in the argument",
    group: "command",
    code: runAll(`[["sh", "a"], ["<text>", "a"], ["echo", "<file>x"], ["touch", args.outside + "/pwned"]]`),
    permissions: { run: ["<text> a", "<files>", "echo a<text>"] },
    shows: /^(?!.*did .*CANARY)/s,
  },
  {
    name: "a program of the workspace in the place of git",
    group: "command",
    code: runAll(`[["git", "status"]]`),
    permissions: { run: ["git status"] },
    setup: async (p) => {
      await writeFile(`${p.root}/git`, `#!/bin/sh\ntouch ${p.outside}/pwned\n`);
      await chmod(`${p.root}/git`, 0o755);
    },
    shows: /did/,
  },
  {
    name: "secrets in a command's environment",
    group: "command",
    code: runAll(`[["env"]]`),
    permissions: { run: ["env"] },
    shows: /did .*PATH/,
  },
  {
    name: "a hundred commands and more",
    group: "command",
    code:
      `let done = 0; let last = ""; for (let i = 0; i < 120; i++) { try { await run("true", []); done++; } catch (e: any) { last = e.message; break; } } return "ran " + done + " " + last;`,
    permissions: { run: ["true"] },
    shows: /ran 100 More than 100/,
  },

  {
    name: "terminal escapes in an answer",
    group: "output",
    how: "raw",
    code:
      `return { text: "ran \\x1b[2J\\x1b]0;owned\\x07\\x1b]52;c;b3duZWQ=\\x07\\x9b31m\\x07\\u202e a\\rb", summary: "\\x1b[1A\\x1b[2Kall is well" };`,
    shows: /ran/,
  },
  {
    name: "terminal escapes in errors and console",
    group: "output",
    code:
      `console.log("\\x1b[2J", "\\x1b]8;;http://evil\\x07x"); console.error(new Error("\\x9b2J")); throw new Error("\\x1b[31mran\\x07\\x1bc");`,
    shows: /ran/,
  },
  {
    name: "terminal escapes in what events and questions say",
    group: "output",
    code:
      `const x = "\\x1b[2J\\u202e\\n$ all is well"; for (const act of [() => fs.readText(x), () => fs.writeText("a" + x, ""), () => run("echo", [x]), () => fetch("http://a/" + x), () => env.get(x), () => store.set(x, x), () => store.get(x)]) await act().catch(() => {}); return "ran";`,
    permissions: { write: ["."], run: ["echo <text>"] },
    shows: /ran/,
  },
  {
    name: "a question that reads like another",
    group: "output",
    code:
      `const r: string[] = []; for (const text of ["a" + " ".repeat(900) + "b", "a" + " ".repeat(900) + "c", "a  b", "a b", "a\\nb"]) await run("echo", [text]); return "ran";`,
    permissions: { run: ["echo <text>"] },
    shows: /ran/,
  },
];

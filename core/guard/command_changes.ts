/** Whether a command may change files of the workspace, as far as its words tell. Pure. */

import { parseCommandLine, type SimpleCommand } from "./command_line.ts";
import { innerCommands, programName } from "./command_risk.ts";
import { runsCode } from "./ledger.ts";

/** `maybe`: it runs code, or cannot be understood. */
export type Changing = "no" | "maybe" | "yes";

const READS = new Set([
  ...[
    "ls",
    "cat",
    "head",
    "tail",
    "grep",
    "egrep",
    "fgrep",
    "rg",
    "ag",
    "fd",
    "wc",
    "uniq",
    "cut",
    "tr",
    "diff",
    "cmp",
  ],
  ...[
    "comm",
    "stat",
    "file",
    "du",
    "df",
    "pwd",
    "cd",
    "pushd",
    "popd",
    "echo",
    "printf",
    "which",
    "whereis",
    "type",
  ],
  ...[
    "env",
    "printenv",
    "date",
    "whoami",
    "id",
    "uname",
    "ps",
    "test",
    "[",
    "true",
    "false",
    ":",
    "sleep",
    "tree",
  ],
  ...[
    "less",
    "more",
    "nl",
    "od",
    "xxd",
    "hexdump",
    "jq",
    "basename",
    "dirname",
    "realpath",
    "readlink",
    "sha256sum",
  ],
  ...[
    "md5sum",
    "seq",
    "exit",
    "export",
    "set",
    "command",
    "hash",
    "wait",
    "column",
    "paste",
    "rev",
    "tac",
    "ag",
  ],
]);
const WRITES = new Set([
  ...[
    "rm",
    "mv",
    "cp",
    "touch",
    "mkdir",
    "rmdir",
    "ln",
    "install",
    "tee",
    "truncate",
    "dd",
    "patch",
    "unzip",
    "rsync",
  ],
  ...["chmod", "chown", "unlink", "shred", "black", "isort", "prettier", "autopep8", "dos2unix", "split"],
]);
const GIT_READS = new Set([
  ...[
    "status",
    "log",
    "diff",
    "show",
    "blame",
    "ls-files",
    "ls-tree",
    "rev-parse",
    "grep",
    "describe",
    "shortlog",
  ],
  ...["cat-file", "rev-list", "branch", "remote", "help", "version", "whatchanged", "merge-base", "name-rev"],
]);
/** Checkers that only read, and words with which package managers and formatters write. */
const CHECKS =
  /^(?:(?:npx (?:--no-install )?|uv run |poetry run )?(?:tsc|mypy|pyright|flake8|pylint|shellcheck)|(?:npx (?:--no-install )?)?eslint|ruff check|node (?:--check|-c)|deno (?:check|lint|info)|go (?:vet|list|version|env)|cargo (?:check|clippy|tree|metadata)|python[\d.]* -m (?:py_compile|compileall)|(?:ba)?sh -n)(?: |$)/;
const INSTALLS =
  /^(?:(?:npm|pnpm|yarn|bun) (?:i|install|ci|add|remove|uninstall|update|link|init)|pip[\d.]* (?:install|uninstall)|(?:uv|poetry|pdm) (?:add|remove|sync|install|lock)|cargo (?:add|remove|update|fmt|fix|new|init)|go (?:mod|get|fmt|generate|work)|deno (?:fmt|add|remove|install|init)|ruff format|gofmt .*-w|bundle (?:install|update|add)|composer |git )/;
const WRITING_OPTION = / (?:--fix|--write|--in-place|-i\S*|-w|--output|-o)(?:[ =]|$)/;

/** Judges a whole command line by the worst of its commands. */
export function changesFiles(line: string): Changing {
  const parsed = parseCommandLine(line);
  if (parsed.kind === "complex") return />/.test(line) ? "yes" : "maybe";
  return worst(parsed.commands.map(changesBy));
}

function worst(all: readonly Changing[]): Changing {
  return all.includes("yes") ? "yes" : all.includes("maybe") ? "maybe" : "no";
}

/** Judges one command. */
export function changesBy(command: SimpleCommand): Changing {
  return changing(command, 0);
}

function changing(command: SimpleCommand, depth: number): Changing {
  if (command.redirections.some(({ operator, target }) => writes(operator, target.text))) return "yes";
  const name = programName(command);
  if (name === undefined) return command.words.length === 0 ? "no" : "maybe";
  if (runsCode(command, [])) return "no"; // what a test run writes are reports
  const inner = innerCommands(command);
  if (inner === "unknown" || depth > 4) return "maybe";
  if (inner.length > 0) return worst(inner.map((one) => changing(one, depth + 1)));
  const args = command.words.slice(1).map(({ text }) => text);
  const line = [name, ...args].join(" ");
  if (args.length === 1 && /^(?:--version|--help|-V|-v|-h)$/.test(args[0] ?? "")) return "no";
  if (WRITES.has(name)) return "yes";
  if (name === "git") return GIT_READS.has(args.find((arg) => !arg.startsWith("-")) ?? "help") ? "no" : "yes";
  if (INSTALLS.test(line)) return "yes";
  if (name === "sed" || name === "perl") return / -\w*i/.test(line) ? "yes" : name === "sed" ? "no" : "maybe";
  if (name === "find") return / -(?:delete|fprint|fls)/.test(line) ? "yes" : "no";
  if (name === "sort") return / -o/.test(line) ? "yes" : "no";
  if (CHECKS.test(line)) return WRITING_OPTION.test(line) ? "yes" : "no";
  return READS.has(name) ? "no" : "maybe";
}

function writes(operator: string, target: string): boolean {
  if (/^\d*<(?!>)/.test(operator)) return false;
  if (/[<>]&$/.test(operator) && /^(?:\d+|-)$/.test(target)) return false;
  return !/^\/dev\/(?:null|stdout|stderr|tty)$/.test(target);
}

/** What a command could destroy, as far as its words tell. The sandbox holds where words do not. */

import { parseCommandLine, type SimpleCommand, type Word } from "./command_line.ts";

/**
 * `fatal`: the system or a home folder, refused. `outside`: something beyond the workspace and temp, or work that
 * cannot be brought back. `unknown`: cannot be told.
 */
export interface Risk {
  readonly level: "none" | "unknown" | "outside" | "fatal";
  readonly why: string;
}

/** Where a command stands, as far as it is known: below the workspace's root, or anywhere. */
type Standing = readonly string[] | "elsewhere";

interface Place {
  readonly standing: Standing;
  readonly root: string | undefined;
}

const NONE: Risk = { level: "none", why: "" };
const MAX_DEPTH = 8;

/** Programs that write every path they are given, or its last one. */
const WRITE_ALL = new Set([
  "rm",
  "rmdir",
  "unlink",
  "shred",
  "mv",
  "truncate",
  "tee",
  "chmod",
  "chown",
  "chgrp",
  "touch",
  "mkdir",
  "ln",
  "setfacl",
  "chattr",
  "srm",
]);
const WRITE_LAST = new Set(["cp", "install", "rsync", "scp"]);
const SYSTEM =
  /^(?:mkfs(?:\..*)?|fdisk|parted|wipefs|sfdisk|shutdown|reboot|halt|poweroff|init|telinit|mkswap|swapoff)$/;
const PRIVILEGED = new Set([
  "sudo",
  "doas",
  "su",
  "pkexec",
  "runuser",
  "chroot",
  "nsenter",
  "mount",
  "umount",
  "crontab",
  "systemctl",
  "launchctl",
]);
export const SHELLS = new Set(["sh", "bash", "dash", "zsh", "ksh", "fish", "ash", "pwsh", "powershell"]);
/** Programs that run the command behind their own options. */
const WRAPPERS = new Set([
  "env",
  "nohup",
  "time",
  "timeout",
  "nice",
  "ionice",
  "xargs",
  "command",
  "exec",
  "builtin",
  "stdbuf",
  "setsid",
  "sudo",
  "doas",
  "watch",
  "strace",
  "parallel",
  "busybox",
  "caffeinate",
  "flock",
]);
const INTERPRETER =
  /^(?:python[\d.]*|pypy[\d.]*|node|nodejs|deno|bun|ruby|perl|php|lua|osascript|tclsh|Rscript)$/;

/** Options of find and fd that run a program on what is found. */
const EXEC = /^(?:-exec|-execdir|-ok|-okdir|-x|-X|--exec|--exec-batch)$/;
/** What xargs hands on is known only when it runs. */
const FROM_INPUT: Word = { text: "its input", kind: "dynamic" };
/** Programs that lose what stood at the paths they write. */
const DESTROYERS = new Set([
  "rm",
  "rmdir",
  "shred",
  "srm",
  "mv",
  "chmod",
  "chown",
  "chgrp",
  "find",
  "fd",
  "dd",
]);

/** The name of the program, without its folder. */
export function programName(command: SimpleCommand): string | undefined {
  const [first] = command.words;
  return first?.kind === "plain" ? first.text.slice(first.text.lastIndexOf("/") + 1) : undefined;
}

/** Whether a program runs code that stands in its arguments or its input, so that a prefix of it says nothing about the rest. */
export function runsArguments(name: string): boolean {
  return SHELLS.has(name) || WRAPPERS.has(name) || PRIVILEGED.has(name) || INTERPRETER.test(name) ||
    /^(?:eval|source|\.|find|fd|awk|gawk|mawk|sed|npx|pnpx|bunx|uvx|ssh|docker|podman|kubectl|script|expect|ed|vi|vim|emacs|gdb|unshare|bwrap|trap|alias|at|batch)$/
      .test(name);
}

/** The worst that one of the commands could do. @param root absolute path of the workspace, where it is known */
export function riskOf(commands: readonly SimpleCommand[], root: string | undefined): Risk {
  return riskWithin(commands, { standing: [], root }, 0);
}

/** The commands that a command hands on to a shell or runs behind its options; empty when there are none. */
export function innerCommands(command: SimpleCommand): readonly SimpleCommand[] | "unknown" {
  const name = programName(command);
  if (name === undefined) return [];
  const args = command.words.slice(1);
  if (SHELLS.has(name) || name === "eval") {
    const at = args.findIndex((word) => /^-\w*c$/.test(word.text));
    const script = name === "eval" ? args : at === -1 ? [] : args.slice(at + 1, at + 2);
    if (script.length === 0) return [];
    if (script.some((word) => word.kind === "dynamic")) return "unknown";
    const parsed = parseCommandLine(script.map((word) => word.text).join(" "));
    return parsed.kind === "complex" ? "unknown" : parsed.commands;
  }
  if (name === "find" || name === "fd") {
    const at = args.findIndex((word) => EXEC.test(word.text));
    return at === -1 ? [] : [{ ...command, words: args.slice(at + 1), redirections: [] }];
  }
  if (!WRAPPERS.has(name)) return [];
  const at = args.findIndex((word) => !/^-|^[A-Za-z_]\w*=|^[\d.]+[smhd]?$|^\{\}$/.test(word.text));
  if (at === -1) return [];
  const fed: readonly Word[] = name === "xargs" || name === "parallel" ? [FROM_INPUT] : [];
  return [{ ...command, words: [...args.slice(at), ...fed], redirections: [] }];
}

function riskWithin(commands: readonly SimpleCommand[], from: Place, depth: number): Risk {
  if (depth > MAX_DEPTH) return { level: "unknown", why: "it is nested too deep" };
  let place = from;
  let worst = NONE;
  for (const command of commands) {
    const inner = innerCommands(command);
    worst = worstOf([
      worst,
      riskOfOne(command, place),
      inner === "unknown"
        ? { level: "unknown", why: "it runs a command that is known only when it runs" }
        : riskWithin(inner, place, depth + 1),
    ]);
    if (["cd", "pushd", "chdir"].includes(programName(command) ?? "")) {
      const target = command.words.slice(1).find((word) => !/^-./.test(word.text));
      place = { ...place, standing: resolvePath(target ?? { text: "~", kind: "plain" }, place) };
    }
  }
  return worst;
}

const RANK = { none: 0, unknown: 1, outside: 2, fatal: 3 } as const;

/** The first of the gravest. */
function worstOf(risks: readonly Risk[]): Risk {
  return risks.reduce((worst, risk) => RANK[risk.level] > RANK[worst.level] ? risk : worst, NONE);
}

function riskOfOne(command: SimpleCommand, place: Place): Risk {
  return worstOf([
    riskOfProgram(command, place),
    ...command.redirections.map(({ operator, target }) => riskOfTarget(operator, target, place)),
  ]);
}

function riskOfProgram(command: SimpleCommand, place: Place): Risk {
  const name = programName(command);
  if (command.words.length === 0) return NONE;
  if (name === undefined) return { level: "unknown", why: "its name is known only when it runs" };
  if (SYSTEM.test(name)) return { level: "fatal", why: `${name} acts on the whole machine` };
  if (PRIVILEGED.has(name)) return { level: "outside", why: `${name} acts beyond the workspace` };
  const args = command.words.slice(1);
  if (command.isPiped && (SHELLS.has(name) || INTERPRETER.test(name)) && !args.some(isScriptFile)) {
    return { level: "outside", why: `${name} runs whatever is piped into it` };
  }
  if (name === "git") return riskOfGit(args, place);
  if (name === "kill" && args.some((word) => word.text === "-1" || word.text === "1")) {
    return { level: "outside", why: "it ends other programs" };
  }
  if (name === "killall" || name === "pkill") return { level: "outside", why: "it ends other programs" };
  const paths = writtenPaths(name, args);
  const isRecursive = DESTROYERS.has(name) &&
    (name === "find" || name === "fd" || name === "dd" || name === "mv" ||
      args.some((word) => /^-\w*[rR]/.test(word.text) || word.text === "--recursive"));
  return worstOf(paths.map((path) => riskOfPath(name, path, { ...place, isRecursive })));
}

/** The paths that a program writes or removes, by its own habits. */
function writtenPaths(name: string, args: readonly Word[]): readonly Word[] {
  const flagless = args.filter((word) => !word.text.startsWith("-"));
  if (WRITE_ALL.has(name)) {
    const isMode = name === "chmod" || name === "chown" || name === "chgrp";
    return isMode ? flagless.slice(1) : flagless;
  }
  if (WRITE_LAST.has(name)) return [...flagless.slice(-1), ...valuesOf(args, ["-t", "--target-directory"])];
  if (name === "dd") {
    return args.filter((word) => word.text.startsWith("of=")).map((word) => ({
      ...word,
      text: word.text.slice(3),
    }));
  }
  if (name === "find" || name === "fd") {
    const end = args.findIndex((word) => /^[-(!]/.test(word.text));
    return changesWhatItFinds(args) ? args.slice(0, end === -1 ? args.length : end) : [];
  }
  if (name === "sed" || name === "perl") {
    return args.some((word) => /^-\w*i|^--in-place/.test(word.text)) ? flagless.slice(1) : [];
  }
  if (name === "tar" || name === "unzip") return valuesOf(args, ["-C", "--directory", "-d"]);
  if (name === "curl") return valuesOf(args, ["-o", "--output", "--output-dir"]);
  if (name === "wget") return valuesOf(args, ["-O", "--output-document", "-P", "--directory-prefix"]);
  if (name === "sort") return valuesOf(args, ["-o", "--output"]);
  return [];
}

function changesWhatItFinds(args: readonly Word[]): boolean {
  if (args.some((word) => /^-(?:delete|fprint0?|fprintf|fls)$/.test(word.text))) return true;
  const program = args[args.findIndex((word) => EXEC.test(word.text)) + 1]?.text ?? "";
  const name = program.slice(program.lastIndexOf("/") + 1);
  return args.some((word) => EXEC.test(word.text)) &&
    (WRITE_ALL.has(name) || WRITE_LAST.has(name) || SHELLS.has(name) || name === "sed" || name === "perl");
}

/** Values of options, written behind them or with `=`. */
function valuesOf(args: readonly Word[], names: readonly string[]): readonly Word[] {
  return args.flatMap((word, i) => {
    const next = args[i + 1];
    if (names.includes(word.text)) return next && !next.text.startsWith("-") ? [next] : [];
    const name = names.find((option) => option.startsWith("--") && word.text.startsWith(`${option}=`));
    return name === undefined ? [] : [{ ...word, text: word.text.slice(name.length + 1) }];
  });
}

/** Words behind a git command with which it loses work that was not committed or pushed. */
const LOSES: Readonly<Record<string, RegExp>> = {
  clean: /^(?!.*(?:^| )(?:-\w*n|--dry-run))/,
  reset: /(?:^| )--(?:hard|merge|keep)(?: |$)/,
  checkout: /(?:^| )(?:\.|--|-f|--force|\*)(?: |$)/,
  restore: /^(?!.*(?:^| )(?:--staged|-S)(?: |$))/,
  stash: /(?:^| )(?:drop|clear)(?: |$)/,
  branch: /(?:^| )(?:-D|--delete)(?: |$)/,
  push: /(?:^| )(?:-\w*[fd]|--force|--delete|--mirror|\+)/,
  reflog: /(?:^| )(?:expire|delete)(?: |$)/,
  "filter-branch": /^/,
  "filter-repo": /^/,
  "update-ref": /^/,
  prune: /^/,
};
/** Settings that a `-c` may change without running anything. */
const HARMLESS_SETTING = /^(?:user|color|advice|core\.quotepath)/;
const GIT_RUNS = /^(?:--exec-path=|--upload-pack|--receive-pack|--ext-diff|--exec|-x$)/;

/** git commands that throw away work, or run or write what an option says. */
function riskOfGit(args: readonly Word[], place: Place): Risk {
  const withValue = ["-C", "-c", "--git-dir", "--work-tree"];
  const at = args.findIndex((word, i) => {
    return !word.text.startsWith("-") && !withValue.includes(args[i - 1]?.text ?? "");
  });
  const verb = args[at]?.text ?? "";
  const rest = args.slice(at + 1).map((word) => word.text).join(" ");
  if (Object.hasOwn(LOSES, verb) && LOSES[verb]?.test(rest)) {
    return { level: "outside", why: `git ${verb} can lose work that is not committed` };
  }
  const runs = valuesOf(args.slice(0, at), ["-c"]).some((word) => !HARMLESS_SETTING.test(word.text)) ||
    args.some((word) => GIT_RUNS.test(word.text)) && verb !== "clean" || verb === "config" ||
    verb === "bisect" && /(?:^| )run(?: |$)/.test(rest);
  if (runs) return { level: "outside", why: "git would run or keep a command from its options" };
  const paths = valuesOf(args, ["-C", "--git-dir", "--work-tree", "--output"]);
  return worstOf(paths.map((path) => riskOfPath("git", path, place)));
}

function isScriptFile(word: Word): boolean {
  return word.kind === "plain" && word.text !== "-" && !word.text.startsWith("-");
}

function riskOfTarget(operator: string, target: Word, place: Place): Risk {
  if (/^\/dev\/(?:tcp|udp)\//.test(target.text)) {
    return { level: "outside", why: "it opens a network connection" };
  }
  const isInput = /^\d*<(?![>])/.test(operator);
  const isCopy = /[<>]&$/.test(operator) && /^(?:\d+|-)$/.test(target.text);
  if (isInput || isCopy || /^\/dev\/(?:null|stdout|stderr|tty|fd\/\d)$/.test(target.text)) return NONE;
  return riskOfPath("writing", target, place);
}

/** The top of the disk, of a home folder or of a system folder: nobody means to lose it. */
const FATAL_PATH =
  /^(?:\/|~|\$HOME|\$\{HOME\}|\/(?:bin|boot|dev|etc|home|lib|opt|root|sbin|srv|sys|usr|var|Users|System|Library|Applications)(?:\/[^/]*)?|\/(?:home|Users)\/[^/]+)\/?\*?$/;

function riskOfPath(what: string, path: Word, place: Place & { isRecursive?: boolean }): Risk {
  const { root, isRecursive } = place;
  const quoted = JSON.stringify(path.text);
  if (/^\/dev\/(?:null|stdout|stderr|tty)$/.test(path.text)) return NONE;
  if (/^\/dev\/(?!shm\/)/.test(path.text)) {
    return { level: "fatal", why: `${what} would write to the device ${quoted}` };
  }
  const inRoot = root !== undefined && isBelow(path.text, root);
  if (isRecursive && !inRoot && FATAL_PATH.test(path.text)) {
    return { level: "fatal", why: `${what} would act on all of ${quoted}` };
  }
  if (path.kind === "dynamic") {
    return { level: "unknown", why: `${what} acts on ${quoted}, known only when it runs` };
  }
  if (/^\/(?:private\/)?tmp\/[^*]/.test(path.text) && !path.text.includes("..")) return NONE;
  const resolved = resolvePath(path, place);
  if (resolved === "elsewhere") {
    return { level: "outside", why: `${what} acts on ${quoted}, outside the workspace` };
  }
  if (resolved.some((part) => part.toLowerCase() === ".git")) {
    return { level: "outside", why: `${what} acts on the repository itself` };
  }
  const isAll = resolved.length === 0 ||
    resolved.length === 1 && /^(?:\*|\.\*|\{,\.\}\*)$/.test(resolved[0] ?? "");
  if (isAll && isRecursive && (what === "rm" || what === "mv" || what === "shred")) {
    return { level: "outside", why: `${what} would remove the whole project` };
  }
  return NONE;
}

/** Where a path leads from where the command stands. */
function resolvePath(path: Word, { standing, root }: Place): Standing {
  if (path.kind === "dynamic" || path.text.startsWith("~") || path.text === "-") return "elsewhere";
  let text = path.text;
  let from = standing;
  if (/^(?:[A-Za-z]:)?[\\/]/.test(text)) {
    if (root === undefined || !isBelow(text, root)) return "elsewhere";
    text = text.slice(root.length);
    from = [];
  }
  if (from === "elsewhere") return "elsewhere";
  const parts = [...from];
  for (const part of text.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return "elsewhere";
  }
  return parts;
}

function isBelow(path: string, root: string): boolean {
  return path === root || path.startsWith(root.endsWith("/") ? root : `${root}/`);
}

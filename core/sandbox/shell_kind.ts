/** The shells that commands are run by, and how each is told to carry its folder and variables to the next call. */

import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** A shell found on this machine. Files in the state folder: `cwd` and `env`, written anew as `cwd.new` and `env.new`. */
export interface ShellKind {
  /** As the model is told. */
  readonly name: "bash" | "sh" | "pwsh" | "powershell";
  /** @param folders `state`: read from and written to; `cwd`: where the command starts */
  readonly argv: (command: string, folders: { state: string; cwd: string }) => readonly string[];
}

/** Looks for bash, then sh; on Windows for PowerShell 7, then the PowerShell 5.1 that is part of it. */
export function findShell(platform: string, env: Readonly<Record<string, string>>): ShellKind {
  if (platform === "windows") {
    const name = findProgram("pwsh.exe", env) === undefined ? "powershell" : "pwsh";
    return { name, argv: (command, { state }) => powershellArgv(name, command, state) };
  }
  const bash = findProgram("bash", env);
  const [name, file, flags] = bash === undefined
    ? ["sh", "/bin/sh", []] as const
    : ["bash", bash, ["--noprofile", "--norc"]] as const;
  return {
    name,
    argv: (command, { state, cwd }) => [file, ...flags, "-c", POSIX_WRAPPER, name, command, state, cwd],
  };
}

/** Absolute path of a program on the search path; on Windows its ending must be given. */
export function findProgram(name: string, env: Readonly<Record<string, string>>): string | undefined {
  const folders = (env.PATH ?? env.Path ?? "").split(delimiter).filter((folder) => folder !== "");
  // In most folders there is none, and an error for each would take longer than the looking.
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path) && isExecutable(path));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // absent or not ours to run: the same answer
  }
}

/**
 * Variables come back from the last call, the command runs, and the trap writes them down with its exit code kept.
 * `jobs.new` names processes that the command left running. `cwd.new` is written last: it says that the rest is whole.
 */
const POSIX_WRAPPER = [
  "__command=$1 __state=$2 __cwd=$3",
  "shift 3",
  "trap '__code=$?; { " +
  'jobs -p > "$__state/jobs.new" && export -p > "$__state/env.new" && pwd > "$__state/cwd.new"; ' +
  `} 2>/dev/null; exit "$__code"' EXIT`,
  '[ -f "$__state/env" ] && . "$__state/env" 2>/dev/null',
  '[ "$PWD" = "$__cwd" ] || cd -- "$__cwd"',
  // All on one line, so that the line numbers in bash's messages are those of the command.
  'eval "$__command"',
].join("; ");

/** PowerShell reads a command as base64 of UTF-16, which no quoting can break. */
function powershellArgv(name: string, command: string, state: string): readonly string[] {
  const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
  const script = `
$ProgressPreference = 'SilentlyContinue'
$__state = ${quoted(state)}
if (Test-Path "$__state/env") {
  (Get-Content -Raw "$__state/env" | ConvertFrom-Json).PSObject.Properties |
    ForEach-Object { Set-Item -LiteralPath "Env:$($_.Name)" -Value $_.Value }
}
$global:LASTEXITCODE = 0
$__code = 0
try {
  . ([scriptblock]::Create(${quoted(command)}))
  if (-not $?) { $__code = 1 }
  if ($global:LASTEXITCODE -ne 0) { $__code = $global:LASTEXITCODE }
} catch {
  [Console]::Error.WriteLine($_)
  $__code = 1
} finally {
  $__env = @{}
  Get-ChildItem Env: | ForEach-Object { $__env[$_.Name] = $_.Value }
  $__env | ConvertTo-Json -Compress | Set-Content "$__state/env.new"
  (Get-Location).Path | Set-Content "$__state/cwd.new"
}
exit $__code`;
  const encoded = btoa(
    script.split("").map((unit) => {
      const code = unit.charCodeAt(0);
      return String.fromCharCode(code & 0xff, code >> 8);
    }).join(""),
  );
  return [name, "-NoLogo", "-NoProfile", "-NonInteractive", "-EncodedCommand", encoded];
}

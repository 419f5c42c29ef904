/** Commands that look at one file and run none of its code: what the project offers, else the language's own syntax check. Pure. */

import type { ProjectCheck } from "./project_check.ts";
import { commandFor } from "./nearest_tests.ts";

/** One look at a file. */
export interface FileCommand {
  /** The same for every file: what a person is asked about, once. */
  readonly name: string;
  readonly command: string;
  /** Whether it reads the syntax alone, so that it costs nothing and has no opinions. */
  readonly isSyntax: boolean;
}

/** Tools that a project's checks name, and the files that they read. */
const TOOLS: readonly (readonly [tool: RegExp, files: RegExp])[] = [
  [/\b(?:ruff|mypy)\b/, /\.pyi?$/],
  [/\beslint\b/, /\.[cm]?[jt]sx?$/],
  [/\bdeno check\b/, /\.[cm]?[jt]sx?$/],
];

/** Without imports, without writing: `py_compile` would write. */
const PYTHON = `-c "import sys; compile(open(sys.argv[1], 'rb').read(), sys.argv[1], 'exec')"`;

const SYNTAX: readonly (readonly [files: RegExp, program: string, command: string])[] = [
  [/\.py$/, "python3", `python3 ${PYTHON} {files}`],
  [/\.[cm]?js$/, "node", "node --check {files}"],
  [/\.go$/, "gofmt", "gofmt -l -e {files}"],
  [/\.rb$/, "ruby", "ruby -c {files}"],
  [/\.sh$/, "bash", "bash -n {files}"],
];

/** The commands for a file, the quickest first. @param checks those that the project runs */
export function fileCommands(
  path: string,
  checks: readonly ProjectCheck[],
  hasProgram: (name: string) => boolean,
): readonly FileCommand[] {
  const syntax = SYNTAX.filter(([files, program]) => files.test(path) && hasProgram(program))
    .map(([, program, perFile]) => ({ name: `${program}, syntax`, perFile, isSyntax: true }));
  const tools = checks.filter(({ kind, perFile = "" }) =>
    kind !== "test" && TOOLS.some(([tool, files]) => tool.test(perFile) && files.test(path))
  ).map(({ perFile = "", folder }) => ({
    name: perFile.replace(" {files}", ""),
    perFile,
    folder,
    isSyntax: false,
  }));
  return [...syntax.map((one) => ({ ...one, folder: undefined })), ...tools].flatMap((one) => {
    const { name, perFile, folder, isSyntax } = one;
    const command = commandFor(perFile, [path], folder);
    return command === undefined ? [] : [{ name, command, isSyntax }];
  });
}

/** What the running attempt leaves no room for: edits of other files, and commands that write elsewhere. */

import type { AgentDeps } from "./agent_deps.ts";
import { editedPath } from "./edited_path.ts";
import { ifRefused } from "../errors.ts";
import { changesFiles } from "../guard/command_changes.ts";
import { parseCommandLine, type Word } from "../guard/command_line.ts";
import { outsideAttempt } from "../prompt/text/attempts.ts";
import { unwrapUse } from "../route/menu.ts";
import { answerUnrun, type Ran } from "../run_tool.ts";
import type { Attempt, ToolCall, Turn } from "../types.ts";

type Only = NonNullable<Attempt["only"]>;

/** The answer to a call that the running attempt does not allow; `undefined`: it may run. */
export async function refuseOutside(turn: Turn, made: ToolCall, deps: AgentDeps): Promise<Ran | undefined> {
  const only = turn.attempts?.at(-1)?.only;
  const what = only && (await outsidePath(made, only, deps) ?? await outsideCommand(made, only, deps));
  if (!only || what === undefined) return undefined;
  const text = outsideAttempt(what, only.paths);
  const answer = { ok: false, text, summary: text, record: { result: text } };
  const call = unwrapUse(made, deps.tools);
  return answerUnrun({ call, made, step: turn.step }, answer, deps.emit);
}

async function outsidePath(made: ToolCall, only: Only, deps: AgentDeps): Promise<string | undefined> {
  const path = await editedPath(made, deps);
  if (path === undefined || only.paths.includes(path)) return undefined;
  if (only.newFiles && await deps.world.files.exists(path) === undefined) return undefined;
  return path;
}

/**
 * A command that surely writes is let through where its words name a file of the attempt, or with `newFiles` none that is there, and no other
 * file of the workspace. What a program that it starts writes is not known before: the checks see it.
 */
async function outsideCommand(made: ToolCall, only: Only, deps: AgentDeps): Promise<string | undefined> {
  const { name, args: { command, job } } = unwrapUse(made, deps.tools);
  if (deps.tools.get(name)?.effect !== "run" || typeof command !== "string" || job) return undefined;
  if (changesFiles(command) !== "yes") return undefined;
  const parsed = parseCommandLine(command);
  const shown = `\`${command.length <= 60 ? command : `${command.slice(0, 60)}…`}\``;
  if (parsed.kind === "complex") return shown;
  const words: readonly Word[] = parsed.commands.flatMap(({ words, redirections }) => [
    ...words.slice(1),
    ...redirections.map(({ target }) => target),
  ]);
  const named = new Set<string>();
  for (const { text, kind } of words) {
    if (kind !== "plain") return shown;
    if (text.startsWith("-") || text.startsWith("/dev/")) continue;
    const path = await deps.world.files.relative(text).catch(ifRefused);
    if (path === undefined) return shown;
    if (only.paths.includes(path) || await deps.world.files.exists(path) !== undefined) named.add(path);
  }
  const other = [...named].find((path) => !only.paths.includes(path));
  if (other !== undefined) return other;
  return named.size === 0 && !only.newFiles ? shown : undefined;
}

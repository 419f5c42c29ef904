/** AGENTS.md and its kin, read as data and cut to a share of the window (DESIGN section 5). */

import { ifRefused } from "../errors.ts";
import { byteLength } from "../model/tokens.ts";
import type { WorkspaceFiles } from "../tool.ts";
import { SMALL_WINDOW } from "./budget.ts";

const NAMES = ["AGENTS.md", "CLAUDE.md", ".cursorrules"];
const SHARE = 0.05;
const BYTES_PER_TOKEN = 3.6;

/**
 * The first of the known files that stands at the top of the workspace, cut; `undefined` when there is none.
 * @param tell is given why one of them cannot be read
 */
export async function findProjectRules(
  files: WorkspaceFiles,
  window: number,
  tell: (problem: string) => void,
): Promise<{ path: string; text: string } | undefined> {
  for (const path of NAMES) {
    if (await files.exists(path) !== "file") continue;
    const file = await files.read(path).catch((error: unknown) => {
      ifRefused(error);
      tell(error instanceof Error ? error.message : String(error));
    });
    const trimmed = file ? trimRules(file.text, window) : "";
    if (trimmed) return { path, text: trimmed };
  }
  return undefined;
}

/** Keeps whole lines from the top, at most 5 % of the window; under 16k only headings and lines that hold a command. */
export function trimRules(text: string, window: number): string {
  const lines = text.split(/\r?\n/).map((line) => line.trimEnd());
  const kept = window < SMALL_WINDOW ? headingsAndCommands(lines) : lines;
  let room = Math.floor(window * SHARE * BYTES_PER_TOKEN);
  const shown: string[] = [];
  for (const line of kept) {
    room -= byteLength(line) + 1;
    if (room < 0) break;
    shown.push(line);
  }
  return shown.join("\n").trim();
}

function headingsAndCommands(lines: readonly string[]): string[] {
  let fenced = false;
  return lines.filter((line) => {
    if (line.trimStart().startsWith("```")) {
      fenced = !fenced;
      return false;
    }
    return (fenced && line.trim() !== "") || line.startsWith("#") || line.includes("`");
  });
}

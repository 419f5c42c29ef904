/** `smallcode bench verify`: proves of each task that its check tells right from wrong. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CheckOptions, runCheck } from "./check.ts";
import { layResult } from "./overlay.ts";
import { foldersIn, missingPrograms, type Task } from "./task.ts";

/** What verifying a task gave. */
export interface Verified {
  readonly suite: string;
  readonly task: string;
  readonly state: "proved" | "broken" | "skipped";
  /** What is wrong, or which programs are missing. */
  readonly problems: readonly string[];
}

/** Wrong results that a task must have. */
const LEAST_WRONG = 2;

/**
 * Checks start, solution and every wrong result of a task: only the solution may pass.
 * A task whose programs are missing is skipped, which is no proof.
 */
export async function verifyTask(task: Task, options: CheckOptions): Promise<Verified> {
  const { suite, name } = task;
  const missing = missingPrograms(task, options.env.PATH ?? "");
  if (missing.length > 0) {
    return {
      suite,
      task: name,
      state: "skipped",
      problems: missing.map((program) => `${program} is missing`),
    };
  }
  const folders = await foldersIn(task.folder);
  const wrong = folders.filter((folder) => folder.startsWith("wrong-"));
  const problems: string[] = [];
  if (!folders.includes("solution")) problems.push("there is no solution/");
  if (wrong.length < LEAST_WRONG) {
    problems.push(`there are ${wrong.length} wrong-*, ${LEAST_WRONG} are needed`);
  }
  for (
    const [overlay, mustPass] of [["", false], ["solution", true], ...wrong.map((w) => [w, false])] as const
  ) {
    const { passed, timedOut, output } = await checkOverlay(task, String(overlay), options);
    if (passed !== mustPass) {
      problems.push(`${overlay || "start"} ${passed ? "passes" : "fails"}: ${output.trim().slice(-600)}`);
    } else if (timedOut && !String(overlay).includes("hang")) {
      problems.push(`${overlay || "start"} fails only because the time was up`);
    }
  }
  return { suite, task: name, state: problems.length === 0 ? "proved" : "broken", problems };
}

/** Checks the task's start with an overlay (a folder of the task; empty: none). */
async function checkOverlay(task: Task, overlay: string, options: CheckOptions) {
  const workspace = await mkdtemp(join(tmpdir(), "smallcode-verify-"));
  try {
    const answer = await layResult(
      join(task.folder, "start"),
      join(task.folder, overlay || "none"),
      workspace,
    );
    return await runCheck(task, { workspace, answer }, options);
  } finally {
    await rm(workspace, { recursive: true, force: true });
  }
}

/** Tests that a turn changed, though it was not asked to, are run once more as they were. */

import { lstat, mkdir, realpath, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { AgentDeps } from "./agent_deps.ts";
import { addRun, runIn } from "./count_check.ts";
import { ifRefused } from "../errors.ts";
import { isTestPath } from "../prompt/first_look.ts";
import { asksForTests } from "../route/asks_for_tests.ts";
import type { ToolContext } from "../tool.ts";
import type { Turn } from "../types.ts";
import type { ProjectCheck } from "../verify/project_check.ts";
import { decidesTests, testPart } from "../verify/decides_tests.ts";

/**
 * Green tests that the turn itself changed, though it was not asked to, prove nothing: they are run once more as they were, in a copy of the
 * workspace. New tests stay in it.
 */
export async function runOriginals(
  turn: Turn,
  check: ProjectCheck,
  context: ToolContext,
  deps: AgentDeps,
): Promise<Turn> {
  const { weakened: _, ...rest } = turn;
  const before = turn.baselines?.find(({ command }) => command === check.command);
  if (asksForTests(turn.task) || before?.exitCode === null || !before) return rest;
  const changed = await changedTests(turn, deps);
  if (changed.length === 0) return rest;
  const paths = changed.map(({ path }) => path);
  const unproved = { ...rest, weakened: paths };
  if (changed.some(({ text }) => text === undefined)) return unproved;
  const scratch = await deps.checks.openScratch(context.signal);
  if (!scratch) return unproved;
  try {
    for (const { path, text = null } of changed) {
      if (!await writeInto(scratch.root, path, text)) return unproved;
    }
    const checked = await runIn(scratch.shell, check, turn, { context, deps });
    if (checked.state === "not_run") return unproved;
    return await addRun(rest, checked, { of: check.command, originals: paths }, context.signal, deps);
  } finally {
    await scratch.close();
  }
}

/** Writes or removes a file of a copy; not through a link, which leads out of it. */
async function writeInto(root: string, path: string, text: string | null): Promise<boolean> {
  const file = join(root, path);
  await mkdir(dirname(file), { recursive: true });
  if (relative(root, await realpath(dirname(file))) !== dirname(path).replace(/^\.$/, "")) return false;
  if ((await lstat(file).catch(() => undefined))?.isSymbolicLink()) return false;
  await (text === null ? rm(file, { force: true }) : writeFile(file, text));
  return true;
}

/** A test, or what decides how tests run, that was changed. */
interface ChangedTest {
  readonly path: string;
  /** As it was before the turn; `null`: it was not there; absent: that is not known. */
  readonly text?: string | null;
}

/** New tests are none of them; new configuration of tests is. */
async function changedTests(turn: Turn, deps: AgentDeps): Promise<readonly ChangedTest[]> {
  const originals = deps.baselines.originals();
  const changed: ChangedTest[] = [];
  for (const { path, kind } of turn.ledger.changes) {
    const before = originals.get(path);
    if (!decidesTests(path) || kind === "created" && isTestPath(path)) continue;
    const now = kind === "deleted" ? undefined : await deps.world.files.read(path).catch(ifRefused);
    if (kind === "created") {
      if (now && testPart(path, now.text) !== testPart(path, emptyOf(path))) {
        changed.push({ path, text: null });
      }
      continue;
    }
    if (before === undefined) {
      changed.push({ path });
      continue;
    }
    if (now === undefined || testPart(path, now.text) !== testPart(path, before)) {
      changed.push({ path, text: before });
    }
  }
  return changed;
}

function emptyOf(path: string): string {
  return path.endsWith(".json") ? "{}" : "";
}

/** What the simulated model would like to do: the reference solutions of the tasks. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { readAsset } from "../../core/assets.ts";
import { filesIn, unpackedName } from "../overlay.ts";
import { foldersIn, listSuites, loadSuite } from "../task.ts";

/** A file that the solution changes. `undefined`: not there. */
export interface IntendedFile {
  readonly path: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
  /** A first version with a real bug: from one of the task's wrong results, where it has this file. */
  readonly wrong: string | undefined;
}

export interface Intention {
  readonly prompt: string;
  readonly files: readonly IntendedFile[];
  readonly answer: string;
  /** A command that shows whether it works, if the start has a test. */
  readonly test: string | undefined;
}

/** The intentions of all tasks, from a folder of suites. */
export async function loadIntentions(suites: string): Promise<readonly Intention[]> {
  const tasks = (await Promise.all((await listSuites(suites)).map((suite) => loadSuite(suites, suite))))
    .flat();
  return await Promise.all(tasks.map(async ({ folder, prompt }) => {
    const [start, solution] = [
      await readFiles(join(folder, "start")),
      await readFiles(join(folder, "solution")),
    ];
    const wrongs = await Promise.all(
      (await foldersIn(folder)).filter((name) => name.startsWith("wrong-")).map((name) =>
        readFiles(join(folder, name))
      ),
    );
    const gone = (solution.get("_deleted.txt") ?? "").split("\n").filter((path) => path !== "");
    const changed = [...solution.keys()].filter((path) => !path.startsWith("_"));
    const file = (path: string): IntendedFile => ({
      path,
      before: start.get(path),
      after: solution.get(path),
      wrong: wrongs.find((wrong) => wrong.has(path))?.get(path),
    });
    const test = [...start.keys()].find((path) => /(^|\/)test_|\.test\./.test(path));
    return {
      prompt,
      files: [...changed, ...gone].map(file),
      answer: solution.get("_answer.txt") ?? "The task is done.",
      test: test && `${test.endsWith(".py") ? "python3" : "node"} ${test}`,
    };
  }));
}

async function readFiles(folder: string): Promise<ReadonlyMap<string, string>> {
  if (!existsSync(folder)) return new Map();
  const files = (await filesIn(folder)).map(async (path) => {
    const text = new TextDecoder().decode(await readAsset(pathToFileURL(join(folder, path))));
    return [unpackedName(path), text] as const;
  });
  return new Map(await Promise.all(files));
}

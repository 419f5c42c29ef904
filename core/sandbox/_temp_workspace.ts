/** A workspace in a temp folder for tests; ends with the block that holds it. */

import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { WorkspaceFiles } from "../tool.ts";
import type { Journal } from "../store/journal.ts";
import { openWorkspace } from "./workspace.ts";

export interface TempWorkspace extends AsyncDisposable {
  readonly root: string;
  readonly files: WorkspaceFiles;
  readonly entries: Parameters<Journal["record"]>[0][];
}

/** Makes a folder with these files (path to content) and opens it; `protect` names paths below it. */
export async function tempWorkspace(
  content: Readonly<Record<string, string | Uint8Array>> = {},
  protect: readonly string[] = [],
): Promise<TempWorkspace> {
  const root = await realpath(await mkdtemp(join(tmpdir(), "workspace-test-")));
  for (const [path, text] of Object.entries(content)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  const entries: TempWorkspace["entries"][number][] = [];
  const files = await openWorkspace({
    root,
    journal: { record: (entry) => void entries.push(entry) },
    protectedPaths: protect.map((path) => join(root, path)),
    sync: false,
  });
  return {
    root,
    files,
    entries,
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}

/** For tests: a home and a workspace on disk, with files in them, and the configuration as it loads there. */

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Loaded } from "./config.ts";
import { type Flags, loadConfig } from "./load.ts";

export interface TempHome {
  readonly home: string;
  readonly cwd: string;
  readonly config: string;
  load(how?: { readonly flags?: Flags; readonly env?: Readonly<Record<string, string>> }): Promise<Loaded>;
}

/** Runs a test in a fresh home; `files` are relative to it: `work/` is the workspace, `.config/smallcode/` the user's configuration. */
export async function inTempHome(
  files: Readonly<Record<string, string>>,
  test: (home: TempHome) => Promise<void>,
): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), "smallcode-config-"));
  const cwd = join(home, "work");
  const config = join(home, ".config", "smallcode");
  try {
    for (const [path, text] of Object.entries({ "work/.keep": "", ...files })) {
      await mkdir(dirname(join(home, path)), { recursive: true });
      await writeFile(join(home, path), text);
    }
    await test({
      home,
      cwd,
      config,
      load: ({ flags = {}, env = {} } = {}) =>
        loadConfig({ flags, env, cwd, home, platform: "linux", isTerminal: true }),
    });
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

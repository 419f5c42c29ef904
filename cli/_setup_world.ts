/** For tests of the set-up commands: a home and a project on disk, and what was written to the terminal. */

import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { World } from "./world.ts";

export interface SetupWorld {
  readonly world: World;
  readonly home: string;
  readonly project: string;
  /** The user's `.env`. */
  readonly userEnv: string;
  /** What was written so far. */
  readonly written: { out: string; err: string };
}

/** Runs a test where nobody sits at the terminal. `files` are relative to the home; `work/` is the project. */
export async function inSetupWorld(
  how: { readonly files?: Readonly<Record<string, string>>; readonly env?: Readonly<Record<string, string>> },
  test: (place: SetupWorld) => Promise<void>,
): Promise<void> {
  const home = await realpath(await mkdtemp(join(tmpdir(), "smallcode-setup-")));
  const project = join(home, "work");
  const written = { out: "", err: "" };
  try {
    for (const [path, text] of Object.entries({ "work/.keep": "", ...how.files })) {
      await mkdir(dirname(join(home, path)), { recursive: true });
      await writeFile(join(home, path), text);
    }
    await test({
      home,
      project,
      userEnv: join(home, ".config", "smallcode", ".env"),
      written,
      world: {
        version: "0",
        cwd: project,
        home,
        platform: "linux",
        env: how.env ?? {},
        assets: (path) => new URL(`../${path}`, import.meta.url),
        newAgent: () => {
          throw new TypeError("No agent is made by these commands");
        },
        out: (text) => written.out += text,
        err: (text) => written.err += text,
        readStdin: () => Promise.resolve(""),
        stdinIsTerminal: false,
        stdoutIsTerminal: false,
        colour: false,
        columns: 100,
        signal: new AbortController().signal,
      },
    });
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

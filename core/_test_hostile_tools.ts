/** What a hostile model finds beside the bundled tools: a shell whose commands are known, and tools as plugins bring them. */

import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BUG, FIX } from "./_test_hostile_model.ts";
import type { Waits } from "./_test_hostile_witness.ts";
import { ToolError } from "./errors.ts";
import { type CommandResult, defineTool, type Shell, type Tool } from "./tool.ts";

/** A shell whose commands do what their words say, at once; those in the background at one of the next waits. */
export function openFakeShell(root: string, waits: Waits, note: (path: string, text: string | null) => void) {
  const jobs = new Map<string, { command: string; isOver: boolean }>();
  const result = (exitCode: number, output = ""): CommandResult => ({
    exitCode,
    output,
    timedOut: false,
    ms: 1,
  });
  const write = (
    path: string,
    text: string,
  ) => (writeFileSync(join(root, path), text), note(path, text), result(0));
  const remove = (path: string) => (rmSync(join(root, path), { force: true }), note(path, null), result(0));
  const textOf = (path: string) => {
    try {
      return readFileSync(join(root, path), "utf8");
    } catch {
      return undefined; // it was removed
    }
  };
  const act = (command: string): CommandResult => {
    switch (command) {
      case "check":
        return textOf("a.py") === FIX ? result(0, "1 passed") : result(
          1,
          `FAILED test_a.py::${textOf("a.py") === BUG ? "test_add" : "test_other"} - assert 1 == 5\n1 failed`,
        );
      case "touch made.txt":
        return write("made.txt", "");
      case "write a.py":
        return write("a.py", "y = 2\n");
      case "fix a.py":
        return write("a.py", FIX);
      case "rm notes.txt":
        return remove("notes.txt");
      case "mv notes.txt moved.txt": {
        const text = textOf("notes.txt");
        if (text === undefined) return result(1);
        remove("notes.txt");
        return write("moved.txt", text);
      }
      case "loud":
        return result(0, "\u001b[31mloud\u0007\n".repeat(4_000));
      default:
        return result(1);
    }
  };
  const workOn = () => {
    for (const job of jobs.values()) {
      if (job.isOver || job.command === "serve") continue;
      const late = /^late (a\.py|notes\.txt|made\.txt)$/.exec(job.command)?.[1];
      if (late !== undefined) write(late, "z = 3\n");
      job.isOver = true;
    }
  };
  const jobOf = (id: string) => {
    const job = jobs.get(id);
    if (!job) throw new ToolError(`There is no background job "${id}"`);
    return job;
  };
  const shell: Shell = {
    name: "sh",
    cwd: () => root,
    jobs: () => [...jobs.values()].filter(({ isOver }) => !isOver).length,
    async run(command, { signal, background }) {
      signal.throwIfAborted();
      if (background) {
        const id = `job${jobs.size + 1}`;
        jobs.set(id, { command, isOver: false });
        return { ...result(0), exitCode: null, job: id };
      }
      const ran = await waits.pass(() => act(command));
      signal.throwIfAborted();
      return command === "hang" ? { ...ran, exitCode: null, timedOut: true } : ran;
    },
    poll: (id) => jobOf(id).isOver ? result(0) : { ...result(0), exitCode: null, job: id },
    stop(id) {
      jobOf(id).isOver = true;
      return Promise.resolve(result(0));
    },
  };
  return { shell, workOn, hadJobs: () => jobs.size > 0 };
}

/** A tool as plugins bring it, and one whose write is made once a turn. */
export function pluginTools(): readonly Tool[] {
  return [
    defineTool({
      name: "plugin_write",
      category: "write",
      effect: "write",
      description: "Write a file in the plugin's way.",
      parameters: (z) => z.object({ path: z.string(), text: z.string() }),
      example: { path: "a.py", text: "x" },
      async run({ path, text }, { files }) {
        if (text.length % 5 === 0) throw new TypeError("a fault of the plugin");
        if (path.endsWith(".py")) throw new ToolError("plugin: no Python");
        const found = await files.exists(path);
        const hash = found === "file" ? (await files.read(path)).hash : null;
        const change = await files.write(path, text, hash);
        return { text: "written", summary: "written", changes: [change] };
      },
    }),
    defineTool({
      name: "remember",
      category: "write",
      effect: "write",
      isIdempotent: true,
      description: "Keep a note.",
      parameters: (z) => z.object({ text: z.string() }),
      example: { text: "x" },
      run: ({ text }) => Promise.resolve({ text: `kept ${text}`, summary: "kept" }),
    }),
  ];
}

/** What a plugin is handed in its tests: a real temporary folder and real programs, without the sandbox (that has tests of its own). */

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Plugin, PluginGlobals, PluginResponse } from "../core/plugin.ts";

export interface TestHost extends PluginGlobals {
  readonly root: string;
  readonly ran: readonly string[];
  [Symbol.asyncDispose](): Promise<void>;
}

export interface TestWorld {
  readonly files?: Readonly<Record<string, string>>;
  readonly changed?: readonly string[];
  /** What `fetch` answers, by address. */
  readonly pages?: Readonly<
    Record<string, { readonly type?: string; readonly status?: number; readonly body: string }>
  >;
  /** Stands in for a program. */
  readonly programs?: Readonly<
    Record<string, (args: readonly string[]) => { exitCode: number | null; output: string }>
  >;
}

/** Makes the folder with its files. */
export async function openTestHost(world: TestWorld = {}): Promise<TestHost> {
  const root = await realpath(await mkdtemp(join(tmpdir(), "smallcode-plugin-")));
  for (const [path, text] of Object.entries(world.files ?? {})) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  const values = new Map<string, unknown>();
  const ran: string[] = [];
  return {
    root,
    ran,
    fs: {
      readText: (path) => readFile(join(root, path), "utf8"),
      readBytes: async (path) => new Uint8Array(await readFile(join(root, path))),
      writeText: (path, text) => writeFile(join(root, path), text),
      list: async (path) =>
        (await readdir(join(root, path), { withFileTypes: true })).toSorted((a, b) =>
          a.name < b.name ? -1 : 1
        )
          .map((entry) => ({
            name: entry.name,
            kind: entry.isDirectory() ? "folder" as const : "file" as const,
          })),
      async stat(path) {
        const found = await stat(join(root, path)).catch(() => undefined);
        const kind = found?.isDirectory() ? "folder" as const : "file" as const;
        return found && { kind, bytes: found.size, modifiedMs: found.mtimeMs };
      },
    },
    fetch: (url) => Promise.resolve(responseOf(String(url), world.pages?.[String(url)])),
    run(command, args = []) {
      ran.push([command, ...args].join(" "));
      const program = world.programs?.[command];
      if (program) return Promise.resolve(program(args));
      return new Promise((resolve) =>
        execFile(command, [...args], { cwd: root }, (error, stdout, stderr) => {
          const code = (error as { code?: unknown } | null)?.code;
          resolve({ exitCode: error ? (typeof code === "number" ? code : 127) : 0, output: stdout + stderr });
        })
      );
    },
    store: {
      get: (key) => Promise.resolve(values.get(key)),
      set: (key, value) => Promise.resolve(void values.set(key, value)),
    },
    env: { get: () => Promise.resolve(undefined) },
    workspace: { root, language: "unknown", changedFiles: () => Promise.resolve(world.changed ?? []) },
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}

function responseOf(
  url: string,
  page: { type?: string; status?: number; body: string } | undefined,
): PluginResponse {
  const { type = "text/html", status = 200, body } = page ?? { status: 404, body: "" };
  return {
    ok: status < 400,
    status,
    url,
    headers: { get: (name) => name === "content-type" ? type : null },
    text: () => Promise.resolve(body),
    json: () => Promise.resolve(JSON.parse(body)),
    bytes: () => Promise.resolve(new TextEncoder().encode(body)),
  };
}

/** A tool of a plugin, called as the host calls it. @throws {TypeError} when the plugin has no such tool */
export async function callTool(
  plugin: Plugin,
  name: string,
  args: Readonly<Record<string, unknown>>,
  host: PluginGlobals,
): Promise<{ readonly text: string; readonly summary?: string }> {
  const tool = plugin.tools?.find((tool) => tool.name === name);
  if (!tool) throw new TypeError(`There is no tool "${name}"`);
  const result = await tool.run(args, host);
  return typeof result === "string" ? { text: result } : result;
}

/** A command's text, or the task that it gives. @throws {TypeError} when the plugin has no such command */
export async function callCommand(plugin: Plugin, args: string, host: PluginGlobals): Promise<string> {
  const [command] = plugin.commands ?? [];
  if (!command) throw new TypeError("There is no command");
  const said = await command.run(args, host);
  return typeof said === "string" ? said : said.task;
}

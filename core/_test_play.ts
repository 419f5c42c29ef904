/** Runs tasks against a scripted server in a temporary project: the whole program but for the terminal. */

import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { bundle } from "../main.ts";
import type { RunResult, SmallCodeOptions } from "./api.ts";
import type { Event } from "./events.ts";
import {
  type ScriptedOptions,
  type ScriptedReply,
  type ScriptedRequest,
  startScriptedServer,
} from "./model/scripted.ts";
import type { Conversation } from "./session/conversation.ts";
import { bindSmallCode } from "./smallcode.ts";

/** A function with a bug. */
export const CALC = "def add(a, b):\n    return a - b\n";
/** The test that finds it. */
export const TEST =
  "import unittest\nfrom calc import add\n\n\nclass T(unittest.TestCase):\n    def test_add(self):\n        self.assertEqual(add(2, 3), 5)\n";

/** A project, a script and what is asked. */
export interface Given {
  readonly files?: Readonly<Record<string, string>>;
  readonly replies: ScriptedOptions["replies"];
  readonly server?: Partial<ScriptedOptions>;
  readonly protocol?: "openai" | "ollama";
  readonly options?: SmallCodeOptions;
  readonly tasks?: readonly string[];
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: Event) => void;
  /** Once the files are there, before the first task. */
  readonly before?: (at: { readonly project: string }) => void | Promise<void>;
  /** After each task but the last. */
  readonly between?: (at: { readonly open: Conversation; readonly project: string }) => void | Promise<void>;
  /** While the project and its home are still there. */
  readonly after?: (
    at: { readonly project: string; readonly home: string; readonly url: string },
  ) => void | Promise<void>;
}

/** What came of it. */
export interface Happened {
  readonly results: readonly RunResult[];
  readonly result: RunResult;
  readonly events: readonly Event[];
  readonly requests: readonly ScriptedRequest[];
  /** Text of a file of the project; undefined when it is not there. */
  readonly read: (path: string) => string | undefined;
}

/** Runs tasks against a scripted server in a temporary project with an empty home. */
export async function play(given: Given): Promise<Happened> {
  const home = await realpath(await mkdtemp(join(tmpdir(), "smallcode-main-")));
  const project = join(home, "project");
  await mkdir(project);
  for (const [path, text] of Object.entries(given.files ?? {})) {
    await mkdir(dirname(join(project, path)), { recursive: true });
    await writeFile(join(project, path), text);
  }
  await given.before?.({ project });
  const server = await startScriptedServer({ replies: given.replies, ...given.server });
  const { PATH = "" } = Deno.env.toObject();
  const SmallCode = bindSmallCode(() => ({ ...bundle(), env: { PATH, HOME: home }, home }));
  const agent = new SmallCode({
    cwd: project,
    model: "scripted",
    baseUrl: given.protocol === "ollama" ? server.url.replace(/\/v1$/, "") : server.url,
    ...(given.protocol === "ollama" ? { provider: "ollama" } : {}),
    mode: "auto",
    dataFolder: join(home, "data"),
    ask: () => Promise.resolve("once"),
    ...given.options,
  });
  const events: Event[] = [];
  agent.on("event", (event) => {
    events.push(event);
    given.onEvent?.(event);
  });
  try {
    const results: RunResult[] = [];
    for (const task of given.tasks ?? ["do it"]) {
      if (results.length > 0) await given.between?.({ open: await agent.open(), project });
      results.push(await agent.run(task, given.signal ? { signal: given.signal } : {}));
    }
    await given.after?.({ project, home, url: server.url });
    const files = new Map<string, string>();
    for (const entry of await readdir(project, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isFile() && !path.includes("/.git/")) files.set(path, await readFile(path, "utf8"));
    }
    const read = (path: string) => files.get(join(project, path));
    return { results, result: results.at(-1)!, events, requests: server.requests, read };
  } finally {
    await agent.close();
    await server.close();
    await rm(home, { recursive: true, force: true });
  }
}

/** A reply that is one native call. */
export const call = (name: string, args: Record<string, unknown>): ScriptedReply => ({
  calls: [{ name, args }],
});

/** The text of the newest message of a request. */
export function tailOf(request: ScriptedRequest | undefined): string {
  return String(request?.messages.at(-1)?.content);
}

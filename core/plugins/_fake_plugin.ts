/** Plugins without a sandbox, for tests of what stands around it. */

import {
  type HookDecision,
  type HookName,
  type OpenPlugin,
  type PluginAnswer,
  PluginError,
  type PluginManifest,
} from "../plugin_host.ts";
import type { Args } from "../types.ts";

export interface FakePlugin {
  readonly manifest?: Partial<PluginManifest>;
  /** Given the input; throws for a fault. */
  readonly hook?: (name: HookName, input: Args) => HookDecision | Promise<HookDecision>;
  readonly tool?: (name: string, args: Args) => string;
  readonly command?: (args: string) => { readonly text: string; readonly task?: string };
}

/** A manifest that asks for nothing and adds nothing but what is given. */
export function fakeManifest(name: string, over: Partial<PluginManifest> = {}): PluginManifest {
  return {
    name,
    version: "1.0.0",
    description: `The plugin ${name}.`,
    permissions: { read: [], write: [], net: [], run: [], env: [] },
    tools: [],
    commands: [],
    hooks: [],
    prompts: [],
    profiles: [],
    ...over,
  };
}

/** An open plugin of plain functions. */
export function fakePlugin(name: string, parts: FakePlugin = {}): OpenPlugin {
  const answer = (text: string): PluginAnswer => ({ text, summary: text });
  return {
    manifest: fakeManifest(name, parts.manifest),
    callTool: async (tool, args) => answer(await parts.tool?.(tool, args) ?? ""),
    callCommand: (_, args) => {
      const said = parts.command?.(args) ?? { text: "" };
      return Promise.resolve({
        ...answer(said.text),
        ...(said.task === undefined ? {} : { task: said.task }),
      });
    },
    callHook: async (hook, input, signal) => {
      signal.throwIfAborted();
      return await parts.hook?.(hook, input as Args) ?? { kind: "none" };
    },
    close: () => {},
  };
}

/** What a plugin that throws looks like from outside. */
export function fault(name: string, message = "boom"): PluginError {
  return new PluginError(name, "threw", message);
}

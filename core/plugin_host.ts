/**
 * The contract between the harness and the plugin sandbox (`core/sandbox/plugin_host.ts`): what a plugin is to us, what it is granted,
 * and how its functions are called. What a plugin's author sees is `core/plugin.ts`.
 */

import type { PluginPermissions } from "./plugin.ts";
import type { Emit } from "./events.ts";
import type { PermissionRequest } from "./tool.ts";
import type { Args, Category, Effect, FileChange, Json, JsonSchema } from "./types.ts";

/** A plugin's own files as read from the disk; made by `readPluginSource` (`core/sandbox/plugin_source.ts`) or from bundled texts. */
export interface PluginSource {
  /** For messages: the path as the person knows it, e.g. `./plugins/web.ts`. */
  readonly where: string;
  /** Key of `files` that is run: `web.ts` or `plugin.ts`. */
  readonly main: string;
  /** Path relative to the folder, `/` separated, to text: `.ts`, `.js`, `.mjs`, `.json`. */
  readonly files: Readonly<Record<string, string>>;
  /** SHA-256, hex, over names and texts. The grant belongs to exactly this. */
  readonly hash: string;
}

/** Every list is there; entries are as the plugin wrote them. */
export type Permissions = Readonly<Record<keyof Required<PluginPermissions>, readonly string[]>>;

export type HookName = "onPrompt" | "beforeTool" | "afterTool" | "beforeFinish" | "onEvent";

/** What a plugin says of itself, read in the sandbox with nothing granted, and validated. Plain data. */
export interface PluginManifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly permissions: Permissions;
  readonly tools: readonly {
    readonly name: string;
    readonly description: string;
    readonly parameters: JsonSchema;
    readonly example: Args;
    readonly category: Category;
    readonly effect: Effect;
  }[];
  readonly commands: readonly { readonly name: string; readonly description: string }[];
  readonly hooks: readonly HookName[];
  /** `languages` empty: always. */
  readonly prompts: readonly { readonly text: string; readonly languages: readonly string[] }[];
  /** YAML texts. */
  readonly profiles: readonly string[];
}

/** What a person granted. Holds for exactly this content; entries that the manifest does not ask for have no effect. */
export interface Grant extends Permissions {
  /** `PluginSource.hash`. */
  readonly hash: string;
}

/** Nothing at all. */
export function emptyGrant(hash: string): Grant {
  return { hash, read: [], write: [], net: [], run: [], env: [] };
}

/** What a plugin's host functions act through; one record per session. */
export interface PluginWorld {
  /** Absolute real path of the workspace. */
  readonly root: string;
  /** Absolute path of the person's home folder, for `~/`. */
  readonly home: string;
  readonly language: string;
  readonly changedFiles: () => readonly string[];
  /** Absolute paths that no plugin reads or writes, whatever was granted: SmallCode's own folders. */
  readonly protectedPaths: readonly string[];
  /**
   * Asked after the grant has been checked, for each write and command: modes, deny rules, a person. `false`: refused. The plugin's clock
   * stands still while it is asked.
   */
  readonly permit: (request: PermissionRequest, signal: AbortSignal) => Promise<boolean>;
  /** Keeps what a file of the workspace was before a plugin changes it; on the disk when it returns. As `Journal.record`. */
  readonly record: (
    entry: {
      readonly path: string;
      readonly before: Uint8Array | null;
      readonly after: Uint8Array | null;
      readonly mode?: number;
    },
  ) => void;
  /** Told of each file of the workspace that a plugin wrote, at once: for the ledger, also when its call fails later. */
  readonly onChange: (change: FileChange) => void;
  /** Where `store` keeps its values: one JSON file per plugin and workspace; the folder may be missing. */
  readonly storeFolder: string;
  /** The whole environment: commands see what `commandEnvironment` leaves of it, `env.get` the granted names. */
  readonly env: Readonly<Record<string, string>>;
  /** Wraps a command in the operating system's sandbox, as `CommandSandbox`. */
  readonly confine: (
    argv: readonly string[],
    folders: { readonly cwd: string; readonly state: string; readonly temp: string },
  ) => readonly string[];
  readonly emit: Emit;
}

/** What a call of a plugin's function may take; a time that runs while the plugin waits for the host, but not for a person. */
export interface CallLimits {
  readonly timeoutMs: number;
}

/** What a tool or command of a plugin gave. Text is free of terminal escapes and at most 100,000 characters. */
export interface PluginAnswer {
  readonly text: string;
  readonly summary: string;
}

/** Validated: of the kinds that `PluginHooks` names for this hook, and bounded. */
export type HookDecision =
  | { readonly kind: "none" }
  | { readonly kind: "add"; readonly text: string }
  | { readonly kind: "stop"; readonly reason: string }
  | { readonly kind: "deny"; readonly reason: string }
  | { readonly kind: "args"; readonly args: Args }
  | { readonly kind: "more"; readonly text: string };

/** A plugin with its grant. Its worker starts at the first call, again after it was stopped, at most 3 times more. */
export interface OpenPlugin {
  readonly manifest: PluginManifest;
  /** @throws {PluginError} @throws the signal's reason */
  callTool(name: string, args: Args, signal: AbortSignal): Promise<PluginAnswer>;
  /** `task`: to be sent to the model as a message. @throws {PluginError} */
  callCommand(
    name: string,
    args: string,
    signal: AbortSignal,
  ): Promise<PluginAnswer & { readonly task?: string }>;
  /** @param input plain JSON, as `PluginHooks` describes it. @throws {PluginError} */
  callHook(
    name: HookName,
    input: Readonly<Record<string, Json | undefined | readonly unknown[] | Args>>,
    signal: AbortSignal,
  ): Promise<HookDecision>;
  close(): void;
}

/** Opens plugins. Made by `openPluginHost` (`core/sandbox/plugin_host.ts`); loads nothing before its first use. */
export interface PluginHost {
  /**
   * Reads what the plugin says of itself, with nothing granted. Kept on disk by content hash: a known content starts no sandbox.
   * @throws {PluginError} when it does not run or its manifest is not valid; the message says what and where
   */
  readManifest(source: PluginSource, signal: AbortSignal): Promise<PluginManifest>;
  /** @throws {PluginError} `denied` when the grant is for another content */
  open(
    plugin: { readonly source: PluginSource; readonly manifest: PluginManifest },
    grant: Grant,
    world: PluginWorld,
  ): OpenPlugin;
  close(): void;
}

/**
 * Why a call of a plugin gave nothing. `threw`: its own error (also a refused host call it did not catch). `timeout`, `memory`, `flooded`,
 * `crashed`: it was stopped. `bad_reply`: what it returned is not what the contract says. `denied`: the grant is for another content.
 * `exhausted`: it was stopped too often in this run. `syntax`: its text cannot be read.
 */
export type PluginFault =
  | "threw"
  | "timeout"
  | "memory"
  | "flooded"
  | "crashed"
  | "bad_reply"
  | "denied"
  | "exhausted"
  | "syntax";

/** A plugin did not do what it was called for. The message names it and is read by people and, for tools, by the model. */
export class PluginError extends Error {
  override readonly name = "PluginError";
  readonly plugin: string;
  readonly fault: PluginFault;

  constructor(plugin: string, fault: PluginFault, message: string, cause?: unknown) {
    super(message, { cause });
    this.plugin = plugin;
    this.fault = fault;
  }
}

/**
 * The contract of a plugin, as its author sees it. `smallcode plugin new` writes this file beside the plugin as `smallcode.d.ts`, so it
 * imports nothing and holds types only. What the harness programs against is `core/plugin_host.ts`.
 *
 * A plugin is one `.ts` file, or a folder with `plugin.ts`, whose default export is a `Plugin`. It runs in a sandbox of its own:
 * standard ECMAScript, the globals listed at the end of this file, and nothing else. It may import the files of its own folder by
 * relative paths. Types are stripped, not compiled: no `enum`, no `namespace` with values, no parameter properties, no decorators.
 * It lives only while one of its functions runs: timers and open requests end with the call. One call at a time.
 */

export interface Plugin {
  /** 2-40 characters `a-z`, `0-9`, `-`, beginning with a letter. */
  readonly name: string;
  /** e.g. `1.0.0`. */
  readonly version: string;
  /** One sentence, at most 200 characters. */
  readonly description: string;
  readonly permissions?: PluginPermissions;
  readonly tools?: readonly PluginTool[];
  readonly commands?: readonly PluginCommand[];
  readonly hooks?: PluginHooks;
  /** Text for the model, in the prompt at a cost: keep it short. */
  readonly prompts?: readonly PluginPrompt[];
  /** Profiles of model families, as YAML text. */
  readonly profiles?: readonly string[];
}

/** What the plugin asks for. The person is shown it word by word and grants all of it or nothing. */
export interface PluginPermissions {
  /**
   * Files and folders that may be read: relative to the workspace (`.`, `./docs`), absolute, or in the home folder (`~/notes`). A folder
   * includes all below it but `.env` files, which are read only where an entry names them.
   */
  readonly read?: readonly string[];
  /** Files and folders that may be written, in the same form. Does not include reading. Never SmallCode's own settings, nor `.git`. */
  readonly write?: readonly string[];
  /**
   * `host` (ports 443 and 80) or `host:port`. A name that leads to a private address (this machine, the local network) is refused but for
   * one that says so itself: `localhost:8080`, an address (`192.168.1.5`), a name without a dot or under `.local`, `.internal`, `.lan`.
   * `*` is every public host.
   */
  readonly net?: readonly string[];
  /**
   * Command lines, word by word as they will be called, without quotes, e.g. `git status --short`. A whole word may be `<text>` (any one
   * argument that does not begin with `-`), `<file>` (one file of the workspace), `<files>` (one to 50 of them).
   */
  readonly run?: readonly string[];
  /** Names of environment variables. */
  readonly env?: readonly string[];
}

export interface PluginTool {
  /** `a-z`, `0-9`, `_`, at most 40 characters. Read by the model. */
  readonly name: string;
  /** One line, read by the model at the cost of its window. */
  readonly description: string;
  /** JSON schema: `type`, `properties`, `required`, `enum`, `items`, `description`; others are left out. */
  readonly parameters: PluginSchema;
  /** Arguments of one correct call. */
  readonly example: Readonly<Record<string, unknown>>;
  /** For which messages the model is told of it; default `run`. */
  readonly category?: "read" | "write" | "search" | "run" | "plan" | "code-intelligence" | "web";
  /** What a call does at most; default `read`. Decides what a person is asked. The host functions are checked beside it. */
  readonly effect?: "none" | "read" | "write" | "run" | "network";
  /** @returns what the model reads. A thrown error's message is read by the model too. */
  // deno-lint-ignore no-explicit-any -- the arguments have passed `parameters`; their type is the author's
  readonly run: (args: any, host: PluginGlobals) => PluginResult | Promise<PluginResult>;
}

/** `summary`: one line for a person. */
export type PluginResult = string | { readonly text: string; readonly summary?: string };

export interface PluginSchema {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, PluginSchema>>;
  readonly required?: readonly string[];
  readonly enum?: readonly (string | number | boolean | null)[];
  readonly items?: PluginSchema;
}

/** `/name args` in the conversation. */
export interface PluginCommand {
  readonly name: string;
  readonly description: string;
  /** @param args what stands after the name, trimmed. @returns what the person reads; `task`: sent to the model as a message. */
  readonly run: (
    args: string,
    host: PluginGlobals,
  ) => string | { readonly task: string } | Promise<string | { readonly task: string }>;
}

export interface PluginPrompt {
  /** Said to the model: always, or only when the project is in one of these languages (`typescript`, `python`, ...). */
  readonly when?: { readonly languages: readonly string[] };
  readonly text: string;
}

type Decision<T> = T | undefined | void | Promise<T | undefined | void>;

/** Each may decide nothing (return nothing). Each has 5 s; a failing one is reported and skipped, three in a row switch it off. */
export interface PluginHooks {
  /** A message of the person, before the model sees it. `add`: text behind it. `stop`: the turn does not begin, for this reason. */
  readonly onPrompt?: (
    input: { readonly text: string },
    host: PluginGlobals,
  ) => Decision<{ readonly add: string } | { readonly stop: string }>;
  /** A call of the model, before it is permitted and run. `deny`: it is not run, the model reads why. `args`: run with these instead. */
  readonly beforeTool?: (
    input: {
      readonly name: string;
      readonly args: Readonly<Record<string, unknown>>;
      readonly effect: string;
    },
    host: PluginGlobals,
  ) => Decision<{ readonly deny: string } | { readonly args: Readonly<Record<string, unknown>> }>;
  /** The same call after it ran. `add`: text behind the result that the model reads. */
  readonly afterTool?: (
    input: {
      readonly name: string;
      readonly args: Readonly<Record<string, unknown>>;
      readonly ok: boolean;
      /** What the model reads. */
      readonly result: string;
      /** Files that the call changed, relative to the workspace. */
      readonly changed: readonly string[];
    },
    host: PluginGlobals,
  ) => Decision<{ readonly add: string }>;
  /** The model's last words, before they count. `more`: sent to the model instead of ending; once a turn. `add`: text behind the report. */
  readonly beforeFinish?: (
    input: { readonly text: string; readonly changed: readonly string[] },
    host: PluginGlobals,
  ) => Decision<{ readonly more: string } | { readonly add: string }>;
  /** Each event of `core/events.ts` but tokens. Decides nothing; events that come while one is handled wait, at most 100. */
  readonly onEvent?: (
    event: { readonly type: string; readonly [field: string]: unknown },
    host: PluginGlobals,
  ) => Decision<never>;
}

/**
 * What the host hands in: as globals of these names, and as the second argument of each function. Each call is checked against the grant;
 * one that is refused rejects with an Error whose message says what was not granted.
 */
export interface PluginGlobals {
  readonly fs: {
    /** UTF-8 text of at most 4 MB. Paths are relative to the workspace, absolute, or begin with `~/`. */
    readText(path: string): Promise<string>;
    readBytes(path: string): Promise<Uint8Array>;
    /** Writes a whole file, making its folders; the old content is kept for `/undo` in the workspace. */
    writeText(path: string, text: string): Promise<void>;
    /** Entries of a folder, sorted by name, at most 5,000. */
    list(path: string): Promise<
      readonly { readonly name: string; readonly kind: "file" | "folder" | "other" }[]
    >;
    /** `undefined`: there is nothing. */
    stat(path: string): Promise<
      {
        readonly kind: "file" | "folder" | "other";
        readonly bytes: number;
        readonly modifiedMs: number;
      } | undefined
    >;
  };
  fetch(url: string | URL, options?: PluginRequest): Promise<PluginResponse>;
  /** Runs a program without a shell, in the workspace, inside the sandbox for commands where there is one; at most 60 s. */
  run(
    command: string,
    args?: readonly string[],
  ): Promise<{ readonly exitCode: number | null; readonly output: string }>;
  /** This plugin's own values, kept for this workspace: JSON, at most 256 kB in all. */
  readonly store: {
    get(key: string): Promise<unknown>;
    set(key: string, value: unknown): Promise<void>;
  };
  readonly env: {
    get(name: string): Promise<string | undefined>;
  };
  readonly workspace: {
    /** Absolute path. */
    readonly root: string;
    /** Its main language, e.g. `typescript`; `unknown` where none is found. */
    readonly language: string;
    /** Files that this session's current turn changed, relative to the root. */
    changedFiles(): Promise<readonly string[]>;
  };
}

/** The part of `fetch` that there is: http and https, no streams, no cookies, at most 5 redirects, 30 s, 4 MB of body. */
export interface PluginRequest {
  readonly method?: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface PluginResponse {
  readonly ok: boolean;
  readonly status: number;
  /** After redirects. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
  json(): Promise<unknown>;
  bytes(): Promise<Uint8Array>;
}

/*
 * Globals beside those: `console` (log, info, warn, error, debug: shown as this plugin's words), `TextEncoder`, `TextDecoder` (UTF-8),
 * `URL`, `URLSearchParams`, `setTimeout`, `setInterval`, `clearTimeout`, `clearInterval`, `queueMicrotask`, `structuredClone` of JSON.
 */

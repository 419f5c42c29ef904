/** The contract of a tool. One file in `tools/` is one tool; `defineTool` makes it from zod parameters. */

import type { z } from "zod";
import { type Parameters, schemaOf } from "./tool_schema.ts";
import type { Args, Category, ContractItem, Effect, FileChange, JsonSchema, ToolSchema } from "./types.ts";

/** A file as it stands on disk. */
export interface FileContent {
  /** Relative to the workspace, `/` separated. */
  readonly path: string;
  /** UTF-8 text with its own line endings, without BOM. */
  readonly text: string;
  readonly hasBom: boolean;
  /** SHA-256 of the bytes, hex. */
  readonly hash: string;
  readonly bytes: number;
}

/** An entry of a folder walk. */
export interface FileEntry {
  readonly path: string;
  readonly kind: "file" | "folder" | "other";
}

/** The workspace as tools see it: contained, journaled, atomic. Paths may be absolute or relative to the root. */
export interface WorkspaceFiles {
  /** Absolute real path of the folder. */
  readonly root: string;
  /** The path relative to the root, `/` separated. @throws {ToolError} when it leads outside, also through a symlink. */
  relative(path: string): Promise<string>;
  exists(path: string): Promise<"file" | "folder" | undefined>;
  /** @throws {ToolError} outside, missing (names near paths), folder, binary, not UTF-8, over 64 MB. */
  read(path: string): Promise<FileContent>;
  /**
   * Writes a whole file: old content into the journal, temp file, fsync, rename; BOM, mode and symlink kept.
   * @param expect hash of the content the change was made from; `null`: the file must not exist.
   * @throws {ToolError} when the file is not as expected, outside, protected (`.git`, the store, configuration).
   */
  write(path: string, text: string, expect: string | null): Promise<FileChange>;
  /** Files and folders below `path` that .gitignore does not exclude, sorted, `.git` left out; `isBroad`: level by level. */
  walk(
    path: string,
    options: { signal: AbortSignal; maxEntries: number; isBroad?: boolean },
  ): AsyncIterable<FileEntry>;
}

/** How a command ended. */
export interface CommandResult {
  readonly exitCode: number | null;
  /** stdout and stderr as they came; the middle is cut when longer than the limit. */
  readonly output: string;
  readonly timedOut: boolean;
  readonly ms: number;
  /** Set for a background job: what `bash` is called with to read or stop it. */
  readonly job?: string;
}

/** Commands in the workspace: own process group, no terminal, cwd and exports carried from call to call. */
export interface Shell {
  /** e.g. `bash`, `sh`, `powershell`; named to the model. */
  readonly name: string;
  /** Absolute path of the folder that the next command starts in. */
  cwd(): string;
  /** Background jobs that still run. */
  jobs(): number;
  run(
    command: string,
    options: {
      timeoutMs: number;
      signal: AbortSignal;
      onOutput: (text: string) => void;
      background: boolean;
    },
  ): Promise<CommandResult>;
  /** New output of a background job since last asked, or its end. @throws {ToolError} for an unknown job. */
  poll(job: string): CommandResult;
  /** Ends a background job and its children. */
  stop(job: string): Promise<CommandResult>;
}

/** What the model has been shown of a file, kept for the session. */
export interface Seen {
  /** Records that lines `from`-`to` (1-based, inclusive) of the content with this hash were shown. */
  note(path: string, hash: string, from: number, to: number, totalLines: number): void;
  /** Whether every line of the content with this hash has been shown. */
  isWhole(path: string, hash: string): boolean;
  /** Hash of the newest content shown, if any. */
  hash(path: string): string | undefined;
  /** Records that the whole text stands in the context from now on. */
  show(path: string, content: { readonly hash: string; readonly text: string }): void;
  /** The text that stands whole in the context, newest first; `undefined` where none does. */
  shown(path: string): { readonly hash: string; readonly text: string } | undefined;
  /** A compaction may have masked any of what was shown: nothing counts as standing in the context. */
  hideAll(): void;
  /** The context starts anew: nothing was shown. */
  forgetAll(): void;
}

/** Long results kept under a handle (`result:12`), readable by `read_file`. */
export interface ResultStore {
  keep(text: string): string;
  /** @throws {ToolError} for an unknown handle. */
  get(handle: string): string;
}

/** A place where a text does not parse. Lines and columns are 1-based. */
export interface SyntaxProblem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** A named part of a file: a function, class, method, type, heading. Lines are 1-based, inclusive. */
export interface OutlineEntry {
  readonly name: string;
  readonly kind: string;
  readonly from: number;
  readonly to: number;
}

/** Reads source text by its grammar. `undefined`: the language is not known, or the text is too long to parse. */
export interface Syntax {
  /** Empty when the text parses. */
  parseErrors(path: string, text: string): Promise<readonly SyntaxProblem[] | undefined>;
  outline(path: string, text: string): Promise<readonly OutlineEntry[] | undefined>;
}

/** What a check of the contract found, and the commands that ran for it. */
export interface CheckedContract {
  readonly items: readonly ContractItem[];
  readonly commands: readonly {
    readonly command: string;
    readonly exitCode: number | null;
    readonly ms: number;
    /** Whose assertion it is. */
    readonly by: ContractItem["by"];
  }[];
}

/** What a running tool is given. */
export interface ToolContext {
  readonly files: WorkspaceFiles;
  readonly shell: Shell;
  readonly seen: Seen;
  readonly results: ResultStore;
  readonly syntax: Syntax;
  /** The definition of done, and the harness' way to check it. */
  readonly contract: {
    readonly items: readonly ContractItem[];
    readonly check: (items: readonly ContractItem[]) => Promise<CheckedContract>;
  };
  /** The user's message of this turn. */
  readonly asked: string;
  readonly signal: AbortSignal;
  /** Shows output while the tool runs; the model does not read it. */
  readonly output: (text: string) => void;
  readonly limits: {
    /** Most characters of a result. */
    readonly resultChars: number;
    readonly bashTimeoutMs: number;
    /** Tokens that may still be added to the prompt: the read guard's measure. */
    readonly roomTokens: number;
    readonly windowTokens: number;
  };
  readonly switches: {
    readonly fuzzyEdit: boolean;
    readonly syntaxGate: boolean;
    readonly keepNames: boolean;
    readonly readGuard: boolean;
  };
}

/** What a call gave. */
export interface ToolOutput {
  /** What the model reads. */
  readonly text: string;
  /** One line for a person, e.g. `120 lines`. */
  readonly summary: string;
  readonly changes?: readonly FileChange[];
  /** Unified diff for faces, when a file changed. */
  readonly diff?: string;
  /** The text only says that what was asked for stands in the context already. */
  readonly isKnown?: true;
  /** Set by `bash`. `exitCode: null` for a kill or a job still running. */
  readonly command?: {
    readonly command: string;
    readonly exitCode: number | null;
    readonly isJob?: true;
    readonly ms: number;
  };
  /** Set where the contract changed or was checked. */
  readonly contract?: Partial<CheckedContract>;
  /** The plan as the model gives it anew, or the number of a step, from 1, that it says is done. */
  readonly plan?: { readonly steps?: readonly string[]; readonly done?: number };
}

/** What a person is asked before a call runs, e.g. `run "npm test"`. */
export interface PermissionRequest {
  readonly effect: Effect;
  /** e.g. `run: npm test`, `edit: src/a.ts`. */
  readonly what: string;
  /** The command line, for rules. */
  readonly command?: string;
  /** The plugin that gave the call other arguments than the model did: no mode lets it pass unasked. */
  readonly changedBy?: string;
}

/** Arguments that fit, as the tool takes them. */
export type Checked = { readonly args: Args } | { readonly problem: string };

export interface Tool {
  readonly name: string;
  readonly category: Category;
  /** The MCP server that it is of: the menu shows these tools by its name, and they go into a head last. */
  readonly group?: string;
  readonly effect: Effect;
  /** Same arguments on an unchanged workspace give the same result. */
  readonly isPure: boolean;
  /** A write that changes nothing when it is made again, as a note under a key: made once a turn. Default: no. */
  readonly isIdempotent?: boolean;
  readonly schema: ToolSchema;
  /** Arguments of one correct call, for corrections; built from real names where the caller has any. */
  readonly example: Args;
  /** Validates. A problem is a sentence for the model. */
  check(args: Args): Checked | Promise<Checked>;
  request(args: Args): PermissionRequest;
  /** @throws {ToolError} */
  run(args: Args, context: ToolContext): Promise<ToolOutput>;
}

/** What a tool's file states. */
export interface ToolDefinition<Shape extends z.ZodType> {
  readonly name: string;
  readonly category: Category;
  readonly effect: Effect;
  readonly isPure?: boolean;
  readonly isIdempotent?: boolean;
  readonly description: string;
  readonly parameters: Parameters<Shape>;
  /** See `ToolSchema`. */
  readonly mayLack?: NonNullable<ToolSchema["mayLack"]>;
  readonly brief?: NonNullable<ToolSchema["brief"]>;
  readonly example: z.input<Shape>;
  /** What a person is asked; default: the tool's name and its `path`. */
  readonly request?: (args: z.output<Shape>) => PermissionRequest;
  readonly run: (args: z.output<Shape>, context: ToolContext) => Promise<ToolOutput>;
}

/** Makes a tool from its definition. zod is loaded when a call is checked: before, it would be a tenth of the time to the first request. */
export function defineTool<Shape extends z.ZodType>(definition: ToolDefinition<Shape>): Tool {
  const { name, category, effect, description, parameters } = definition;
  return {
    name,
    category,
    effect,
    isPure: definition.isPure ?? false,
    isIdempotent: definition.isIdempotent ?? false,
    schema: {
      name,
      description,
      parameters: sanitizeSchema(schemaOf(name, parameters)),
      ...(definition.mayLack ? { mayLack: definition.mayLack } : {}),
      ...(definition.brief ? { brief: definition.brief } : {}),
    },
    example: definition.example as Args,
    check: async (args) => (await import("./tool_check.ts")).checkArgs(parameters, args),
    request(args) {
      if (definition.request) return definition.request(args as z.output<Shape>);
      return { effect, what: "path" in args ? `${name}: ${args.path}` : name };
    },
    run: (args, context) => definition.run(args as z.output<Shape>, context),
  };
}

/** Keeps what every server accepts (see `JsonSchema`); `anyOf` with null becomes its other branch. */
export function sanitizeSchema(schema: unknown): JsonSchema {
  if (typeof schema !== "object" || schema === null) return {};
  const source = schema as Record<string, unknown>;
  const branch = [source.anyOf, source.oneOf].find(Array.isArray)?.find((s) => s?.type !== "null");
  if (branch) return sanitizeSchema({ ...branch, description: source.description ?? branch.description });
  const type = Array.isArray(source.type) ? source.type.find((t) => t !== "null") : source.type;
  return {
    ...(typeof type === "string" ? { type } : {}),
    ...(typeof source.description === "string" ? { description: source.description } : {}),
    ...(source.properties
      ? {
        properties: Object.fromEntries(
          Object.entries(source.properties).map(([key, value]) => [key, sanitizeSchema(value)]),
        ),
      }
      : {}),
    ...(Array.isArray(source.required) ? { required: source.required } : {}),
    ...(Array.isArray(source.enum) ? { enum: source.enum } : {}),
    ...(source.items ? { items: sanitizeSchema(source.items) } : {}),
  };
}

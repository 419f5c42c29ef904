/** The nouns of the harness, as DESIGN names them. Plain readonly data; no behaviour. */

/** A JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Arguments of a call after repair and validation. */
export type Args = Readonly<Record<string, unknown>>;

/**
 * The part of JSON schema that every server accepts; other keywords make some of them reject the whole request
 * (FIELD.md items 43, 44).
 */
export interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly enum?: readonly (string | number | boolean | null)[];
  readonly items?: JsonSchema;
}

/** What a model is told about a tool. */
export interface ToolSchema {
  readonly name: string;
  readonly description: string;
  readonly parameters: JsonSchema;
  /** Required strings that may be missing where one of these others is given, and are empty then. Not told to the model. */
  readonly mayLack?: Readonly<Record<string, readonly string[]>>;
  /** How a head shows it that has little room (`core/prompt/brief_schema.ts`). Calls may carry the other parameters all the same. */
  readonly brief?: {
    readonly description: string;
    /** Those that are shown, without their descriptions. */
    readonly parameters: readonly string[];
    /** Where edits are asked for in another form than search and replacement. */
    readonly forms?: Readonly<Record<string, readonly string[]>>;
  };
}

/** A call that will be, or was, executed. */
export interface ToolCall {
  /** Unique within the session. */
  readonly id: string;
  readonly name: string;
  readonly args: Args;
}

export interface SystemMessage {
  readonly role: "system";
  readonly content: string;
}

export interface UserMessage {
  readonly role: "user";
  readonly content: string;
  /** What came before it stays in the store and is not shown to the model any more. */
  readonly startsContext?: true;
}

export interface AssistantMessage {
  readonly role: "assistant";
  /** The text as the model wrote it, calls in a text dialect included: never rewritten, so the server's cache holds. */
  readonly content: string;
  readonly reasoning?: string;
  /** Calls found in the reply, in order; empty for an answer. */
  readonly calls: readonly ToolCall[];
  /** How the calls were written: by the protocol's own field, or as text inside `content`. */
  readonly via: "native" | "text";
}

export interface ToolMessage {
  readonly role: "tool";
  readonly callId: string;
  readonly name: string;
  readonly content: string;
}

/** One entry of a history. A history is valid when each call is answered once, in order, with nothing in between. */
export type Message = SystemMessage | UserMessage | AssistantMessage | ToolMessage;

/** A native call as the server sent it; `arguments` is whatever text came, JSON or not. */
export interface NativeCall {
  readonly id?: string;
  readonly name: string;
  readonly arguments: string;
}

/** Tokens of one request, as the server counted them; absent where it does not say. */
export interface Usage {
  readonly promptTokens?: number;
  /** Prompt tokens that the server did not have to read again. */
  readonly cachedTokens?: number;
  readonly outputTokens?: number;
}

/** Milliseconds that the server spent; absent where it does not say. */
export interface Timings {
  readonly prefillMs?: number;
  readonly outputMs?: number;
}

/** Why a reply ended. `cut`: the stream broke and was not resumed. `stopped`: we closed it (watcher). */
export type Finish = "stop" | "length" | "tool_calls" | "cut" | "stopped";

/** What the server sent, raw. */
export interface Reply {
  readonly text: string;
  readonly reasoning: string;
  readonly calls: readonly NativeCall[];
  readonly finish: Finish;
  readonly usage: Usage;
  readonly timings: Timings;
  /** What a request before it in the same step took: that of a constrained call's header. */
  readonly earlier?: Usage;
}

/** A call as understood, before the tool itself has validated it. */
export interface ParsedCall {
  readonly name: string;
  readonly args: Args;
  /** Server's id of a native call. */
  readonly id?: string;
}

/** Why a reply that tried to call a tool is not a call. */
export interface Malformed {
  readonly kind:
    | "unreadable"
    | "unknown_tool"
    | "missing_argument"
    | "wrong_type"
    | "cut"
    | "elision"
    | "marker_in_body";
  /** The tool that was meant, if that is clear. */
  readonly tool?: string;
  /** Names of the arguments concerned. */
  readonly args?: readonly string[];
  /** What was sent, at most 400 characters. */
  readonly sent: string;
  /** One sentence: what is wrong. Read by the model. */
  readonly why: string;
}

/** What a reply means. `dialect` and `repairs` name what was recognised and mended, for the event. */
export type Parsed =
  | {
    readonly kind: "calls";
    readonly calls: readonly ParsedCall[];
    /** Prose around the calls. */
    readonly text: string;
    readonly via: "native" | "text";
    readonly dialect: string;
    readonly repairs: readonly string[];
    /** A further call in the same reply that could not be read; the calls before it stand. */
    readonly problem?: Malformed;
  }
  | { readonly kind: "final"; readonly text: string }
  | {
    readonly kind: "malformed";
    readonly problem: Malformed;
    readonly text: string;
    readonly dialect: string;
    readonly repairs: readonly string[];
  };

/** What the governor decides after a reply. */
export type Verdict =
  | { readonly kind: "run"; readonly calls: readonly ToolCall[] }
  | { readonly kind: "finish"; readonly text: string }
  /**
   * `isFresh`: in a context that starts anew; the message then says what went wrong. `forgets`: the reply does not enter the history: a small
   * model says again what it said before.
   */
  | {
    readonly kind: "correct";
    readonly reason: string;
    readonly message: string;
    readonly isFresh?: true;
    readonly forgets?: true;
  }
  /** A stronger tier is to be asked; `otherwise` holds where it cannot be, or the person says no. */
  | {
    readonly kind: "escalate";
    readonly reason: string;
    readonly otherwise:
      | { readonly kind: "finish"; readonly text: string }
      | { readonly kind: "stop"; readonly reason: string };
  }
  | { readonly kind: "stop"; readonly reason: string };

/** How a turn ended (DESIGN decision 8). */
export type Outcome = "verified" | "unverified" | "answered" | "failed" | "stopped" | "cancelled";

/** What may happen without asking (DESIGN decision 10). */
export type Mode = "read-only" | "ask" | "edits" | "auto";

/** What a tool does to the world; decides how its calls are permitted. */
export type Effect = "none" | "read" | "write" | "run" | "network";

/** The eight kinds of work that a message can ask for. */
export type Category = "read" | "write" | "search" | "run" | "plan" | "code-intelligence" | "web" | "respond";

/** The tier of a model endpoint in smallcode.toml. */
export type TierName = "fast" | "default" | "strong";

/** A file changed on disk during a turn, by whatever means. Lines are counted by a line diff. */
export interface FileChange {
  /** Relative to the workspace, `/` separated. */
  readonly path: string;
  readonly kind: "created" | "edited" | "deleted";
  readonly linesAdded: number;
  readonly linesRemoved: number;
  readonly by: "tool" | "command";
  /** SHA-256 of the bytes before (`null`: no file) and after, where our own write made the change. */
  readonly hashes?: { readonly before: string | null; readonly after: string };
  /** Nothing but blank lines came or went. */
  readonly isBlank?: true;
}

/** A command that ran, by the model's call or by the harness. */
export interface CommandRun {
  readonly command: string;
  readonly cwd: string;
  /** `null` when it was killed before it ended, or is a background job. */
  readonly exitCode: number | null;
  /** It went on after its call. */
  readonly isJob?: true;
  readonly ms: number;
  readonly by: "model" | "harness";
  /** Runs the project's code: a test, a build, a program. */
  readonly isCheck: boolean;
  /** How many file changes had happened before it started: a check covers the last change only if this is all of them. */
  readonly afterChanges: number;
}

/** What really happened in a turn; the finish report is made from this and nothing else. */
export interface Ledger {
  readonly changes: readonly FileChange[];
  readonly commands: readonly CommandRun[];
  /** Writes so far, several to one file counted each; see `CommandRun.afterChanges`. */
  readonly writes: number;
  /** Commands whose changes were not all looked for: the workspace is too large. */
  readonly unwatched?: number;
}

/** The prompt's head: byte-identical for an epoch (DESIGN decision 1). Laid by `core/prompt/head.ts`. */
export interface Head {
  readonly system: string;
  /** Sent in the protocol's `tools` field; empty when calls are asked for as text. */
  readonly nativeTools: readonly ToolSchema[];
  /** Names of the tools that the model is told of. */
  readonly shown: readonly string[];
  /** What the parser accepts, whichever way it was asked for: every enabled tool. */
  readonly offered: readonly ToolSchema[];
  /** First 12 hex digits of the SHA-256 of all of it. */
  readonly hash: string;
}

/** A call that was made and what came of it, for the governor. */
export interface CallRecord {
  readonly step: number;
  readonly name: string;
  /** Name and arguments in canonical JSON: equal calls have equal keys. */
  readonly key: string;
  readonly ok: boolean;
  /** Hash of the result's text: equal results have equal hashes. */
  readonly result: string;
  /** The file, where the call was an edit that was refused. */
  readonly missed?: string;
  readonly effect?: Effect;
  /** `false`: the result held nothing that the model had not in front of it. */
  readonly isNews?: boolean;
}

/** Tokens of a turn's requests, summed over its steps. */
export interface TokenTotals {
  readonly prompt: number;
  /** Prompt tokens that the server really read: `prompt` less what it took from its cache. */
  readonly prefilled: number;
  readonly output: number;
}

/** What a project's check is about. */
export type CheckKind = "test" | "types" | "lint" | "build";

/** How one of the project's checks stood when it ran. */
export interface CheckState {
  readonly command: string;
  readonly kind: CheckKind;
  /** `null`: it did not run, and `why` says why. */
  readonly exitCode: number | null;
  readonly why?: string;
  /** Names that stay the same from run to run (`Failure.name` in `core/verify/runners/reader.ts`). */
  readonly failures: readonly string[];
  /** Tests that ran, where the runner says. */
  readonly tests: number | undefined;
  readonly ms: number;
}

/** How a check stood on the untouched state. */
export interface Baseline extends CheckState {
  /** It did not run, though it would have had something to say: it was not permitted, or took too long. */
  readonly isUnknown?: true;
}

/** A check that the harness ran after a change. */
export interface CheckRun extends CheckState {
  /** The failures that count, as the model reads them: at most 25 lines, place first. */
  readonly excerpt: string;
  /** The project's check of which this is a part, or a run of another kind: its baseline is that one's. */
  readonly of?: string;
  /** Tests that the turn changed, and that this run had as they were before. */
  readonly originals?: readonly string[];
  /** It had something to say and could not: it was not permitted, or did not end in time. */
  readonly isUnknown?: true;
  /** Failures that were gone when it ran once more, with nothing changed between. */
  readonly flaky?: readonly string[];
}

/** Ways to go on after a red check, from the cheapest to the dearest; chosen in core/verify/improve.ts. */
export type Strategy =
  /** The error is shown; less chance in the sampling. */
  | "cooler"
  /** Another edit form or a smaller step; more chance in the sampling. */
  | "other_form"
  /** The remaining steps of the plan are written anew from what fails. */
  | "replan"
  /** Only the first failure and its file are shown, and only that file may change. */
  | "one_error_at_a_time"
  /** Only the part that the failure points at is shown; the reply is that part, changed. */
  | "rewrite_section"
  /** A function too long to be written anew: the failing lines become a function of their own. */
  | "extract_function"
  /** A file too long for the window: the failing part becomes a file of its own. */
  | "split_file"
  /** Several replies, each tried in a copy of the workspace; the check chooses. */
  | "best_of";

/** One attempt to mend a red check. */
export interface Attempt {
  readonly strategy: Strategy;
  /** Corrections given before it: only those since then make the sampling warmer. */
  readonly corrections: number;
  /** The files that tools may change meanwhile; absent: all. `newFiles`: others may be created. */
  readonly only?: { readonly paths: readonly string[]; readonly newFiles: boolean };
  /** Lines of a file that its message shows. */
  readonly shown?: NonNullable<Retry["shown"]>;
  /** Of `best_of`: the check that chooses. */
  readonly judge?: string;
  /** Of `best_of`: its replies have come. */
  readonly isAsked?: true;
  /** Of `best_of`: which of its replies is asked for, from 0. */
  readonly candidate?: number;
}

/** What a model is told that is sent back for a red check. `isFresh`: in a context that starts anew. */
export interface Retry {
  readonly strategy: Strategy;
  readonly message: string;
  readonly isFresh: boolean;
  readonly judge?: string;
  readonly only?: Attempt["only"];
  /** Lines that the next reply may be, changed, in one block. */
  readonly merge?: NonNullable<Turn["merge"]>;
  /** Lines of a file that the message shows, 1-based, inclusive. */
  readonly shown?: {
    readonly path: string;
    readonly hash: string;
    readonly from: number;
    readonly to: number;
    readonly lines: number;
  };
}

/** What must hold when the work is done. Paths are relative to the workspace; texts are matched as they stand. */
export type Assertion =
  | { readonly kind: "command"; readonly command: string }
  | { readonly kind: "exists" | "gone"; readonly path: string }
  | { readonly kind: "contains" | "lacks"; readonly path: string; readonly text: string };

/** One assertion of the contract and how it stands. */
export interface ContractItem {
  /** Counts from 1 within the session. */
  readonly id: number;
  readonly by: "user" | "model";
  readonly assertion: Assertion;
  /** `pending`: not checked since the files changed, or it could not be. */
  readonly state: "pending" | "passed" | "failed";
  /** Why it failed or could not be checked; empty otherwise. */
  readonly detail: string;
}

/** A step of a plan, in the words of whoever laid it. */
export interface PlanStep {
  readonly text: string;
  readonly isDone: boolean;
}

/** What a task consists of, and how far it is. Replaced at each change. */
export interface Plan {
  /** In order; the first that is not done is the current one. */
  readonly steps: readonly PlanStep[];
  /** Counts the changes from 1. */
  readonly update: number;
  /** `code`: made of the files that the task names. */
  readonly by: "user" | "model" | "code";
  /** Files that the task wants changed and that no change has touched yet. */
  readonly files: readonly string[];
  /** Files changed since the plan was laid. */
  readonly touched: readonly string[];
  /** Which update the model has read last, and at which step of the turn. */
  readonly told: { readonly update: number; readonly step: number };
}

/** A use of a name that an edit took away. */
export interface LostName {
  readonly name: string;
  /** The file that had it. */
  readonly from: string;
  /** The file that still uses it, and the line (1-based). */
  readonly path: string;
  readonly line: number;
}

/** One user message on its way to its outcome. Replaced at each change, never mutated. */
export interface Turn {
  /** Counts from 1 within the session. */
  readonly number: number;
  readonly task: string;
  /** Tasks of the session's earlier turns, oldest first. */
  readonly asked?: readonly string[];
  readonly wantsChange: boolean;
  /** What kind of work the message asks for; absent where it was not classified. */
  readonly kind?: Category;
  /** A file that the task is about and a line of it: what examples in corrections are made of. Sure: it is the one to change. */
  readonly focus?: { readonly path: string; readonly line: string; readonly isSure: boolean };
  readonly head: Head;
  readonly epoch: number;
  /** The session's whole history without the system message. */
  readonly messages: readonly Message[];
  /** Index in `messages` of this turn's user message. */
  readonly start: number;
  /** Model calls so far. */
  readonly step: number;
  readonly toolCalls: number;
  /** Corrections given so far, by reason; their sum is bounded. */
  readonly corrections: Readonly<Record<string, number>>;
  readonly calls: readonly CallRecord[];
  /** For each file that tools changed: hashes of its states in order, the one before the first change included. */
  readonly states?: Readonly<Record<string, readonly string[]>>;
  readonly ledger: Ledger;
  readonly tokens: TokenTotals;
  /** The project's checks on the untouched state; absent until the first call that may change files. */
  readonly baselines?: readonly Baseline[];
  /** The checks as the harness ran them last. */
  readonly checks?: readonly CheckRun[];
  /** What quick looks at single files say, by path: names of problems before the first edit, and now. */
  readonly problems?: Readonly<
    Record<string, { readonly before: readonly string[]; readonly now: readonly string[] }>
  >;
  /** Tests that the turn changed though it was not asked to, where the checks could not be run with them as they were. */
  readonly weakened?: readonly string[];
  /** Code that was changed while the newest checks ran, by nobody known. */
  readonly meanwhile?: readonly string[];
  /** Attempts to mend a red check so far; the last one runs. */
  readonly attempts?: readonly Attempt[];
  /** What comes next for the red check of the newest final reply; `undefined`: nothing that has not been tried. */
  readonly retry?: Retry;

  /** Names that edits of this turn took away and that are still used. */
  readonly lost?: readonly LostName[];
  /** Lines of a file that the model was asked to merge a change into: the next reply may be them, changed, in one block. */
  readonly merge?: {
    readonly path: string;
    readonly region: { readonly from: number; readonly to: number; readonly text: string };
  };
  /** The last call that could not be understood. The same fault twice: corrections show another dialect from then on. */
  readonly misread?: {
    readonly fault: string;
    readonly otherDialect: boolean;
    /** Steps made by then. */
    readonly step: number;
    readonly tool?: string;
  };
  /** The form of edits that was asked for after refused ones, in place of the profile's. */
  readonly editFormat?: "whole_file" | "line_range" | "symbol";
  /** What the task consists of; absent for a simple one. */
  readonly plan?: Plan;
  /** The definition of done; it stays with the session. */
  readonly contract?: readonly ContractItem[];
  /** Set while a plan was asked for and none has come. */
  readonly planAsked?: boolean;
  /** Tokens of the head and the first `messages` messages, as last counted. */
  readonly measured: { readonly messages: number; readonly tokens: number };
  /** Stronger tiers that this turn was offered to, in order: each at most once. Absent: none. */
  readonly askedTiers?: readonly TierName[];
  /** Present while another tier's model works: who it is, why it was asked, and what it comes back to. */
  readonly away?: {
    readonly tier: TierName;
    readonly model: string;
    readonly reason: string;
    readonly home: HomeContext;
  };
  /** Tiers whose model worked on this turn, besides the one that began it. */
  readonly helpers?: readonly TierName[];
  /** Corrections given before the turn last changed hands; `corrections` counts anew then. */
  readonly correctionsBefore?: number;
  readonly startedAt: number;
  /** A plugin's reason not to begin. */
  readonly refused?: string;
  /** Lines of plugins behind the report. */
  readonly notes?: readonly string[];
}

/** What of a turn belongs to one model's conversation, rather than to the work; `ledger` as it was when it was left. */
export interface HomeContext {
  readonly head: Head;
  readonly messages: readonly Message[];
  readonly start: number;
  readonly measured: Turn["measured"];
  readonly ledger: Ledger;
  /** Tried already: not tried again. */
  readonly strategies: readonly Strategy[];
}

/** What a person is asked while a turn runs. */
export type Question =
  | {
    readonly kind: "permission";
    /** e.g. `run: npm test`. */
    readonly what: string;
    readonly why: string;
  }
  /** Whether a plugin gets what it asks for; asked before the session begins. */
  | {
    readonly kind: "plugin";
    readonly plugin: string;
    /** In plain words, over several lines: what it is, wants and adds. */
    readonly what: string;
    /** What changed in its wishes since it was decided about; empty for a new one. */
    readonly why: string;
  }
  /** Whether a task may go to a stronger model on another machine. */
  | {
    readonly kind: "escalation";
    /** e.g. `send this task to claude-sonnet-5 at https://api.anthropic.com`. */
    readonly what: string;
    readonly why: string;
    /** Scheme, host and port. */
    readonly host: string;
    /** The first request as it would be sent, secrets hidden. */
    readonly preview: string;
  };

/** `once`: this call; `session`: calls like it until the program ends; `always`: kept for this folder (an escalation: as `session`). */
export type Answer = "once" | "session" | "always" | "no";

/** A claim of the model's last words that the ledger does not support, and what it says instead. */
export interface Unsupported {
  readonly said: string;
  /** A clause, e.g. `no command ran`. */
  readonly why: string;
}

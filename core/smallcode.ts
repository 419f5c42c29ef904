/** The programmatic API: a conversation in one workspace. Every face and the bench run on it. */

import { resolve } from "node:path";
import type { Assets } from "./assets.ts";
import type { Flags } from "./config/load.ts";
import type { Conversation } from "./conversation.ts";
import { ConfigError } from "./errors.ts";
import type { Event } from "./events.ts";
import type { Tool } from "./tool.ts";
import type { Answer, Mode, Outcome, Question } from "./types.ts";

/** What the program brings along: `main.ts` makes it from the bundled tools and profiles. */
export interface Bundle {
  readonly version: string;
  readonly assets: Assets;
  readonly tools: () => Promise<readonly Tool[]>;
  readonly env: Readonly<Record<string, string>>;
  readonly home: string;
  readonly platform: "linux" | "darwin" | "windows";
}

export interface SmallCodeOptions extends Flags {
  /** The workspace; default: the process' current folder. */
  readonly cwd?: string;
  /** A session to go on with: its id, a unique prefix of it, or `last` for the newest of this folder. */
  readonly resume?: string;
  /** Where sessions and the journal are kept; default: the user's data folder. */
  readonly dataFolder?: string;
  /** Counts an `unverified` outcome as no success. */
  readonly requireVerified?: boolean;
  /** Answers permission questions. Without it every question is answered no, and the default mode is `edits`. */
  readonly ask?: (question: Question, signal: AbortSignal) => Promise<Answer>;
}

/** What `run` gives. */
export interface RunResult {
  /** True exactly when `exitCode` is 0. */
  readonly success: boolean;
  readonly exitCode: 0 | 1 | 130;
  readonly outcome: Outcome;
  readonly reason: string;
  /** The model's answer. */
  readonly text: string;
  /** What happened, from the ledger. */
  readonly report: string;
  /** Relative to the workspace, as are the two after it. */
  readonly filesCreated: readonly string[];
  readonly filesEdited: readonly string[];
  readonly filesDeleted: readonly string[];
  readonly toolCalls: readonly CallSummary[];
  readonly usage: {
    readonly promptTokens: number;
    /** Prompt tokens that the server had to read; the others came from its cache. */
    readonly prefilledTokens: number;
    readonly outputTokens: number;
  };
  readonly durationMs: number;
  readonly session: string;
}

export interface CallSummary {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly ok: boolean;
}

type Listener = (event: Event) => void;
type EventOf<Type extends Event["type"]> = Extract<Event, { type: Type }>;

/** Makes the class that programs use, bound to what the program brings along. Nothing heavy is loaded before the first run. */
export function bindSmallCode(bundle: () => Bundle) {
  return class SmallCode {
    readonly #options: SmallCodeOptions;
    readonly #listeners = new Map<string, Set<Listener>>();
    readonly #abort = new AbortController();
    #conversation: Promise<Conversation> | undefined;
    #isRunning = false;
    #mode: Mode | undefined;

    constructor(options: SmallCodeOptions = {}) {
      this.#options = options;
    }

    /** Calls `listener` for each event of a type, or for all with `event`; gives a function that ends it. */
    on<Type extends Event["type"]>(type: Type, listener: (event: EventOf<Type>) => void): () => void;
    on(type: "event", listener: (event: Event) => void): () => void;
    on(type: string, listener: (event: never) => void): () => void {
      const known = this.#listeners.get(type) ?? new Set();
      this.#listeners.set(type, known.add(listener as Listener));
      return () => void known.delete(listener as Listener);
    }

    /**
     * Connects to the model server and opens the session; `run` does it when it was not done.
     * @throws {ConfigError | ProviderError}
     */
    async open(): Promise<Conversation> {
      this.#conversation ??= this.#start();
      return await this.#conversation;
    }

    /**
     * Runs one message to its outcome. Runs of one object go on in one conversation, one at a time.
     * @throws {ConfigError | ProviderError} when it could not begin
     */
    async run(task: string, options: { signal?: AbortSignal } = {}): Promise<RunResult> {
      if (task.trim() === "") throw new ConfigError("The task is empty: say what is to be done");
      if (this.#isRunning) throw new TypeError("Cannot run a second task: the first one is still running");
      this.#isRunning = true;
      try {
        const conversation = await this.open();
        const signals = options.signal ? [this.#abort.signal, options.signal] : [this.#abort.signal];
        return await conversation.runTurn(task, AbortSignal.any(signals));
      } finally {
        this.#isRunning = false;
      }
    }

    /** Aborts what runs, for good; `run` then resolves with outcome `cancelled`. For one run only, pass a signal to `run`. */
    abort(): void {
      this.#abort.abort(new DOMException("Aborted by the caller", "AbortError"));
    }

    /** Ends what runs and background jobs, and closes the store. */
    async close(): Promise<void> {
      this.abort();
      if (!this.#conversation) return;
      const [opened] = await Promise.allSettled([this.#conversation]);
      if (opened.status === "fulfilled") await opened.value.close();
    }

    /** What may happen without asking; can be set at any time. `undefined` before the session is open and where none was set. */
    get mode(): Mode | undefined {
      return this.#mode;
    }

    set mode(mode: Mode) {
      this.#mode = mode;
    }

    async #start(): Promise<Conversation> {
      const { openConversation } = await import("./conversation.ts");
      return await openConversation({
        options: { ...this.#options, cwd: resolve(this.#options.cwd ?? ".") },
        bundle: bundle(),
        publish: (event) => this.#publish(event),
        mode: (configured) => this.#mode ??= configured,
        signal: this.#abort.signal,
      });
    }

    #publish(event: Event): void {
      for (const listener of this.#listeners.get(event.type) ?? []) listener(event);
      for (const listener of this.#listeners.get("event") ?? []) listener(event);
    }
  };
}

/** The programmatic API: a conversation in one workspace. Every face and the bench run on it. */

import { resolve } from "node:path";
import type { Bundle, RunResult, SmallCodeOptions } from "./api.ts";
import type { Conversation } from "./session/conversation.ts";
import { ConfigError } from "./errors.ts";
import type { Event } from "./events.ts";
import type { Mode } from "./types.ts";

type Listener = (event: Event) => void;
type EventOf<Type extends Event["type"]> = Extract<Event, { type: Type }>;

/** Makes the class that programs use, bound to what the program brings along. Nothing heavy is loaded before the first run. */
export function bindSmallCode(bundle: () => Bundle) {
  return class SmallCode {
    readonly #options: SmallCodeOptions;
    readonly #listeners = new Map<string, Set<Listener>>();
    readonly #abort = new AbortController();
    #conversation: Promise<Conversation> | undefined;
    #running: Promise<RunResult> | undefined;
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
     * Connects to the model server and opens the session; `run` does it when it was not done. After a failure it can be tried again.
     * @throws {ConfigError | ProviderError}
     */
    async open(signal: AbortSignal = this.#abort.signal): Promise<Conversation> {
      const opening = this.#conversation ??= this.#start(AbortSignal.any([this.#abort.signal, signal]));
      try {
        return await opening;
      } catch (error) {
        if (this.#conversation === opening) this.#conversation = undefined;
        throw error;
      }
    }

    /**
     * Runs one message to its outcome. Runs of one object go on in one conversation, one at a time.
     * @throws {ConfigError | ProviderError} when it could not begin
     */
    async run(task: string, options: { signal?: AbortSignal } = {}): Promise<RunResult> {
      if (task.trim() === "") throw new ConfigError("The task is empty: say what is to be done");
      if (this.#running) {
        throw new TypeError("Cannot run a second task: await the first one, or use a second SmallCode");
      }
      this.#running = this.#runTurn(
        task,
        AbortSignal.any([this.#abort.signal, ...options.signal ? [options.signal] : []]),
      );
      try {
        return await this.#running;
      } finally {
        this.#running = undefined;
      }
    }

    /** Aborts what runs, for good; `run` then resolves with outcome `cancelled`. For one run only, pass a signal to `run`. */
    abort(): void {
      this.#abort.abort(new DOMException("Aborted by the caller", "AbortError"));
    }

    /** Ends what runs and background jobs, and closes the store. A run that it ends resolves first. */
    async close(): Promise<void> {
      this.abort();
      await Promise.allSettled([this.#running]);
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

    async #runTurn(task: string, signal: AbortSignal): Promise<RunResult> {
      signal.throwIfAborted();
      const conversation = await this.open(signal);
      return await conversation.runTurn(task, signal);
    }

    async #start(signal: AbortSignal): Promise<Conversation> {
      const { openConversation } = await import("./session/conversation.ts");
      return await openConversation({
        options: { ...this.#options, cwd: resolve(this.#options.cwd ?? ".") },
        bundle: bundle(),
        publish: (event) => this.#publish(event),
        mode: (configured) => this.#mode ??= configured,
        signal,
      });
    }

    #publish(event: Event): void {
      for (const listener of this.#listeners.get(event.type) ?? []) listener(event);
      for (const listener of this.#listeners.get("event") ?? []) listener(event);
    }
  };
}

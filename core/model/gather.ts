/** One attempt at a reply: gathers what arrives, passes it on, and ends it at a stop, an abort or a long silence. */

import { ProviderError } from "../errors.ts";
import type { Finish, NativeCall, Reply, Timings, Usage } from "../types.ts";
import { TryAgain } from "./retry.ts";
import { cutOff, type Refusal, unreachable, type Where } from "./server_error.ts";
import type { ChatOptions, StreamPart } from "./transport.ts";

/** An answer that is not a stream of a reply, on its way out of the client library. */
export class NotAStream extends Error {
  override readonly name = "NotAStream";
  constructor(readonly refusal: Refusal) {
    super(`status ${refusal.status}`);
  }
}

/** What an attempt is made with. */
export interface AttemptOptions {
  readonly where: Where;
  readonly chat: ChatOptions;
  /** Ends when the transport is closed. */
  readonly lifetime: AbortSignal;
  readonly idleMs: number;
  readonly prefill: string;
}

/**
 * Runs `read`, which feeds the gatherer it is given, and makes a reply of it.
 *
 * @throws {TryAgain} when the connection failed, broke or fell silent
 * @throws {ProviderError | NotAStream} what `read` threw; and whatever `onPart` threw
 */
export async function gatherReply(
  options: AttemptOptions,
  read: (gatherer: Gatherer) => Promise<void>,
): Promise<Reply> {
  const gatherer = new Gatherer(options);
  try {
    await read(gatherer);
    return gatherer.reply();
  } catch (problem) {
    options.chat.signal.throwIfAborted();
    options.lifetime.throwIfAborted();
    if (gatherer.thrown) throw gatherer.thrown.problem;
    if (gatherer.isStopped) return gatherer.reply();
    if (problem instanceof ProviderError || problem instanceof TryAgain || problem instanceof NotAStream) {
      throw problem;
    }
    const cause = gatherer.silence ?? problem;
    throw new TryAgain(
      gatherer.hasAnswered ? cutOff(options.where, cause) : unreachable(options.where, cause),
    );
  } finally {
    gatherer.end();
  }
}

/** Holds one reply's socket, timer and text. */
export class Gatherer {
  /** Closes the socket: aborted by the caller, by `stop`, by `close` or by silence. */
  readonly signal: AbortSignal;
  /** Why the idle timer closed it. */
  silence: Error | undefined;
  /** Whether the server has begun to answer. */
  hasAnswered = false;
  isStopped = false;
  /** What the caller's `onPart` threw: not the server's failure. */
  thrown: { readonly problem: unknown } | undefined;

  readonly #options: AttemptOptions;
  readonly #controller = new AbortController();
  readonly #calls = new Map<number, { id?: string; name: string; arguments: string }>();
  #held = "";
  #timer: ReturnType<typeof setTimeout> | undefined;
  #hasBegun = false;
  #text = "";
  #reasoning = "";
  #finish: Finish | undefined;
  #usage: Usage = {};
  #timings: Timings = {};

  constructor(options: AttemptOptions) {
    this.#options = options;
    this.signal = AbortSignal.any([options.chat.signal, options.lifetime, this.#controller.signal]);
  }

  /** Some bytes came: starts the silence anew, once the reply has begun. */
  alive(): void {
    if (this.#hasBegun) this.#watch();
  }

  text(text: string): void {
    if (text === "") return;
    if (!this.#hasBegun) this.#begin();
    this.#take(this.#withoutEcho(text));
  }

  reasoning(text: string): void {
    if (text === "") return;
    if (!this.#hasBegun) this.#begin();
    this.#reasoning += text;
    this.#emit({ type: "reasoning", text });
  }

  /** A piece of a call; pieces with the same index are joined. */
  call(piece: { index: number; id?: string; name: string; arguments: string }): void {
    if (!this.#hasBegun) this.#begin();
    const known = this.#calls.get(piece.index);
    const id = known?.id ?? piece.id;
    this.#calls.set(piece.index, {
      ...(id === undefined ? {} : { id }),
      // The name comes whole; a server that repeats it in each piece must not double it.
      name: known?.name || piece.name,
      arguments: (known?.arguments ?? "") + piece.arguments,
    });
    this.#emit({ type: "call", index: piece.index, name: piece.name, arguments: piece.arguments });
  }

  prefill(progress: { done: number; total: number; cached: number; ms: number }): void {
    this.#emit({ type: "prefill", ...progress });
  }

  finish(finish: Finish): void {
    this.#finish = finish;
  }

  /** Later fields win. */
  counts(usage: Usage, timings: Timings): void {
    this.#usage = { ...this.#usage, ...usage };
    this.#timings = { ...this.#timings, ...timings };
  }

  /** @throws {TryAgain} when the stream ended without saying why: the client library takes a closed socket for an end */
  reply(): Reply {
    if (!this.isStopped && this.#finish === undefined) {
      throw new TryAgain(cutOff(this.#options.where, this.silence));
    }
    // What was held back as a possible echo is the reply's own text if it never became the whole prefill.
    if (this.#held !== "" && this.#held !== this.#options.prefill) {
      const held = this.#held;
      this.#held = "";
      this.#take(held);
    }
    return {
      text: this.#text,
      reasoning: this.#reasoning,
      calls: [...this.#calls].sort(([a], [b]) => a - b).map(([, call]): NativeCall => call),
      finish: this.isStopped ? "stopped" : this.#finish ?? "cut",
      usage: this.#usage,
      timings: this.#timings,
    };
  }

  end(): void {
    clearTimeout(this.#timer);
    // Closes a connection that is still open, e.g. after an error in the middle of the stream.
    this.#controller.abort();
  }

  #begin(): void {
    this.#hasBegun = true;
    this.#watch();
    if (this.#options.prefill !== "") this.#take(this.#options.prefill);
  }

  #watch(): void {
    clearTimeout(this.#timer);
    const { idleMs } = this.#options;
    this.#timer = setTimeout(() => {
      this.silence = new Error(`silent for ${idleMs / 1000} s`);
      this.#controller.abort(this.silence);
    }, idleMs);
  }

  #take(text: string): void {
    if (text === "") return;
    this.#text += text;
    this.#emit({ type: "text", text });
  }

  /** llama-server repeats the prefilled text, Ollama does not; here it is given once, by us. */
  #withoutEcho(text: string): string {
    const { prefill } = this.#options;
    if (this.#held === prefill) return text;
    const seen = this.#held + text;
    if (seen.length < prefill.length && prefill.startsWith(seen)) {
      this.#held = seen;
      return "";
    }
    this.#held = prefill;
    return seen.startsWith(prefill) ? seen.slice(prefill.length) : seen;
  }

  #emit(part: StreamPart): void {
    if (this.isStopped) return;
    try {
      if (this.#options.chat.onPart(part) !== "stop") return;
    } catch (problem) {
      this.thrown = { problem };
      throw problem;
    }
    this.isStopped = true;
    this.#controller.abort();
  }
}

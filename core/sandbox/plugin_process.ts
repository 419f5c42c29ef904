/** One running worker of a plugin: started, asked, watched by a clock, and ended. Nothing that it sends is believed. */

import { cleanLine, cleanText } from "./clean_text.ts";
import type { AnswerAsk } from "./plugin_calls.ts";
import {
  type CallTarget,
  type FromWorker,
  type ToWorker,
  WORKER_LIMITS,
  type WorkerFault,
} from "./plugin_messages.ts";
import { HostRefusal } from "./plugin_paths.ts";

/** Why a call gave nothing. `threw` leaves the worker running; the others end it. */
export class WorkerFailure extends Error {
  override readonly name = "WorkerFailure";
  readonly fault: WorkerFault;

  constructor(fault: WorkerFault, message: string) {
    super(message);
    this.fault = fault;
  }
}

export interface ProcessOptions {
  /** Starts a worker without permissions. */
  readonly newWorker: () => Worker;
  readonly boot: Omit<Extract<ToWorker, { kind: "boot" }>, "kind">;
  readonly startMs: number;
  readonly answer: AnswerAsk;
  readonly onSaid: (level: string, text: string) => void;
}

export interface PluginProcess {
  /** JSON of the plugin's default export. */
  readonly manifest: string;
  readonly isAlive: boolean;
  /**
   * Calls one function; one call at a time.
   * @returns what it returned, as JSON; empty for nothing
   * @throws {WorkerFailure} @throws the signal's reason
   */
  call(
    target: CallTarget,
    input: string,
    options: { readonly timeoutMs: number; readonly signal: AbortSignal },
  ): Promise<string>;
  end(): void;
}

/** A call that runs, or the start itself. */
interface Open {
  /** 0 for the start. */
  readonly call: number;
  readonly resolve: (value: string) => void;
  readonly reject: (failure: unknown) => void;
  readonly clock: Clock;
  readonly abort: AbortController;
  asks: number;
  said: number;
}

/** @throws {WorkerFailure} when the plugin does not start @throws the signal's reason */
export async function startPluginProcess(
  options: ProcessOptions,
  signal: AbortSignal,
): Promise<PluginProcess> {
  signal.throwIfAborted();
  const worker = options.newWorker();
  const state: { open: Open | undefined; calls: number; isAlive: boolean } = {
    open: undefined,
    calls: 0,
    isAlive: true,
  };
  const send = (message: ToWorker) => worker.postMessage(message);

  function end(): void {
    if (!state.isAlive) return;
    state.isAlive = false;
    worker.terminate();
  }

  function stop(failure: unknown): void {
    end();
    settle((open) => open.reject(failure));
  }

  function settle(how: (open: Open) => void): void {
    const { open } = state;
    if (!open) return;
    state.open = undefined;
    open.clock.stop();
    open.abort.abort(new DOMException("The plugin's call is over", "AbortError"));
    how(open);
  }

  function begin(
    timeoutMs: number,
    act: (call: number) => void,
    call: number,
  ): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const open: Open = {
      call,
      resolve,
      reject,
      clock: startClock(timeoutMs, () => {
        stop(new WorkerFailure("timeout", `it gave no answer within ${timeoutMs / 1000} s`));
      }),
      abort: new AbortController(),
      asks: 0,
      said: 0,
    };
    state.open = open;
    act(call);
    return promise;
  }

  async function answerAsk(open: Open, ask: number, op: string, input: string): Promise<void> {
    const reply = (ok: boolean, value: string, bytes?: Uint8Array<ArrayBuffer>) => {
      if (!state.isAlive || state.open !== open) return;
      send({ kind: "reply", ask, ok, value, ...(bytes ? { bytes } : {}) });
    };
    try {
      const { value, bytes } = await options.answer(op, input, {
        signal: open.abort.signal,
        whilePaused: open.clock.whilePaused,
      });
      reply(true, value, bytes);
    } catch (error) {
      // An error of ours may hold paths and more that is not the plugin's to know.
      reply(false, error instanceof HostRefusal ? error.message : "The host could not do it");
    }
  }

  function receive(data: unknown): void {
    const message = readMessage(data);
    const { open } = state;
    if (!message) return stop(new WorkerFailure("crashed", "its sandbox sent nonsense"));
    switch (message.kind) {
      case "up":
        return send({ kind: "boot", ...options.boot });
      case "fault":
        return stop(new WorkerFailure(message.fault, cleanText(message.message).slice(0, 2_000)));
      case "ready":
        return open?.call === 0 ? settle(({ resolve }) => resolve(message.manifest)) : undefined;
      case "said":
        if (open && open.said++ < WORKER_LIMITS.lines) {
          options.onSaid(message.level, cleanLine(message.text, WORKER_LIMITS.lineChars));
        }
        return;
      case "ask":
        if (!open || open.call === 0) return; // its call has ended meanwhile
        if (++open.asks > WORKER_LIMITS.asks) {
          return stop(new WorkerFailure("flooded", "it called the host too often"));
        }
        return void answerAsk(open, message.ask, message.op, message.input);
      case "done":
        return open?.call === message.call ? settle(({ resolve }) => resolve(message.value)) : undefined;
      case "threw": {
        const failure = new WorkerFailure("threw", cleanText(message.message));
        if (message.call === 0 && open?.call === 0) return stop(failure);
        return open?.call === message.call ? settle(({ reject }) => reject(failure)) : undefined;
      }
    }
  }

  worker.onmessage = ({ data }) => receive(data);
  worker.onerror = (event) => {
    event.preventDefault(); // an error that nobody takes would end the program
    stop(new WorkerFailure("crashed", `its sandbox failed: ${cleanLine(event.message, 300)}`));
  };
  worker.onmessageerror = () => stop(new WorkerFailure("crashed", "its sandbox sent what cannot be read"));

  async function withSignal<T>(by: AbortSignal, act: () => Promise<T>): Promise<T> {
    by.throwIfAborted();
    const abort = () => stop(by.reason);
    by.addEventListener("abort", abort, { once: true });
    try {
      return await act();
    } finally {
      by.removeEventListener("abort", abort);
    }
  }

  const manifest = await withSignal(signal, () => begin(options.startMs, () => {}, 0));
  return {
    manifest,
    get isAlive() {
      return state.isAlive;
    },
    async call(target, input, { timeoutMs, signal }) {
      const id = ++state.calls;
      return await withSignal(
        signal,
        () => begin(timeoutMs, (call) => send({ kind: "call", call, target, input }), id),
      );
    },
    end() {
      stop(new WorkerFailure("crashed", "it was closed"));
    },
  };
}

interface Clock {
  readonly whilePaused: <T>(act: () => Promise<T>) => Promise<T>;
  stop(): void;
}

/** A timer that stands still while a person is asked. */
function startClock(ms: number, over: () => void): Clock {
  let left = ms;
  let since = performance.now();
  let timer: ReturnType<typeof setTimeout> | undefined = setTimeout(over, left);
  let pauses = 0;
  let isStopped = false;
  return {
    async whilePaused(act) {
      if (pauses++ === 0) {
        clearTimeout(timer);
        left -= performance.now() - since;
      }
      try {
        return await act();
      } finally {
        if (--pauses === 0 && !isStopped) {
          since = performance.now();
          timer = setTimeout(over, Math.max(left, 0));
        }
      }
    },
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}

const FAULTS: readonly WorkerFault[] = ["timeout", "memory", "flooded", "crashed", "syntax", "threw"];

/** The message, rebuilt from the fields that it must have; `undefined` for anything else. */
function readMessage(data: unknown): FromWorker | undefined {
  if (typeof data !== "object" || data === null) return undefined;
  const field = (name: string): unknown => Object.hasOwn(data, name) ? Reflect.get(data, name) : undefined;
  const text = (name: string): string | undefined => {
    const value = field(name);
    return typeof value === "string" && value.length <= WORKER_LIMITS.messageChars ? value : undefined;
  };
  const number = (name: string): number | undefined => {
    const value = field(name);
    return typeof value === "number" && Number.isSafeInteger(value) ? value : undefined;
  };
  const [kind, call, ask] = [field("kind"), number("call"), number("ask")];
  const [manifest, op, input, level] = [text("manifest"), text("op"), text("input"), text("level")];
  const [value, message, said] = [text("value"), text("message"), text("text")];
  const fault = FAULTS.find((one) => one === field("fault"));
  if (kind === "up") return { kind };
  if (kind === "ready" && manifest !== undefined) return { kind, manifest };
  if (kind === "ask" && ask !== undefined && op !== undefined && input !== undefined) {
    return { kind, ask, op, input };
  }
  if (kind === "said" && level !== undefined && said !== undefined) return { kind, level, text: said };
  if (kind === "done" && call !== undefined && value !== undefined) return { kind, call, value };
  if (kind === "threw" && call !== undefined && message !== undefined) return { kind, call, message };
  if (kind === "fault" && fault !== undefined && message !== undefined) return { kind, fault, message };
  return undefined;
}

/**
 * The worker that one plugin lives in: QuickJS in WebAssembly with a bounded memory, in a Deno worker without permissions.
 *
 * A module of its own program: `plugin_host.ts` starts it. The plugin sees its own files, what `plugin_prelude.ts` makes, and nothing of
 * this worker: it gets strings and numbers, never an object of ours, and whatever it does to its own globals changes only its own answers.
 */

import baseVariant from "@jitl/quickjs-wasmfile-release-sync";
import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSContext,
  type QuickJSDeferredPromise,
  type QuickJSHandle,
  type QuickJSRuntime,
  type QuickJSSyncVariant,
} from "quickjs-emscripten-core";
import { type FromWorker, type ToWorker, WORKER_LIMITS, type WorkerFault } from "./plugin_messages.ts";
import { PRELUDE } from "./plugin_prelude.ts";

/** What a worker's global scope has; the project's types are those of a window. */
const scope = globalThis as unknown as {
  postMessage(message: FromWorker): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  close(): void;
};

/** Thrown inside this worker when the plugin cannot go on. */
class Fault extends Error {
  readonly fault: WorkerFault;
  constructor(fault: WorkerFault, message: string) {
    super(message);
    this.fault = fault;
  }
}

const outOfMemory = () => new Fault("memory", "it used up its 64 MB");
const PAGE_BYTES = 64 * 1024;

type Boot = Extract<ToWorker, { kind: "boot" }>;

class Guest {
  readonly #vm: QuickJSContext;
  readonly #runtime: QuickJSRuntime;
  readonly #memory: WebAssembly.Memory;
  readonly #sliceMs: number;
  readonly #asks = new Map<number, QuickJSDeferredPromise>();
  readonly #timers = new Map<number, ReturnType<typeof setTimeout>>();
  #guest!: QuickJSHandle;
  #deadline = 0;
  #nextAsk = 1;
  #call = 0;
  #count = { asks: 0, lines: 0 };
  /** Set where the plugin is to be ended: a throw inside a host function would only reach the plugin, which may catch it. */
  #fault: Fault | undefined;
  isGone = false;

  constructor(vm: QuickJSContext, runtime: QuickJSRuntime, memory: WebAssembly.Memory, boot: Boot) {
    this.#vm = vm;
    this.#runtime = runtime;
    this.#memory = memory;
    this.#sliceMs = boot.sliceMs;
    runtime.setMaxStackSize(WORKER_LIMITS.stackBytes);
    runtime.setInterruptHandler(() => {
      if (performance.now() > this.#deadline) this.#fault ??= this.#timeout();
      return this.#fault !== undefined;
    });
    runtime.setModuleLoader(
      (path) => loadModule(path, boot.files),
      (from, wanted) => resolveModule(from, wanted),
    );
  }

  /** Runs prelude and plugin. @returns its default export as JSON */
  start(boot: Boot): void {
    this.#enter(() => {
      const make = this.#unwrap(this.#vm.evalCode(PRELUDE, "host.js", { type: "global" }));
      const native = this.#native();
      const workspace = this.#vm.newString(JSON.stringify(boot.workspace));
      this.#guest = this.#unwrap(this.#vm.callFunction(make, this.#vm.undefined, native, workspace));
      // The loop ends when the module has run, also one that waits at its top level.
      const main = `import plugin from ${JSON.stringify(`./${boot.main}`)};export default plugin;`;
      const loaded = this.#unwrap(this.#vm.evalCode(main, "$start.js", { type: "module" }));
      this.#unwrap(this.#vm.callMethod(this.#guest, "accept", [loaded])).dispose();
    });
  }

  call(message: Extract<ToWorker, { kind: "call" }>): void {
    this.#call = message.call;
    this.#count = { asks: 0, lines: 0 };
    this.#enter(() => {
      const { kind, name } = message.target;
      const args = [kind, name, message.input].map((text) => this.#vm.newString(text));
      args.unshift(this.#vm.newNumber(message.call));
      this.#unwrap(this.#vm.callMethod(this.#guest, "call", args)).dispose();
      for (const arg of args) arg.dispose();
    });
  }

  reply({ ask, ok, value, bytes }: Extract<ToWorker, { kind: "reply" }>): void {
    const open = this.#asks.get(ask);
    if (!open) return; // its call has ended
    this.#asks.delete(ask);
    this.#enter(() => {
      if (!ok) {
        using error = this.#vm.newError({ name: "Error", message: value });
        open.reject(error);
        return;
      }
      const result = this.#vm.newObject();
      using json = this.#vm.newString(value);
      this.#vm.setProp(result, "json", json);
      if (bytes) {
        using buffer = this.#vm.newArrayBuffer(bytes.buffer);
        this.#vm.setProp(result, "bytes", buffer);
      }
      open.resolve(result);
      result.dispose();
    });
  }

  /** Enters the plugin for one stretch: what was asked, then its promises, until nothing is left or the time is over. */
  #enter(act: () => void): void {
    if (this.isGone) return;
    this.#deadline = performance.now() + this.#sliceMs;
    try {
      act();
      while (this.#runtime.hasPendingJob() && this.#fault === undefined) {
        if (performance.now() > this.#deadline) this.#fault ??= this.#timeout();
        const ran = this.#runtime.executePendingJobs(100);
        if (ran.error) this.#unwrap(ran);
      }
      if (this.#fault !== undefined) throw this.#fault;
    } catch (error) {
      this.isGone = true;
      const given = this.#fault ?? error;
      const fault = given instanceof Fault
        ? given
        : this.#isFull()
        ? outOfMemory()
        : new Fault("crashed", `the engine stopped: ${given instanceof Error ? given.message : "unknown"}`);
      scope.postMessage({ kind: "fault", fault: fault.fault, message: fault.message });
    }
  }

  /** An engine without memory throws `null`, or trips over itself: whatever it says then, this is why. */
  #isFull(): boolean {
    // It grows in steps: the last one that fits may end a little below the bound.
    return this.#memory.buffer.byteLength >= WORKER_LIMITS.maxPages * PAGE_BYTES * 7 / 8;
  }

  #timeout(): Fault {
    return new Fault("timeout", `it ran ${Math.round(this.#sliceMs)} ms without a pause`);
  }

  #unwrap<T extends QuickJSHandle>(result: { error: QuickJSHandle } | { value: T }): T;
  #unwrap(result: { error?: QuickJSHandle; value?: unknown }): unknown;
  #unwrap(result: { error?: QuickJSHandle; value?: unknown }): unknown {
    if (!result.error) return result.value;
    const { name, message, stack } = this.#describe(result.error);
    if (name === "InternalError" && message === "out of memory") {
      throw outOfMemory();
    }
    const place = /\(?([\w./-]+:\d+)(?::\d+)?\)?/.exec(stack)?.[1];
    throw new Fault(
      name === "SyntaxError" ? "syntax" : "threw",
      `${name}: ${message}${place === undefined ? "" : ` (${place})`}`,
    );
  }

  /** Reads an error without running any of the plugin's getters for long: the deadline still holds. */
  #describe(error: QuickJSHandle): { name: string; message: string; stack: string } {
    const read = (key: string) => {
      using value = this.#vm.getProp(error, key);
      return this.#vm.typeof(value) === "string" ? this.#text(value, 2_000) : "";
    };
    const isObject = this.#vm.typeof(error) === "object";
    if (isObject) return { name: read("name") || "Error", message: read("message"), stack: read("stack") };
    return { name: "Error", message: String(this.#vm.dump(error)).slice(0, 2_000), stack: "" };
  }

  /** A string of the plugin, if it is not longer than this. */
  #text(handle: QuickJSHandle, most: number): string {
    using length = this.#vm.getProp(handle, "length");
    const chars = this.#vm.getNumber(length);
    if (chars > most) throw new Fault("flooded", `it passed a text of ${chars} characters at once`);
    return this.#vm.getString(handle);
  }

  /** The functions that the prelude builds the plugin's world on. They take and give strings, numbers and bytes. */
  #native(): QuickJSHandle {
    const vm = this.#vm;
    const native = vm.newObject();
    const define = (name: string, act: (...args: QuickJSHandle[]) => QuickJSHandle | void) => {
      using made = vm.newFunction(name, (...args) => {
        try {
          return act(...args) ?? vm.undefined;
        } catch (error) {
          if (error instanceof Fault) this.#fault ??= error;
          throw error;
        }
      });
      vm.setProp(native, name, made);
    };
    define(
      "ask",
      (op, input) => this.#ask(this.#text(op!, 40), this.#text(input!, WORKER_LIMITS.messageChars)),
    );
    define("said", (level, text) => {
      if (this.#count.lines++ >= WORKER_LIMITS.lines) return;
      const isLast = this.#count.lines === WORKER_LIMITS.lines;
      const line = isLast ? "[further lines are left out]" : this.#text(text!, WORKER_LIMITS.messageChars);
      scope.postMessage({
        kind: "said",
        level: this.#text(level!, 10),
        text: line.slice(0, WORKER_LIMITS.lineChars),
      });
    });
    define("ready", (manifest) => {
      scope.postMessage({ kind: "ready", manifest: this.#text(manifest!, WORKER_LIMITS.answerChars) });
    });
    define("done", (call, value) => {
      const text = this.#answer(value!);
      if (vm.getNumber(call!) === this.#call) this.#end({ kind: "done", call: this.#call, value: text });
    });
    define("threw", (call, message) => {
      const text = this.#text(message!, WORKER_LIMITS.messageChars).slice(0, 4_000);
      // What it kept stays where it is: only a new start gives the memory back.
      if (text.startsWith("InternalError: out of memory") || this.#isFull()) throw outOfMemory();
      if (vm.getNumber(call!) === this.#call) this.#end({ kind: "threw", call: this.#call, message: text });
    });
    define("timer", (id, ms) => this.#setTimer(vm.getNumber(id!), vm.getNumber(ms!)));
    define("clear", (id) => this.#clearTimer(vm.getNumber(id!)));
    define("now", () => vm.newNumber(performance.now()));
    define("encode", (text) => {
      const bytes = new TextEncoder().encode(this.#text(text!, WORKER_LIMITS.messageChars));
      return vm.newArrayBuffer(bytes.buffer);
    });
    define("decode", (buffer, isFatal) => {
      using view = vm.getArrayBuffer(buffer!);
      if (view.value.length > WORKER_LIMITS.messageChars) {
        throw new Fault("flooded", "it decoded too much at once");
      }
      try {
        return vm.newString(
          new TextDecoder("utf-8", { fatal: vm.dump(isFatal!) === true }).decode(view.value),
        );
      } catch {
        return vm.null; // the prelude throws the TypeError, in the plugin's own world
      }
    });
    define("parseUrl", (url, base, key, value) => {
      const parsed = parseUrl(
        ...[url, base, key, value].map((part) =>
          part && vm.typeof(part) === "string" ? this.#text(part, 100_000) : undefined
        ),
      );
      return parsed === undefined ? vm.undefined : vm.newString(parsed);
    });
    return native;
  }

  #answer(handle: QuickJSHandle): string {
    using length = this.#vm.getProp(handle, "length");
    const chars = this.#vm.getNumber(length);
    if (chars > WORKER_LIMITS.answerChars) {
      throw new Fault("flooded", `its answer has ${chars} characters, over ${WORKER_LIMITS.answerChars}`);
    }
    return this.#vm.getString(handle);
  }

  #ask(op: string, input: string): QuickJSHandle {
    if (this.#call === 0) {
      return this.#rejected("Host functions work only while one of the plugin's functions runs");
    }
    if (++this.#count.asks > WORKER_LIMITS.asks) {
      throw new Fault("flooded", `it called the host over ${WORKER_LIMITS.asks} times`);
    }
    if (this.#asks.size >= WORKER_LIMITS.openAsks) {
      return this.#rejected(`More than ${WORKER_LIMITS.openAsks} host calls at once`);
    }
    const open = this.#vm.newPromise();
    const ask = this.#nextAsk++;
    this.#asks.set(ask, open);
    scope.postMessage({ kind: "ask", ask, op, input });
    return open.handle.dup();
  }

  #rejected(message: string): QuickJSHandle {
    const open = this.#vm.newPromise();
    using error = this.#vm.newError({ name: "Error", message });
    open.reject(error);
    return open.handle;
  }

  #setTimer(id: number, ms: number): void {
    if (this.#timers.size >= WORKER_LIMITS.timers) {
      throw new Fault("flooded", `it set over ${WORKER_LIMITS.timers} timers`);
    }
    const delay = Math.min(Math.max(Number.isFinite(ms) ? ms : 0, 1), 2 ** 31 - 1);
    this.#timers.set(
      id,
      setTimeout(() => {
        this.#timers.delete(id);
        this.#enter(() => {
          using handle = this.#vm.newNumber(id);
          this.#unwrap(this.#vm.callMethod(this.#guest, "fire", [handle])).dispose();
        });
      }, delay),
    );
  }

  #clearTimer(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
  }

  /** The call is over: nothing that it began goes on. */
  #end(message: FromWorker): void {
    if (this.#fault !== undefined) return; // an interrupted function rejects like any other
    this.#call = 0;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#asks.clear();
    scope.postMessage(message);
  }
}

/** Marks what `loadModule` refuses: an error from here would be lost on the way through the engine. No path begins like this. */
const REFUSED = "//";

/** Only files of the plugin's own folder, by relative paths; there is nothing else behind a name. */
function resolveModule(from: string, wanted: string): string {
  if (!/^\.\.?\//.test(wanted)) return `${REFUSED}${wanted}`;
  const parts = from.split("/").slice(0, -1);
  for (const part of wanted.split("/")) {
    if (part === "..") {
      if (parts.pop() === undefined) return `${REFUSED}${wanted}`;
    } else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}

function loadModule(path: string, files: Readonly<Record<string, string>>): string | { error: Error } {
  if (path.startsWith(REFUSED)) {
    const wanted = JSON.stringify(path.slice(REFUSED.length, 200));
    return { error: new Error(`Cannot import ${wanted}: a plugin imports files of its own folder only`) };
  }
  const text = Object.hasOwn(files, path) ? files[path] : undefined;
  if (text === undefined) return { error: new Error(`Cannot import "${path}": the plugin has no such file`) };
  return path.endsWith(".json") ? `export default JSON.parse(${JSON.stringify(text)})` : text;
}

/** The parts of a URL as JSON, after setting one of them where asked; `undefined`: not a URL. */
function parseUrl(url = "", base?: string, key?: string, value?: string): string | undefined {
  const parsed = URL.parse(url, base);
  if (!parsed) return undefined;
  if (key !== undefined && URL_PARTS.includes(key)) Object.assign(parsed, { [key]: value ?? "" });
  const { href, origin } = parsed;
  return JSON.stringify({
    href,
    origin,
    ...Object.fromEntries(URL_PARTS.map((part) => [part, parsed[part as "hash"]])),
  });
}

const URL_PARTS = [
  "protocol",
  "username",
  "password",
  "host",
  "hostname",
  "port",
  "pathname",
  "search",
  "hash",
];

async function boot(message: Boot): Promise<Guest> {
  const memory = new WebAssembly.Memory({
    initial: WORKER_LIMITS.startPages,
    maximum: WORKER_LIMITS.maxPages,
  });
  // The engine's own words, such as "Aborted", are no output of the program.
  const quiet: object = { print() {}, printErr() {} };
  // The package's types are those of its CommonJS form, where the variant is a level deeper.
  const variant = newVariant(baseVariant as unknown as QuickJSSyncVariant, {
    wasmModule: message.engine,
    wasmMemory: memory,
    emscriptenModule: quiet,
  });
  const quickjs = await newQuickJSWASMModuleFromVariant(variant);
  const runtime = quickjs.newRuntime();
  return new Guest(runtime.newContext(), runtime, memory, message);
}

function serve(): void {
  const state: { guest?: Guest } = {};
  scope.onmessage = async ({ data }) => {
    switch (data.kind) {
      case "boot":
        try {
          state.guest = await boot(data);
          state.guest.start(data);
        } catch (error) {
          const message = error instanceof Error ? error.message : String(error);
          scope.postMessage({ kind: "fault", fault: "crashed", message });
        }
        break;
      case "call":
        state.guest?.call(data);
        break;
      case "reply":
        state.guest?.reply(data);
        break;
    }
  };
  scope.postMessage({ kind: "up" });
}

serve();

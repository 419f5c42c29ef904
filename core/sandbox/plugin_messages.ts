/** What goes between the host and a plugin's worker, and the bounds that both sides hold. */

/** The worker trusts the host; the host checks each message of the worker (`readMessage` in `plugin_process.ts`). */
export type ToWorker =
  | {
    readonly kind: "boot";
    /** QuickJS, compiled once for all workers. */
    readonly engine: WebAssembly.Module;
    /** Path to text, types stripped. */
    readonly files: Readonly<Record<string, string>>;
    readonly main: string;
    readonly workspace: { readonly root: string; readonly language: string };
    readonly sliceMs: number;
  }
  | { readonly kind: "call"; readonly call: number; readonly target: CallTarget; readonly input: string }
  | {
    readonly kind: "reply";
    readonly ask: number;
    readonly ok: boolean;
    /** JSON, or the error's message. */
    readonly value: string;
    readonly bytes?: Uint8Array<ArrayBuffer>;
  };

export type CallTarget =
  | { readonly kind: "tool"; readonly name: string }
  | { readonly kind: "command"; readonly name: string }
  | { readonly kind: "hook"; readonly name: string };

export type FromWorker =
  | { readonly kind: "up" }
  /** The plugin's module has run; `manifest` is JSON of its default export, functions as `{"$function":true}`. */
  | { readonly kind: "ready"; readonly manifest: string }
  | { readonly kind: "ask"; readonly ask: number; readonly op: string; readonly input: string }
  | { readonly kind: "said"; readonly level: string; readonly text: string }
  | { readonly kind: "done"; readonly call: number; readonly value: string }
  | { readonly kind: "threw"; readonly call: number; readonly message: string }
  /** It cannot go on and is to be ended. */
  | { readonly kind: "fault"; readonly fault: WorkerFault; readonly message: string };

export type WorkerFault = "timeout" | "memory" | "flooded" | "crashed" | "syntax" | "threw";

export const WORKER_LIMITS = {
  /** Pages of 64 kB: 16 MB at start, 64 MB at most. */
  startPages: 256,
  maxPages: 1024,
  /** Beyond it "stack overflow"; without it the engine's own overflow ends the worker. */
  stackBytes: 128 * 1024,
  /** Characters of JSON in one message. */
  messageChars: 6 * 1024 * 1024,
  answerChars: 1024 * 1024,
  /** Host calls of one call, and of them at once. */
  asks: 2_000,
  openAsks: 64,
  timers: 200,
  /** Lines of `console` in one call, and characters of one. */
  lines: 200,
  lineChars: 2_000,
} as const;

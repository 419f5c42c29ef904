/** The plugins' hooks, each called in the order of the plugins. One that fails is reported and skipped. */

import type { Emit, Event } from "../events.ts";
import { type HookDecision, type HookName, type OpenPlugin, PluginError } from "../plugin_host.ts";
import type { Args, Effect, FileChange, ToolCall } from "../types.ts";

/** What the loop asks the plugins, at the one place of each. */
export interface Hooks {
  /** A message before the model sees it. */
  readonly onPrompt: (
    text: string,
    signal: AbortSignal,
  ) => Promise<{ readonly add: readonly string[]; readonly stop?: string }>;
  /** A call before it is permitted. `deny` holds the reason; `args` are the call's own unless `changedBy` gave others. */
  readonly beforeTool: (
    call: Pick<ToolCall, "name" | "args"> & { readonly effect: Effect },
    signal: AbortSignal,
  ) => Promise<{ readonly args: Args; readonly changedBy?: string; readonly deny?: string }>;
  /** A call after it ran: text behind its result, and what the hooks changed. */
  readonly afterTool: (
    call: Pick<ToolCall, "name" | "args"> & {
      readonly ok: boolean;
      readonly result: string;
      readonly changed: readonly string[];
    },
    signal: AbortSignal,
  ) => Promise<{ readonly add: readonly string[]; readonly changes: readonly FileChange[] }>;
  /** The model's last words. `more` goes back to the model, `add` behind the report. */
  readonly beforeFinish: (
    end: { readonly text: string; readonly changed: readonly string[] },
    signal: AbortSignal,
  ) => Promise<
    { readonly more?: string; readonly add: readonly string[]; readonly changes: readonly FileChange[] }
  >;
  readonly onEvent: (event: Event) => void;
  /** Resolves when each plugin has been told of every event so far. */
  readonly settled: () => Promise<void>;
}

/** Where no plugin has a hook. */
export const NO_HOOKS: Hooks = {
  onPrompt: () => Promise.resolve({ add: [] }),
  beforeTool: ({ args }) => Promise.resolve({ args }),
  afterTool: () => Promise.resolve({ add: [], changes: [] }),
  beforeFinish: () => Promise.resolve({ add: [], changes: [] }),
  onEvent: () => {},
  settled: () => Promise.resolve(),
};

/** Failures in a row after which a hook is switched off for this run. */
const MAX_FAILURES = 3;
/** Events that wait for a plugin; more are dropped, and that is said once. */
const MAX_WAITING = 100;
/** Too many and too small for a plugin to be called for each. */
const TOO_MANY: readonly Event["type"][] = ["token", "reasoning", "prefill", "tool_output"];

export interface HookParts {
  readonly plugins: readonly OpenPlugin[];
  readonly emit: Emit;
  /** What plugins changed since it was last asked. */
  readonly takeChanges: () => Promise<readonly FileChange[]>;
  readonly now: () => number;
  /** Aborted when the session is closed. */
  readonly signal: AbortSignal;
}

/** Opens the hooks; `NO_HOOKS` where there is none, so that a session without plugins pays nothing. */
export function openHooks(parts: HookParts): Hooks {
  const { plugins, emit } = parts;
  if (plugins.every(({ manifest }) => manifest.hooks.length === 0)) return NO_HOOKS;
  const failures = new Map<string, number>();

  const withHook = (name: HookName) =>
    plugins.filter(({ manifest }) =>
      manifest.hooks.includes(name) && (failures.get(`${manifest.name} ${name}`) ?? 0) < MAX_FAILURES
    );

  const call = async (
    plugin: OpenPlugin,
    name: HookName,
    input: Parameters<OpenPlugin["callHook"]>[1],
    signal: AbortSignal,
  ): Promise<HookDecision> => {
    const key = `${plugin.manifest.name} ${name}`;
    const started = parts.now();
    try {
      const decision = await plugin.callHook(name, input, signal);
      failures.delete(key);
      return decision;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof PluginError)) throw error;
      const times = (failures.get(key) ?? 0) + 1;
      failures.set(key, times);
      const off = times >= MAX_FAILURES
        ? `; ${times} times in a row, so it is off for this run`
        : "; skipped";
      emit({
        type: "notice",
        level: "warning",
        text: `Plugin ${plugin.manifest.name}, hook ${name}: ${error.message}${off} (${
          Math.round(parts.now() - started)
        } ms)`,
      });
      return { kind: "none" };
    }
  };

  return {
    async onPrompt(text, signal) {
      const add: string[] = [];
      for (const plugin of withHook("onPrompt")) {
        const decision = await call(plugin, "onPrompt", { text }, signal);
        if (decision.kind === "add") add.push(decision.text);
        if (decision.kind === "stop") {
          return { add, stop: `plugin ${plugin.manifest.name}: ${decision.reason}` };
        }
      }
      return { add };
    },
    async beforeTool({ name, args, effect }, signal) {
      let current = args;
      let changedBy: string | undefined;
      for (const plugin of withHook("beforeTool")) {
        const decision = await call(plugin, "beforeTool", { name, args: current, effect }, signal);
        if (decision.kind === "deny") {
          return { args: current, deny: `${decision.reason} (plugin ${plugin.manifest.name})` };
        }
        if (decision.kind !== "args") continue;
        current = decision.args;
        changedBy = plugin.manifest.name;
      }
      return { args: current, ...(changedBy === undefined ? {} : { changedBy }) };
    },
    async afterTool(done, signal) {
      const add: string[] = [];
      for (const plugin of withHook("afterTool")) {
        const decision = await call(plugin, "afterTool", { ...done }, signal);
        if (decision.kind === "add") add.push(decision.text);
      }
      return { add, changes: await parts.takeChanges() };
    },
    async beforeFinish(end, signal) {
      const add: string[] = [];
      let more: string | undefined;
      for (const plugin of withHook("beforeFinish")) {
        const decision = await call(plugin, "beforeFinish", { ...end }, signal);
        if (decision.kind === "add") add.push(decision.text);
        if (decision.kind === "more") more ??= decision.text;
      }
      return { add, changes: await parts.takeChanges(), ...(more === undefined ? {} : { more }) };
    },
    ...openEventQueues(withHook, call, parts),
  };
}

/** Each plugin is told of one event after the other, behind the loop's back: the loop waits for none of them. */
function openEventQueues(
  withHook: (name: HookName) => readonly OpenPlugin[],
  call: (
    plugin: OpenPlugin,
    name: HookName,
    input: Parameters<OpenPlugin["callHook"]>[1],
    signal: AbortSignal,
  ) => Promise<HookDecision>,
  { emit, signal }: HookParts,
): Pick<Hooks, "onEvent" | "settled"> {
  const waiting = new Map<string, { events: Event[]; running: Promise<void> | undefined; told: boolean }>();
  const drain = async (plugin: OpenPlugin, events: Event[]) => {
    for (let next = events.shift(); next && !signal.aborted; next = events.shift()) {
      await call(plugin, "onEvent", { ...next } as Parameters<OpenPlugin["callHook"]>[1], signal);
    }
  };
  return {
    onEvent(event) {
      // A plugin that reports would hear its own report.
      if (TOO_MANY.includes(event.type) || event.type === "plugin" || event.type === "notice") return;
      for (const plugin of withHook("onEvent")) {
        const { name } = plugin.manifest;
        const queue = waiting.get(name) ?? { events: [], running: undefined, told: false };
        waiting.set(name, queue);
        if (queue.events.length < MAX_WAITING) queue.events.push(event);
        else if (!queue.told) {
          queue.told = true;
          const text = `Plugin ${name} is too slow for its onEvent hook: events are dropped`;
          emit({ type: "notice", level: "warning", text });
        }
        // What is thrown here is the closed session's; nobody is left to be told.
        queue.running ??= drain(plugin, queue.events).catch(() => {}).finally(() =>
          queue.running = undefined
        );
      }
    },
    async settled() {
      await Promise.all([...waiting.values()].map(({ running }) => running));
    },
  };
}

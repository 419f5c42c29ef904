/** What a plugin may ask of the host: each call read, checked against the grant, permitted, done, and told as an event. */

import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { createHash, randomUUID } from "node:crypto";
import { dirname, join } from "node:path";
import type { Grant, PluginWorld } from "../plugin_host.ts";
import type { PermissionRequest } from "../tool.ts";
import { cleanLine, exactLine } from "./clean_text.ts";
import { runForPlugin } from "./plugin_command.ts";
import { openPluginFiles } from "./plugin_files.ts";
import { type NetDeps, pluginFetch } from "./plugin_net.ts";
import { HostRefusal, listOf } from "./plugin_paths.ts";

/** A running call of one of the plugin's functions. */
export interface RunningCall {
  /** Aborts when the call ends, whatever way. */
  readonly signal: AbortSignal;
  /** The plugin's clock stands still meanwhile. */
  readonly whilePaused: <T>(act: () => Promise<T>) => Promise<T>;
}

export interface HostAnswer {
  /** JSON. */
  readonly value: string;
  readonly bytes?: Uint8Array<ArrayBuffer>;
}

export type AnswerAsk = (op: string, input: string, call: RunningCall) => Promise<HostAnswer>;

const MAX_STORE_CHARS = 256 * 1024;
const MAX_KEY_CHARS = 200;
const MAX_FETCHES = 50;
const MAX_RUNS = 100;
/** Of one call, each by itself; from then on the 10th, 100th, 1000th. */
const SHOWN_DENIALS = 10;

type Input = Readonly<Record<string, unknown>>;
interface Op {
  /** What is told, e.g. `read docs/a.md`. */
  readonly what: (input: Input) => string;
  readonly act: (input: Input, call: RunningCall) => Promise<unknown>;
}

/** What carries bytes beside its JSON. */
class WithBytes {
  readonly value: unknown;
  readonly bytes: Uint8Array<ArrayBuffer>;
  constructor(value: unknown, bytes: Uint8Array<ArrayBuffer>) {
    this.value = value;
    this.bytes = bytes;
  }
}

/** The answer throws {HostRefusal} with what the plugin is told; nothing else leaves. */
export function openHostCalls(
  name: string,
  grant: Grant,
  world: PluginWorld,
  net: NetDeps,
): AnswerAsk {
  const files = openPluginFiles(grant, world);
  const store = openStore(join(world.storeFolder, `${name}-${shortHash(world.root)}.json`));
  const counts = new WeakMap<AbortSignal, { fetch: number; run: number; denied: number }>();

  function countsOf(call: RunningCall) {
    const counted = counts.get(call.signal) ?? { fetch: 0, run: 0, denied: 0 };
    counts.set(call.signal, counted);
    return counted;
  }

  /** Bounds what costs others: a plugin is no crawler and no fork bomb. */
  function count(call: RunningCall, what: "fetch" | "run", most: number): void {
    if (++countsOf(call)[what] > most) {
      throw new HostRefusal("denied", `More than ${most} calls of ${what} in one call of the plugin`);
    }
  }

  async function permit(request: PermissionRequest, call: RunningCall): Promise<void> {
    const isPermitted = await call.whilePaused(() => world.permit(request, call.signal));
    call.signal.throwIfAborted();
    if (!isPermitted) throw new HostRefusal("denied", `Not permitted: ${request.what}`);
  }

  const ops: Readonly<Record<string, Op>> = {
    readText: {
      what: ({ path }) => `read ${path}`,
      act: (input) => files.readText(textOf(input, "path")),
    },
    readBytes: {
      what: ({ path }) => `read ${path}`,
      act: async (input) => new WithBytes(null, await files.readBytes(textOf(input, "path"))),
    },
    list: {
      what: ({ path }) => `list ${path}`,
      act: (input) => files.list(textOf(input, "path")),
    },
    stat: {
      what: ({ path }) => `look at ${path}`,
      act: async (input) => await files.stat(textOf(input, "path")) ?? null,
    },
    writeText: {
      what: ({ path }) => `write ${path}`,
      async act(input, call) {
        const path = textOf(input, "path");
        const what = `plugin ${name}: write ${exactLine(path, 500)}`;
        const change = await files.writeText(
          path,
          textOf(input, "text"),
          () => permit({ effect: "write", what }, call),
        );
        if (change) world.onChange(change);
        return null;
      },
    },
    fetch: {
      what: ({ method, url }) => `fetch ${method} ${String(url).replace(/[?#].*/s, "")}`,
      async act(input, call) {
        count(call, "fetch", MAX_FETCHES);
        const wanted = {
          url: textOf(input, "url"),
          method: textOf(input, "method"),
          headers: pairsOf(input, "headers"),
          body: textOf(input, "body"),
        };
        const { status, url, headers, body } = await pluginFetch(wanted, grant.net, net, call.signal);
        return new WithBytes({ status, url, headers }, body);
      },
    },
    run: {
      what: ({ argv }) => `run ${Array.isArray(argv) ? argv.join(" ") : argv}`,
      async act(input, call) {
        count(call, "run", MAX_RUNS);
        const ask = (command: string) => {
          const what = `plugin ${name}: run ${exactLine(command, 500)}`;
          return permit({ effect: "run", what, command }, call);
        };
        return await runForPlugin(textsOf(input, "argv"), grant.run, world, ask, call.signal);
      },
    },
    storeGet: {
      what: ({ key }) => `store.get ${key}`,
      act: async (input) => await store.get(keyOf(input)) ?? null,
    },
    storeSet: {
      what: ({ key }) => `store.set ${key}`,
      act: async (input) => (await store.set(keyOf(input), textOf(input, "json")), null),
    },
    env: {
      what: ({ name }) => `env ${name}`,
      act(input) {
        const wanted = textOf(input, "name");
        if (!grant.env.includes(wanted)) {
          const granted = listOf(grant.env);
          throw new HostRefusal("denied", `Not granted: env ${cleanLine(wanted, 100)}. Granted: ${granted}`);
        }
        return Promise.resolve(Object.hasOwn(world.env, wanted) ? world.env[wanted] : null);
      },
    },
    changedFiles: {
      what: () => "changed files",
      act: () => Promise.resolve(world.changedFiles()),
    },
  };

  return async (op, text, call) => {
    const known = Object.hasOwn(ops, op) ? ops[op] : undefined;
    if (!known) throw new HostRefusal("denied", `There is no host function "${cleanLine(op, 40)}"`);
    const input: unknown = JSON.parse(text);
    if (typeof input !== "object" || input === null) throw new HostRefusal("failed", "Not an object");
    const started = performance.now();
    const tell = (action: "called" | "denied", more: string) => {
      const what = cleanLine(known.what(input as Input), 400) + more;
      world.emit({ type: "plugin", plugin: name, action, what, ms: performance.now() - started });
    };
    try {
      const result = await known.act(input as Input, call);
      tell("called", "");
      if (result instanceof WithBytes) return { value: JSON.stringify(result.value), bytes: result.bytes };
      return { value: JSON.stringify(result) };
    } catch (error) {
      if (!(error instanceof HostRefusal)) throw error;
      if (error.kind === "denied") {
        // A plugin that is refused a thousand times is told of, not repeated.
        const times = ++countsOf(call).denied;
        if (times < SHOWN_DENIALS) tell("denied", "");
        else if (/^10*$/.test(String(times))) tell("denied", ` (${times} refusals in this call)`);
      } else tell("called", `: ${cleanLine(error.message, 200)}`);
      throw error;
    }
  };
}

/** Values belong to a plugin in a workspace. */
function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

function textOf(input: Input, key: string): string {
  const value = Object.hasOwn(input, key) ? input[key] : undefined;
  if (typeof value !== "string") throw new HostRefusal("failed", `"${key}" must be a string`);
  return value;
}

function textsOf(input: Input, key: string): readonly string[] {
  const value = Object.hasOwn(input, key) ? input[key] : undefined;
  if (!Array.isArray(value) || !value.every((one) => typeof one === "string") || value.length > 200) {
    throw new HostRefusal("failed", `"${key}" must be a list of at most 200 strings`);
  }
  return value;
}

function pairsOf(input: Input, key: string): readonly (readonly [string, string])[] {
  const value = Object.hasOwn(input, key) ? input[key] : undefined;
  const isPair = (one: unknown) =>
    Array.isArray(one) && one.length === 2 && one.every((part) => typeof part === "string");
  if (!Array.isArray(value) || !value.every(isPair) || value.length > 50) {
    throw new HostRefusal("failed", `"${key}" must be at most 50 pairs of strings`);
  }
  return value;
}

function keyOf(input: Input): string {
  const key = textOf(input, "key");
  if (key === "" || key.length > MAX_KEY_CHARS) {
    throw new HostRefusal("failed", `A key has 1 to ${MAX_KEY_CHARS} characters`);
  }
  return key;
}

/** The plugin's own values: one file, read anew each time, replaced whole. Kept as pairs, so that no key is special. */
function openStore(path: string) {
  let last: Promise<unknown> = Promise.resolve();

  async function read(): Promise<Map<string, unknown>> {
    const text = await readFile(path, "utf8").catch((error) => {
      if (error.code === "ENOENT") return "[]";
      throw new HostRefusal("failed", "Cannot read the store", error);
    });
    try {
      return new Map(JSON.parse(text) as [string, unknown][]);
    } catch {
      return new Map(); // damaged from outside: it is a cache of the plugin's own, and starts anew
    }
  }

  async function write(key: string, json: string): Promise<void> {
    const values = await read();
    if (json === "") values.delete(key);
    else values.set(key, JSON.parse(json));
    const text = JSON.stringify([...values]);
    if (text.length > MAX_STORE_CHARS) {
      throw new HostRefusal("failed", `The store holds at most ${MAX_STORE_CHARS} characters`);
    }
    await mkdir(dirname(path), { recursive: true });
    const temp = `${path}.${randomUUID()}.tmp`;
    await writeFile(temp, text, { mode: 0o600 });
    await rename(temp, path);
  }

  return {
    async get(key: string): Promise<{ value: unknown } | undefined> {
      await last;
      const values = await read();
      return values.has(key) ? { value: values.get(key) } : undefined;
    },
    set(key: string, json: string): Promise<void> {
      const next = last.then(() => write(key, json));
      last = next.catch(() => {});
      return next;
    },
  };
}

/**
 * Opens plugins: types stripped, QuickJS in a worker without permissions, one per plugin, started at its first use and ended when it
 * misbehaves. The one file of core that uses Deno: workers take their permissions, and connections their address, from it.
 */

import { Buffer } from "node:buffer";
import { createHash, randomUUID } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Assets, readAsset } from "../assets.ts";
import {
  type Grant,
  type HookDecision,
  type HookName,
  type OpenPlugin,
  type Permissions,
  PluginError,
  type PluginFault,
  type PluginHost,
  type PluginManifest,
  type PluginSource,
  type PluginWorld,
} from "../plugin_host.ts";
import { cleanLine } from "./clean_text.ts";
import type { AnswerAsk } from "./plugin_calls.ts";
import { readPluginManifest } from "./plugin_manifest.ts";
import type { CallTarget } from "./plugin_messages.ts";
import type { Connect, NetDeps } from "./plugin_net.ts";
import { HostRefusal } from "./plugin_paths.ts";
import {
  type PluginProcess,
  type ProcessOptions,
  startPluginProcess,
  WorkerFailure,
} from "./plugin_process.ts";
import { readCommand, readDecision, readToolAnswer } from "./plugin_reply.ts";
import { openTypeStripper, type TypeStripper } from "./type_stripper.ts";

export interface PluginHostOptions {
  readonly assets: Assets;
  /** Where manifests and stripped texts are kept by content hash; may be missing. */
  readonly cacheFolder: string;
  /** Milliseconds; the defaults are for people, tests of hanging plugins take less. */
  readonly limits?: Partial<PluginLimits>;
  /** Other ways to the network than this machine's own. */
  readonly net?: Partial<NetDeps>;
}

export interface PluginLimits {
  /** For a worker to be there with the plugin's module run; a loaded machine takes its time. */
  readonly startMs: number;
  readonly toolMs: number;
  readonly hookMs: number;
  /** Longest stretch of the plugin's own code without a pause. */
  readonly sliceMs: number;
}

const LIMITS: PluginLimits = { startMs: 20_000, toolMs: 60_000, hookMs: 5_000, sliceMs: 5_000 };
/** The first start and three more. */
const MAX_STARTS = 4;
/** Raised whenever what is kept changes its form or its meaning. */
const CACHE_VERSION = 1;

/** A plugin's texts without types, and what it said of itself. */
interface Prepared {
  readonly version: number;
  readonly files: Readonly<Record<string, string>>;
  readonly manifest: PluginManifest;
}

interface Machine {
  readonly options: PluginHostOptions;
  readonly limits: PluginLimits;
  /** Compiled once; workers share it. */
  readonly engine: () => Promise<WebAssembly.Module>;
  readonly stripper: TypeStripper;
  readonly net: NetDeps;
  readonly running: Set<PluginProcess>;
}

/** Makes the host; reads and starts nothing before it is asked to. */
export function openPluginHost(options: PluginHostOptions): PluginHost {
  let engine: Promise<WebAssembly.Module> | undefined;
  const limits = { ...LIMITS, ...options.limits };
  const newStripper = async () => (await workerMaker("strip_worker.ts", options.assets))();
  const machine: Machine = {
    options,
    limits,
    stripper: openTypeStripper(newStripper, limits.startMs),
    engine: () => engine ??= compileEngine(options.assets),
    net: { connect: connectTo, ...options.net },
    running: new Set(),
  };
  return {
    readManifest: async (source, signal) => (await prepare(source, machine, signal)).manifest,
    open({ source, manifest }, grant, world) {
      if (grant.hash !== source.hash) {
        throw new PluginError(
          manifest.name,
          "denied",
          `What plugin ${manifest.name} was granted is for another content`,
        );
      }
      return openPlugin(source, manifest, narrow(grant, manifest), world, machine);
    },
    close() {
      machine.stripper.close();
      for (const process of machine.running) process.end();
    },
  };
}

function openPlugin(
  source: PluginSource,
  manifest: PluginManifest,
  grant: Grant,
  world: PluginWorld,
  machine: Machine,
): OpenPlugin {
  const { name } = manifest;
  const { limits } = machine;
  let process: PluginProcess | undefined;
  let starts = 0;
  let isClosed = false;
  let last: Promise<unknown> = Promise.resolve();
  let answer: AnswerAsk | undefined;
  const tell = (action: "started" | "failed" | "stopped" | "said", what: string, ms = 0) =>
    world.emit({ type: "plugin", plugin: name, action, what, ms });

  async function running(signal: AbortSignal): Promise<PluginProcess> {
    if (isClosed) throw new PluginError(name, "exhausted", `Plugin ${name} is closed`);
    if (process?.isAlive) return process;
    if (starts >= MAX_STARTS) {
      const often = `it was stopped ${starts} times and stays off for this run`;
      throw new PluginError(name, "exhausted", `Plugin ${name} cannot run: ${often}`);
    }
    starts++;
    const begun = performance.now();
    const { files } = await prepare(source, machine, signal);
    const { openHostCalls } = await import("./plugin_calls.ts"); // Unused plugins need none of it.
    answer ??= openHostCalls(name, grant, world, machine.net);
    process = await startOne(
      { source, files, world, answer, onSaid: (_, text) => tell("said", text) },
      machine,
      signal,
    );
    tell("started", "sandbox", performance.now() - begun);
    return process;
  }

  /** One call at a time, in the order in which they came. */
  function call<T>(
    target: CallTarget,
    input: unknown,
    read: (value: unknown) => T | undefined,
    signal: AbortSignal,
  ): Promise<T> {
    const turn = last.then(() => callNow(target, input, read, signal));
    last = turn.catch(() => {});
    return turn;
  }

  async function callNow<T>(
    target: CallTarget,
    input: unknown,
    read: (value: unknown) => T | undefined,
    signal: AbortSignal,
  ): Promise<T> {
    signal.throwIfAborted();
    const what = `${target.kind} ${target.name}`;
    const begun = performance.now();
    const fail = (fault: PluginFault, why: string, cause?: unknown) => {
      const isStopped = fault !== "threw" && fault !== "bad_reply";
      tell(isStopped ? "stopped" : "failed", cleanLine(`${what}: ${why}`, 400), performance.now() - begun);
      const verb = isStopped ? "was stopped" : "failed";
      return new PluginError(name, fault, `Plugin ${name} ${verb} in ${what}: ${why}`, cause);
    };
    try {
      const worker = await running(signal);
      const timeoutMs = target.kind === "hook" ? limits.hookMs : limits.toolMs;
      const value = await worker.call(target, JSON.stringify(input ?? null), {
        timeoutMs,
        signal,
      });
      const answer = read(value === "" ? undefined : JSON.parse(value));
      if (answer === undefined) throw fail("bad_reply", "its answer is not what the contract says");
      return answer;
    } catch (error) {
      if (error instanceof WorkerFailure) throw fail(error.fault, error.message, error);
      if (error instanceof SyntaxError) throw fail("bad_reply", "its answer is no JSON", error);
      throw error;
    }
  }

  return {
    manifest,
    callTool: (tool, args, signal) => call({ kind: "tool", name: tool }, args, readToolAnswer, signal),
    callCommand: (command, args, signal) =>
      call({ kind: "command", name: command }, args, readCommand, signal),
    async callHook(hook: HookName, input, signal): Promise<HookDecision> {
      const read = (value: unknown) => {
        const decision = readDecision(hook, value);
        return decision && { decision };
      };
      return (await call({ kind: "hook", name: hook }, input, read, signal)).decision;
    },
    close() {
      isClosed = true;
      process?.end();
    },
  };
}

/** What was granted and is asked for: neither a forged grant nor an older one gives more than the manifest says. */
function narrow(grant: Grant, manifest: PluginManifest): Grant {
  const kept = (key: keyof Permissions) =>
    manifest.permissions[key].filter((entry) => grant[key].includes(entry));
  return {
    hash: grant.hash,
    read: kept("read"),
    write: kept("write"),
    net: kept("net"),
    run: kept("run"),
    env: kept("env"),
  };
}

async function startOne(
  plugin: {
    readonly source: PluginSource;
    readonly files: Readonly<Record<string, string>>;
    readonly world: Pick<PluginWorld, "root" | "language">;
    readonly answer: ProcessOptions["answer"];
    readonly onSaid: ProcessOptions["onSaid"];
  },
  machine: Machine,
  signal: AbortSignal,
): Promise<PluginProcess> {
  const [engine, newWorker] = await Promise.all([
    machine.engine(),
    workerMaker("plugin_worker.ts", machine.options.assets),
  ]);
  const { root, language } = plugin.world;
  const process = await startPluginProcess({
    newWorker,
    boot: {
      engine,
      files: plugin.files,
      main: plugin.source.main,
      workspace: { root, language },
      sliceMs: machine.limits.sliceMs,
    },
    startMs: machine.limits.startMs,
    answer: plugin.answer,
    onSaid: plugin.onSaid,
  }, signal);
  for (const old of machine.running) if (!old.isAlive) machine.running.delete(old);
  machine.running.add(process);
  return process;
}

/** Texts and manifest: as kept for this content, or made in sandboxes with nothing granted and then kept. */
async function prepare(source: PluginSource, machine: Machine, signal: AbortSignal): Promise<Prepared> {
  const path = join(machine.options.cacheFolder, `${source.hash}.json`);
  const kept = await readKept(path);
  if (kept) return kept;
  const known = source.where;
  try {
    const files = await machine.stripper.strip(source.files, signal);
    const process = await startOne(
      {
        source,
        files,
        world: { root: "/", language: "unknown" },
        answer: () => Promise.reject(new HostRefusal("denied", "Nothing is granted yet")),
        onSaid: () => {},
      },
      machine,
      signal,
    );
    process.end();
    const prepared = { version: CACHE_VERSION, files, manifest: await readPluginManifest(process.manifest) };
    await keep(path, prepared);
    return prepared;
  } catch (error) {
    if (error instanceof WorkerFailure) {
      throw new PluginError(known, error.fault, `Cannot load plugin ${known}: ${error.message}`, error);
    }
    if (error instanceof TypeError) {
      throw new PluginError(known, "bad_reply", `Cannot load plugin ${known}: ${error.message}`, error);
    }
    throw error;
  }
}

async function readKept(path: string): Promise<Prepared | undefined> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const { sum, json } = JSON.parse(text) as { sum: string; json: string };
    const prepared = JSON.parse(json) as Prepared;
    return sum === sumOf(json) && prepared.version === CACHE_VERSION ? prepared : undefined;
  } catch {
    return undefined; // cut or damaged: it is made anew
  }
}

async function keep(path: string, prepared: Prepared): Promise<void> {
  const json = JSON.stringify(prepared);
  const temp = `${path}.${randomUUID()}.tmp`;
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(temp, JSON.stringify({ sum: sumOf(json), json }), { mode: 0o600 });
  await rename(temp, path);
}

function sumOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

async function compileEngine(assets: Assets): Promise<WebAssembly.Module> {
  const bytes = await readAsset(assets("wasm/emscripten-module.wasm"));
  return await WebAssembly.compile(new Uint8Array(bytes));
}

/** From source a worker is a file of the checkout; in the binary its bundle is packed and starts from a `data:` URL. */
async function workerMaker(name: string, assets: Assets): Promise<() => Worker> {
  if (typeof Deno === "undefined") {
    throw new WorkerFailure(
      "crashed",
      "plugins run in the smallcode program and on Deno; on Node there is no sandbox for them",
    );
  }
  const asset = assets(`workers/${name}`);
  const url = asset.pathname.endsWith(".gz")
    ? `data:text/javascript;base64,${Buffer.from(await readAsset(asset)).toString("base64")}`
    : asset.href;
  // `permissions` is Deno's own; without it a worker would have all that the program has.
  const options = { type: "module", name: "plugin", deno: { permissions: "none" } } as WorkerOptions;
  return () => new Worker(url, options);
}

/** Connects to an address, never to a name; the certificate must be for the name that was asked for. */
export const connectTo: Connect = async ({ address, port, serverName }, signal) => {
  signal.throwIfAborted();
  const opening = Deno.connect({ hostname: address, port });
  const connection = await raceAbort(opening, signal, (late) => late.close());
  if (serverName === undefined) return closable(connection);
  const securing = Deno.startTls(connection, { hostname: serverName, alpnProtocols: ["http/1.1"] })
    .then(async (secured) => {
      await secured.handshake();
      return secured;
    });
  return closable(await raceAbort(securing, signal, (late) => late.close()));
};

function closable(connection: Deno.Conn) {
  return {
    readable: connection.readable,
    writable: connection.writable,
    close() {
      try {
        connection.close();
      } catch (error) {
        if (!(error instanceof Deno.errors.BadResource)) throw error; // closed with its streams
      }
    },
  };
}

async function raceAbort<T>(work: Promise<T>, signal: AbortSignal, drop: (late: T) => void): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } catch (error) {
    if (signal.aborted) work.then(drop, () => {});
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

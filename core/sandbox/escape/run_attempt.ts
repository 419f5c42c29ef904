/** Makes one attempt in a place of its own, and looks for everything that would prove an escape. */

import { createHash } from "node:crypto";
import {
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  realpath,
  rm,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import process from "node:process";
import type { EventBody } from "../../events.ts";
import {
  type Grant,
  type OpenPlugin,
  type Permissions,
  PluginError,
  type PluginFault,
  type PluginHost,
  type PluginSource,
  type PluginWorld,
} from "../../plugin_host.ts";
import type { PermissionRequest } from "../../tool.ts";
import { makePluginSource, readPluginSource } from "../plugin_source.ts";
import { type Attempt, HARM, type Place } from "./attempt.ts";
import { type Bait, CANARY } from "./bait.ts";

/** What came of an attempt. `escaped` is empty when the sandbox held; `unproven` when the attempt got to its point. */
export interface Tried {
  readonly name: string;
  readonly group: Attempt["group"];
  readonly ended: PluginFault | "answered" | "died";
  readonly escaped: readonly string[];
  readonly unproven: readonly string[];
  /** What the plugin, or its caller, read at the end. */
  readonly said: string;
  readonly ms: number;
}

export interface Stage {
  readonly host: PluginHost;
  readonly canary: Bait;
  readonly bait: Bait;
  /** What the process may grow by while an attempt is made; `Infinity` where others work in the same process. */
  readonly mostGrowthMb: number;
  /** What names resolve to while an attempt is made. */
  names: (name: string) => Promise<readonly string[]>;
}

/** Far beyond all limits of the host: what still runs then was not stopped by them, however loaded the machine is. */
const MOST_MS = 240_000;
/** Times that a plugin which does nothing is tried: on a loaded machine it may itself run into the short limits. */
const TRIES = 5;
const NO_PERMISSIONS: Permissions = { read: [], write: [], net: [], run: [], env: [] };
/** What the host itself keeps, and what an attempt is allowed to write: everything else in the place stays as it is. */
const OWN_FOLDERS = /^(?:store|work\/docs|work\/plugin|work\/a\.txt)(?:\/|$)/;

export async function runAttempt(attempt: Attempt, stage: Stage): Promise<Tried> {
  const base = await realpath(await mkdtemp(join(tmpdir(), "smallcode-escape-")));
  const place = await layPlace(base, stage);
  const traces = watchHost(stage.mostGrowthMb);
  const abort = new AbortController();
  const events: EventBody[] = [];
  const asked: PermissionRequest[] = [];
  const started = performance.now();
  stage.names = resolver(attempt);
  const world: PluginWorld = {
    root: place.root,
    home: place.home,
    language: "typescript",
    changedFiles: () => [],
    protectedPaths: [join(place.root, "own")],
    permit: (request) => {
      asked.push(request);
      return Promise.resolve(attempt.how !== "read_only");
    },
    record: () => {},
    onChange: () => {},
    storeFolder: join(base, "store"),
    // As some people have it: the current folder first.
    env: { PATH: ".::/usr/local/bin:/usr/bin:/bin", SECRET_TOKEN: CANARY },
    confine: (argv) => argv,
    emit: (event) => void events.push(event),
  };
  try {
    await attempt.setup?.(place);
    const before = await snapshot(base);
    const meanwhile = attempt.meanwhile?.(place, abort.signal);
    const { ended, said } = await play(attempt, place, { world, stage });
    abort.abort();
    await meanwhile;
    const ms = performance.now() - started;
    const survived = await playWell(place, { world, stage });
    const leaks = JSON.stringify([said, events, asked, ...requestsOf(stage.bait)]);
    const escaped = [
      ...(leaks.includes("CANARY") ? [`the canary got out: ${excerpt(leaks)}`] : []),
      ...stage.canary.take().map((request) => `the canary server was reached: ${request.split("\r\n")[0]}`),
      ...changed(before, await snapshot(base), attempt),
      ...traces.found(),
      ...hidden(said, events, asked),
      ...same(attempt, asked),
      ...(survived.said === "tried well"
        ? []
        : [`the session did not survive: ${survived.ended} ${survived.said}`]),
      ...(ms < MOST_MS ? [] : [`nothing stopped it for ${Math.round(ms)} ms`]),
    ];
    return {
      name: attempt.name,
      group: attempt.group,
      ended,
      escaped,
      unproven: unproven(attempt, ended, said),
      said,
      ms,
    };
  } finally {
    traces.stop();
    abort.abort();
    await rm(base, { recursive: true, force: true });
  }
}

const WELL: Attempt = { name: "well", group: "language", code: `return "well";`, shows: /well/ };

async function playWell(place: Place, by: Parameters<typeof play>[2]): ReturnType<typeof play> {
  let tried = await play(WELL, place, by);
  for (let i = 1; i < TRIES && tried.ended === "timeout"; i++) tried = await play(WELL, place, by);
  return tried;
}

async function layPlace(base: string, stage: Stage): Promise<Place> {
  const place = {
    root: join(base, "work"),
    outside: join(base, "outside"),
    secret: join(base, "outside", "secret.txt"),
    home: join(base, "home"),
    url: stage.canary.url,
    bait: stage.bait.url,
  };
  for (const folder of [place.root, place.outside, place.home]) await mkdir(folder);
  await writeFile(place.secret, CANARY);
  await writeFile(join(place.outside, "evil.js"), `export default "${CANARY}";`);
  await writeFile(join(place.root, "a.txt"), "plain");
  await writeFile(join(place.home, "secret.txt"), CANARY);
  return place;
}

async function play(
  attempt: Attempt,
  place: Place,
  by: { readonly world: PluginWorld; readonly stage: Stage },
): Promise<{ ended: Tried["ended"]; said: string }> {
  const signal = AbortSignal.timeout(MOST_MS);
  let plugin: OpenPlugin | undefined;
  try {
    const source = await sourceOf(attempt, place, by.stage);
    const manifest = await by.stage.host.readManifest(source, signal);
    plugin = by.stage.host.open({ source, manifest }, grantOf(attempt, source, by.stage, place), by.world);
    const { text } = await plugin.callTool("act", { ...place }, signal);
    for (const hook of manifest.hooks) {
      const decision = await plugin.callHook(hook, { name: "bash", args: {}, effect: "run" }, signal);
      // As the harness would use it.
      if (decision.kind === "args") void { ...Object.assign({}, decision.args) };
    }
    return { ended: "answered", said: text };
  } catch (error) {
    if (error instanceof PluginError) return { ended: error.fault, said: error.message };
    if (error instanceof RangeError) return { ended: "denied", said: error.message };
    return { ended: "died", said: error instanceof Error ? error.message : String(error) };
  } finally {
    plugin?.close();
  }
}

async function sourceOf(attempt: Attempt, place: Place, stage: Stage): Promise<PluginSource> {
  const text = attempt.text === undefined ? textOf(attempt, place, stage) : `${HARM}${attempt.text}`;
  if (attempt.how !== "folder") return makePluginSource("./plugins/try.ts", "try.ts", { "try.ts": text });
  await writeFile(join(place.root, "plugin", "plugin.ts"), text);
  return await readPluginSource(join(place.root, "plugin"), "./plugins/try");
}

function textOf({ before = "", code = "", how, permissions }: Attempt, place: Place, stage: Stage): string {
  const body = how === "raw" ? code : `
    const attempt = async (): Promise<unknown> => { ${code} };
    try { return "tried " + String(await attempt()); }
    catch (e: any) { if (e === null || e && e.message === "out of memory") throw e; return "tried " + (e && e.name) + ": " + (e && e.message); }`;
  return `${before}${HARM}export default { name: "try", version: "1", description: "An attempt",
    permissions: ${JSON.stringify(fill(permissions, place, stage))},
    tools: [{ name: "act", description: "Try", parameters: {}, example: {}, async run(args: any, host: any) { ${body} } }] };`;
}

function grantOf(attempt: Attempt, source: PluginSource, stage: Stage, place: Place): Grant {
  const granted = fill(attempt.granted ?? attempt.permissions, place, stage);
  return { ...NO_PERMISSIONS, ...granted, hash: attempt.how === "other_hash" ? "0".repeat(64) : source.hash };
}

function fill(permissions: Partial<Permissions> = {}, place: Place, stage: Stage): Partial<Permissions> {
  const filled = JSON.stringify(permissions).replaceAll("LOCALBAIT", `localhost:${stage.bait.port}`)
    .replaceAll("BAIT", `127.0.0.1:${stage.bait.port}`).replaceAll("OUTSIDE", place.outside);
  return JSON.parse(filled);
}

function resolver(attempt: Attempt): (name: string) => Promise<readonly string[]> {
  const looked = new Map<string, number>();
  return (name) => {
    const lists = attempt.names?.[name];
    const at = looked.get(name) ?? 0;
    looked.set(name, at + 1);
    const list = lists?.[Math.min(at, lists.length - 1)];
    return list ? Promise.resolve(list) : Promise.reject(new Error(`no such name ${name}`));
  };
}

/** Path to kind and content, below the place; what the host itself keeps is left out. */
async function snapshot(base: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const entry of await readdir(base, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const inside = relative(base, path);
    if (OWN_FOLDERS.test(inside)) continue;
    const stat = await lstat(path).catch(() => undefined);
    const content = stat?.isFile() && stat.size < 1e6
      ? createHash("sha256").update(await readFile(path).catch(() => "")).digest("hex")
      : stat?.isSymbolicLink()
      ? await readlink(path).catch(() => "")
      : "";
    found.set(inside, content);
  }
  return found;
}

function changed(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
  attempt: Attempt,
): string[] {
  const mayWriteAll = attempt.permissions?.write?.includes(".") ?? false;
  const isOwn = (path: string) => mayWriteAll && /^work\/(?!.*(?:\.git|own)(?:\/|$))/i.test(path);
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((path) => before.get(path) !== after.get(path) && !isOwn(path))
    .map((path) => `${path} was ${before.has(path) ? after.has(path) ? "changed" : "removed" : "made"}`);
}

/** What an attempt might change in the host's own world. */
function watchHost(mostGrowthMb: number): { found(): string[]; stop(): void } {
  const prototypes = [Object, Array, Function, String, Promise, Map, Uint8Array, Error].map((one) =>
    one.prototype as object
  );
  const shapes = () => prototypes.map((one) => Reflect.ownKeys(one).map(String).join());
  const before = shapes();
  const rejected: string[] = [];
  const onRejected = (reason: unknown) => void rejected.push(String(reason));
  process.on("unhandledRejection", onRejected);
  const rss = process.memoryUsage().rss;
  return {
    found() {
      const grown = (process.memoryUsage().rss - rss) / 1e6;
      return [
        ...("polluted" in {} ? ["Object.prototype of the host was changed"] : []),
        ...shapes().filter((shape, i) => shape !== before[i]).map((shape) =>
          `a prototype of the host is now ${shape}`
        ),
        ...rejected.map((reason) => `the host was left with a rejection: ${reason}`),
        ...(grown < mostGrowthMb ? [] : [`the host grew by ${Math.round(grown)} MB`]),
      ];
    },
    stop: () => void process.off("unhandledRejection", onRejected),
  };
}

/** A terminal, and a person, must be able to trust what they are shown of a plugin. */
function hidden(said: string, events: readonly EventBody[], asked: readonly PermissionRequest[]): string[] {
  const shown = [said, ...events.flatMap((event) => Object.values(event)), ...asked.map(({ what }) => what)];
  const bad = shown.filter((text) => typeof text === "string" && HIDDEN.test(text.replaceAll("\n", "")));
  return bad.map((text) => `control characters were left in ${JSON.stringify(text)}`);
}

const HIDDEN = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

/** Two different requests must not read the same: an answer is remembered by these words. */
function same(attempt: Attempt, asked: readonly PermissionRequest[]): string[] {
  if (attempt.group !== "output") return [];
  const lines = new Map(asked.map(({ what, command }) => [what, command]));
  return asked.filter(({ what, command }) => lines.get(what) !== command).map(({ what }) =>
    `two requests read "${what}"`
  );
}

function unproven(attempt: Attempt, ended: Tried["ended"], said: string): string[] {
  // Whatever is meant to take the session along is held when it was stopped by the clock: on a loaded machine that comes first.
  if (attempt.group === "resource" && ended === "timeout") return [];
  const ends: readonly string[] = attempt.ends ?? ["answered"];
  return [
    ...(ends.includes(ended) ? [] : [`it ended with "${ended}" instead of ${ends.join(" or ")}`]),
    ...(attempt.shows === undefined || attempt.shows.test(said) ? [] : [`it did not say ${attempt.shows}`]),
  ];
}

/** What the granted server was sent; a request that it redirects may carry what was meant for it. */
function requestsOf(bait: Bait): readonly string[] {
  return bait.take().filter((request) => !/^\w+ \/redirect/.test(request));
}

function excerpt(text: string): string {
  const at = text.indexOf("CANARY");
  return text.slice(Math.max(0, at - 60), at + 40);
}

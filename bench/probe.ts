/**
 * `smallcode bench probe`: one real model call in each recorded situation, with the program's own prompt, parser and tools. Decides sentences that
 * the model reads and dialects; run it before and after a change.
 */

import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Assets } from "../core/assets.ts";
import type { Event } from "../core/events.ts";
import type { DialectName, EnvelopeHold } from "../core/profile.ts";
import { bindSmallCode } from "../core/smallcode.ts";
import { openSyntax } from "../core/syntax/syntax.ts";
import type { Syntax, Tool } from "../core/tool.ts";
import type { BenchWorld } from "./bench_world.ts";
import { type Relay, startRelay } from "./probe/relay.ts";
import type { Situation } from "./probe/situation.ts";
import { SITUATIONS } from "./probe/situations.ts";
import { mean, signTest } from "./statistics.ts";

export interface ProbeFlags {
  readonly model: string;
  readonly baseUrl: string;
  /** Ways to ask for calls, of `WAYS`; empty: the profile's own. */
  readonly dialect: readonly string[];
  readonly only: readonly string[];
  readonly n: number;
  readonly seed: number;
  /** Keys of smallcode.toml, `key=value`. */
  readonly set: readonly string[];
  /** Parts of the harness, keys of `[harness]`: the same situations again without each of them. */
  readonly off: readonly string[];
  readonly json?: boolean;
}

/** How one reply was. */
export interface Probed {
  readonly situation: string;
  readonly seed: number;
  /** The way the call was asked for. */
  readonly dialect: string;
  /** The part of the harness that was off; `null`: none. */
  readonly off: string | null;
  /** The parser found what was expected: a call, or an answer. */
  readonly understood: boolean;
  /** One of the expected tools with the expected path; or an answer that says what it should. */
  readonly right: boolean;
  /** The file after the call is as it should be; `null` where that is not judged. */
  readonly intact: boolean | null;
  /** A right call whose code does not parse, refused or written; `null` where the file is not judged. */
  readonly corrupted: boolean | null;
  readonly promptTokens: number;
  readonly outputTokens: number;
  readonly ms: number;
  /** The reply as it came, and what the tools answered. */
  readonly reply: string;
  readonly results: readonly string[];
}

/** A way to ask for calls: what it lays over the profile. */
interface Way {
  readonly name: string;
  readonly over: { readonly dialect: DialectName; readonly envelope: EnvelopeHold };
}

const WAYS: readonly Way[] = [
  ...(["native", "hermes", "json", "raw", "qwen-xml", "pythonic"] as const).map((name) => ({
    name,
    over: { dialect: name, envelope: "free" as const },
  })),
  { name: "constrained", over: { dialect: "raw", envelope: "constrained" } },
  { name: "prefill", over: { dialect: "raw", envelope: "prefill" } },
];

/** Probes every situation in every way, with and without each part, and prints tables. @throws {RangeError} for an unknown way or situation */
export async function probeCommand(flags: ProbeFlags, world: BenchWorld): Promise<number> {
  const ways = flags.dialect.map((name) => {
    const known = WAYS.find((way) => way.name === name);
    if (!known) {
      throw new RangeError(`Unknown dialect "${name}"; there are: ${WAYS.map((way) => way.name).join(", ")}`);
    }
    return known;
  });
  const chosen = SITUATIONS.filter(({ name }) => flags.only.length === 0 || flags.only.includes(name));
  if (chosen.length === 0) throw new RangeError(`Unknown situation "${flags.only.join(", ")}"`);
  const relay = await startRelay(flags.baseUrl);
  try {
    for (const way of ways.length > 0 ? ways : [undefined]) {
      const whole = await probeAll({ chosen, way, off: null, relay, flags }, world);
      for (const off of flags.off) {
        const without = await probeAll({ chosen, way, off, relay, flags }, world);
        if (!flags.json) world.out(worthMarkdown(off, whole, without));
      }
    }
    return 0;
  } finally {
    await relay.close();
  }
}

/** Every situation in one way, and its table where no JSON is asked for. */
async function probeAll(
  { chosen, way, off, relay, flags }: {
    readonly chosen: readonly Situation[];
    readonly way: Way | undefined;
    readonly off: string | null;
    readonly relay: Relay;
    readonly flags: ProbeFlags;
  },
  world: BenchWorld,
): Promise<readonly Probed[]> {
  const set = [...flags.set, ...(off === null ? [] : [`harness.${off}=false`])];
  const probed: Probed[] = [];
  for (let call = 0; call < flags.n; call++) {
    for (const situation of chosen) {
      const seed = flags.seed + call;
      const reply = await probe({ situation, way, relay, model: flags.model, seed, set }, world);
      if (!reply) {
        world.err(`    ${situation.name}: left out, its history cannot be told in this way\n`);
        continue;
      }
      const one = { situation: situation.name, seed, dialect: way?.name ?? "profile", off, ...reply };
      probed.push(one);
      if (flags.json) world.out(`${JSON.stringify(one)}\n`);
      else {
        const marks = `${mark(one.understood)}${mark(one.right)}${mark(one.intact)}`;
        world.err(`${marks}${one.corrupted ? "!" : " "} ${situation.name}\n`);
      }
    }
  }
  if (!flags.json && probed.length > 0) world.out(probeMarkdown(probed));
  return probed;
}

interface ProbeOptions {
  readonly situation: Situation;
  readonly way: Way | undefined;
  readonly relay: Relay;
  readonly model: string;
  readonly seed: number;
  readonly set: readonly string[];
}

/** What a reply is judged by. */
type Judged = Omit<Probed, "situation" | "seed" | "dialect" | "off">;

/** `undefined` where the recorded history could not be told. */
async function probe(options: ProbeOptions, world: BenchWorld): Promise<Judged | undefined> {
  const { situation, way, relay } = options;
  const root = await mkdtemp(join(tmpdir(), "smallcode-probe-"));
  try {
    const workspace = join(root, "project");
    await mkdir(workspace);
    for (const [path, text] of Object.entries(situation.files)) {
      await mkdir(dirname(join(workspace, path)), { recursive: true });
      await writeFile(join(workspace, path), text);
    }
    const profiles = await layProfiles(join(root, "profiles"), way, world);
    const steps = situation.history.length + 1;
    const env = { ...world.env, XDG_CONFIG_HOME: join(root, "config"), XDG_DATA_HOME: join(root, "data") };
    const SmallCode = bindSmallCode(() => ({
      version: world.version,
      assets: (path) => path === "profiles/" ? profiles : world.assets(path),
      tools: () => loadTools(world.assets),
      env,
      home: world.home,
      platform: Deno.build.os === "darwin" ? "darwin" : Deno.build.os === "windows" ? "windows" : "linux",
    }));
    const agent = new SmallCode({
      cwd: workspace,
      baseUrl: relay.url,
      ...(options.model === "" ? {} : { model: options.model }),
      mode: "auto",
      set: [`limits.steps=${steps}`, `sampling.seed=${options.seed}`, ...options.set],
      ask: () => Promise.resolve("once"),
    });
    const events: Event[] = [];
    agent.on("event", (event) => void events.push(event));
    const dialects = await readDialects(profiles);
    // Which profile it is, the server's answer decides; it is known when the first chat request comes.
    relay.begin(situation.history, () => {
      const start = events.find((event) => event.type === "session_start");
      return dialects.get(start?.profile ?? "") ?? "json";
    });
    try {
      await agent.run(situation.task, { signal: world.signal });
    } finally {
      await agent.close();
    }
    const isFree = events.some((event) =>
      event.type === "notice" && event.step < steps && /^The server ignored a constraint/.test(event.text)
    );
    if (relay.isSpoiled() || isFree) return undefined;
    const last = events.filter((event) => event.step === steps);
    return await judge(situation, last, workspace, openSyntax(world.assets));
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function judge(
  { expect }: Situation,
  events: readonly Event[],
  workspace: string,
  syntax: Syntax,
): Promise<Judged> {
  const reply = events.find((event) => event.type === "reply");
  const parsed = events.find((event) => event.type === "parsed");
  const calls = events.filter((event) => event.type === "tool_start");
  const cost = {
    promptTokens: reply?.promptTokens ?? 0,
    outputTokens: reply?.outputTokens ?? 0,
    ms: Math.round(reply?.ms ?? 0),
    reply: reply ? reply.text + reply.calls.map((call) => `[${call.name} ${call.arguments}]`).join("") : "",
    results: events.flatMap((event) => event.type === "tool_end" ? [event.result] : []),
  };
  if (expect.kind === "answer") {
    const understood = parsed?.kind === "final";
    return {
      understood,
      right: understood && expect.says.test(cost.reply),
      intact: null,
      corrupted: null,
      ...cost,
    };
  }
  const understood = parsed?.kind === "calls";
  const right = understood && calls.some(({ name, args }) =>
    expect.tools.includes(name) &&
    (!expect.path || typeof args.path !== "string" || expect.path.test(args.path))
  );
  const { after } = expect;
  if (!after) return { understood, right, intact: null, corrupted: null, ...cost };
  const file = join(workspace, after.path);
  const text = existsSync(file) ? (await readFile(file, "utf8")).replaceAll(/[ \t]+$/gm, "") : "";
  const intact = after.matches.test(text) && !after.lacks?.test(text);
  const wasRefused = cost.results.some((result) => /would no longer parse|does not parse/.test(result));
  const isBroken = wasRefused || ((await syntax.parseErrors(after.path, text))?.length ?? 0) > 0;
  return { understood, right, intact, corrupted: right && !intact && isBroken, ...cost };
}

/** The profiles, with calls asked for in this way in all of them. */
async function layProfiles(
  folder: string,
  way: Way | undefined,
  world: BenchWorld,
): Promise<URL> {
  const source = world.assets("profiles/");
  if (!way) return source;
  await mkdir(folder);
  const { parse, stringify } = await import("yaml");
  for (const name of (await readdir(source)).filter((name) => name.endsWith(".yaml"))) {
    const profile = parse(await readFile(new URL(name, source), "utf8"));
    await writeFile(join(folder, name), stringify({ ...profile, ...way.over }));
  }
  return pathToFileURL(`${folder}/`);
}

/** The dialect of each profile. */
async function readDialects(folder: URL): Promise<ReadonlyMap<string, DialectName>> {
  const { loadProfiles } = await import("../core/config/profiles.ts");
  return new Map((await loadProfiles(folder)).map(({ name, dialect }) => [name, dialect]));
}

/** The tools as they lie in the checkout, one file each; probes run from source only. */
async function loadTools(assets: Assets): Promise<readonly Tool[]> {
  const folder = assets("tools/");
  const names = (await readdir(folder)).filter((name) =>
    /^[a-z]\w*\.ts$/.test(name) && !name.endsWith("_test.ts")
  );
  const files = await Promise.all(names.sort().map((name) => import(new URL(name, folder).href)));
  return files.map((file) => file.default as Tool);
}

/** The table of one dialect: each situation with what went right, and the sums. */
export function probeMarkdown(probed: readonly Probed[]): string {
  const judged = probed.filter(({ intact }) => intact !== null);
  const off = probed[0]?.off;
  const without = off ? `, without ${off}` : "";
  const count = (list: readonly Probed[], claim: (one: Probed) => boolean | null) =>
    `${list.filter((one) => claim(one) === true).length}/${list.length}`;
  const row = (name: string, list: readonly Probed[]) => {
    const withCode = list.filter(({ intact }) => intact !== null);
    const corrupted = withCode.filter((one) => one.corrupted).length;
    const average = (value: (one: Probed) => number) => mean(list.map(value)).toFixed(0);
    return `| ${
      [
        name,
        count(list, ({ understood }) => understood),
        count(list, ({ right }) => right),
        withCode.length > 0 ? count(withCode, ({ intact }) => intact) : "",
        withCode.length > 0 ? `${corrupted}/${withCode.length}` : "",
        average(({ promptTokens }) => promptTokens),
        average(({ outputTokens }) => outputTokens),
      ].join(" | ")
    } |`;
  };
  return [
    `### dialect ${probed[0]?.dialect}${without}: understood ${
      count(probed, ({ understood }) => understood)
    }, right ${count(probed, ({ right }) => right)}, code intact ${
      count(judged, ({ intact }) => intact)
    }, corrupted ${count(judged, ({ corrupted }) => corrupted)}`,
    "",
    "| situation | understood | right | intact | corrupted | prompt tokens | output tokens |",
    "|---|---:|---:|---:|---:|---:|---:|",
    row("all", probed),
    ...[...Map.groupBy(probed, ({ situation }) => situation)].map(([name, list]) => row(name, list)),
    "",
  ].join("\n");
}

/** What a part is worth: how many situations it won and lost, each paired with itself without the part. */
export function worthMarkdown(off: string, whole: readonly Probed[], without: readonly Probed[]): string {
  const pairs = whole.flatMap((one) => {
    const other = without.find(({ situation, seed }) => situation === one.situation && seed === one.seed);
    return other ? [[one, other] as const] : [];
  });
  const cell = (claim: (one: Probed) => boolean | null) => {
    const won = pairs.filter(([one, other]) => claim(one) === true && claim(other) === false).length;
    const lost = pairs.filter(([one, other]) => claim(one) === false && claim(other) === true).length;
    return `${won}:${lost} (p = ${signTest(won, lost).toFixed(3)})`;
  };
  return [
    `| worth of ${off}, ${pairs.length} pairs | understood | right | intact |`,
    "|---|---:|---:|---:|",
    `| won:lost | ${cell(({ understood }) => understood)} | ${cell(({ right }) => right)} | ${
      cell(({ intact }) => intact)
    } |`,
    "",
    "",
  ].join("\n");
}

function mark(claim: boolean | null): string {
  return claim === null ? " " : claim ? "+" : "-";
}

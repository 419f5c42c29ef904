/** All attempts, the controls that must be found out, and the run of them. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Assets } from "../../assets.ts";
import { isPublicAddress } from "../net_address.ts";
import { connectTo, openPluginHost } from "../plugin_host.ts";
import type { Connect } from "../plugin_net.ts";
import type { Attempt } from "./attempt.ts";
import { startBaitServer, startCanaryServer } from "./bait.ts";
import { COMMANDS } from "./commands.ts";
import { FORGING } from "./forging.ts";
import { LANGUAGE } from "./language.ts";
import { NET } from "./net.ts";
import { PATHS } from "./paths.ts";
import { RESOURCES } from "./resources.ts";
import { runAttempt, type Stage, type Tried } from "./run_attempt.ts";

export const ATTEMPTS: readonly Attempt[] = [
  ...LANGUAGE,
  ...FORGING,
  ...PATHS,
  ...NET,
  ...COMMANDS,
  ...RESOURCES,
];

/** The same deeds, granted: each must trip a canary, or the suite would see nothing when the sandbox breaks. */
export const CONTROLS: readonly Attempt[] = [
  {
    name: "control: a granted read of the secret",
    group: "path",
    code: `return await fs.readText(args.secret);`,
    permissions: { read: ["OUTSIDE"] },
  },
  {
    name: "control: a granted write beside the workspace",
    group: "path",
    code: `await fs.writeText(args.outside + "/pwned", "x"); return "wrote";`,
    permissions: { write: ["OUTSIDE"] },
  },
  {
    name: "control: a granted request to the canary server",
    group: "net",
    code: `await fetch(args.url.replace(/:\\d+$/, "")); return "asked";`,
    permissions: { net: ["127.0.0.1"] },
  },
  {
    name: "control: a granted command beside the workspace",
    group: "command",
    code: `await run("touch", [args.outside + "/pwned"]); return "ran";`,
    permissions: { run: ["touch <text>"] },
  },
  {
    name: "control: a granted variable",
    group: "forging",
    code: `return await env.get("SECRET_TOKEN");`,
    permissions: { env: ["SECRET_TOKEN"] },
  },
];

/** Short, for many of these plugins hang; long enough that a loaded machine lets the others end. */
const LIMITS = { startMs: 20_000, toolMs: 10_000, hookMs: 10_000, sliceMs: 1_500 };

/** Beside all that a plugin's own bounded memory may take. */
const MOST_GROWTH_MB = 300;

/**
 * The host and two servers for a run; close what is given.
 * @param mostGrowthMb default: what a process that does nothing else may grow by in one attempt
 */
export async function openStage(
  assets: Assets,
  { mostGrowthMb = MOST_GROWTH_MB }: Partial<Pick<Stage, "mostGrowthMb">> = {},
): Promise<Stage & { close(): Promise<void> }> {
  const [canary, bait] = await Promise.all([startCanaryServer(), startBaitServer()]);
  const cacheFolder = await mkdtemp(join(tmpdir(), "smallcode-escape-cache-"));
  // Every way to a private address, at whatever port, ends at the canary; there is no way to a public one.
  const connect: Connect = async (target, signal) => {
    if (isPublicAddress(target.address)) throw new Error(`no way to ${target.address} in a test`);
    const port = target.port === bait.port ? bait.port : canary.port;
    return await connectTo({ address: "127.0.0.1", port }, signal);
  };
  const stage: Stage = {
    host: openPluginHost({
      assets,
      cacheFolder,
      limits: LIMITS,
      net: { connect, resolve: (name) => stage.names(name) },
    }),
    canary,
    bait,
    mostGrowthMb,
    names: () => Promise.reject(new Error("no attempt is made")),
  };
  return Object.assign(stage, {
    async close() {
      stage.host.close();
      canary.close();
      bait.close();
      await rm(cacheFolder, { recursive: true, force: true });
    },
  });
}

/** Runs attempts one after the other: each looks at the whole process. */
export async function* runEscapes(attempts: readonly Attempt[], assets: Assets): AsyncGenerator<Tried> {
  const stage = await openStage(assets);
  try {
    for (const attempt of attempts) yield await runAttempt(attempt, stage);
  } finally {
    await stage.close();
  }
}

/** `smallcode plugin test FILE`: runs a plugin in the sandbox and says what is wrong with it. */

import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Config } from "../core/config/config.ts";
import { loadAllProfiles } from "../core/config/profiles.ts";
import { ConfigError } from "../core/errors.ts";
import type { EventBody } from "../core/events.ts";
import {
  PluginError,
  type PluginHost,
  type PluginManifest,
  type PluginSource,
  type PluginWorld,
} from "../core/plugin_host.ts";
import { argsProblem } from "../core/guard/check_args.ts";
import { describeParts, describeWishes, wishesOf } from "../core/plugins/wishes.ts";
import { findSandbox } from "../core/sandbox/command_sandbox.ts";
import { readPluginSource } from "../core/sandbox/plugin_source.ts";
import { oneLine, plainText } from "./terminal_text.ts";
import type { World } from "./world.ts";

interface Tried {
  readonly path: string;
  /** The project folder. */
  readonly root: string;
  readonly host: PluginHost;
  readonly config: Config;
  /** Each tool is called with its example, under what the plugin asks for. */
  readonly run?: boolean;
  readonly yes?: boolean;
  /** Asks a person; absent where there is none. */
  readonly confirm?: (question: string) => Promise<boolean>;
}

/** @returns exit code 0 when nothing is wrong, else 1 */
export async function tryPlugin(tried: Tried, world: World): Promise<number> {
  const say = (text: string) => world.out(`${plainText(text)}\n`);
  const path = resolve(world.cwd, tried.path);
  const source = await readPluginSource(path, tried.path).catch((error: unknown) => {
    throw new ConfigError(error instanceof Error ? error.message : String(error), { cause: error });
  });
  let manifest: PluginManifest;
  try {
    manifest = await tried.host.readManifest(source, world.signal);
  } catch (error) {
    if (!(error instanceof PluginError)) throw error;
    say(`wrong: ${error.message}`);
    return 1;
  }
  say(`${manifest.name} ${manifest.version}: ${manifest.description}`);
  say(`It ${describeWishes(wishesOf(manifest.permissions))}. It adds: ${describeParts(manifest)}.`);
  const problems = [
    ...permissionProblems(manifest),
    ...exampleProblems(manifest),
    ...await profileProblems(manifest, world),
  ];
  for (const problem of problems) say(`wrong: ${problem}`);
  const failed = tried.run ? await runTools({ ...tried, source, manifest }, world) : 0;
  if (problems.length + failed > 0) return 1;
  say(
    tried.run
      ? "ok: every tool ran with its example"
      : "ok: its manifest is right; --run also calls each tool with its example",
  );
  return 0;
}

/** Entries that nothing could ever match. */
function permissionProblems({ permissions }: PluginManifest): readonly string[] {
  const { net, run } = permissions;
  return [
    ...net.filter((entry) => !/^(?:\*|(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?)$/i.test(entry))
      .map((entry) => `net: "${entry}" is no host: write example.com, localhost:8080 or *`),
    ...run.flatMap((line) => line.match(/<[^>\s]*>/g) ?? []).filter((word) =>
      !/^<(?:text|files?)>$/.test(word)
    )
      .map((word) => `run: ${word} stands for nothing: there are <text>, <file> and <files>`),
  ];
}

function exampleProblems(manifest: PluginManifest): readonly string[] {
  return manifest.tools.flatMap(({ name, example, parameters }) => {
    const problem = argsProblem(example, parameters);
    return problem === undefined
      ? []
      : [`the example of tool ${name} does not fit its parameters: ${problem}`];
  });
}

async function profileProblems(manifest: PluginManifest, world: World): Promise<readonly string[]> {
  const added = manifest.profiles.map((text) => ({ plugin: manifest.name, text }));
  return (await loadAllProfiles(world.assets("profiles/"), added)).problems;
}

/** Calls each tool with its example. What it asks for is granted; writes and commands are asked. @returns how many failed */
async function runTools(
  { host, source, manifest, root, config, yes, confirm }: Tried & {
    readonly source: PluginSource;
    readonly manifest: PluginManifest;
  },
  world: World,
): Promise<number> {
  const protectedPaths = [config.paths.config, config.paths.data];
  const sandbox = await findSandbox({ ...world, root, protectedPaths, network: config.permissions.network });
  const plugin = host.open(
    { source, manifest },
    { ...manifest.permissions, hash: source.hash },
    {
      root,
      home: world.home,
      language: "unknown",
      changedFiles: () => [],
      protectedPaths,
      permit: async ({ what, effect }) =>
        effect === "read" || effect === "none" || yes === true ||
        (await confirm?.(`Allow ${what}?`) ?? false),
      // Nothing is journaled: a file that exists is not written.
      record: ({ path, before }) => {
        if (before !== null) throw new Error(`Cannot write "${path}" in a test: it is there already`);
      },
      onChange: () => {},
      storeFolder: join(tmpdir(), "smallcode-plugin-test"),
      env: world.env,
      confine: (argv, folders) => sandbox.kind === "none" ? argv : sandbox.wrap(argv, folders),
      emit: (event) => showEvent(event, world),
    } satisfies PluginWorld,
  );
  let failed = 0;
  try {
    for (const { name, example } of manifest.tools) {
      const call = `tool ${name} ${oneLine(JSON.stringify(example), 60)}`;
      try {
        const { summary, text } = await plugin.callTool(name, example, world.signal);
        world.out(
          `${plainText(`${call}: ${oneLine(summary, 100)}; ${text.length} characters for the model`)}\n`,
        );
      } catch (error) {
        if (!(error instanceof PluginError)) throw error;
        failed++;
        world.out(`${plainText(`wrong: ${call}: ${error.message}`)}\n`);
      }
    }
  } finally {
    plugin.close();
  }
  return failed;
}

function showEvent(event: EventBody, world: World): void {
  if (event.type === "plugin") world.out(`  ${plainText(`${event.action}: ${event.what}`)}\n`);
}
